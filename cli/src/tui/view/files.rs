//! The file picker.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect};

use super::{
    field,
    overlay::{centred, open, visible},
    pen::{Pen, fixed, row, shifted},
    state,
};
use crate::{
    pictures::size,
    tui::{layout::Panes, model::Files, theme::Role},
};

/// Draws the picker; tells where the cursor is.
pub(super) fn draw(pen: &mut Pen<'_>, panes: &Panes, files: &Files) -> Position {
    let inner = open(pen, centred(panes, 70, 24), "Photos");
    let cursor = field::draw(pen, row(inner, 0), &files.input, false);
    let last = inner.height.saturating_sub(1);
    let area = Rect { y: inner.y + 1, height: last.saturating_sub(1), ..inner };
    let matching = files.matching();
    if matching.is_empty() && files.problem.is_none() {
        let (why, next) = (fixed("There is no picture here."), fixed("Write another path; Tab completes it."));
        state::nothing(pen, area, &files.load, true, &why, &next);
    }
    let selected = files.selected.min(matching.len().saturating_sub(1));
    for (number, (index, entry)) in visible(matching.iter().enumerate(), selected, area.height) {
        let line = row(area, number);
        let role = if index == selected { Role::Selected } else { Role::Text };
        if index == selected {
            pen.fill(line, Role::Selected);
        }
        let marker = if index == selected { pen.glyphs().marker } else { "  " };
        let used = pen.text(line, &fixed(marker), role);
        let bytes = if entry.is_directory { SafeText::default() } else { SafeText::line(&size(entry.bytes)) };
        let room = Rect { width: line.width.saturating_sub(used + 9), ..shifted(line, used) };
        pen.text(room, &entry.shown(), role);
        pen.right(line, &bytes, role);
    }
    let (foot, role) = match (&files.problem, files.taken) {
        (Some(problem), _) => (problem.clone(), Role::Danger),
        (None, 0) => (fixed("Enter adds a picture; paste or drop paths here"), Role::Muted),
        (None, taken) => (SafeText::line(&format!("{taken} added; Esc goes back to the listing")), Role::Good),
    };
    pen.text(row(inner, last), &foot, role);
    cursor
}
