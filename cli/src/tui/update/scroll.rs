//! Moving in the open conversation. The view is anchored to an entry: what comes above or below it moves nothing.

use super::list;
use crate::tui::{
    keys::Action,
    model::{ChatFocus, Entry, Model},
    view,
};

/// Selects another entry; the view follows.
pub(super) fn go(model: &mut Model, action: Action) {
    let entries = model.chats.entries();
    let selected = model.chats.talk().and_then(|talk| talk.selected.as_ref());
    let last = entries.len().saturating_sub(1);
    let index = entries.iter().position(|entry| Some(entry) == selected).unwrap_or(last);
    let Some(target) = list::target(index, action, 1) else { return };
    select(model, entries.get(target.min(last)).cloned());
}

fn select(model: &mut Model, entry: Option<Entry>) {
    let heights = view::talk_heights(model);
    let height = view_height(model);
    let top = top(model, &heights, height);
    let before = heights.iter().take_while(|(other, _)| Some(other) != entry.as_ref());
    let start: usize = before.map(|(_, lines)| lines).sum();
    let lines = heights.iter().find(|(other, _)| Some(other) == entry.as_ref()).map_or(0, |(_, lines)| *lines);
    // Of an entry higher than the view, the start is shown.
    let lowest = (start + lines).saturating_sub(height).min(start);
    scroll_to(model, &heights, height, top.clamp(lowest, start));
    if let Some(talk) = model.chats.talk_mut() {
        talk.selected = entry;
    }
}

/// Scrolls by nearly the height of the view; a selection goes along.
pub(super) fn turn_page(model: &mut Model, down: bool) {
    let page = view_height(model).saturating_sub(1).max(1);
    by(model, down, page);
    if model.chats.focus == ChatFocus::Messages {
        let heights = view::talk_heights(model);
        let top = top(model, &heights, view_height(model));
        let shown = entry_at(&heights, top).map(|(entry, _)| entry);
        let at_end = model.chats.talk().is_some_and(|talk| talk.anchor.is_none());
        let shown = if at_end { model.chats.entries().pop() } else { shown };
        if let Some(talk) = model.chats.talk_mut() {
            talk.selected = shown;
        }
    }
}

/// Scrolls by so many lines.
pub(super) fn by(model: &mut Model, down: bool, lines: usize) {
    let heights = view::talk_heights(model);
    let height = view_height(model);
    let top = top(model, &heights, height);
    let wanted = if down { top.saturating_add(lines) } else { top.saturating_sub(lines) };
    scroll_to(model, &heights, height, wanted);
}

fn view_height(model: &Model) -> usize {
    model.talk_parts().map_or(1, |parts| usize::from(parts.messages.height).max(1))
}

/// The first line in view.
fn top(model: &Model, heights: &[(Entry, usize)], height: usize) -> usize {
    view::talk_top(model.chats.talk(), heights, height)
}

/// Puts a line at the top of the view. At the end the view follows what comes.
fn scroll_to(model: &mut Model, heights: &[(Entry, usize)], height: usize, top: usize) {
    let all: usize = heights.iter().map(|(_, lines)| lines).sum();
    let anchor = if top >= all.saturating_sub(height) { None } else { entry_at(heights, top) };
    if let Some(talk) = model.chats.talk_mut() {
        talk.anchor = anchor;
    }
}

fn entry_at(heights: &[(Entry, usize)], line: usize) -> Option<(Entry, usize)> {
    let mut left = line;
    for (entry, lines) in heights {
        if left < *lines {
            return Some((entry.clone(), left));
        }
        left -= lines;
    }
    None
}

/// Whether the first message that is here is in view, or nearly.
pub(super) fn is_near_start(model: &Model) -> bool {
    let height = view_height(model);
    top(model, &view::talk_heights(model), height) < height
}
