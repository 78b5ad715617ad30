//! What lies over the panes: the help, written from the key table, and questions.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect};

use super::{
    field,
    pen::{Pen, fixed, row, shifted, width},
    servers,
    wrap::wrap,
};
use crate::tui::{
    layout::{Panes, inside, padded},
    model::{Dialog, Help, Menu, Model, Overlay, Palette, Prompt},
    theme::Role,
};

const CHORDS: u16 = 16;

/// How wide a question is at most, with its frame.
const WIDEST: u16 = 60;

/// Draws the help; tells where the cursor of its filter is.
pub(super) fn keys(pen: &mut Pen<'_>, panes: &Panes, help: &Help) -> Option<Position> {
    let inner = open(pen, help_box(panes), "Keys");
    let used = pen.text(inner, &fixed("/ "), Role::Key);
    let room = shifted(row(inner, 0), used);
    let cursor = field::draw(pen, room, &help.filter, false);
    if help.filter.value().is_empty() {
        pen.text(room, &fixed("type to filter, Enter runs"), Role::Muted);
    }
    let rows = help.rows();
    let area = between(inner, LIST_EDGES);
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
    Some(cursor)
}

/// Draws a question to confirm; the cursor is on the button that has the focus.
pub(super) fn dialog(pen: &mut Pen<'_>, panes: &Panes, dialog: &Dialog) -> Option<Position> {
    let (question, detail, area) = dialog_parts(panes, dialog);
    let inner = open(pen, area, "Really?");
    let bold = question.iter().map(|line| (line, Role::Title));
    let last = inner.height.saturating_sub(1);
    for (number, (line, role)) in (0..last).zip(bold.chain(detail.iter().map(|line| (line, Role::Text)))) {
        pen.text(row(inner, number), line, role);
    }
    buttons(pen, row(inner, last), dialog)
}

/// The lines of a question, and the box they are in with the buttons.
fn dialog_parts(panes: &Panes, dialog: &Dialog) -> (Vec<SafeText>, Vec<SafeText>, Rect) {
    let room = WIDEST.min(panes.header.width).saturating_sub(4);
    let (question, detail) = (wrap(&dialog.question, room), wrap(&dialog.detail, room));
    let height = u16::try_from(question.len() + detail.len()).unwrap_or(u16::MAX).saturating_add(4);
    (question, detail, centred(panes, WIDEST, height))
}

/// The button at a place: whether it is the one that confirms.
pub(in crate::tui) fn button_at(dialog: &Dialog, panes: &Panes, at: Position) -> Option<bool> {
    let (_, _, area) = dialog_parts(panes, dialog);
    let line = room_in(area);
    let line = row(line, line.height.saturating_sub(1));
    if !line.contains(at) {
        return None;
    }
    let cancel = width(&button("Cancel"));
    let verb = width(&button(dialog.verb));
    let along = at.x - line.x;
    match along {
        _ if along < cancel => Some(false),
        _ if (cancel + 2..cancel + 2 + verb).contains(&along) => Some(true),
        _ => None,
    }
}

fn button(label: &str) -> SafeText {
    SafeText::line(&format!("[ {label} ]"))
}

fn buttons(pen: &mut Pen<'_>, area: Rect, dialog: &Dialog) -> Option<Position> {
    let mut at = area;
    let mut cursor = None;
    for (label, focused, role) in [("Cancel", !dialog.on_verb, Role::Text), (dialog.verb, dialog.on_verb, Role::Danger)]
    {
        if focused {
            cursor = Some(at.as_position());
        }
        let used = pen.text(at, &button(label), if focused { Role::Selected } else { role });
        at = shifted(at, used + 2);
    }
    cursor
}

/// Draws a question to answer with a line of text; tells where the cursor is.
pub(super) fn prompt(pen: &mut Pen<'_>, panes: &Panes, prompt: &Prompt) -> Option<Position> {
    let below = prompt.field.problem.as_ref().map_or((&prompt.hint, Role::Muted), |problem| (problem, Role::Danger));
    let lines = wrap(below.0, WIDEST.min(panes.header.width).saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = open(pen, centred(panes, WIDEST, height), "");
    pen.text(row(inner, 0), &prompt.title, Role::Title);
    let line = row(inner, 1);
    let used = pen.pieces(line, &[(prompt.field.label.clone(), Role::Muted), (fixed(": "), Role::Muted)]);
    let cursor = field::draw(pen, shifted(line, used), &prompt.field.input, prompt.field.secret);
    for (number, text) in (2..inner.height).zip(&lines) {
        pen.text(row(inner, number), text, below.1);
    }
    Some(cursor)
}

/// Draws the palette; tells where the cursor is.
pub(super) fn palette(pen: &mut Pen<'_>, panes: &Panes, palette: &Palette, model: &Model) -> Option<Position> {
    let inner = open(pen, palette_box(panes), "Commands");
    let used = pen.text(inner, &fixed("> "), Role::Key);
    let room = shifted(row(inner, 0), used);
    let cursor = field::draw(pen, room, &palette.input, false);
    if palette.input.value().is_empty() {
        pen.text(room, &fixed("an action, an item, a conversation"), Role::Muted);
    }
    let rows = palette.rows(model);
    let area = between(inner, LIST_EDGES);
    if rows.is_empty() {
        pen.text(row(area, 0), &fixed("Nothing is called that. Esc closes this."), Role::Muted);
    }
    for (number, (index, choice)) in visible(rows.iter().enumerate(), palette.selected, area.height) {
        let line = row(area, number);
        let selected = index == palette.selected;
        if selected {
            pen.fill(line, Role::Selected);
        }
        let look = |role: Role| if selected { Role::Selected } else { role };
        pen.right(line, &choice.remark, look(Role::Muted));
        let room = Rect { width: line.width.saturating_sub(width(&choice.remark) + 1), ..line };
        pen.text(room, &choice.label, look(Role::Text));
    }
    Some(cursor)
}

/// Draws what can be done with something, and why some of it cannot.
pub(super) fn menu(pen: &mut Pen<'_>, panes: &Panes, menu: &Menu) -> Option<Position> {
    let inner = open(pen, menu_box(panes, menu), "Status");
    pen.text(row(inner, 0), &menu.title, Role::Title);
    let area = between(inner, MENU_EDGES);
    for (number, (index, choice)) in visible(menu.rows.iter().enumerate(), menu.selected, area.height) {
        let line = row(area, number);
        let selected = index == menu.selected;
        if selected {
            pen.fill(line, Role::Selected);
        }
        let role = if choice.why_not.is_some() { Role::Muted } else { Role::Text };
        let role = if selected { Role::Selected } else { role };
        let marker = if selected { pen.glyphs().marker } else { "  " };
        let used = pen.text(line, &fixed(marker), role);
        pen.text(shifted(line, used), &fixed(choice.label), role);
    }
    let why_not = menu.rows.get(menu.selected).and_then(|choice| choice.why_not.as_ref());
    for (number, line) in (0..2).zip(why_not.map_or_else(Vec::new, |why| wrap(why, inner.width))) {
        pen.text(row(inner, inner.height.saturating_sub(2) + number), &line, Role::Warning);
    }
    None
}

/// A framed, emptied box with a heading; answers the room in it.
pub(super) fn open(pen: &mut Pen<'_>, area: Rect, heading: &'static str) -> Rect {
    pen.clear(area);
    pen.frame(area, true);
    if !heading.is_empty() {
        pen.text(shifted(area, 2), &SafeText::line(&format!(" {heading} ")), Role::Title);
    }
    room_in(area)
}

/// The room in a box, with a cell of air on either side.
fn room_in(area: Rect) -> Rect {
    padded(inside(area))
}

/// The middle of the panes inside their frames, as much of it as is there.
pub(super) fn centred(panes: &Panes, width: u16, height: u16) -> Rect {
    let top = panes.header.bottom() + 1;
    let room = Rect { y: top, height: panes.footer.y.saturating_sub(top + 1), ..panes.header };
    let width = width.min(room.width);
    let height = height.min(room.height);
    Rect { x: (room.width - width) / 2, y: room.y + (room.height - height) / 2, width, height }
}

/// The part of a list that shows the selection in so many rows, each with its row number.
pub(super) fn visible<T>(
    all: impl Iterator<Item = (usize, T)>,
    selected: usize,
    height: u16,
) -> impl Iterator<Item = (u16, (usize, T))> {
    (0..height).zip(all.skip(first_visible(selected, height)))
}

fn first_visible(selected: usize, height: u16) -> usize {
    (selected + 1).saturating_sub(usize::from(height))
}

fn help_box(panes: &Panes) -> Rect {
    centred(panes, 68, 30)
}

fn palette_box(panes: &Panes) -> Rect {
    centred(panes, 68, 24)
}

fn menu_box(panes: &Panes, menu: &Menu) -> Rect {
    let height = u16::try_from(menu.rows.len()).unwrap_or(u16::MAX).saturating_add(5);
    centred(panes, WIDEST, height)
}

/// Lines above and below the rows of the help and the palette, and of a menu.
const LIST_EDGES: (u16, u16) = (1, 0);
const MENU_EDGES: (u16, u16) = (1, 2);

/// The room between so many lines above and below.
fn between(inner: Rect, (above, below): (u16, u16)) -> Rect {
    Rect { y: inner.y + above, height: inner.height.saturating_sub(above + below), ..inner }
}

/// What a click on an overlay with rows meets.
pub(in crate::tui) enum Met {
    /// Nothing: it is beside the overlay.
    Beside,
    /// The row of this number, where there are so many.
    Row(usize),
    /// Something else in the overlay.
    Inside,
}

/// What a click meets; nothing where the overlay has no rows to choose from.
pub(in crate::tui) fn met_at(panes: &Panes, overlay: &Overlay, at: Position) -> Option<Met> {
    let (area, edges, selected) = match overlay {
        Overlay::Help(help) => (help_box(panes), LIST_EDGES, help.selected),
        Overlay::Palette(palette) => (palette_box(panes), LIST_EDGES, palette.selected),
        Overlay::Menu(menu) => (menu_box(panes, menu), MENU_EDGES, menu.selected),
        Overlay::Servers(switcher) => (servers::place(panes, switcher), (0, 0), switcher.selected),
        _ => return None,
    };
    let rows = between(room_in(area), edges);
    Some(match area.contains(at) {
        false => Met::Beside,
        true if rows.contains(at) => Met::Row(first_visible(selected, rows.height) + usize::from(at.y - rows.y)),
        true => Met::Inside,
    })
}
