//! The Alerts tab and the log: what was not read, what it is about, and what was said.

use campuszon::tui::{
    effect::{Effect, Errand, Outcome},
    keys::Scope,
    message::{Arrival, FailureKind, Message},
    model::Tab,
};
use campuszon_core::{
    BookingId, Id,
    wire::notification::{Notification, NotificationKind, Notifications},
};

use super::{
    desk::Desk,
    states::snapshot_everywhere,
    stock::{alert, chat_id, failure, id},
};

/// The tab with these notifications.
fn with(notifications: Vec<Notification>) -> Desk {
    let mut desk = Desk::on(Tab::Alerts, (80, 24));
    desk.key("R");
    let ticket = desk.asked_for(Tab::Alerts).ticket;
    let result = Ok(Notifications { notifications, next_cursor: None });
    desk.send(Message::Alerts(Arrival { ticket, first: true, result }));
    desk
}

#[test]
fn what_was_not_read_comes_first() {
    let unread = Notification { read: false, ..alert(3, "Newer than it looks") };
    let desk = with(vec![alert(2, "Read"), unread]);
    assert_eq!(desk.model.alerts.list.rows.iter().map(|row| row.read).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn enter_opens_what_it_is_about_and_reads_it() {
    let item = Notification { read: false, ..alert(1, "It became cheaper") };
    let mut desk = with(vec![item.clone()]);
    let unread = desk.model.unread.alerts;
    desk.key("Enter");
    assert_eq!((desk.model.scope(), desk.model.detail.id), (Scope::Detail, Some(id(1))));
    assert!(desk.asked.contains(&Effect::Account(Errand::MarkAlert(item.id))));
    assert_eq!(desk.model.unread.alerts, unread - 1);
    desk.key("Esc");
    assert_eq!(desk.model.tab, Tab::Alerts);

    let mut desk = with(vec![Notification { chat: Some(chat_id(2)), ..item.clone() }]);
    desk.key("Enter");
    assert_eq!((desk.model.tab, desk.model.chats.open), (Tab::Chats, Some(chat_id(2))));

    let booking = BookingId::from_bits(3);
    let mut desk = with(vec![Notification { booking: Some(booking), ..item.clone() }]);
    desk.key("Enter");
    desk.answer_tab(Tab::Bookings);
    assert_eq!((desk.model.tab, desk.model.bookings.list.selected), (Tab::Bookings, Some(booking)));

    let mut desk = with(vec![Notification { item: None, kind: NotificationKind::Tokens, ..item.clone() }]);
    desk.key("Enter");
    assert_eq!(desk.model.tab, Tab::Me);

    let mut desk = with(vec![Notification { item: None, kind: NotificationKind::Moderation, ..item }]);
    desk.key("Enter");
    assert!(desk.screen().contains("nothing to open"));
}

#[test]
fn marking_counts_down_and_a_refusal_shows_what_the_server_has() {
    let unread = |number| Notification { read: false, ..alert(number, "It happened") };
    let mut desk = with(vec![unread(1), unread(2)]);
    desk.model.unread.alerts = 2;
    desk.key("m");
    desk.key("m");
    assert_eq!(desk.model.unread.alerts, 1, "once");
    desk.key("M");
    assert_eq!((desk.errand(), desk.model.unread.alerts), (Errand::MarkAllAlerts, 0));
    assert!(desk.model.alerts.list.rows.iter().all(|row| row.read));
    let before = desk.asked_for(Tab::Alerts).ticket;
    desk.account(Outcome::AlertsMarked(Err(failure(FailureKind::Broken))));
    assert_ne!(desk.asked_for(Tab::Alerts).ticket, before);
    assert!(desk.screen().contains("It was not marked"));
}

#[test]
fn all_are_cleared_after_a_question() {
    let mut desk = Desk::on(Tab::Alerts, (80, 24));
    for chord in ["D", "Tab", "Enter"] {
        desk.key(chord);
    }
    assert_eq!(desk.errand(), Errand::ClearAlerts);
    desk.account(Outcome::AlertsCleared(Ok(())));
    assert!(desk.screen().contains("Nothing happened yet"));
    desk.key("D");
    assert_eq!(desk.model.scope(), Scope::Alerts, "there is nothing to clear");
}

#[test]
fn what_was_said_can_be_read_again() {
    let mut desk = Desk::on(Tab::Browse, (80, 24));
    desk.key("y");
    desk.key("!");
    assert_eq!(desk.model.scope(), Scope::Log);
    snapshot_everywhere("log", &desk);
    desk.key("!");
    assert_eq!(desk.model.scope(), Scope::Browse);
}
