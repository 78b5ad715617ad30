//! The Chats tab.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::{
    list::{self, Columns, Look, Nothing},
    pen::{Pen, fixed},
};
use crate::tui::{
    format,
    layout::Panes,
    model::{ChatFocus, ChatRow, Model},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let nothing = Nothing::fixed("You have no conversations.", "1 looks for something; c there asks its seller.");
    let row = |pen: &mut Pen<'_>, area: Rect, chat: &ChatRow, look: Look| chat_row(pen, area, chat, look, model);
    list::pane(pen, panes.list, "Chats", &model.chats.list, model.chats.focus == ChatFocus::List, &nothing, row);
}

fn chat_row(pen: &mut Pen<'_>, area: Rect, chat: &ChatRow, look: Look, model: &Model) {
    let glyphs = pen.glyphs();
    let unread = if chat.unread > 0 { SafeText::line(&format!("({})", chat.unread.min(99))) } else { fixed("") };
    let draft = model.chats.open != Some(chat.id) && model.chats.drafts.contains_key(&chat.id);
    let last = match (draft, chat.muted) {
        (true, _) => (fixed("(draft)"), Role::Warning),
        (false, true) => (SafeText::line(&format!("(muted) {}", chat.last)), Role::Muted),
        (false, false) => (chat.last.clone(), Role::Muted),
    };
    let (presence, role) = if chat.online { (glyphs.dot, Role::Good) } else { (glyphs.ring, Role::Muted) };
    let name = chat.peer.truncate(usize::from(area.width / 3).max(8));
    let title = chat.title.truncate(usize::from(area.width / 3));
    let wide = area.width >= 60;
    let about = if wide { vec![(title, Role::Text), (fixed("  "), Role::Text)] } else { Vec::new() };
    let weight = if chat.unread > 0 { Role::Title } else { Role::Text };
    let mut pieces = vec![(fixed(presence), role), (fixed(" "), Role::Text), (name, weight), (fixed("  "), Role::Text)];
    pieces.extend(about);
    pieces.push(last);
    Columns::new(pen, area, look)
        .right(5, &SafeText::line(&format::age(model.now, chat.updated_at)), Role::Muted)
        .right(5, &unread, Role::Warning)
        .rest(&pieces);
}
