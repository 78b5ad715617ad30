//! The Bookings tab.

use campuszon_core::wire::booking::Bookings;

use super::{Effects, list};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::Arrival,
    model::{Model, Tab, booking_page},
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
