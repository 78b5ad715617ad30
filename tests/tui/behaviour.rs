//! What keys and answers do.

use campuszon::tui::{
    effect::Effect,
    keys::{self, Scope},
    message::{FailureKind, Message, Timer},
    model::{Focus, Help, Load},
};

use super::{
    desk::Desk,
    stock::{failure, id, page, stock, summary},
};

#[test]
fn a_newer_search_makes_the_older_answer_stale() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("/");
    desk.write("c");
    desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
    let older = desk.ticket();
    desk.write("a");
    desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
    desk.answer_to(older, true, Ok(page(vec![summary(50, "stale")], None)));
    assert!(!desk.model.changed);
    assert!(desk.model.browse.list.find(id(50)).is_none());
    desk.answer(Ok(page(vec![summary(51, "fresh")], None)));
    assert_eq!(desk.selected(), Some(51));
}

#[test]
fn rows_that_are_here_are_filtered_at_once_and_esc_restores() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("j");
    desk.key("/");
    desk.write("fahrrad gross");
    assert_eq!(desk.selected(), Some(5), "without case and accents");
    assert_eq!(desk.model.browse.list.rows.len(), 1);
    desk.key("Esc");
    assert_eq!(desk.model.browse.list.rows.len(), 6);
    assert_eq!((desk.selected(), desk.model.browse.focus), (Some(2), Focus::List));
    desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
    assert_eq!(desk.model.browse.list.load, Load::Idle, "the pause of an ended search asks nothing");
}

#[test]
fn printable_keys_write_while_the_search_has_the_focus() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("/");
    desk.write("qsj*?");
    assert!(!desk.model.quit && desk.model.overlay.is_none());
    assert_eq!(desk.model.browse.input.value(), "qsj*?");
}

#[test]
fn enter_goes_from_the_search_to_the_first_row_and_opens_it() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("G");
    desk.key("/");
    desk.key("Enter");
    assert_eq!((desk.model.browse.focus, desk.selected()), (Focus::List, Some(1)));
    desk.key("Enter");
    assert_eq!((desk.model.browse.focus, desk.model.detail.id), (Focus::Detail, Some(id(1))));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::LoadItem { .. })));
    desk.key("]");
    assert_eq!(desk.model.detail.id, Some(id(2)));
    desk.key("Esc");
    assert_eq!((desk.model.browse.focus, desk.selected()), (Focus::List, Some(2)));
}

#[test]
fn the_selection_follows_its_item() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("j");
    desk.key("R");
    let mut items = stock();
    items.rotate_right(2);
    desk.answer(Ok(page(items, None)));
    assert_eq!((desk.selected(), desk.model.browse.list.index()), (Some(2), Some(3)));
}

#[test]
fn the_next_page_is_asked_for_before_the_end() {
    let mut desk = Desk::new((80, 24));
    desk.answer(Ok(page((1..=60).map(|number| summary(number, "thing")).collect(), Some("more"))));
    let before = desk.ticket();
    desk.key("j");
    assert_eq!(desk.ticket(), before, "far from the end");
    desk.key("G");
    assert_ne!(desk.ticket(), before);
    let again = (55..=70).map(|number| summary(number, "thing")).collect();
    desk.answer_to(desk.ticket(), false, Ok(page(again, None)));
    assert_eq!(desk.model.browse.list.rows.len(), 70, "nothing twice");
}

#[test]
fn a_star_that_the_server_refuses_goes_out_again() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("*");
    assert!(desk.model.browse.list.rows[0].favorite);
    desk.send(Message::Favorite { id: id(1), on: true, result: Err(failure(FailureKind::Refused)) });
    assert!(!desk.model.browse.list.rows[0].favorite);
    assert!(desk.screen().contains("It was not starred"));
}

#[test]
fn a_link_is_copied_and_shown() {
    let mut desk = Desk::stocked((120, 40));
    desk.key("y");
    let link = format!("https://uni.example/items/{}", id(1));
    assert!(desk.screen().contains(&link));
    assert!(desk.asked.contains(&Effect::Copy(link)));
}

#[test]
fn quitting_at_once_takes_two_presses() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("Ctrl+C");
    desk.key("j");
    desk.key("Ctrl+C");
    assert!(!desk.model.quit);
    desk.key("Ctrl+C");
    assert!(desk.model.quit);
}

#[test]
fn every_action_is_in_the_help_and_every_hint_in_the_footer() {
    let help = Help { over: Scope::Browse, filter: "".into(), selected: 0 };
    assert_eq!(help.rows().len(), keys::all().count());
    let screen = Desk::stocked((120, 40)).screen();
    for key in keys::available(Scope::Browse).filter(|key| key.hint) {
        assert!(screen.contains(&format!("{} {}", key.chords[0], key.label)), "{}", key.label);
    }
}
