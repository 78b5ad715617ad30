//! The live connection: what it brings into the model, and what the screen says of it.

use std::time::Duration;

use campuszon::tui::{
    effect::Effect,
    message::{FailureKind, Message, News, Timer},
    model::{Account, Link, Tab},
};
use campuszon_core::{
    Id, Timestamp, UserId,
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::live::ServerFrame,
};

use super::{
    desk::Desk,
    states::{SIZES, snapshot, snapshot_everywhere},
    stock::{NOW, alert, booking, chat_id, failure, said},
};

fn lose(desk: &mut Desk) {
    let reason = SafeText::fixed("cannot reach https://uni.example: connection refused");
    desk.send(Message::Live(News::Down { reason, retry_in: Duration::from_millis(6_500) }));
}

fn rings(desk: &Desk) -> usize {
    desk.asked.iter().filter(|effect| matches!(effect, Effect::Ring(_))).count()
}

#[test]
fn a_lost_connection_is_counted_down_and_everything_stays_readable() {
    for size in SIZES {
        let mut desk = Desk::on(Tab::Chats, size);
        desk.send(Message::Live(News::Up));
        lose(&mut desk);
        snapshot("offline-banner", &desk);
        desk.model.now = Timestamp::from_millis(NOW + 1_000);
        desk.wait_for(|timer| matches!(timer, Timer::Tick(_)));
        assert!(desk.model.changed && desk.screen().contains("again in 6 s"));
        desk.key("R");
        assert!(desk.asked.contains(&Effect::Reconnect));
        desk.send(Message::Live(News::Up));
        assert_eq!(desk.model.link, Link::Up);
        desk.wait_for(|timer| matches!(timer, Timer::Tick(_)));
        assert!(!desk.model.changed, "nobody counts any more");
    }
}

#[test]
fn whoever_is_signed_out_sees_no_banner_and_is_connected_once_signed_in() {
    let mut desk = Desk::stocked((80, 24));
    desk.send(Message::Live(News::Ended(failure(FailureKind::SignedOut))));
    assert_eq!((&desk.model.link, &desk.model.account), (&Link::Off, &Account::SignedOut));
    let connects = |desk: &Desk| desk.asked.iter().filter(|effect| **effect == Effect::Connect).count();
    let before = connects(&desk);
    desk.answer_tab(Tab::Me);
    assert_eq!(connects(&desk), before + 1);
}

#[test]
fn a_message_counts_moves_its_conversation_up_and_is_said_in_a_corner() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.key("j");
    assert_eq!(desk.model.unread.messages, 3);
    desk.frame(ServerFrame::Message { message: said(3, 5, 9, "Still there?"), since: 1 });
    let list = &desk.model.chats.list;
    assert_eq!((list.rows[0].id, list.rows[0].unread, list.selected), (chat_id(3), 1, Some(chat_id(2))));
    assert_eq!((desk.model.unread.messages, rings(&desk)), (4, 0));
    snapshot_everywhere("message-toast", &desk);
    desk.frame(ServerFrame::Message { message: said(3, 5, 9, "Still there?"), since: 1 });
    assert_eq!(desk.model.unread.messages, 4, "once");
}

#[test]
fn the_bell_rings_only_for_whoever_looks_elsewhere_and_never_for_a_muted_conversation() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.send(Message::Attended(false));
    desk.frame(ServerFrame::Message { message: said(2, 5, 8, "Muted"), since: 1 });
    assert_eq!(rings(&desk), 0);
    desk.frame(ServerFrame::Message { message: said(3, 5, 9, "Heard"), since: 2 });
    assert_eq!(rings(&desk), 1);
    desk.send(Message::Attended(true));
    desk.frame(ServerFrame::Message { message: said(3, 6, 9, "Seen"), since: 3 });
    assert_eq!(rings(&desk), 1);
}

#[test]
fn receipts_presence_bookings_and_alerts_change_their_rows() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.frame(ServerFrame::Receipt { chat_id: chat_id(1), user_id: UserId::from_bits(7), seq: 4, since: 1 });
    desk.frame(ServerFrame::Receipt { chat_id: chat_id(1), user_id: UserId::from_bits(1), seq: 4, since: 2 });
    desk.frame(ServerFrame::Presence { user_id: UserId::from_bits(7), online: false, last_seen: None });
    let row = desk.model.chats.list.find(chat_id(1)).expect("a row");
    assert_eq!((row.peer_read_seq, row.unread, row.online), (4, 0, false));
    assert_eq!(desk.model.unread.messages, 1, "what was read elsewhere is read here");
    desk.key("3");
    desk.answer_tab(Tab::Bookings);
    let accepted = booking(1, Side::Seller, BookingStatus::Accepted);
    desk.frame(ServerFrame::Booking { booking: Box::new(accepted), since: 3 });
    assert_eq!(desk.model.bookings.list.rows[0].status(), BookingStatus::Accepted);
    desk.key("5");
    desk.answer_tab(Tab::Alerts);
    let notification = alert(0, "Ben K. asks for your kettle");
    desk.frame(ServerFrame::Notification { notification, since: 4 });
    assert_eq!((desk.model.alerts.list.rows.len(), desk.model.unread.alerts), (3, 2));
}

#[test]
fn a_gap_too_long_is_fetched() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    let asks = |desk: &Desk| desk.asked.iter().filter(|effect| matches!(effect, Effect::LoadChats(_))).count();
    let before = asks(&desk);
    desk.send(Message::Live(News::Missed));
    assert_eq!(asks(&desk), before + 1);
}

#[test]
fn many_at_once_are_one_toast() {
    let mut desk = Desk::on(Tab::Browse, (80, 24));
    for number in 0..7 {
        desk.frame(ServerFrame::Notification { notification: alert(number, "It happened"), since: 1 });
    }
    let toasts: Vec<String> = desk.model.toasts.iter().map(|toast| toast.text.to_string()).collect();
    assert_eq!(toasts, ["7 things happened: 2 shows chats, 5 alerts"]);
}
