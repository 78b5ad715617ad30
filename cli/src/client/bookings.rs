//! Unlocks, bookings and reviews.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    BookingId, Decimal, ItemId, ReviewId, UserId,
    booking::{BookingStatus, Side},
    wire::{
        Empty,
        booking::{
            AnswerReview, Booking, Bookings, Complete, Counter, CreateBooking, CreateReview, Reason, Review, Reviews,
            Unlocked,
        },
    },
};

use super::{Client, ClientError, PageRequest, call::Call};

/// Which bookings; all of one's own when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookingQuery {
    /// What one is in them.
    pub role: Option<Side>,
    /// Any of these states.
    pub status: Vec<BookingStatus>,
}

/// A step that needs no more than its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingAction {
    /// Agrees to the offer on the table.
    Accept,
    /// Gives more time.
    Extend,
}

impl Client {
    /// Unlocks an item: how to reach its seller, and the balance after it.
    pub async fn unlock(&self, item: ItemId, key: Option<&str>) -> Result<Unlocked, ClientError> {
        self.ask(&Call::post(format!("/api/items/{item}/unlock")).json(&Empty {})?.keyed(key)).await
    }

    /// Asks for an item.
    pub async fn request(&self, item: ItemId, wish: &CreateBooking, key: Option<&str>) -> Result<Booking, ClientError> {
        self.ask(&Call::post(format!("/api/items/{item}/bookings")).json(wish)?.keyed(key)).await
    }

    /// A page of one's bookings, newest first.
    pub async fn bookings(&self, query: &BookingQuery, page: PageRequest) -> Result<Bookings, ClientError> {
        let status: Vec<&str> = query.status.iter().map(|status| status.as_str()).collect();
        let status = (!status.is_empty()).then(|| ("status", status.join(",")));
        let role = query.role.map(|role| ("role", role.to_string()));
        self.ask(&Call::get("/api/bookings").query(role.into_iter().chain(status)).query(page.pairs())).await
    }

    /// One booking.
    pub async fn booking(&self, id: BookingId) -> Result<Booking, ClientError> {
        self.ask(&Call::get(path(id))).await
    }

    /// Takes a step.
    pub async fn advance_booking(&self, id: BookingId, action: BookingAction) -> Result<Booking, ClientError> {
        let action = match action {
            BookingAction::Accept => "accept",
            BookingAction::Extend => "extend",
        };
        self.ask(&Call::post(format!("{}/{action}", path(id))).json(&Empty {})?).await
    }

    /// Names another price, in answer to the offer of `version`.
    pub async fn counter(&self, id: BookingId, price: Decimal, version: i64) -> Result<Booking, ClientError> {
        self.ask(&Call::post(format!("{}/counter", path(id))).json(&Counter { price, version })?).await
    }

    /// Refuses a request.
    pub async fn decline(&self, id: BookingId, reason: Option<String>) -> Result<Booking, ClientError> {
        self.ask(&Call::post(format!("{}/decline", path(id))).json(&Reason { reason })?).await
    }

    /// Calls a booking off.
    pub async fn cancel_booking(&self, id: BookingId, reason: Option<String>) -> Result<Booking, ClientError> {
        self.ask(&Call::post(format!("{}/cancel", path(id))).json(&Reason { reason })?).await
    }

    /// Completes a booking with the buyer's code, or says that it was handed over.
    pub async fn complete(&self, id: BookingId, handover_code: Option<String>) -> Result<Booking, ClientError> {
        self.ask(&Call::post(format!("{}/complete", path(id))).json(&Complete { handover_code })?).await
    }

    /// Reviews the other side of a deal.
    pub async fn review(&self, id: BookingId, review: &CreateReview, key: Option<&str>) -> Result<Review, ClientError> {
        self.ask(&Call::post(format!("{}/review", path(id))).json(review)?.keyed(key)).await
    }

    /// Answers a review of oneself.
    pub async fn answer_review(&self, id: ReviewId, answer: String) -> Result<Review, ClientError> {
        self.ask(&Call::post(format!("/api/reviews/{id}/answer")).json(&AnswerReview { answer })?).await
    }

    /// A page of what others wrote of a user, newest first.
    pub async fn reviews(&self, user: UserId, page: PageRequest) -> Result<Reviews, ClientError> {
        self.ask(&Call::get(format!("/api/users/{user}/reviews")).query(page.pairs())).await
    }
}

fn path(id: BookingId) -> String {
    format!("/api/bookings/{id}")
}
