//! The Me tab: what is shown and changed of oneself, the wallet, the devices, the wishes, and signing out.

use campuszon::tui::{
    effect::{Effect, Errand, Outcome},
    keys::Scope,
    message::{Arrival, FailureKind, Message, News, Timer},
    model::{Account, MenuRow, Section, Tab, Wish},
};
use campuszon_core::{
    Id, SessionId, Timestamp,
    wire::{
        account::{Device, Devices, Profile},
        live::ServerFrame,
        meta::Meta,
        notification::{EditPreferences, NotificationKind, Preferences},
        wallet::{Redeemed, TokenEntry, TokenReason, Wallet},
    },
};
use serde_json::{Value, json};

use super::{
    desk::Desk,
    states::{SIZES, snapshot, snapshot_everywhere},
    stock::{DAY, NOW, alert, failure, meta, profile},
};

fn wallet() -> Wallet {
    let entry = |delta, reason, balance, days| TokenEntry {
        delta,
        reason,
        reference: "reference".to_owned(),
        balance,
        created_at: Timestamp::from_millis(NOW - days * DAY),
    };
    let entries = vec![entry(-1, TokenReason::Unlock, 2, 1), entry(3, TokenReason::Signup, 3, 9)];
    Wallet { balance: 2, entries, next_cursor: Some("more".to_owned()) }
}

fn devices() -> Devices {
    let device = |number, name: &str| Device {
        id: SessionId::from_bits(number),
        device: Some(name.to_owned()),
        current: number == 1,
        created_at: Timestamp::from_millis(NOW - DAY),
        last_used_at: Timestamp::from_millis(NOW - DAY),
        expires_at: Timestamp::from_millis(NOW + DAY),
    };
    Devices { sessions: vec![device(1, "campuszon on desk"), device(2, "campuszon on laptop")], next_cursor: None }
}

fn preferences() -> Preferences {
    Preferences { muted: vec![NotificationKind::PriceDrop], digest: false }
}

/// The tab with one of its rows opened.
fn opened(wanted: MenuRow, size: (u16, u16)) -> Desk {
    let mut desk = Desk::on(Tab::Me, size);
    while desk.model.me.choice() != wanted {
        desk.key("j");
    }
    desk.key("Enter");
    desk
}

/// Answers what the open list asked for.
fn answer(desk: &mut Desk) {
    let outcome = match desk.errand() {
        Errand::LoadWallet(ask) => Outcome::Wallet(Arrival { ticket: ask.ticket, first: true, result: Ok(wallet()) }),
        Errand::LoadDevices(ask) => {
            Outcome::Devices(Arrival { ticket: ask.ticket, first: true, result: Ok(devices()) })
        }
        Errand::LoadPreferences(ask) => {
            Outcome::Preferences(Arrival { ticket: ask.ticket, first: true, result: Ok(preferences()) })
        }
        other => panic!("{other:?} asks for no list"),
    };
    desk.account(outcome);
}

fn edit(field: &'static str, value: Value) -> Errand {
    Errand::EditProfile { field, value }
}

#[test]
fn its_lists_in_every_state() {
    for size in SIZES {
        for (name, choice) in
            [("wallet", MenuRow::Wallet), ("told", MenuRow::Notifications), ("devices", MenuRow::Devices)]
        {
            let mut desk = opened(choice, size);
            desk.wait_for(|timer| matches!(timer, Timer::SlowSection(..)));
            assert!(desk.screen().contains("Loading…"));
            answer(&mut desk);
            snapshot(&format!("me-{name}"), &desk);
        }
    }
    let mut desk = opened(MenuRow::Wallet, (80, 24));
    let Errand::LoadWallet(ask) = desk.errand() else { panic!("no question") };
    let result = Err(failure(FailureKind::Offline));
    desk.account(Outcome::Wallet(Arrival { ticket: ask.ticket, first: true, result }));
    assert!(desk.screen().contains("no connection"));
    desk.key("r");
    answer(&mut desk);
    assert_eq!(desk.model.me.wallet.rows.len(), 2);
}

#[test]
fn the_wallet_goes_on_page_by_page_and_esc_goes_back() {
    let mut desk = opened(MenuRow::Wallet, (80, 24));
    answer(&mut desk);
    let Errand::LoadWallet(ask) = desk.errand() else { panic!("no question") };
    assert_eq!(ask.cursor.as_deref(), Some("more"), "the end is near");
    desk.key("Esc");
    assert_eq!((desk.model.scope(), desk.model.me.section), (Scope::Me, None));
}

#[test]
fn a_profile_is_changed_field_by_field() {
    let mut desk = opened(MenuRow::Name, (80, 24));
    snapshot_everywhere("me-name", &desk);
    desk.key("Ctrl+U");
    desk.key("Enter");
    assert_eq!(desk.model.scope(), Scope::Prompt, "a name is needed");
    desk.write("Ana B.");
    desk.key("Enter");
    assert_eq!(desk.errand(), edit("name", json!("Ana B.")));
    let changed = Profile { name: "Ana B.".to_owned(), ..profile() };
    desk.account(Outcome::ProfileEdited(Ok(Box::new(changed))));
    assert!(desk.screen().contains("Ana B.") && desk.screen().contains("Profile changed"));
    desk.key("j");
    desk.key("Enter");
    desk.key("Enter");
    assert_eq!(desk.errand(), edit("residence", Value::Null), "empty takes it away");
    desk.key("j");
    desk.key("j");
    desk.key("Enter");
    assert_eq!(desk.errand(), edit("hide_presence", json!(true)));
}

#[test]
fn a_voucher_brings_tokens() {
    let mut desk = opened(MenuRow::Redeem, (80, 24));
    desk.key("Enter");
    assert!(desk.screen().contains("7K2M-QX9D-3FTB"), "it says what is missing");
    desk.write("7k2m qx9d 3ftb");
    desk.key("Enter");
    assert!(matches!(desk.errand(), Errand::Redeem { code, .. } if code == "7k2m qx9d 3ftb"));
    desk.account(Outcome::Redeemed(Ok(Redeemed { added: 3, tokens: 5 })));
    assert!(desk.screen().contains("3 tokens added: you have 5 now"));
    assert!(matches!(desk.model.account, Account::SignedIn { tokens: 5, .. }));
}

#[test]
fn a_wish_is_turned_off_and_on_again_if_the_server_refuses() {
    let mut desk = opened(MenuRow::Notifications, (80, 24));
    answer(&mut desk);
    desk.key("j");
    desk.key("j");
    desk.key("Space");
    let muted = vec![NotificationKind::BookingRequested, NotificationKind::PriceDrop];
    let wanted = EditPreferences { muted: Some(muted), digest: Some(false) };
    assert_eq!(desk.errand(), Errand::SetPreferences(wanted));
    desk.account(Outcome::PreferencesSet(Err(failure(FailureKind::Broken))));
    assert!(desk.screen().contains("It was not changed"));
    answer(&mut desk);
    let row = desk.model.me.wishes.find(Wish::Kind(NotificationKind::BookingRequested)).expect("a row");
    assert!(row.on, "what the server has");
}

#[test]
fn another_device_is_signed_out_after_a_question() {
    let mut desk = opened(MenuRow::Devices, (80, 24));
    answer(&mut desk);
    desk.key("j");
    desk.key("D");
    for chord in ["Tab", "Enter"] {
        desk.key(chord);
    }
    let id = SessionId::from_bits(2);
    assert_eq!(desk.errand(), Errand::EndSession(id));
    desk.account(Outcome::SessionEnded(id, Ok(())));
    assert_eq!(desk.model.me.devices.rows.len(), 1);
    assert_eq!(desk.model.me.section, Some(Section::Devices));
}

#[test]
fn signing_out_leaves_nothing_on_the_screen_but_the_sign_in() {
    let mut desk = Desk::on(Tab::Me, (80, 24));
    desk.key("G");
    desk.key("Enter");
    desk.key("Enter");
    assert!(!desk.asked.contains(&Effect::Account(Errand::SignOut)), "Cancel has the focus");
    for chord in ["Enter", "Tab", "Enter"] {
        desk.key(chord);
    }
    assert_eq!(desk.errand(), Errand::SignOut);
    desk.account(Outcome::SignedOut(Ok(())));
    assert_eq!((desk.model.scope(), &desk.model.account), (Scope::Wizard, &Account::SignedOut));
    assert!(desk.model.browse.list.rows.is_empty() && desk.model.me.card.is_none());
    assert!(!desk.screen().contains("Ana"));
}

#[test]
fn no_bell_rings_in_quiet_hours() {
    let mut desk = opened(MenuRow::Notifications, (80, 24));
    answer(&mut desk);
    desk.key("Enter");
    desk.write("late");
    desk.key("Enter");
    assert!(desk.screen().contains("is no time of the day"));
    desk.key("Ctrl+U");
    // It is 14:13 by UTC, and 23:13 in Tokyo.
    desk.write("23:00-7:00");
    desk.key("Enter");
    assert_eq!(desk.errand(), Errand::Keep { key: "ui.quiet_hours", value: "23:00-07:00".to_owned() });
    snapshot_everywhere("me-quiet", &desk);
    desk.send(Message::Attended(false));
    let mut rings_by_the_clock_of = |timezone: &str| {
        desk.send(Message::Rules(Box::new(Meta { timezone: timezone.to_owned(), ..*meta() })));
        let before = rings(&desk);
        let notification = alert(0, "Ben K. asks for your kettle");
        desk.send(Message::Live(News::Frame(Box::new(ServerFrame::Notification { notification, since: 1 }))));
        rings(&desk) - before
    };
    assert_eq!((rings_by_the_clock_of("UTC"), rings_by_the_clock_of("Asia/Tokyo")), (1, 0));
}

fn rings(desk: &Desk) -> usize {
    desk.asked.iter().filter(|effect| matches!(effect, Effect::Ring(_))).count()
}
