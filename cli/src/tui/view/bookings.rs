//! The Bookings tab.

use campuszon_core::{booking::Side, safe::SafeText};
use ratatui::layout::Rect;

use super::{
    list::{self, Columns, Look, Nothing},
    pen::{Pen, fixed},
};
use crate::tui::{
    format,
    layout::Panes,
    model::{BookingRow, Model},
    theme::Role,
};

pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) {
    let nothing = Nothing::fixed("You have no bookings.", "1 looks for something; b there asks for it.");
    let row = |pen: &mut Pen<'_>, area: Rect, booking: &BookingRow, look: Look| {
        booking_row(pen, area, booking, look, model);
    };
    list::pane(pen, panes.list, "Bookings", &model.bookings.list, true, &nothing, row);
}

fn booking_row(pen: &mut Pen<'_>, area: Rect, booking: &BookingRow, look: Look, model: &Model) {
    let side = match booking.role {
        Side::Buyer => "from ",
        Side::Seller => "to ",
    };
    let status = if booking.is_my_turn { fixed("your turn") } else { fixed(booking.status.as_str()) };
    let role = if booking.is_my_turn { Role::Warning } else { Role::Muted };
    let wide = area.width >= 50;
    Columns::new(pen, area, look)
        .right(if wide { 5 } else { 0 }, &SafeText::line(&format::age(model.now, booking.updated_at)), Role::Muted)
        .left(11, &status, role)
        .right(if wide { 9 } else { 0 }, &booking.price, Role::Price)
        .rest(&[
            (booking.title.clone(), Role::Text),
            (fixed("  "), Role::Text),
            (SafeText::line(&format!("{side}{}", booking.peer)), Role::Muted),
        ]);
}
