//! Unlocks, bookings and reviews.

use super::wire;
use crate::{
    BookingId, ChatId, Day, Decimal, ItemId, ReviewId, Timestamp, UserId,
    booking::{BookingStatus, Side},
    item::{ItemStatus, Listing, RentPeriod},
};

wire! {
    /// How to reach somebody, as far as they filled it in.
    pub struct Contact {
        pub name: String,
        pub residence: Option<String>,
        pub phone: Option<String>,
        pub email: String,
    }

    /// `POST /api/items/{id}/unlock`
    pub struct Unlocked {
        /// The seller's.
        pub contact: Contact,
        /// The new balance.
        pub tokens: i64,
    }

    /// `POST /api/items/{id}/bookings`
    #[derive(Default)]
    pub struct CreateBooking {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub offered_price: Option<Decimal>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub meet_at: Option<Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub meet_place: Option<String>,
        /// The first day of a rental.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub from: Option<Day>,
        /// The last day of a rental.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub to: Option<Day>,
    }

    /// `POST /api/bookings/{id}/counter`
    pub struct Counter {
        pub price: Decimal,
        /// The version that is answered.
        #[cfg_attr(feature = "openapi", schema(minimum = 1))]
        pub version: i64,
    }

    /// `POST /api/bookings/{id}/decline` and `/cancel`
    pub struct Reason {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    /// `POST /api/bookings/{id}/complete`
    pub struct Complete {
        /// The buyer's code; without it, the caller's own confirmation.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub handover_code: Option<String>,
    }

    /// What was booked, as it was then; `status` is the item's today.
    pub struct BookedItem {
        pub id: ItemId,
        pub title: String,
        pub listing: Listing,
        pub rent_period: Option<RentPeriod>,
        pub thumbnail: Option<String>,
        pub status: ItemStatus,
    }

    /// The other one of the two.
    pub struct Party {
        pub id: UserId,
        pub name: String,
        pub rating: Option<f64>,
    }

    /// A booking, as one of the two sees it.
    pub struct Booking {
        pub id: BookingId,
        pub item: BookedItem,
        /// What the caller is in it.
        pub role: Side,
        pub peer: Party,
        pub status: BookingStatus,
        /// Whose answer is awaited while it is pending.
        pub turn: Option<Side>,
        /// Grows with every change; a counter-offer names the one it answers.
        pub version: i64,
        /// How many counter-offers were made.
        pub rounds: i64,
        /// What the item cost when it was booked.
        pub list_price: Decimal,
        /// The offer on the table; frozen once accepted.
        pub price: Decimal,
        pub currency: String,
        pub message: Option<String>,
        pub meet_at: Option<Timestamp>,
        pub meet_place: Option<String>,
        pub from: Option<Day>,
        pub to: Option<Day>,
        /// The place in the waiting list, from 1, while another booking holds the item.
        pub waiting: Option<i64>,
        /// When it ends unless something happens; absent while its clock is stopped.
        pub deadline_at: Option<Timestamp>,
        pub extended: bool,
        /// Who said that it was handed over.
        pub confirmed: Vec<Side>,
        /// Why it was declined or cancelled.
        pub reason: Option<String>,
        /// The code that the buyer tells the seller when they meet; the buyer's only.
        pub handover_code: Option<String>,
        /// The other's contact card: the seller's while unlocked, the buyer's once accepted.
        pub contact: Option<Contact>,
        /// Whether the caller has reviewed it.
        pub reviewed: bool,
        pub chat: ChatId,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        pub accepted_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
    }

    /// `GET /api/bookings`
    pub struct Bookings {
        pub bookings: Vec<Booking>,
        pub next_cursor: Option<String>,
    }

    /// Days of a rental that are taken, both ends included.
    pub struct TakenDays {
        pub from: Day,
        pub to: Day,
    }

    /// `POST /api/bookings/{id}/review`
    pub struct CreateReview {
        /// 1–5.
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 5))]
        pub rating: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub comment: Option<String>,
    }

    /// `POST /api/reviews/{id}/answer`
    pub struct AnswerReview {
        pub answer: String,
    }

    /// Who wrote a review.
    pub struct Author {
        pub id: UserId,
        pub name: String,
    }

    /// What one of the two wrote of the other.
    pub struct Review {
        pub id: ReviewId,
        /// The booking, for its two parties only.
        pub booking: Option<BookingId>,
        pub author: Author,
        /// Whom it is about.
        pub subject: UserId,
        pub rating: i64,
        pub comment: Option<String>,
        pub answer: Option<String>,
        /// Whether others see it.
        pub shown: bool,
        pub created_at: Timestamp,
    }

    /// `GET /api/users/{id}/reviews`
    pub struct Reviews {
        pub reviews: Vec<Review>,
        pub next_cursor: Option<String>,
    }
}
