//! The Bookings tab: what one asked for, and what others ask of one.

use campuszon_core::{
    BookingId, Timestamp,
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::booking::{Booking, Bookings as Wire},
};

use super::{List, Page, Record};

/// A booking as the list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct BookingRow {
    pub id: BookingId,
    pub title: SafeText,
    pub peer: SafeText,
    pub price: SafeText,
    pub role: Side,
    pub status: BookingStatus,
    /// Whether the reader's answer is awaited.
    pub is_my_turn: bool,
    pub updated_at: Timestamp,
}

impl BookingRow {
    /// The row of a booking.
    pub fn new(booking: &Booking) -> Self {
        Self {
            id: booking.id,
            title: SafeText::line(&booking.item.title),
            peer: SafeText::line(&booking.peer.name),
            price: SafeText::line(&crate::tui::format::amount(booking.price, &booking.currency)),
            role: booking.role,
            status: booking.status,
            is_my_turn: booking.turn == Some(booking.role),
            updated_at: booking.updated_at,
        }
    }
}

impl Record for BookingRow {
    type Id = BookingId;

    fn id(&self) -> BookingId {
        self.id
    }
}

/// A page of bookings, made safe.
pub fn booking_page(page: &Wire) -> Page<BookingRow> {
    Page { rows: page.bookings.iter().map(BookingRow::new).collect(), next: page.next_cursor.clone(), total: None }
}

/// The Bookings tab.
#[derive(Clone, Debug, Default)]
pub struct Bookings {
    pub list: List<BookingRow>,
}
