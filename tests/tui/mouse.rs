//! The mouse does what the keys do.

use campuszon::tui::{
    effect::Effect,
    keys::Scope,
    message::Message,
    model::{Filters, Tab},
};
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{
    desk::Desk,
    stock::{chat_id, id, page, stock},
};

fn point(desk: &mut Desk, kind: MouseEventKind, column: u16, row: u16) {
    desk.send(Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

/// Clicks on the first place where the screen says so.
fn click(desk: &mut Desk, text: &str) {
    let terminal = desk.draw();
    let buffer = terminal.backend().buffer();
    let found = buffer.area.rows().find_map(|row| {
        let line: String =
            row.columns().map(|cell| buffer[(cell.x, cell.y)].symbol().chars().next().unwrap_or(' ')).collect();
        let at = line.find(text)?;
        Some((u16::try_from(line[..at].chars().count()).expect("a column"), row.y))
    });
    let (column, row) = found.unwrap_or_else(|| panic!("no {text}:\n{}", desk.screen()));
    point(desk, MouseEventKind::Down(MouseButton::Left), column, row);
}

#[test]
fn tabs_rows_and_hints_are_clicked() {
    let mut desk = Desk::stocked((120, 40));
    click(&mut desk, "Kettle");
    assert_eq!((desk.selected(), desk.model.scope()), (Some(6), Scope::Browse));
    click(&mut desk, "Kettle");
    assert_eq!(desk.model.scope(), Scope::Detail, "the second click opens");
    click(&mut desk, "4 Selling");
    assert_eq!(desk.model.tab, Tab::Selling);
    desk.answer_tab(Tab::Selling);
    click(&mut desk, "D delete");
    assert_eq!(desk.model.scope(), Scope::Dialog);
    click(&mut desk, "[ Cancel ]");
    assert!(desk.model.overlay.is_none());
    click(&mut desk, "D delete");
    click(&mut desk, "[ Delete ]");
    assert!(desk.asked.contains(&Effect::DeleteItem(id(1))));
    click(&mut desk, "1 Browse");
    assert_eq!(desk.model.tab, Tab::Browse);
}

#[test]
fn in_a_conversation_messages_and_the_line_to_write_on_are_clicked() {
    let mut desk = Desk::talking((120, 40));
    click(&mut desk, "Shall I bring");
    assert_eq!(desk.model.scope(), Scope::Messages);
    click(&mut desk, "Write a message");
    assert_eq!(desk.model.scope(), Scope::Composer);
    click(&mut desk, "Cleo");
    assert_eq!((desk.model.scope(), desk.model.chats.list.selected), (Scope::Chats, Some(chat_id(3))));
    assert_eq!(desk.model.chats.open, Some(chat_id(1)), "one click only selects");
}

#[test]
fn the_wheel_moves_what_is_under_it() {
    let mut desk = Desk::stocked((120, 40));
    point(&mut desk, MouseEventKind::ScrollDown, 5, 5);
    assert_eq!(desk.selected(), Some(4));
    point(&mut desk, MouseEventKind::ScrollDown, 5, 5);
    assert_eq!(desk.selected(), Some(6));
    point(&mut desk, MouseEventKind::ScrollUp, 5, 5);
    assert_eq!(desk.selected(), Some(3));
    point(&mut desk, MouseEventKind::Moved, 9, 9);
    assert!(!desk.model.changed);
}

#[test]
fn filters_are_clicked_in_their_panel_in_their_column_and_as_chips() {
    for size in [(80, 24), (160, 40)] {
        let mut desk = Desk::stocked(size);
        desk.send(Message::Categories(vec!["books".to_owned(), "sports".to_owned()]));
        click(&mut desk, if size.0 < 140 { "f filters" } else { "Condition  any" });
        click(&mut desk, "Photos     any");
        assert_eq!(desk.model.browse.filters, Filters::default(), "one click only selects");
        click(&mut desk, "Photos     any");
        click(&mut desk, "Category   any");
        click(&mut desk, "Category   any");
        click(&mut desk, "Up to      any");
        click(&mut desk, "Up to      any");
        assert_eq!(desk.model.scope(), Scope::FilterField);
        desk.write("20");
        point(&mut desk, MouseEventKind::ScrollDown, 5, 5);
        assert_eq!(desk.model.scope(), Scope::FilterField, "the wheel leaves alone what is being written");
        desk.key("Enter");
        click(&mut desk, "2 Chats");
        assert_eq!(desk.model.scope(), Scope::Browse, "a click beside the panel closes it");
        desk.answer(Ok(page(stock(), None)));
        click(&mut desk, "[books]");
        let wanted = Filters { has_image: true, to: "20".parse().ok(), ..Filters::default() };
        assert_eq!(desk.model.browse.filters, wanted);
        click(&mut desk, "[with photos]");
        click(&mut desk, "[up to 20]");
        assert!(desk.model.browse.filters.is_empty());
        assert_eq!(desk.model.scope(), Scope::Browse, "chips open nothing");
    }
}

#[test]
fn f2_hands_the_mouse_back() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("F2");
    desk.key("F2");
    let told: Vec<&Effect> = desk.asked.iter().filter(|effect| matches!(effect, Effect::Mouse(_))).collect();
    assert_eq!(told, [&Effect::Mouse(false), &Effect::Mouse(true)]);
}

#[test]
fn rows_over_the_panes_are_clicked() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("Ctrl+K");
    desk.write("kett");
    click(&mut desk, "Kettle");
    assert_eq!((desk.model.detail.id, desk.model.scope()), (Some(id(6)), Scope::Detail), "the only row was selected");
    desk.key("Esc");
    desk.key("?");
    desk.write("item");
    click(&mut desk, "next item");
    assert_eq!(desk.model.scope(), Scope::Help, "the first click selects");
    click(&mut desk, "next item");
    assert_eq!(desk.model.scope(), Scope::Browse, "the second one runs, or says why not");
    desk.key("?");
    point(&mut desk, MouseEventKind::Down(MouseButton::Left), 1, 20);
    assert!(desk.model.overlay.is_none(), "beside it closes");

    let mut desk = Desk::on(Tab::Selling, (80, 24));
    desk.key("m");
    assert_eq!(desk.model.scope(), Scope::Picker);
    point(&mut desk, MouseEventKind::Down(MouseButton::Left), 1, 20);
    assert!(desk.model.overlay.is_none());
}
