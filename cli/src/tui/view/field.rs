//! A line of text with a cursor in it.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect};
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;

use super::pen::{Pen, shifted, width};
use crate::tui::theme::Role;

/// Draws what is written, scrolled so that the cursor is in view; tells where the cursor is.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, input: &Input, secret: bool) -> Position {
    let room = Rect { width: area.width.saturating_sub(1), ..area };
    let shown = |part: String| if secret { "*".repeat(part.chars().count()) } else { part };
    let before = shown(input.value().chars().take(input.cursor()).collect());
    let after = shown(input.value().chars().skip(input.cursor()).collect());
    let before = tail(&before, room.width);
    pen.text(area, &SafeText::line(&format!("{before}{after} ")), Role::Title);
    Position::new(shifted(room, width(&before)).x, room.y)
}

/// The end of a text, as much as fits so many cells.
fn tail(text: &str, cells: u16) -> SafeText {
    let mut start = 0;
    loop {
        let safe = SafeText::line(text.get(start..).unwrap_or_default());
        let next = safe.as_str().graphemes(true).next().map(str::len);
        match next {
            Some(length) if width(&safe) > cells => start += length,
            _ => return safe,
        }
    }
}
