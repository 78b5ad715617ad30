//! Writing on the screen. A pen takes only text that was made safe, and never writes outside the area it is given.

use campuszon_core::{Timestamp, safe::SafeText};
use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::Rect,
    style::Style,
    widgets::{Block, Clear, Widget},
};

use crate::tui::{
    model::Model,
    theme::{Glyphs, Role, Theme},
};

/// A piece of a line and the part it plays.
pub(super) type Piece = (SafeText, Role);

/// Text of the program.
pub(super) const fn fixed(text: &'static str) -> SafeText {
    SafeText::fixed(text)
}

/// Draws in one theme.
pub(super) struct Pen<'a> {
    buffer: &'a mut Buffer,
    pub(super) theme: Theme,
    /// When it draws.
    pub(super) now: Timestamp,
    /// Whether the server is out of reach, so that what is drawn may be old.
    pub(super) offline: bool,
}

impl<'a> Pen<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, model: &Model) -> Self {
        Self { buffer, theme: model.settings.theme, now: model.now, offline: model.link.is_broken() }
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
