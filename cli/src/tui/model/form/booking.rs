//! Asking for an item: a word to the seller, an offer, when and where to meet, and the days of a rental.

use campuszon_core::{Fault, Timestamp, booking::NewBooking, form::Form as Reader, item::Listing, safe::SafeText};
use serde_json::{Map, Value};

use super::{Entry, Form, Kind, Purpose};
use crate::tui::{
    message::Ticket,
    model::{Row, Rules},
};

impl Form {
    /// The form that asks for an item.
    pub fn of_booking(item: &Row, cost: &str, rules: Option<&Rules>, ticket: Ticket) -> Self {
        let title = SafeText::line(&format!("Book “{}”", item.title));
        let zone = rules.map_or_else(String::new, |rules| format!(", {} time", rules.timezone));
        let meet_at = Entry::new("meet_at", "Meet at", Kind::Line, 30);
        let mut entries = vec![
            Entry::new("message", "Message", Kind::Block, 1_000).hint(&format!("For the seller to read. {cost}")),
            meet_at.hint(&format!("When to meet, such as 2027-01-31 14:30{zone}; may be empty")),
            Entry::new("meet_place", "Place", Kind::Line, 120).hint("Where to meet; may be empty"),
        ];
        if item.listing != Listing::Free {
            let offer = Entry::new("offered_price", "Offer", Kind::Line, 20);
            entries.insert(1, offer.hint(&format!("Empty asks for it at {}", item.full_price)));
        }
        if item.listing == Listing::Rent {
            let first = Entry::new("from", "From", Kind::Line, 10);
            let last = Entry::new("to", "To", Kind::Line, 10);
            entries.insert(0, first.hint("The first day, such as 2027-01-31"));
            entries.insert(1, last.hint("The last day, such as 2027-02-05"));
        }
        Self::new(Purpose::Booking { item: item.id, listing: item.listing }, title, entries, ticket)
    }
}

/// What is wrong with a request.
pub(super) fn faults(body: Map<String, Value>, rules: &Rules, listing: Listing, now: Timestamp) -> Vec<Fault> {
    let faults = match NewBooking::read(Reader::json(body), &rules.of_wishes(now)) {
        Ok(wish) => wish.check(listing).err().into_iter().collect(),
        Err(faults) => faults,
    };
    faults.into_iter().map(in_words_of_the_form).collect()
}

/// The form takes times as clocks show them.
fn in_words_of_the_form(fault: Fault) -> Fault {
    if fault.field == "meet_at" && fault.code == "invalid" {
        return Fault { message: "no time: write it like 2027-01-31 14:30".to_owned(), ..fault };
    }
    fault
}
