//! The tabs: going to them, what they show in each state, and the questions over them.

use campuszon::tui::{
    effect::{Effect, Step},
    keys::Scope,
    message::{FailureKind, FirstPage, Message, Remembered, Timer},
    model::{Focus, Overlay, Start, Tab},
};
use campuszon_core::{BookingId, Id, Timestamp};

use super::{
    desk::Desk,
    states::{SIZES, snapshot, snapshot_everywhere},
    stock::{NOW, alerts, bookings, chat_id, chats, failure, id, page, profile, stock, summary},
};

fn name(tab: Tab) -> String {
    tab.label().to_lowercase()
}

#[test]
fn every_tab_in_every_state() {
    for size in SIZES {
        for tab in [Tab::Bookings, Tab::Selling, Tab::Alerts, Tab::Me] {
            snapshot(&name(tab), &Desk::on(tab, size));
        }
    }
    for tab in Tab::ALL {
        let mut desk = Desk::new((80, 24));
        desk.key(&tab.number().to_string());
        desk.wait_for_tab(tab);
        assert!(desk.screen().contains("Loading…"), "{tab:?}");
        for (kind, says) in [
            (FailureKind::Offline, "no connection"),
            (FailureKind::Refused, "not allowed"),
            (FailureKind::Broken, "did not work"),
        ] {
            desk.fail_tab(tab, failure(kind));
            assert!(desk.screen().contains(says), "{tab:?} {kind:?}:\n{}", desk.screen());
            desk.key("R");
        }
    }
}

#[test]
fn a_tab_is_asked_for_when_it_is_shown_first() {
    let mut desk = Desk::stocked((80, 24));
    let asks = |desk: &Desk| desk.asked.iter().filter(|effect| matches!(effect, Effect::LoadBookings(_))).count();
    assert_eq!(asks(&desk), 0);
    desk.key("3");
    assert_eq!((desk.model.tab, asks(&desk)), (Tab::Bookings, 1));
    desk.answer_tab(Tab::Bookings);
    desk.key("1");
    desk.key("3");
    assert_eq!(asks(&desk), 1, "it is here");
    desk.key("R");
    assert_eq!(asks(&desk), 2);
}

#[test]
fn it_begins_where_it_is_told_to() {
    let desk = Desk::beginning((80, 24), Start { tab: Tab::Alerts, ..Start::default() });
    assert_eq!(desk.model.scope(), Scope::Alerts);
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::LoadAlerts(_))));
}

#[test]
fn an_item_opened_from_another_tab_goes_back_there() {
    let mut desk = Desk::on(Tab::Selling, (80, 24));
    desk.key("j");
    desk.key("Enter");
    assert_eq!((desk.model.scope(), desk.model.detail.id), (Scope::Detail, Some(id(2))));
    desk.key("Esc");
    assert_eq!((desk.model.tab, desk.model.selling.list.selected), (Tab::Selling, Some(id(2))));
    desk.key("1");
    assert_eq!(desk.model.browse.focus, Focus::List);
}

#[test]
fn the_key_that_opens_a_dialog_never_confirms_it() {
    let mut desk = Desk::on(Tab::Selling, (80, 24));
    desk.key("D");
    snapshot_everywhere("dialog", &desk);
    for chord in ["D", "y", "q", "3"] {
        desk.key(chord);
    }
    assert_eq!((desk.model.scope(), desk.model.quit), (Scope::Dialog, false));
    desk.key("Enter");
    assert!(desk.model.overlay.is_none() && !desk.asked.contains(&Effect::DeleteItem(id(1))), "Cancel has the focus");
    desk.key("D");
    desk.key("Tab");
    desk.key("Enter");
    assert!(desk.asked.contains(&Effect::DeleteItem(id(1))));
    desk.send(Message::Deleted { id: id(1), result: Ok(()) });
    assert_eq!(desk.model.selling.list.selected, Some(id(2)), "the selection goes to the neighbour");
}

#[test]
fn a_prompt_says_what_is_wrong_until_it_is_right() {
    let mut desk = Desk::on(Tab::Bookings, (80, 24));
    desk.key("o");
    desk.write("cheap");
    desk.key("Enter");
    snapshot_everywhere("prompt", &desk);
    assert!(matches!(&desk.model.overlay, Some(Overlay::Prompt(prompt)) if prompt.field.problem.is_some()));
    for _ in 0..5 {
        desk.key("Backspace");
    }
    desk.write("9,50");
    desk.key("Enter");
    assert!(desk.model.overlay.is_none());
    let step = Step::Counter { price: "9.5".parse().expect("a price"), version: 1 };
    assert!(desk.asked.contains(&Effect::Step { id: BookingId::from_bits(1), step }));
}

#[test]
fn at_most_three_toasts_and_a_backlog_is_one() {
    let mut desk = Desk::stocked((80, 24));
    desk.send(Message::Profile(Ok(Box::new(profile()))));
    snapshot_everywhere("toast", &desk);
    assert_eq!(desk.model.toasts.iter().count(), 1);
    desk.wait_for(|timer| matches!(timer, Timer::Toast(_)));
    assert_eq!(desk.model.toasts.iter().count(), 0);
}

#[test]
fn the_palette_finds_actions_items_and_conversations() {
    for size in SIZES {
        let mut desk = Desk::on(Tab::Chats, size);
        desk.key(":");
        snapshot("palette", &desk);
        desk.write("lmp");
        snapshot("palette-found", &desk);
    }
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.key("Ctrl+K");
    desk.write("fahrr");
    desk.key("Enter");
    assert_eq!((desk.model.scope(), desk.model.detail.id), (Scope::Detail, Some(id(5))));
    desk.key("Esc");
    assert_eq!(desk.model.tab, Tab::Chats, "back where it was opened");
    desk.key("Ctrl+K");
    desk.write("cleo");
    desk.key("Enter");
    assert_eq!((desk.model.scope(), desk.model.chats.open), (Scope::Composer, Some(chat_id(3))));
    desk.key("Ctrl+K");
    desk.write("alerts");
    desk.key("Enter");
    assert_eq!(desk.model.tab, Tab::Alerts, "where the key would be a letter too");
    desk.key("Ctrl+K");
    desk.write("zzz");
    assert!(desk.screen().contains("Nothing is called that"));
    desk.key("Enter");
    assert!(desk.model.overlay.is_none());
}

/// The tab's list as an earlier run of the program has seen it.
fn remembered(tab: Tab) -> Remembered {
    let page = match tab {
        Tab::Browse => FirstPage::Browse(page(stock(), Some("more"))),
        Tab::Chats => FirstPage::Chats(chats()),
        Tab::Bookings => FirstPage::Bookings(bookings()),
        Tab::Selling => FirstPage::Selling(page(stock(), None)),
        Tab::Alerts | Tab::Me => FirstPage::Alerts(alerts()),
    };
    Remembered { at: Timestamp::from_millis(NOW - 7_200_000), page }
}

#[test]
fn lists_show_what_an_earlier_run_has_seen_until_the_server_answers() {
    for tab in [Tab::Browse, Tab::Chats, Tab::Bookings, Tab::Selling, Tab::Alerts] {
        let mut desk = Desk::beginning((80, 24), Start { tab, ..Start::default() });
        desk.send(Message::Remembered(vec![remembered(tab)]));
        assert!(desk.screen().contains("as of 2 h ago"), "{}", desk.screen());
        assert!(!desk.screen().contains("Loading"), "{}", desk.screen());
        snapshot_everywhere(&format!("remembered-{}", tab.label().to_lowercase()), &desk);
        desk.fail_tab(tab, failure(FailureKind::Offline));
        assert!(desk.screen().contains("as of 2 h ago"), "{}", desk.screen());
        desk.send(Message::Remembered(vec![remembered(tab)]));
        desk.key("R");
        desk.answer_tab(tab);
        assert!(!desk.screen().contains("as of"), "{}", desk.screen());
        desk.send(Message::Remembered(vec![remembered(tab)]));
        assert!(!desk.screen().contains("as of"), "what is new is not replaced by what is old");
    }
}

#[test]
fn the_selection_in_an_old_list_stays_with_its_row() {
    let mut desk = Desk::new((80, 24));
    desk.send(Message::Remembered(vec![remembered(Tab::Browse)]));
    desk.key("j");
    let selected = desk.selected();
    let mut fresh = stock();
    fresh.insert(0, summary(99, "Brand new"));
    desk.answer(Ok(page(fresh, None)));
    assert_eq!(desk.selected(), selected);
}
