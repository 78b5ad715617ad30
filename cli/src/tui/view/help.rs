//! What lies over the panes: the help, written from the key table, and the choice of a category.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect};

use super::pen::{Pen, fixed, row, shifted, width};
use crate::tui::{
    layout::{Panes, inside},
    model::Help,
    theme::Role,
};

const CHORDS: u16 = 16;

/// Draws the help; tells where the cursor of its filter is.
pub(super) fn keys(pen: &mut Pen<'_>, panes: &Panes, help: &Help) -> Option<Position> {
    let inner = open(pen, centred(panes, 68, 30), "Keys");
    let used = pen.text(inner, &fixed("/ "), Role::Key);
    let field = shifted(row(inner, 0), used);
    let before: String = help.filter.value().chars().take(help.filter.cursor()).collect();
    let filter = SafeText::line(help.filter.value());
    if filter.as_str().is_empty() {
        pen.text(field, &fixed("type to filter, Enter runs"), Role::Muted);
    } else {
        pen.text(field, &filter, Role::Title);
    }
    let rows = help.rows();
    let area = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    if rows.is_empty() {
        pen.text(row(area, 0), &fixed("No key does that. Esc closes this."), Role::Muted);
    }
    for (number, (index, key)) in visible(rows.iter().enumerate(), help.selected, area.height) {
        let line = row(area, number);
        let selected = index == help.selected;
        if selected {
            pen.fill(line, Role::Selected);
        }
        let look = |role: Role| if selected { Role::Selected } else { role };
        let chords: Vec<&str> = key.chords.iter().map(|chord| pen.glyphs().chord(chord)).collect();
        pen.text(Rect { width: CHORDS.min(line.width), ..line }, &SafeText::line(&chords.join(" ")), look(Role::Key));
        let label = if key.danger { Role::Danger } else { Role::Text };
        let rest = shifted(line, CHORDS);
        let taken = pen.text(rest, &fixed(key.label), look(label));
        pen.right(shifted(rest, taken + 1), &fixed(key.scope.heading()), look(Role::Muted));
    }
    Some(Position::new(field.x.saturating_add(width(&SafeText::line(&before))).min(inner.right()), field.y))
}

/// Draws the choice of a category.
pub(super) fn categories(pen: &mut Pen<'_>, panes: &Panes, categories: &[String], selected: usize) {
    let height = u16::try_from(categories.len()).unwrap_or(u16::MAX).saturating_add(3);
    let inner = open(pen, centred(panes, 30, height), "Category");
    let names = ["everything"].into_iter().chain(categories.iter().map(String::as_str));
    let selected = selected.min(categories.len());
    for (number, (index, name)) in visible(names.enumerate(), selected, inner.height) {
        let line = row(inner, number);
        if index == selected {
            pen.fill(line, Role::Selected);
        }
        let marker = if index == selected { pen.glyphs().marker } else { "  " };
        let role = if index == selected { Role::Selected } else { Role::Text };
        let used = pen.text(line, &fixed(marker), role);
        pen.text(shifted(line, used), &SafeText::line(name), role);
    }
}

/// A framed, emptied box with a heading; answers the room in it.
fn open(pen: &mut Pen<'_>, area: Rect, heading: &'static str) -> Rect {
    pen.clear(area);
    pen.frame(area, true);
    pen.text(shifted(area, 2), &SafeText::line(&format!(" {heading} ")), Role::Title);
    let inner = inside(area);
    Rect { width: inner.width.saturating_sub(2), ..shifted(inner, 1) }
}

/// The middle of the panes inside their frames, as much of it as is there.
fn centred(panes: &Panes, width: u16, height: u16) -> Rect {
    let top = panes.header.bottom() + 1;
    let room = Rect { y: top, height: panes.footer.y.saturating_sub(top + 1), ..panes.header };
    let width = width.min(room.width);
    let height = height.min(room.height);
    Rect { x: (room.width - width) / 2, y: room.y + (room.height - height) / 2, width, height }
}

/// The part of a list that shows the selection in so many rows, each with its row number.
fn visible<T>(
    all: impl Iterator<Item = (usize, T)>,
    selected: usize,
    height: u16,
) -> impl Iterator<Item = (u16, (usize, T))> {
    let top = (selected + 1).saturating_sub(usize::from(height));
    (0..height).zip(all.skip(top))
}
