//! The Bookings tab: what one asked for, and what others ask of one, with what can be done about it now.

use std::collections::HashMap;

use campuszon_core::{
    BookingId, ChatId, Day, ItemId, ReviewId, Timestamp, UserId,
    booking::{Action, BookingStatus, Deal, Refusal, Side},
    safe::SafeText,
    wire::booking::{Booking, Bookings as Wire, Review},
};

use super::{Contact, List, Page, Record};
use crate::tui::{format, message::Ticket};

/// A booking as list and detail show it.
#[derive(Clone, Debug, PartialEq)]
pub struct BookingRow {
    pub id: BookingId,
    pub item: ItemId,
    pub chat: ChatId,
    pub title: SafeText,
    pub peer_id: UserId,
    pub peer: SafeText,
    pub rating: Option<f64>,
    /// As in the list.
    pub price: SafeText,
    /// The offer on the table, with its currency.
    pub full_price: SafeText,
    /// What the item cost when it was asked for, with its currency.
    pub list_price: SafeText,
    pub role: Side,
    /// What the rules look at.
    pub deal: Deal,
    /// Whether the reader's answer is awaited.
    pub is_my_turn: bool,
    pub message: Option<SafeText>,
    pub meet_at: Option<Timestamp>,
    pub meet_place: Option<SafeText>,
    pub days: Option<(Day, Day)>,
    /// The place in the waiting list, while another booking holds the item.
    pub waiting: Option<i64>,
    pub deadline_at: Option<Timestamp>,
    pub reason: Option<SafeText>,
    /// What the buyer tells the seller when they meet.
    pub handover_code: Option<SafeText>,
    pub contact: Option<Contact>,
    pub reviewed: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl BookingRow {
    /// The row of a booking.
    pub fn new(booking: &Booking) -> Self {
        let money =
            |price| SafeText::line(&format!("{} {}", format::amount(price, &booking.currency), booking.currency));
        Self {
            id: booking.id,
            item: booking.item.id,
            chat: booking.chat,
            title: SafeText::line(&booking.item.title),
            peer_id: booking.peer.id,
            peer: SafeText::line(&booking.peer.name),
            rating: booking.peer.rating,
            price: SafeText::line(&format::amount(booking.price, &booking.currency)),
            full_price: money(booking.price),
            list_price: money(booking.list_price),
            role: booking.role,
            deal: deal(booking),
            is_my_turn: booking.turn == Some(booking.role),
            message: booking.message.as_deref().map(SafeText::block),
            meet_at: booking.meet_at,
            meet_place: booking.meet_place.as_deref().map(SafeText::line),
            days: booking.from.zip(booking.to),
            waiting: booking.waiting,
            deadline_at: booking.deadline_at,
            reason: booking.reason.as_deref().map(SafeText::block),
            handover_code: booking.handover_code.as_deref().map(SafeText::line),
            contact: booking.contact.as_ref().map(Contact::new),
            reviewed: booking.reviewed,
            created_at: booking.created_at,
            updated_at: booking.updated_at,
            accepted_at: booking.accepted_at,
            ended_at: booking.ended_at,
        }
    }

    /// Where it stands.
    pub fn status(&self) -> BookingStatus {
        self.deal.status
    }
}

fn deal(booking: &Booking) -> Deal {
    Deal {
        status: booking.status,
        turn: booking.turn.unwrap_or(Side::Seller),
        version: booking.version,
        rounds: booking.rounds,
        extended: booking.extended,
        buyer_confirmed: booking.confirmed.contains(&Side::Buyer),
        seller_confirmed: booking.confirmed.contains(&Side::Seller),
    }
}

impl Record for BookingRow {
    type Id = BookingId;

    fn id(&self) -> BookingId {
        self.id
    }
}

/// What one of the two can do with a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Accept,
    Counter,
    /// Decline a request, or call a booking off: never both are to be had.
    End,
    Extend,
    Complete,
    /// Look at one's own handover code.
    ShowCode,
    Review,
    Answer,
}

impl Act {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Accept,
        Self::Counter,
        Self::Complete,
        Self::ShowCode,
        Self::Extend,
        Self::End,
        Self::Review,
        Self::Answer,
    ];
}

impl BookingRow {
    /// How a booking ends before anything was handed over.
    pub fn ending(&self) -> Action {
        match (self.status(), self.role) {
            (BookingStatus::Pending, Side::Seller) => Action::Decline,
            _ => Action::Cancel,
        }
    }

    /// Whether an act is allowed now: else why not, and what would allow it.
    pub fn allows(&self, act: Act, reviews: Option<&Reviews>) -> Result<(), SafeText> {
        match act {
            Act::Accept => self.allows_accepting(),
            Act::Counter => self.follows(Action::Counter { version: self.deal.version }),
            Act::End => self.follows(self.ending()),
            Act::Extend => self.follows(Action::Extend),
            Act::Complete if self.role == Side::Seller => self.follows(Action::HandOver),
            Act::Complete => self.follows(Action::Confirm),
            Act::ShowCode => self.has_code(),
            Act::Review => self.allows_review(),
            Act::Answer => self.allows_answer(reviews),
        }
    }

    fn allows_accepting(&self) -> Result<(), SafeText> {
        self.follows(Action::Accept)?;
        match self.waiting {
            None => Ok(()),
            Some(place) => Err(SafeText::line(&format!(
                "The item is reserved for someone else, this one is number {place} in line: it can be accepted when that \
                 booking ends"
            ))),
        }
    }

    fn follows(&self, action: Action) -> Result<(), SafeText> {
        self.deal.after(action, self.role).map(|_| ()).map_err(|refusal| self.explained(action, refusal))
    }

    /// Why the rules refuse something, and what would allow it.
    fn explained(&self, action: Action, refusal: Refusal) -> SafeText {
        let peer = &self.peer;
        let text = match refusal {
            Refusal::Turn(_) => format!("It is {peer}'s turn: you can answer once they name another price"),
            Refusal::State { status: BookingStatus::Pending, .. } => {
                "The booking is pending: that can be done once it is accepted".to_owned()
            }
            Refusal::State { status: BookingStatus::Accepted, .. } => {
                "The booking is accepted, and its price with it: x calls it off, v hands it over".to_owned()
            }
            Refusal::State { status, .. } => {
                format!("The booking is {status}: the item can be asked for anew, i shows it")
            }
            Refusal::Side { side, .. } => {
                let verb = if action == Action::Extend { "allow more time" } else { action.verb() };
                format!("Only the {side} may {verb}: c asks {peer} to")
            }
            Refusal::Rounds => "There were six counter-offers already: accept, or x ends it".to_owned(),
            other => format!("{other}"),
        };
        SafeText::line(&text)
    }

    fn has_code(&self) -> Result<(), SafeText> {
        match (&self.handover_code, self.role, self.status()) {
            (Some(_), ..) => Ok(()),
            (None, Side::Seller, _) => {
                Err(SafeText::fixed("The buyer has the code: v takes it from you when you meet"))
            }
            (None, Side::Buyer, BookingStatus::Pending) => {
                Err(SafeText::fixed("There is no code yet: it comes when the booking is accepted"))
            }
            (None, Side::Buyer, status) => {
                Err(SafeText::line(&format!("The booking is {status}: its code is of no use any more")))
            }
        }
    }

    fn allows_review(&self) -> Result<(), SafeText> {
        match self.status() {
            BookingStatus::Completed if self.reviewed => Err(SafeText::fixed("You have reviewed it already")),
            BookingStatus::Completed => Ok(()),
            status if status.is_open() => {
                Err(SafeText::line(&format!("The booking is {status}: it can be reviewed once it is handed over")))
            }
            status => Err(SafeText::line(&format!("The booking is {status}: only what was handed over is reviewed"))),
        }
    }

    fn allows_answer(&self, reviews: Option<&Reviews>) -> Result<(), SafeText> {
        let theirs = reviews.and_then(|reviews| reviews.theirs.as_ref());
        match theirs {
            Some(review) if review.answer.is_some() => Err(SafeText::fixed("You have answered it already")),
            Some(_) => Ok(()),
            None if self.status() != BookingStatus::Completed => self.allows_review(),
            None if self.reviewed => {
                Err(SafeText::line(&format!("There is nothing to answer until {} has reviewed it too", self.peer)))
            }
            None => Err(SafeText::fixed("You see what they wrote once you have reviewed it too: w does that")),
        }
    }
}

/// What one of the two wrote of the other.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewCard {
    pub id: ReviewId,
    pub rating: i64,
    pub comment: Option<SafeText>,
    pub answer: Option<SafeText>,
    pub shown: bool,
}

impl ReviewCard {
    /// The card of a review.
    pub fn new(review: &Review) -> Self {
        Self {
            id: review.id,
            rating: review.rating,
            comment: review.comment.as_deref().map(SafeText::block),
            answer: review.answer.as_deref().map(SafeText::block),
            shown: review.shown,
        }
    }
}

/// What the two wrote of each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reviews {
    pub mine: Option<ReviewCard>,
    pub theirs: Option<ReviewCard>,
}

/// A page of bookings, made safe.
pub fn booking_page(page: &Wire) -> Page<BookingRow> {
    Page { rows: page.bookings.iter().map(BookingRow::new).collect(), next: page.next_cursor.clone(), total: None }
}

/// A timer for the next moment at which a countdown reads otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    pub ticket: Ticket,
    pub due: Timestamp,
}

/// The Bookings tab.
#[derive(Clone, Debug, Default)]
pub struct Bookings {
    pub list: List<BookingRow>,
    /// Whether the selected booking has the keys.
    pub reading: bool,
    /// How many lines of it are scrolled away.
    pub scroll: usize,
    /// What was written of bookings, as far as it was asked for; `None` while it is on its way.
    pub reviews: HashMap<BookingId, Option<Reviews>>,
    pub countdown: Option<Countdown>,
    /// The booking of which a step is on its way.
    pub acting: Option<BookingId>,
}

impl Bookings {
    /// What was written of a booking, once it is here.
    pub fn reviews_of(&self, id: BookingId) -> Option<&Reviews> {
        self.reviews.get(&id)?.as_ref()
    }
}
