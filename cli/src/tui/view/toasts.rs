//! Toasts, in the upper right corner: the first on the frame, none over what is being written at the bottom.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::pen::{Pen, width};
use crate::tui::{layout::Panes, model::Toasts, theme::Role};

/// The most cells that one takes.
const WIDEST: u16 = 46;

pub(super) fn draw(pen: &mut Pen<'_>, panes: &Panes, toasts: &Toasts) {
    for (number, toast) in (0_u16..).zip(toasts.iter()) {
        let text = SafeText::line(&format!(" {} ", toast.text));
        let cells = width(&text).min(WIDEST).min(panes.header.width.saturating_sub(4));
        let area = Rect {
            x: panes.header.right().saturating_sub(cells + 1),
            y: panes.list.y.saturating_add(number),
            width: cells,
            height: 1,
        };
        pen.clear(area);
        pen.fill(area, Role::Selected);
        pen.text(area, &text, Role::Selected);
    }
}
