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
    model::{ChatRow, Model},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let nothing = Nothing::fixed("You have no conversations.", "1 looks for something; c there asks its seller.");
    let row = |pen: &mut Pen<'_>, area: Rect, chat: &ChatRow, look: Look| chat_row(pen, area, chat, look, model);
    list::pane(pen, panes.list, "Chats", &model.chats.list, true, &nothing, row);
}

fn chat_row(pen: &mut Pen<'_>, area: Rect, chat: &ChatRow, look: Look, model: &Model) {
    let unread = if chat.unread > 0 { SafeText::line(&format!("({})", chat.unread)) } else { fixed("") };
    Columns::new(pen, area, look)
        .right(5, &SafeText::line(&format::age(model.now, chat.updated_at)), Role::Muted)
        .right(5, &unread, Role::Warning)
        .rest(&[(chat.peer.clone(), Role::Text), (fixed("  "), Role::Text), (chat.title.clone(), Role::Muted)]);
}
