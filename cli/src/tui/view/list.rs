//! What the lists of all tabs look like: a framed pane with a heading, rows of which one stands out, and whatever is to be
//! said where there are none.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::{
    pen::{Pen, Piece, fixed, row, shifted},
    state,
};
use crate::tui::{
    format,
    layout::{inside, padded},
    model::{List, Load, Record},
    theme::Role,
};

/// How a row stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    /// Selected in the pane that has the keys.
    Selected,
    /// Selected, while the keys go elsewhere.
    Marked,
}

impl Look {
    /// How a piece of the row looks that otherwise plays another part.
    pub(super) fn role(self, role: Role) -> Role {
        match self {
            Self::Plain => role,
            Self::Selected => Role::Selected,
            Self::Marked => Role::Marked,
        }
    }
}

/// What a list says when it has no rows: why, and the next key.
pub(super) struct Nothing {
    pub(super) why: SafeText,
    pub(super) next: SafeText,
}

impl Nothing {
    pub(super) fn fixed(why: &'static str, next: &'static str) -> Self {
        Self { why: fixed(why), next: fixed(next) }
    }
}

/// Draws a list in a pane with a heading.
pub(super) fn pane<R: Record>(
    pen: &mut Pen<'_>,
    area: Rect,
    heading: &'static str,
    list: &List<R>,
    active: bool,
    nothing: &Nothing,
    draw: impl FnMut(&mut Pen<'_>, Rect, &R, Look),
) {
    pen.frame(area, active);
    let edge = Rect { width: area.width.saturating_sub(4), height: 1, ..shifted(area, 2) };
    pen.text(edge, &SafeText::line(&format!(" {heading} ")), Role::Title);
    pen.right(edge, &count(list), Role::Muted);
    remark(pen, area, list);
    rows(pen, inside(area), list, active, nothing, draw);
}

/// How many rows there are, as far as that is known.
fn count<R: Record>(list: &List<R>) -> SafeText {
    let more = if list.next.is_some() { "+" } else { "" };
    if list.answered { SafeText::line(&format!(" {}{more} ", list.rows.len())) } else { SafeText::default() }
}

/// What is to be known of rows that may be old, at the left of the pane's lower edge.
pub(super) fn remark<R: Record>(pen: &mut Pen<'_>, area: Rect, list: &List<R>) {
    if list.rows.is_empty() {
        return;
    }
    let edge =
        Rect { y: area.bottom().saturating_sub(1), width: area.width.saturating_sub(4), height: 1, ..shifted(area, 2) };
    let used = age(list, pen).map_or(0, |age| pen.text(edge, &age, Role::Warning));
    let edge = shifted(edge, used);
    match &list.load {
        Load::Failed(failure) => _ = pen.text(edge, &SafeText::line(&format!(" {} ", failure.sentence)), Role::Danger),
        Load::Running { slow: true, .. } => _ = pen.text(edge, &fixed(" loading "), Role::Muted),
        _ => {}
    }
}

/// How old the rows are, where the server has not said them just now.
fn age<R: Record>(list: &List<R>, pen: &Pen<'_>) -> Option<SafeText> {
    let is_old = !list.answered || pen.offline || matches!(list.load, Load::Failed(_));
    let at = list.as_of.filter(|_| is_old)?;
    Some(SafeText::line(&format!(" as of {} ", format::ago(pen.now, at))))
}

/// Draws the rows in view, or what is to be said where there are none.
pub(super) fn rows<R: Record>(
    pen: &mut Pen<'_>,
    area: Rect,
    list: &List<R>,
    active: bool,
    nothing: &Nothing,
    mut draw: impl FnMut(&mut Pen<'_>, Rect, &R, Look),
) {
    if list.rows.is_empty() {
        return state::nothing(pen, padded(area), &list.load, list.answered, &nothing.why, &nothing.next);
    }
    for (number, item) in (0..area.height).zip(list.rows.iter().skip(list.top)) {
        let look = match (list.selected == Some(item.id()), active) {
            (false, _) => Look::Plain,
            (true, true) => Look::Selected,
            (true, false) => Look::Marked,
        };
        let line = row(area, number);
        if look == Look::Selected {
            pen.fill(line, Role::Selected);
        }
        let marker = if look == Look::Plain { "  " } else { pen.glyphs().marker };
        pen.text(line, &fixed(marker), look.role(Role::Active));
        draw(pen, Rect { width: line.width.saturating_sub(3), ..shifted(line, 2) }, item, look);
    }
}

/// Lays columns from the right; the rest is for what comes last.
pub(super) struct Columns<'a, 'b> {
    pen: &'a mut Pen<'b>,
    rest: Rect,
    look: Look,
}

impl<'a, 'b> Columns<'a, 'b> {
    pub(super) fn new(pen: &'a mut Pen<'b>, area: Rect, look: Look) -> Self {
        Self { pen, rest: area, look }
    }

    /// A column of so many cells, its text at the right; none of 0 cells.
    pub(super) fn right(&mut self, cells: u16, text: &SafeText, role: Role) -> &mut Self {
        let place = self.cut(cells);
        self.pen.right(place, text, self.look.role(role));
        self
    }

    /// A column of so many cells, its text at the left after a blank; none of 0 cells.
    pub(super) fn left(&mut self, cells: u16, text: &SafeText, role: Role) -> &mut Self {
        let place = self.cut(cells);
        self.pen.text(shifted(place, 1), text, self.look.role(role));
        self
    }

    /// Pieces in what is left.
    pub(super) fn rest(&mut self, pieces: &[Piece]) {
        let area = Rect { width: self.rest.width.saturating_sub(1), ..self.rest };
        let pieces: Vec<Piece> = pieces.iter().map(|(text, role)| (text.clone(), self.look.role(*role))).collect();
        self.pen.pieces(area, &pieces);
    }

    fn cut(&mut self, cells: u16) -> Rect {
        let cells = cells.min(self.rest.width);
        let place = shifted(self.rest, self.rest.width - cells);
        self.rest.width -= cells;
        place
    }
}
