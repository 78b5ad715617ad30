//! The Selling tab.

use ratatui::layout::Rect;

use super::{
    browse::item_row,
    list::{self, Look, Nothing},
    pen::Pen,
};
use crate::tui::{
    layout::Panes,
    model::{Model, Row},
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let nothing =
        Nothing::fixed("You have listed nothing.", "`campuszon item create` lists the first thing, R looks again.");
    let row = |pen: &mut Pen<'_>, area: Rect, item: &Row, look: Look| item_row(pen, area, item, look, model);
    list::pane(pen, panes.list, "Selling", &model.selling.list, true, &nothing, row);
}
