//! The Bookings tab.

use campuszon_core::wire::booking::{Booking, Bookings};

use super::{Effects, list};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::Arrival,
    model::{BookingRow, Model, Tab, booking_page},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.bookings.list, action, page) {
        return;
    }
    if action == Action::Retry {
        load(model, None, effects);
    }
}

/// Asks for a page of the bookings.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Bookings, cursor, effects);
    effects.push(Effect::LoadBookings(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Bookings>, effects: &mut Effects) {
    let taken = list::take(&mut model.bookings.list, arrival, booking_page);
    list::conclude(model, taken, effects);
}

/// A booking is new, or another than before.
pub(super) fn changed(model: &mut Model, booking: &Booking) {
    if model.bookings.list.answered {
        let row = BookingRow::new(booking);
        if !model.bookings.list.change(row.id, |known| *known = row.clone()) {
            model.bookings.list.put_first(row);
        }
    }
}
