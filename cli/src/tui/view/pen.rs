//! Writing on the screen. A pen takes only text that was made safe, and never writes outside the area it is given.

use std::{num::NonZero, sync::Arc};

use campuszon_core::{Timestamp, safe::SafeText};
use ratatui::{
    buffer::{Buffer, CellDiffOption, CellWidth},
    layout::Rect,
    style::Style,
    widgets::{Block, Clear, Widget},
};

use crate::tui::{
    graphics::Graphic,
    model::{Drawing, Model},
    theme::{Glyphs, Role, Theme},
};

/// A piece of a line and the part it plays.
pub(super) type Piece = (SafeText, Role);

/// Text of the program.
pub(super) const fn fixed(text: &'static str) -> SafeText {
    SafeText::fixed(text)
}

/// A row of a picture that the terminal shows over the cells.
struct Strip {
    area: Rect,
    drawing: Arc<Drawing>,
    number: usize,
}

/// What stands in the cells of a row of a picture until everything is drawn. What lies over it replaces it.
const COVERED: &str = "\u{10eeee}";

/// Draws in one theme.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    strips: Vec<Strip>,
    pub(super) theme: Theme,
    /// When it draws.
    pub(super) now: Timestamp,
    /// Whether the server is out of reach, so that what is drawn may be old.
    pub(super) offline: bool,
}

impl<'a> Pen<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, model: &Model) -> Self {
        let (theme, offline) = (model.settings.theme, model.link.is_broken());
        Self { buffer, strips: Vec::new(), theme, now: model.now, offline }
    }

    pub(super) fn glyphs(&self) -> &'static Glyphs {
        self.theme.glyphs()
    }

    /// The cells, for what is not text.
    pub(super) fn buffer(&mut self) -> &mut Buffer {
        self.buffer
    }

    /// Writes from the left of the area's first row, cut to fit; tells how many cells it took.
    pub(super) fn text(&mut self, area: Rect, text: &SafeText, role: Role) -> u16 {
        self.styled(area, text, self.theme.style(role))
    }

    /// Writes to the right edge of the area's first row.
    pub(super) fn right(&mut self, area: Rect, text: &SafeText, role: Role) {
        let free = area.width.saturating_sub(width(text));
        self.text(Rect { x: area.x.saturating_add(free), width: area.width - free, ..area }, text, role);
    }

    /// Writes pieces one after the other; tells how many cells they took.
    pub(super) fn pieces(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let mut used = 0;
        for (text, role) in pieces {
            used += self.text(shifted(area, used), text, *role);
        }
        used
    }

    fn styled(&mut self, area: Rect, text: &SafeText, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return 0;
        }
        let cut = text.truncate(usize::from(area.width));
        let (end, _) = self.buffer.set_stringn(area.x, area.y, self.plain(&cut), usize::from(area.width), style);
        end.saturating_sub(area.x)
    }

    /// On bare terminals even the sign for something cut off is plain.
    fn plain(&self, text: &SafeText) -> String {
        match text.as_str().strip_suffix('…') {
            Some(start) if self.theme.ascii => format!("{start}~"),
            _ => text.to_string(),
        }
    }

    /// Gives a whole area the style of a part.
    pub(super) fn fill(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// Gives an area the ground that everything is drawn on.
    pub(super) fn prime(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.theme.ground());
    }

    /// Draws the frame of a pane.
    pub(super) fn frame(&mut self, area: Rect, active: bool) {
        let role = if active { Role::Active } else { Role::Border };
        let block = Block::bordered().border_set(self.glyphs().border).border_style(self.theme.style(role));
        block.render(area.intersection(self.buffer.area), self.buffer);
    }

    /// Reserves the cells for a row of a picture that the terminal shows over them.
    pub(super) fn strip(&mut self, area: Rect, drawing: &Arc<Drawing>, number: u16) {
        let number = usize::from(number);
        let Some((width, _)) = row_of(drawing, number).filter(|(width, _)| *width <= area.width) else { return };
        let area = Rect { width, ..area }.intersection(self.buffer.area);
        for position in area.positions() {
            self.buffer.cell_mut(position).into_iter().for_each(|cell| _ = cell.set_symbol(COVERED));
        }
        self.strips.push(Strip { area, drawing: drawing.clone(), number });
    }

    /// Puts the rows of pictures in their places, once everything is drawn: those that nothing lies over, since the
    /// terminal would show the others over it.
    pub(super) fn place_strips(self) {
        for Strip { area, drawing, number } in self.strips {
            let is_free = |position| self.buffer.cell(position).is_some_and(|cell| cell.symbol() == COVERED);
            let is_whole = area.positions().all(is_free);
            let Some((_, text)) = row_of(&drawing, number) else { continue };
            for (place, position) in area.positions().enumerate() {
                let Some(cell) = self.buffer.cell_mut(position).filter(|cell| cell.symbol() == COVERED) else {
                    continue;
                };
                match (is_whole, place) {
                    (false, _) => cell.set_symbol(" "),
                    (true, 0) => {
                        cell.set_symbol(text).set_diff_option(CellDiffOption::ForcedWidth(NonZero::<u16>::MIN))
                    }
                    (true, _) => cell.set_diff_option(CellDiffOption::Skip),
                };
            }
        }
    }

    /// Empties an area for what is to lie over it.
    pub(super) fn clear(&mut self, area: Rect) {
        // A wide character that reaches in from the left would hide the first column.
        let edge = Rect { x: area.x.saturating_sub(1), width: 1, ..area }.intersection(self.buffer.area);
        for position in edge.positions() {
            if let Some(cell) = self.buffer.cell_mut(position).filter(|cell| cell.symbol().cell_width() > 1) {
                cell.set_symbol(" ");
            }
        }
        Clear.render(area.intersection(self.buffer.area), self.buffer);
        self.prime(area);
    }
}

/// How wide a picture is, and what shows a row of it.
fn row_of(drawing: &Drawing, number: usize) -> Option<(u16, &str)> {
    match drawing {
        Drawing::Graphic(Graphic::Strips(strips)) => Some((strips.width, strips.rows.get(number)?)),
        _ => None,
    }
}

/// The cells that a text takes, as the screen counts them.
pub(super) fn width(text: &SafeText) -> u16 {
    // The screen's own count wraps around; such a text is too wide for any screen.
    if text.width() > usize::from(u16::MAX / 2) { u16::MAX / 2 } else { text.as_str().cell_width() }
}

/// The cells that pieces take one after the other.
pub(super) fn length(pieces: &[Piece]) -> u16 {
    pieces.iter().fold(0, |sum: u16, (text, _)| sum.saturating_add(width(text)))
}

/// The area without its first `cells` columns.
pub(super) fn shifted(area: Rect, cells: u16) -> Rect {
    let cells = cells.min(area.width);
    Rect { x: area.x.saturating_add(cells), width: area.width - cells, ..area }
}

/// The area's row number `row`, one cell high; empty below its end.
pub(super) fn row(area: Rect, row: u16) -> Rect {
    let height = u16::from(row < area.height);
    Rect { y: area.y.saturating_add(row), height, ..area }
}
