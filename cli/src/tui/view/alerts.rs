//! The Alerts tab.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::{
    list::{self, Columns, Look, Nothing},
    pen::{Pen, fixed},
};
use crate::tui::{
    format,
    layout::Panes,
    model::{AlertRow, Model},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let nothing =
        Nothing::fixed("Nothing happened yet.", "Bookings, messages and matches of saved searches come here.");
    let row = |pen: &mut Pen<'_>, area: Rect, alert: &AlertRow, look: Look| alert_row(pen, area, alert, look, model);
    list::pane(pen, panes.list, "Alerts", &model.alerts.list, true, &nothing, row);
}

fn alert_row(pen: &mut Pen<'_>, area: Rect, alert: &AlertRow, look: Look, model: &Model) {
    let role = if alert.read { Role::Muted } else { Role::Text };
    let dot = if alert.read { "  " } else { pen.glyphs().unread };
    Columns::new(pen, area, look)
        .right(5, &SafeText::line(&format::age(model.now, alert.created_at)), Role::Muted)
        .rest(&[
            (fixed(dot), Role::Warning),
            (alert.title.clone(), role),
            (fixed("  "), role),
            (alert.body.clone(), Role::Muted),
        ]);
}
