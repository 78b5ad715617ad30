//! Rating the other side of a deal.

use campuszon_core::{Fault, form::Form as Reader, safe::SafeText, text};
use serde_json::{Map, Value};

use super::{Entry, Form, Kind, Purpose};
use crate::tui::{message::Ticket, model::BookingRow};

/// What one can say, the best first.
const RATINGS: [&str; 5] = ["5 very good", "4 good", "3 fair", "2 poor", "1 bad"];

impl Form {
    /// The form that rates the other side of a booking.
    pub fn of_review(booking: &BookingRow, ticket: Ticket) -> Self {
        let words = RATINGS.map(str::to_owned).to_vec();
        let entries = vec![
            Entry::new("rating", "Stars", Kind::Choice(words), 20).hint("1 to 5; ← and → choose"),
            Entry::new("comment", "Comment", Kind::Block, 1_000)
                .hint("May be empty. They read it once they have written theirs too."),
        ];
        let title = SafeText::line(&format!("Review {} for “{}”", booking.peer, booking.title));
        Self::new(Purpose::Review { booking: booking.id }, title, entries, ticket)
    }
}

/// What is wrong with a review.
pub(super) fn faults(body: Map<String, Value>) -> Vec<Fault> {
    let mut form = Reader::json(body);
    let rating = form.integer("rating", 1..=5);
    let rating = form.require("rating", rating);
    if let Some(comment) = form.text("comment") {
        form.check(text::block("comment", &comment, 1..=1_000));
    }
    form.finish(rating).err().unwrap_or_default()
}
