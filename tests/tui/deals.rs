//! The bookings in a conversation: their cards, and the commands that do the same.

use campuszon::tui::{
    effect::{Effect, Step},
    model::Overlay,
};
use campuszon_core::{
    Id, MessageId,
    booking::{BookingStatus, Side},
    wire::live::ServerFrame,
};

use super::{
    chats::{bodies, say},
    desk::Desk,
    stock::{booking, card},
};

fn steps(desk: &Desk) -> Vec<Step> {
    let step = |effect: &Effect| match effect {
        Effect::Step { step, .. } => Some(step.clone()),
        _ => None,
    };
    desk.asked.iter().filter_map(step).collect()
}

/// In a conversation with the card of a booking.
fn dealing(role: Side, status: BookingStatus) -> Desk {
    let mut desk = Desk::talking((80, 24));
    desk.frame(ServerFrame::Message { message: card(1, 5, 1), since: 1 });
    desk.frame(ServerFrame::Booking { booking: Box::new(booking(1, role, status)), since: 2 });
    desk
}

#[test]
fn a_card_acts_on_one_key() {
    let mut desk = dealing(Side::Seller, BookingStatus::Pending);
    desk.key("Esc");
    desk.key("a");
    assert_eq!(steps(&desk), [Step::Accept]);
    desk.key("o");
    desk.write("28");
    desk.key("Enter");
    assert_eq!(steps(&desk)[1], Step::Counter { price: "28".parse().expect("a price"), version: 1 });
    desk.key("x");
    assert!(matches!(&desk.model.overlay, Some(Overlay::Dialog(dialog)) if dialog.verb == "Decline"));
    desk.key("Tab");
    desk.key("Enter");
    assert_eq!(steps(&desk)[2], Step::Decline(None));
}

#[test]
fn what_is_not_the_readers_turn_is_refused_with_the_reason() {
    let mut desk = dealing(Side::Buyer, BookingStatus::Pending);
    desk.key("Esc");
    desk.key("a");
    assert!(steps(&desk).is_empty() && desk.screen().contains("other's turn"));
    desk.key("v");
    assert!(desk.screen().contains("only what was accepted can be handed over"));
}

#[test]
fn commands_do_what_the_keys_do_and_unknown_ones_are_explained() {
    let mut desk = dealing(Side::Seller, BookingStatus::Pending);
    say(&mut desk, "/offer 28,5");
    assert_eq!(steps(&desk), [Step::Counter { price: "28.5".parse().expect("a price"), version: 1 }]);
    say(&mut desk, "/accept");
    desk.frame(ServerFrame::Booking { booking: Box::new(booking(1, Side::Seller, BookingStatus::Accepted)), since: 3 });
    say(&mut desk, "/done 271828");
    assert_eq!(steps(&desk)[1..], [Step::Accept, Step::Complete(Some("271828".to_owned()))]);
    say(&mut desk, "/report spam");
    let reported = |effect: &Effect| matches!(effect, Effect::Report { id, reason, .. } if *id == MessageId::from_bits(1_000_005) && reason == "spam");
    assert!(desk.asked.iter().any(reported));
    say(&mut desk, "/image '~/my lamp.jpg'");
    let begun = |effect: &Effect| matches!(effect, Effect::Upload { path, .. } if path.ends_with("my lamp.jpg"));
    assert!(desk.asked.iter().any(begun));
    say(&mut desk, "/dance");
    assert!(desk.screen().contains("There is no /dance"));
    assert_eq!(desk.model.chats.composer.text(), "/dance");
    desk.model.chats.composer.set("//not a command");
    desk.key("Enter");
    assert_eq!(bodies(&desk), ["/not a command"]);
}

#[test]
fn asking_for_the_item_is_confirmed_since_it_may_cost_a_token() {
    let mut desk = Desk::talking((80, 24));
    say(&mut desk, "/offer 9");
    desk.key("Enter");
    let books = |desk: &Desk| desk.asked.iter().filter(|effect| matches!(effect, Effect::Book { .. })).count();
    assert_eq!(books(&desk), 0, "Cancel has the focus");
    say(&mut desk, "/book");
    desk.key("Tab");
    desk.key("Enter");
    assert_eq!(books(&desk), 1);
}
