//! The open conversation: its messages, who is writing, and what the reader writes.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect, Size};

use super::{
    blocks::{self, Block, Line},
    pen::{Pen, fixed, row, shifted, width},
    photo, state,
};
use crate::tui::{
    format,
    layout::{Panes, TalkParts},
    model::{ChatFocus, ChatRow, Conversation, Entry, Load, Model, PhotoKey, PhotoState},
    theme::Role,
};

/// Draws the conversation; tells where the cursor is.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    let focus = model.chats.focus;
    pen.frame(panes.detail, focus != ChatFocus::List);
    let edge = Rect { width: panes.detail.width.saturating_sub(4), height: 1, ..shifted(panes.detail, 2) };
    let parts = model.talk_parts()?;
    let (Some(talk), Some(_)) = (model.chats.talk(), model.chats.open) else {
        pen.text(parts.messages, &fixed("Enter opens a conversation."), Role::Muted);
        return None;
    };
    if let Some(chat) = model.chats.open_row() {
        title(pen, edge, chat, model);
    }
    let selected = messages(pen, model, talk, parts.messages);
    rule(pen, model, talk, parts.rule);
    let cursor = composer(pen, model, parts.composer);
    match focus {
        ChatFocus::Composer => Some(cursor),
        ChatFocus::Messages => selected,
        ChatFocus::List => None,
    }
}

fn title(pen: &mut Pen<'_>, edge: Rect, chat: &ChatRow, model: &Model) {
    let glyphs = pen.glyphs();
    let (presence, role) = match (chat.online, chat.last_seen) {
        (true, _) => (format!(" {} online ", glyphs.dot), Role::Good),
        (false, Some(seen)) => (format!(" {} {} ", glyphs.ring, format::ago(model.now, seen)), Role::Muted),
        (false, None) => (String::new(), Role::Muted),
    };
    let muted = if chat.muted { " muted" } else { "" };
    let presence = SafeText::line(&format!("{muted}{presence}"));
    pen.right(edge, &presence, role);
    let room = Rect { width: edge.width.saturating_sub(width(&presence) + 1), ..edge };
    let title = SafeText::line(&format!(" {}{}{} ", chat.peer, glyphs.separator, chat.title));
    pen.text(room, &title, Role::Title);
}

/// Draws the lines in view; tells where the selected entry begins.
fn messages(pen: &mut Pen<'_>, model: &Model, talk: &Conversation, area: Rect) -> Option<Position> {
    let blocks = blocks::of(model, area.as_size());
    if blocks.is_empty() {
        let (why, next) = (fixed("Nothing was said yet."), fixed("Write below; Enter sends."));
        state::nothing(pen, area, &talk.load, talk.answered, &why, &next);
        return None;
    }
    let heights: Vec<(Entry, usize)> = blocks.iter().map(Block::height).collect();
    let height = usize::from(area.height);
    let first = top(Some(talk), &heights, height);
    let all: usize = heights.iter().map(|(_, lines)| lines).sum();
    // What is shorter than the view stands at its end, near to what is being written.
    let empty = u16::try_from(height.saturating_sub(all)).unwrap_or(0);
    let area = Rect { y: area.y.saturating_add(empty), height: area.height.saturating_sub(empty), ..area };
    let lines = blocks.iter().flat_map(|block| block.lines.iter().map(move |line| (&block.entry, line)));
    let mut selected = None;
    for (number, (entry, line)) in (0..area.height).zip(lines.skip(first)) {
        let place = row(area, number);
        let is_selected = model.chats.focus == ChatFocus::Messages && talk.selected.as_ref() == Some(entry);
        let marks = is_selected && !matches!(line, Line::Heading(_));
        if marks {
            pen.text(place, &fixed(pen.glyphs().marker), Role::Active);
            selected = selected.or(Some(place.as_position()));
        }
        one(pen, model, place, line);
    }
    older(pen, talk, area);
    selected
}

fn one(pen: &mut Pen<'_>, model: &Model, place: Rect, line: &Line) {
    match line {
        Line::Heading(pieces) => _ = pen.pieces(place, pieces),
        Line::Body(pieces, state) => {
            pen.pieces(shifted(place, blocks::INDENT), pieces);
            pen.right(place, &state.0, state.1);
        }
        Line::Picture(key, number) => {
            if let Some(PhotoState::Ready(drawing)) = model.photos.get(key) {
                photo::draw_row(pen, shifted(place, blocks::INDENT), drawing, *number);
            }
        }
    }
}

/// Says that what was said before is on its way, or cannot be had, over the first line.
fn older(pen: &mut Pen<'_>, talk: &Conversation, area: Rect) {
    let (text, role) = match (&talk.older, &talk.load) {
        (Load::Failed(failure), _) => (format!(" earlier: {} (r tries again) ", failure.sentence), Role::Danger),
        (_, Load::Failed(failure)) => (format!(" {} (r tries again) ", failure.sentence), Role::Danger),
        _ => return,
    };
    pen.clear(row(area, 0));
    pen.text(row(area, 0), &SafeText::line(&text), role);
}

/// The line above what is being written: who writes, or what is edited.
fn rule(pen: &mut Pen<'_>, model: &Model, talk: &Conversation, area: Rect) {
    let line = SafeText::line(&pen.glyphs().border.horizontal_top.repeat(usize::from(area.width)));
    pen.text(area, &line, Role::Border);
    let peer = model.chats.open_row().map(|row| row.peer.clone()).unwrap_or_default();
    let (text, role) = match (&model.chats.composer.editing, talk.typing) {
        (Some(_), _) => (" editing: Enter saves, Esc leaves it as it was ".to_owned(), Role::Warning),
        (None, Some(_)) => (format!(" {} is typing{} ", peer, pen.glyphs().ellipsis), Role::Good),
        (None, None) if talk.anchor.is_some() => (" more below ".to_owned(), Role::Muted),
        (None, None) => return,
    };
    pen.text(shifted(area, 1), &SafeText::line(&text), role);
}

/// Draws what is being written, scrolled so that the cursor is in view; tells where the cursor is.
fn composer(pen: &mut Pen<'_>, model: &Model, area: Rect) -> Position {
    let composer = &model.chats.composer;
    let room = shifted(area, blocks::INDENT);
    pen.text(area, &fixed("> "), if model.chats.focus == ChatFocus::Composer { Role::Active } else { Role::Muted });
    if composer.text().is_empty() {
        pen.text(room, &fixed("Write a message, or / for a command"), Role::Muted);
        return room.as_position();
    }
    let cells = model.panes().map_or(area.width, |panes| TalkParts::writing_width(panes.detail));
    let (line, column) = composer.cursor(cells);
    let first = (line + 1).saturating_sub(usize::from(area.height));
    for (number, text) in (0..area.height).zip(composer.lines(cells).iter().skip(first)) {
        pen.text(row(room, number), &SafeText::line(&text.text), Role::Text);
    }
    let down = u16::try_from(line - first).unwrap_or(0);
    Position::new(room.x.saturating_add(column).min(room.right()), room.y.saturating_add(down))
}

/// How many lines each entry of the open conversation has.
pub(in crate::tui) fn heights(model: &Model) -> Vec<(Entry, usize)> {
    let size = model.talk_parts().map_or(Size::ZERO, |parts| parts.messages.as_size());
    blocks::of(model, size).iter().map(Block::height).collect()
}

/// The first line in view: that of the anchor, or the one from which on everything fits.
pub(in crate::tui) fn top(talk: Option<&Conversation>, heights: &[(Entry, usize)], height: usize) -> usize {
    let all: usize = heights.iter().map(|(_, lines)| lines).sum();
    let last = all.saturating_sub(height);
    let Some((entry, line)) = talk.and_then(|talk| talk.anchor.as_ref()) else { return last };
    let mut above = 0;
    for (other, lines) in heights {
        if other == entry {
            return (above + line.min(&lines.saturating_sub(1))).min(last);
        }
        above += lines;
    }
    last
}

/// The pictures of the lines in view.
pub(in crate::tui) fn photos(model: &Model) -> Vec<PhotoKey> {
    let Some(area) = model.talk_parts().map(|parts| parts.messages) else { return Vec::new() };
    let blocks = blocks::of(model, area.as_size());
    let heights: Vec<(Entry, usize)> = blocks.iter().map(Block::height).collect();
    let height = usize::from(area.height);
    let first = top(model.chats.talk(), &heights, height);
    let mut keys: Vec<PhotoKey> = Vec::new();
    for line in blocks.iter().flat_map(|block| &block.lines).skip(first).take(height) {
        if let Line::Picture(key, _) = line
            && !keys.contains(key)
        {
            keys.push(key.clone());
        }
    }
    keys
}
