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
    list::pane(pen, panes.list, "Bookings", &model.bookings.list, !model.bookings.reading, &nothing, row);
}

fn booking_row(pen: &mut Pen<'_>, area: Rect, booking: &BookingRow, look: Look, model: &Model) {
    let side = match booking.role {
        Side::Buyer => "from ",
        Side::Seller => "to ",
    };
    let status = if booking.is_my_turn { fixed("your turn") } else { fixed(booking.status().as_str()) };
    let role = if booking.is_my_turn { Role::Warning } else { Role::Muted };
    let has_time = area.width >= 40;
    let has_price = area.width >= 56;
    let (time, time_role) = time(booking, model);
    Columns::new(pen, area, look)
        .right(if has_time { 9 } else { 0 }, &time, time_role)
        .left(11, &status, role)
        .right(if has_price { 9 } else { 0 }, &booking.price, Role::Price)
        .rest(&[
            (booking.title.clone(), Role::Text),
            (fixed("  "), Role::Text),
            (SafeText::line(&format!("{side}{}", booking.peer)), Role::Muted),
        ]);
}

/// How long there is, while there is something to do; else how long ago something happened.
fn time(booking: &BookingRow, model: &Model) -> (SafeText, Role) {
    match booking.deadline_at.filter(|_| booking.status().is_open()) {
        Some(end) => (SafeText::line(&format!("{} left", format::left(model.now, end))), Role::Text),
        None => (SafeText::line(&format::age(model.now, booking.updated_at)), Role::Muted),
    }
}
