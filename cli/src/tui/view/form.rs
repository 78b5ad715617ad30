//! A form over the panes: a label and what is written in each row, below it what is wrong or what may be written.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect};

use super::{
    field,
    pen::{Pen, fixed, row, shifted},
    wrap::wrap,
};
use crate::tui::{
    layout::{FormParts, Panes},
    model::{Form, FormEntry, Kind, Progress},
    theme::Role,
};

/// The most rows of a text that are shown at once.
const ROWS: usize = 6;

/// A row of the form.
struct Line<'a> {
    /// Which field it belongs to; the first of its rows has the label.
    entry: Option<(usize, &'a FormEntry)>,
    /// Which of its rows.
    part: usize,
    text: SafeText,
    role: Role,
}

/// Draws a form; tells where the cursor is.
pub(super) fn draw(pen: &mut Pen<'_>, panes: &Panes, form: &Form) -> Option<Position> {
    let parts = FormParts::of(panes);
    pen.clear(parts.frame);
    pen.frame(parts.frame, true);
    let edge = Rect { width: parts.frame.width.saturating_sub(4), height: 1, ..shifted(parts.frame, 2) };
    let title = SafeText::line(&format!(" {}", form.title)).truncate(usize::from(edge.width.saturating_sub(1)));
    pen.pieces(edge, &[(title, Role::Title), (fixed(" "), Role::Text)]);
    let foot = status(pen, form, &parts);
    let area = Rect { height: parts.inner.height.saturating_sub(foot), ..parts.inner };
    let lines = lines(form, &parts);
    let focus = lines.iter().position(|line| is_focused(line, form)).unwrap_or(0);
    let photo = |line: &Line<'_>| !form.is_at_photos() || line.part <= form.photo;
    let last = lines.iter().rposition(|line| is_focused(line, form) && photo(line)).unwrap_or(0);
    let focus = if form.is_at_photos() { last } else { focus };
    let height = usize::from(area.height);
    let top = (last + 1).saturating_sub(height).min(focus);
    let mut cursor = None;
    for (number, line) in (0..area.height).zip(lines.iter().skip(top)) {
        let place = row(area, number);
        cursor = draw_line(pen, place, &parts, form, line).or(cursor);
    }
    cursor
}

fn is_focused(line: &Line<'_>, form: &Form) -> bool {
    line.entry.is_some_and(|(index, _)| index == form.focus)
}

/// What is the matter with the form as a whole, in its last rows; tells how many it takes.
fn status(pen: &mut Pen<'_>, form: &Form, parts: &FormParts) -> u16 {
    let (text, role) = match (&form.problem, form.is_sent) {
        (Some(problem), _) => (problem.clone(), Role::Danger),
        (None, true) => (fixed("Being sent"), Role::Muted),
        (None, false) if form.awaits_photos => (fixed("It is sent as soon as its photos are there"), Role::Muted),
        (None, false) => return 0,
    };
    let lines = wrap(&text, parts.inner.width);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(parts.inner.height / 2);
    let top = parts.inner.height.saturating_sub(height);
    for (number, line) in (top..parts.inner.height).zip(&lines) {
        pen.text(row(parts.inner, number), line, role);
    }
    height
}

fn lines<'a>(form: &'a Form, parts: &FormParts) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (index, entry) in form.shown().enumerate() {
        let focused = index == form.focus;
        let rows = match entry.kind {
            Kind::Block => block_rows(entry, parts.writing_width(), focused),
            Kind::Photos => form.photos.len().max(1),
            _ => 1,
        };
        let of_entry = |part| Line { entry: Some((index, entry)), part, text: SafeText::default(), role: Role::Text };
        lines.extend((0..rows).map(of_entry));
        let below = match (&entry.field.problem, focused) {
            (Some(problem), _) => (problem, Role::Danger),
            (None, true) if !entry.hint.as_str().is_empty() => (&entry.hint, Role::Muted),
            _ => continue,
        };
        for text in wrap(below.0, parts.value.width) {
            lines.push(Line { part: usize::MAX, text, role: below.1, ..of_entry(0) });
        }
    }
    lines
}

/// How many rows a text of several lines takes: more while it is written.
fn block_rows(entry: &FormEntry, width: u16, focused: bool) -> usize {
    let all = entry.composer().lines(width).len();
    all.clamp(if focused { 3 } else { 1 }, ROWS)
}

/// Draws a row; tells where the cursor is, if it is in it.
fn draw_line(pen: &mut Pen<'_>, place: Rect, parts: &FormParts, form: &Form, line: &Line<'_>) -> Option<Position> {
    let value = Rect { x: parts.value.x, width: parts.value.width, ..place };
    let (index, entry) = line.entry?;
    if line.part == usize::MAX {
        pen.text(value, &line.text, line.role);
        return None;
    }
    let focused = index == form.focus;
    if line.part == 0 {
        let label = Rect { width: value.x.saturating_sub(place.x + 1), ..place };
        pen.text(label, &entry.field.label, if focused { Role::Active } else { Role::Muted });
    }
    match &entry.kind {
        Kind::Line if focused => Some(field::draw(pen, value, &entry.field.input, entry.field.secret)),
        Kind::Line => {
            pen.text(value, &SafeText::line(entry.text()), Role::Text);
            None
        }
        Kind::Choice(words) => choice(pen, value, entry, words, focused),
        Kind::Block => block(pen, value, parts, entry, (line.part, focused)),
        Kind::Photos => photo(pen, value, form, (line.part, focused)),
    }
}

/// The words to choose from while the field has the focus, else the chosen one.
fn choice(pen: &mut Pen<'_>, area: Rect, entry: &FormEntry, words: &[String], focused: bool) -> Option<Position> {
    let chosen = entry.text();
    if !focused {
        pen.text(area, &SafeText::line(&chosen.replace('_', " ")), Role::Text);
        return None;
    }
    let at = words.iter().position(|word| word == chosen);
    let mut used = 0;
    let mut cursor = Some(area.as_position());
    // Those before the chosen one give way where not all fit.
    let from = first_fitting(words, at.unwrap_or(0), area.width);
    for (index, word) in words.iter().enumerate().skip(from) {
        let is_chosen = at == Some(index);
        let role = if is_chosen { Role::Selected } else { Role::Muted };
        let room = shifted(area, used);
        if is_chosen {
            cursor = Some(room.as_position());
        }
        used += pen.text(room, &SafeText::line(&format!(" {} ", word.replace('_', " "))), role);
    }
    cursor
}

fn first_fitting(words: &[String], chosen: usize, width: u16) -> usize {
    let cells = |word: &String| word.chars().count() + 2;
    let mut room = usize::from(width);
    let mut first = chosen;
    for index in (0..=chosen).rev() {
        let Some(left) = words.get(index).and_then(|word| room.checked_sub(cells(word))) else { break };
        room = left;
        first = index;
    }
    first
}

/// A row of a text of several lines; the row of the cursor is always among those shown.
fn block(
    pen: &mut Pen<'_>,
    area: Rect,
    parts: &FormParts,
    entry: &FormEntry,
    (part, focused): (usize, bool),
) -> Option<Position> {
    let composer = entry.composer();
    let width = parts.writing_width();
    let (line, column) = composer.cursor(width);
    let first = if focused { (line + 1).saturating_sub(block_rows(entry, width, true)) } else { 0 };
    let lines = composer.lines(width);
    if let Some(text) = lines.get(first + part) {
        pen.text(area, &SafeText::line(&text.text), if focused { Role::Title } else { Role::Text });
    }
    let is_here = focused && first + part == line;
    is_here.then(|| Position::new(area.x.saturating_add(column).min(area.right().saturating_sub(1)), area.y))
}

/// A picture and how far it is; what may be done where there is none.
fn photo(pen: &mut Pen<'_>, area: Rect, form: &Form, (part, focused): (usize, bool)) -> Option<Position> {
    let selected = focused && part == form.photo;
    let Some(photo) = form.photos.get(part) else {
        pen.text(area, &fixed("none yet; Ctrl+O adds some, or drop files here"), Role::Muted);
        return selected.then(|| area.as_position());
    };
    let role = match photo.progress {
        Progress::Failed(_) => Role::Danger,
        Progress::Done(_) => Role::Good,
        _ => Role::Muted,
    };
    let name = photo.name.truncate(usize::from(area.width / 3));
    let marker = if selected { pen.glyphs().marker } else { "  " };
    let said = SafeText::line(&format!("  {}", photo.said()));
    pen.pieces(area, &[(fixed(marker), Role::Active), (name, Role::Text), (said, role)]);
    selected.then(|| area.as_position())
}
