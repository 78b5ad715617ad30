//! Bookings as the cards of a conversation show them, with all that a step of theirs needs.

use campuszon_core::{
    BookingId, ChatId, Timestamp,
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::booking::Booking,
};

use crate::tui::format;

/// A booking, made safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Deal {
    pub id: BookingId,
    pub chat: ChatId,
    pub title: SafeText,
    pub price: SafeText,
    pub role: Side,
    pub status: BookingStatus,
    pub is_my_turn: bool,
    /// Grows with every change; a counter-offer names the one it answers.
    pub version: i64,
    /// The place in the waiting list, while another booking holds the item.
    pub waiting: Option<i64>,
    pub deadline_at: Option<Timestamp>,
    /// What the buyer tells the seller when they meet.
    pub handover_code: Option<SafeText>,
}

impl Deal {
    /// The card of a booking.
    pub fn new(booking: &Booking) -> Self {
        let price = format!("{} {}", format::amount(booking.price, &booking.currency), booking.currency);
        Self {
            id: booking.id,
            chat: booking.chat,
            title: SafeText::line(&booking.item.title),
            price: SafeText::line(&price),
            role: booking.role,
            status: booking.status,
            is_my_turn: booking.turn == Some(booking.role),
            version: booking.version,
            waiting: booking.waiting,
            deadline_at: booking.deadline_at,
            handover_code: booking.handover_code.as_deref().map(SafeText::line),
        }
    }
}
