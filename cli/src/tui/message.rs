//! What reaches `update`: keys, sizes, timers that fell due, and the results of effects.

use std::{sync::Arc, time::Duration};

use campuszon_core::{
    ItemId,
    safe::SafeText,
    wire::{
        account::Profile,
        booking::{Booking, Bookings},
        chat::Chats,
        item::{Item, Items},
        live::ServerFrame,
        notification::Notifications,
    },
};
use crossterm::event::KeyEvent;
use ratatui::layout::Size;

use super::model::{PhotoKey, Pixels, Tab};

/// The number of one piece of work; a result is taken only by whoever still waits for its number.
pub type Ticket = u64;

/// A question for a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub ticket: Ticket,
    /// Where the page begins; the first one without.
    pub cursor: Option<String>,
}

/// A page of a list that came, the first or a further one, or did not.
#[derive(Clone, Debug)]
pub struct Arrival<P> {
    pub ticket: Ticket,
    pub first: bool,
    pub result: Result<P, Failure>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Message {
    Key(KeyEvent),
    Paste(String),
    Resize(Size),
    /// The terminal came into view, or left it.
    Attended(bool),
    /// The live connection says something.
    Live(News),
    /// A timer fell due.
    Due(Timer),
    /// A page of Browse.
    Items(Arrival<Items>),
    /// A page of the conversations.
    Chats(Arrival<Chats>),
    /// A page of the bookings.
    Bookings(Arrival<Bookings>),
    /// A page of one's own items.
    Selling(Arrival<Items>),
    /// A page of the notifications.
    Alerts(Arrival<Notifications>),
    /// A whole item came, or did not.
    Item {
        ticket: Ticket,
        id: ItemId,
        result: Result<Box<Item>, Failure>,
    },
    /// A photo is decoded and scaled; `None` when it cannot be had.
    Photo {
        key: PhotoKey,
        pixels: Option<Arc<Pixels>>,
    },
    /// A favourite was set to `on`, or not.
    Favorite {
        id: ItemId,
        on: bool,
        result: Result<(), Failure>,
    },
    /// An item was asked for, or not.
    Booked(Result<Box<Booking>, Failure>),
    /// One's own item was deleted, or not.
    Deleted {
        id: ItemId,
        result: Result<(), Failure>,
    },
    /// Who is signed in.
    Profile(Result<Box<Profile>, Failure>),
    /// The categories on offer.
    Categories(Vec<String>),
}

/// What the live connection says.
#[derive(Clone, Debug)]
pub enum News {
    /// It stands. What was missed since the last time follows by itself.
    Up,
    /// A frame, in order and once.
    Frame(Box<ServerFrame>),
    /// Too much was missed: fetch what is on show.
    Missed,
    /// It broke and is built again by itself.
    Down { reason: SafeText, retry_in: Duration },
    /// It is over for good.
    Ended(Failure),
}

/// Why a timer was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The last key in the search box is long enough ago to ask the server.
    Search(Ticket),
    /// The selection has rested long enough to load what it points at.
    Rest(Ticket),
    /// A tab takes so long that it says so.
    SlowTab(Tab, Ticket),
    /// The item takes so long that it says so.
    SlowItem(Ticket),
    /// A notice was shown long enough.
    Notice(Ticket),
    /// Another second until the next attempt to connect is over.
    Tick(Ticket),
    /// A toast was shown long enough.
    Toast(Ticket),
}

/// Why the server gave no answer to use.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// What happened, for people.
    pub sentence: SafeText,
}

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Sign in.
    SignedOut,
    /// Wait for the network.
    Offline,
    /// Look for something else: it is not there any more.
    Gone,
    /// Nothing: it is not allowed.
    Refused,
    /// Try again.
    Broken,
}
