//! Bookings: asking for an item, unlocking it, and what the two can do until it is handed over and reviewed.

use campuszon::tui::{
    effect::{Effect, Step},
    keys::Scope,
    message::{FailureKind, Message, News, Timer},
    model::{Link, Model, Overlay, Tab},
};
use campuszon_core::{
    BookingId, Id, ReviewId, Timestamp, UserId,
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::{
        booking::{Booking, Bookings, CreateBooking, CreateReview, Unlocked},
        live::ServerFrame,
    },
};

use super::{
    desk::Desk,
    states::{SIZES, snapshot, snapshot_everywhere},
    stock::{DAY, NOW, booking, contact, failure, id, meta, profile, review, stock, whole},
};

/// In Bookings, connected, with these.
fn desk_with(size: (u16, u16), bookings: Vec<Booking>) -> Desk {
    let mut desk = Desk::on(Tab::Bookings, size);
    desk.send(Message::Rules(meta()));
    desk.send(Message::Live(News::Up));
    desk.key("R");
    desk.answer_bookings(Bookings { bookings, next_cursor: None });
    desk.asked.clear();
    desk
}

fn accepted(role: Side) -> Booking {
    let mut booking = booking(1, role, BookingStatus::Accepted);
    booking.accepted_at = Some(Timestamp::from_millis(NOW - DAY / 2));
    booking.deadline_at = Some(Timestamp::from_millis(NOW + 6 * DAY));
    booking.meet_at = Some(Timestamp::from_millis(NOW + DAY));
    booking.meet_place = Some("the library".to_owned());
    booking.list_price = "30".parse().expect("a price");
    booking.rounds = 2;
    booking.contact = Some(contact());
    booking.handover_code = Some("271828".to_owned()).filter(|_| role == Side::Buyer);
    booking
}

fn completed() -> Booking {
    let mut booking = booking(1, Side::Buyer, BookingStatus::Completed);
    booking.ended_at = Some(Timestamp::from_millis(NOW - DAY));
    booking
}

fn step(desk: &Desk) -> Option<&Step> {
    desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::Step { step, .. } => Some(step),
        _ => None,
    })
}

fn confirm(desk: &mut Desk) {
    desk.key("Tab");
    desk.key("Enter");
}

#[test]
fn a_booking_beside_the_list_and_alone() {
    for size in SIZES {
        let mut desk = desk_with(size, vec![accepted(Side::Buyer), booking(2, Side::Seller, BookingStatus::Pending)]);
        desk.key("Enter");
        assert_eq!(desk.model.scope(), Scope::Booking);
        snapshot("booking", &desk);
        desk.key("]");
        assert_eq!(desk.model.bookings.list.selected, Some(BookingId::from_bits(2)));
        desk.key("Esc");
        assert_eq!(desk.model.scope(), Scope::Bookings);
    }
}

#[test]
fn each_act_is_on_one_key_and_confirmed_where_it_binds() {
    let mut desk = desk_with((120, 40), vec![booking(1, Side::Seller, BookingStatus::Pending)]);
    desk.key("a");
    snapshot_everywhere("accepting", &desk);
    desk.key("a");
    desk.key("Enter");
    assert_eq!(step(&desk), None, "Cancel has the focus, and the key does not confirm");
    desk.key("a");
    confirm(&mut desk);
    assert_eq!(step(&desk), Some(&Step::Accept));

    desk.key("x");
    desk.write("Promised to a friend");
    desk.key("Enter");
    assert_eq!(step(&desk), Some(&Step::Decline(Some("Promised to a friend".to_owned()))));

    let mut desk = desk_with((120, 40), vec![accepted(Side::Seller)]);
    desk.key("v");
    desk.write("271828");
    desk.key("Enter");
    assert_eq!(step(&desk), Some(&Step::Complete(Some("271828".to_owned()))));
    desk.key("t");
    confirm(&mut desk);
    assert_eq!(step(&desk), Some(&Step::Extend));
    desk.key("x");
    desk.key("Enter");
    assert_eq!(step(&desk), Some(&Step::Cancel(None)));

    let mut desk = desk_with((120, 40), vec![accepted(Side::Buyer)]);
    desk.key("v");
    confirm(&mut desk);
    assert_eq!(step(&desk), Some(&Step::Complete(None)));
    desk.key("s");
    assert!(desk.screen().contains("Your handover code: 271828"));
    confirm(&mut desk);
    assert!(desk.asked.contains(&Effect::Copy("271828".to_owned())));
}

/// What is refused, by which key, and what would allow it.
#[test]
fn every_refusal_says_why_and_what_would_allow_it() {
    let pending = |role| booking(1, role, BookingStatus::Pending);
    let mut waiting = pending(Side::Seller);
    waiting.waiting = Some(2);
    let mut extended = accepted(Side::Seller);
    extended.extended = true;
    let mut reviewed = completed();
    reviewed.reviewed = true;
    let refusals = [
        (pending(Side::Buyer), "a", "It is Ben K.'s turn: you can answer once they name another price"),
        (pending(Side::Buyer), "o", "once they name another price"),
        (pending(Side::Buyer), "t", "Only the seller may allow more time: c asks Ben K. to"),
        (pending(Side::Buyer), "v", "that can be done once it is accepted"),
        (pending(Side::Buyer), "s", "it comes when the booking is accepted"),
        (pending(Side::Seller), "s", "The buyer has the code: v takes it"),
        (waiting, "a", "this one is number 2 in line: it can be accepted when that booking ends"),
        (accepted(Side::Seller), "a", "x calls it off, v hands it over"),
        (accepted(Side::Seller), "w", "it can be reviewed once it is handed over"),
        (extended, "t", "was extended already"),
        (completed(), "x", "The booking is completed: the item can be asked for anew, i shows it"),
        (completed(), "W", "You see what they wrote once you have reviewed it too"),
        (reviewed.clone(), "w", "You have reviewed it already"),
        (reviewed, "W", "There is nothing to answer until Ben K. has reviewed it too"),
    ];
    for (booking, key, why) in refusals {
        let mut desk = desk_with((160, 40), vec![booking]);
        desk.key(key);
        assert!(desk.screen().contains(why), "{key}: {why}\n{}", desk.screen());
        assert!(desk.model.overlay.is_none() && step(&desk).is_none());
    }
}

#[test]
fn without_a_connection_nothing_is_begun() {
    let mut desk = desk_with((120, 40), vec![booking(1, Side::Seller, BookingStatus::Pending)]);
    desk.model.link = Link::Ended(SafeText::fixed("gone"));
    desk.key("a");
    assert!(desk.screen().contains("bookings do not wait: R connects again") && desk.model.overlay.is_none());
}

#[test]
fn after_an_act_the_lists_the_balance_and_the_item_are_asked_for_anew() {
    let mut desk = desk_with((120, 40), vec![booking(1, Side::Seller, BookingStatus::Pending)]);
    desk.key("a");
    confirm(&mut desk);
    desk.asked.clear();
    let mut now = accepted(Side::Seller);
    now.version = 2;
    desk.send(Message::Deal(Ok(Box::new(now))));
    assert!(desk.screen().contains("“Calculus, 3rd ed.” is accepted now"));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::LoadBookings(_))));
    assert!(desk.asked.contains(&Effect::LoadProfile));
    desk.key("x");
    desk.key("Enter");
    desk.asked.clear();
    desk.send(Message::Deal(Err(failure(FailureKind::Broken))));
    assert!(desk.screen().contains("The booking is as it was: the server said no"));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::LoadBookings(_))), "somebody may have been faster");
}

#[test]
fn an_older_frame_never_undoes_a_newer_answer() {
    let mut desk = desk_with((120, 40), vec![accepted(Side::Seller)]);
    let mut newer = completed();
    newer.version = 9;
    desk.send(Message::Deal(Ok(Box::new(newer))));
    desk.frame(ServerFrame::Booking { booking: Box::new(accepted(Side::Seller)), since: 1 });
    assert_eq!(desk.model.bookings.list.row().map(|row| row.status()), Some(BookingStatus::Completed));
}

fn countdowns(desk: &Desk) -> Vec<(u64, Timer)> {
    let timers = desk.asked.iter().filter_map(|effect| match effect {
        Effect::After(wait, timer @ Timer::Countdown(_)) => Some((wait.as_secs(), *timer)),
        _ => None,
    });
    timers.collect()
}

#[test]
fn a_countdown_wakes_up_only_when_it_reads_otherwise() {
    let mut pending = booking(1, Side::Seller, BookingStatus::Pending);
    pending.deadline_at = Some(Timestamp::from_millis(NOW + 3 * 3_600_000 + 600_000));
    let mut desk = Desk::on(Tab::Bookings, (120, 40));
    desk.key("R");
    desk.answer_bookings(Bookings { bookings: vec![pending], next_cursor: None });
    assert!(desk.screen().contains("3 h left"));
    // That of the list before, in which something had a day left to the millisecond.
    desk.model.now = Timestamp::from_millis(NOW + 1);
    desk.send(Message::Due(countdowns(&desk)[0].1));
    let started = countdowns(&desk);
    assert_eq!(started.last().map(|(wait, _)| *wait), Some(600));
    for _ in 0..5 {
        desk.key("?");
        desk.key("Esc");
    }
    assert_eq!(countdowns(&desk).len(), started.len(), "keys start no other");
    let (_, timer) = started[started.len() - 1];
    desk.model.now = Timestamp::from_millis(NOW + 600_001);
    desk.send(Message::Due(timer));
    assert!(desk.model.changed && desk.screen().contains("2 h left"));
    assert_eq!(countdowns(&desk).last().map(|(wait, _)| *wait), Some(3_600));
    desk.key("1");
    let running = countdowns(&desk);
    desk.send(Message::Due(running[running.len() - 1].1));
    assert!(!desk.model.changed, "nobody sees it");
    assert_eq!(countdowns(&desk).len(), running.len(), "and nothing is started");
}

#[test]
fn a_review_is_written_read_and_answered() {
    for size in SIZES {
        let mut desk = desk_with(size, vec![completed()]);
        desk.send(Message::Profile(Ok(Box::new(profile()))));
        desk.key("w");
        desk.key("Ctrl+S");
        snapshot("review-form", &desk);
        desk.key("4");
        desk.key("Tab");
        desk.write("On time.");
        desk.key("Ctrl+S");
        let sent = desk.asked.iter().find_map(|effect| match effect {
            Effect::Review { review, form, .. } => Some((review.clone(), *form)),
            _ => None,
        });
        let (sent, form) = sent.expect("a review");
        assert_eq!(sent, CreateReview { rating: 4, comment: Some("On time.".to_owned()) });
        desk.send(Message::Reviewed { form, result: Ok(Box::new(review(1, 1, 1))) });
        assert!(desk.model.form.is_none() && desk.screen().contains("Reviewed with 4 of 5"));
    }
}

#[test]
fn what_the_other_wrote_is_asked_for_once_and_answered() {
    let mut booking = completed();
    booking.reviewed = true;
    let mut desk = desk_with((120, 40), vec![booking]);
    desk.send(Message::Profile(Ok(Box::new(profile()))));
    desk.key("r");
    desk.key("j");
    let wanted = |effect: &&Effect| matches!(effect, Effect::LoadReviews { me, .. } if *me == UserId::from_bits(1));
    assert_eq!(desk.asked.iter().filter(wanted).count(), 1);
    let (mine, theirs) = (Box::new(review(1, 1, 1)), Box::new(review(2, 1, 7)));
    desk.send(Message::Reviews { booking: BookingId::from_bits(1), mine: Some(mine), theirs: Some(theirs) });
    snapshot_everywhere("reviewed", &desk);
    desk.key("W");
    desk.key("Enter");
    assert!(desk.screen().contains("Write something"));
    desk.write("Thank you");
    desk.key("Enter");
    let answer = Effect::Answer { review: ReviewId::from_bits(2), answer: "Thank you".to_owned() };
    assert!(desk.asked.contains(&answer));
}

fn with_item(size: (u16, u16), change: impl Fn(&mut campuszon_core::wire::item::Item)) -> Desk {
    let mut desk = Desk::stocked(size);
    desk.send(Message::Profile(Ok(Box::new(profile()))));
    desk.wait_for(|timer| matches!(timer, Timer::Toast(_)));
    desk.send(Message::Rules(meta()));
    desk.key("Enter");
    let mut item = whole(stock().remove(0));
    change(&mut item);
    desk.answer_item(Ok(item));
    desk
}

fn unlocks(desk: &Desk) -> usize {
    desk.asked.iter().filter(|effect| matches!(effect, Effect::Unlock { .. })).count()
}

#[test]
fn unlocking_names_its_price_and_shows_the_card() {
    for size in SIZES {
        let mut desk = with_item(size, |_| ());
        desk.key("u");
        snapshot("unlock", &desk);
        confirm(&mut desk);
        assert_eq!(unlocks(&desk), 1);
        let unlocked = Unlocked { contact: contact(), tokens: 1 };
        desk.send(Message::Unlocked { id: id(1), result: Ok(Box::new(unlocked)) });
        desk.wait_for(|timer| matches!(timer, Timer::Notice(_)));
        snapshot("unlocked", &desk);
        desk.key("u");
        assert!(unlocks(&desk) == 1 && desk.model.overlay.is_none());
    }
    let mut desk = with_item((80, 24), |item| item.viewer.unlocked = true);
    desk.key("u");
    assert_eq!((unlocks(&desk), desk.model.overlay.is_none()), (1, true), "what is paid for is only looked up");
}

#[test]
fn what_cannot_be_paid_or_had_is_refused_with_the_reason() {
    let refused = |desk: &mut Desk, why: &str| {
        for key in ["u", "b"] {
            desk.key(key);
            assert!(desk.screen().contains(why), "{}", desk.screen());
            assert!(desk.model.overlay.is_none() && desk.model.form.is_none());
        }
    };
    let mut poor = with_item((160, 40), |_| ());
    let mut broke = profile();
    broke.tokens = 0;
    poor.send(Message::Profile(Ok(Box::new(broke))));
    refused(&mut poor, "It costs 1 token to unlock and you have 0: a deal, a voucher or the weekly top-up");
    let mut wanted = with_item((160, 40), |_| ());
    wanted.model.browse.list.change(id(1), |row| row.listing = campuszon_core::item::Listing::Wanted);
    refused(&mut wanted, "looks for it and does not offer it: c asks them");
    let mut offline = with_item((160, 40), |_| ());
    offline.model.link = Link::Ended(SafeText::fixed("gone"));
    refused(&mut offline, "bookings do not wait");
}

#[test]
fn the_form_for_a_booking() {
    for size in SIZES {
        let mut desk = with_item(size, |_| ());
        desk.key("b");
        snapshot("book", &desk);
        assert_eq!(desk.model.scope(), Scope::Form);
        desk.write("Is tomorrow");
        desk.key("Enter");
        desk.write("fine?");
        desk.key("Tab");
        desk.write("cheap");
        desk.key("Tab");
        desk.write("2020-01-31 14:30");
        desk.key("Tab");
        snapshot("book-faults", &desk);
        desk.key("Shift+Tab");
        for _ in 0..16 {
            desk.key("Backspace");
        }
        desk.write("2027-01-31 14:30");
        desk.key("Ctrl+S");
        assert!(!desk.asked.iter().any(|effect| matches!(effect, Effect::Book { .. })), "the offer is still no price");
        for _ in 0..5 {
            desk.key("Backspace");
        }
        desk.write("9,50");
        desk.key("Ctrl+S");
        let wish = CreateBooking {
            message: Some("Is tomorrow\nfine?".to_owned()),
            offered_price: "9.5".parse().ok(),
            meet_at: "2027-01-31T13:30:00Z".parse().ok(),
            ..CreateBooking::default()
        };
        assert_eq!(booked(&desk), Some((wish, "run-".to_owned())));
        let mut waiting = booking(9, Side::Buyer, BookingStatus::Pending);
        waiting.waiting = Some(2);
        desk.send(Message::Booked(Ok(Box::new(waiting))));
        assert!(desk.model.form.is_none());
    }
}

/// What was asked for last, and what its key begins with.
fn booked(desk: &Desk) -> Option<(CreateBooking, String)> {
    desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::Book { wish, key, .. } => Some((wish.clone(), key.chars().take(4).collect())),
        _ => None,
    })
}

fn last_key(model: &Model) -> Option<&str> {
    model.form.as_ref()?.sent.as_ref().map(|(_, key)| key.as_str())
}

#[test]
fn a_request_that_failed_stays_and_is_sent_again_under_the_same_key() {
    let mut desk = with_item((80, 24), |_| ());
    desk.key("b");
    desk.key("Ctrl+S");
    let first = last_key(&desk.model).map(str::to_owned);
    desk.send(Message::Booked(Err(failure(FailureKind::Broken))));
    assert!(desk.screen().contains("the server said no") && desk.model.form.is_some());
    desk.key("Ctrl+S");
    assert_eq!(last_key(&desk.model).map(str::to_owned), first);
    desk.send(Message::Booked(Err(failure(FailureKind::Broken))));
    desk.write("Hello");
    desk.key("Ctrl+S");
    assert_ne!(last_key(&desk.model).map(str::to_owned), first, "another text is another request");
}

#[test]
fn days_are_asked_for_exactly_where_something_is_rented() {
    let mut desk = with_item((80, 24), |_| ());
    desk.model.browse.list.change(id(1), |row| row.listing = campuszon_core::item::Listing::Rent);
    desk.key("b");
    desk.key("Ctrl+S");
    assert!(desk.screen().contains("is required for a rental"), "{}", desk.screen());
    desk.write("2027-02-01");
    desk.key("Tab");
    desk.write("2027-01-01");
    desk.key("Tab");
    assert!(desk.screen().contains("must not be before from"));
}

#[test]
fn a_form_with_something_in_it_asks_before_it_closes() {
    let mut desk = with_item((80, 24), |_| ());
    desk.key("b");
    desk.key("Esc");
    assert!(desk.model.form.is_none(), "nothing would be lost");
    desk.key("b");
    desk.write("q?6");
    desk.key("Esc");
    assert!(matches!(desk.model.overlay, Some(Overlay::Dialog(_))));
    desk.key("Enter");
    assert!(desk.screen().contains("q?6") && !desk.model.quit);
    desk.key("Esc");
    confirm(&mut desk);
    assert!(desk.model.form.is_none() && desk.model.scope() == Scope::Detail);
}
