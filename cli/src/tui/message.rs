//! What reaches `update`: keys, sizes, timers that fell due, and the results of effects.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use campuszon_core::{
    BookingId, ChatId, ImageId, ItemId, MessageId,
    safe::SafeText,
    wire::{
        account::Profile,
        booking::{Booking, Bookings, Review, Unlocked},
        chat::{Chat, Chats, Message as Spoken, SendMessage},
        item::{Item, Items},
        live::ServerFrame,
        meta::Meta,
        notification::Notifications,
    },
};
use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use super::{
    effect::Outcome,
    model::{Drawing, FileEntry, ListingDraft, PhotoKey, Section, Tab},
};
pub use crate::{
    first_pages::{FirstPage, Remembered},
    pictures::Step as UploadStep,
};

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
    Mouse(MouseEvent),
    Resize(Size),
    /// The terminal came into view, or left it.
    Attended(bool),
    /// The live connection says something.
    Live(News),
    /// A timer fell due.
    Due(Timer),
    /// What the lists showed in an earlier run.
    Remembered(Vec<Remembered>),
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
    /// A photo is ready to be drawn; `None` when it cannot be had.
    Photo {
        key: PhotoKey,
        drawing: Option<Arc<Drawing>>,
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
    /// The conversation on an item is there, or cannot be.
    Started(Result<Box<Chat>, Failure>),
    /// A conversation that is not in the list came, or did not.
    Chat {
        id: ChatId,
        result: Result<Box<Chat>, Failure>,
    },
    /// Messages of a conversation came, or did not.
    Messages {
        chat: ChatId,
        range: Range,
        ticket: Ticket,
        result: Result<Vec<Spoken>, Failure>,
    },
    /// What waits on disk since an earlier run, and what was being written then.
    Kept {
        waiting: Vec<(ChatId, SendMessage)>,
        drafts: BTreeMap<ChatId, String>,
    },
    /// What became of messages that waited.
    Delivered(Delivered),
    /// A message was edited, or not.
    Edited(Result<Box<Spoken>, Failure>),
    /// A message was taken back, or not.
    Unsaid {
        chat: ChatId,
        id: MessageId,
        result: Result<(), Failure>,
    },
    /// A conversation was muted, or not.
    Muted {
        chat: ChatId,
        on: bool,
        result: Result<(), Failure>,
    },
    /// A message was reported, or not.
    Reported(Result<(), Failure>),
    /// A booking as it is now, or why a step of it was not taken.
    Deal(Result<Box<Booking>, Failure>),
    /// What was written in an editor, or why nothing was.
    Written(Result<String, SafeText>),
    /// Who is signed in.
    Profile(Result<Box<Profile>, Failure>),
    /// The categories on offer.
    Categories(Vec<String>),
    /// What came of something about the account, the server or the settings.
    Account(Outcome),
    /// What the server demands.
    Rules(Box<Meta>),
    /// An item was unlocked, or not.
    Unlocked {
        id: ItemId,
        result: Result<Box<Unlocked>, Failure>,
    },
    /// The other side of a deal was reviewed, or not; the number is that of the form.
    Reviewed {
        form: Ticket,
        result: Result<Box<Review>, Failure>,
    },
    /// A review was answered, or not.
    Answered(Result<Box<Review>, Failure>),
    /// What the two of a booking wrote of each other, as far as it is there.
    Reviews {
        booking: BookingId,
        mine: Option<Box<Review>>,
        theirs: Option<Box<Review>>,
    },
    /// The items that somebody asks the reader for, once for each request.
    Requests(Vec<ItemId>),
    /// An item is as it is now after a step in its life, or the step was not taken.
    Stepped(Result<Box<Item>, Failure>),
    /// An item and its version came to be changed, or did not.
    Editable(Result<(Box<Item>, Option<String>), Failure>),
    /// A listing was sent, or not; the number is that of the form.
    Listed {
        form: Ticket,
        result: Result<Box<Item>, Failure>,
    },
    /// What was kept of a new listing.
    ListingKept(Box<ListingDraft>),
    /// What there is in a directory, or why that is not known.
    Files {
        ticket: Ticket,
        result: Result<Vec<FileEntry>, SafeText>,
    },
    /// A picture is further on its way.
    UploadStep {
        number: Ticket,
        step: UploadStep,
    },
    /// A picture is there, or why it is not.
    Uploaded {
        number: Ticket,
        result: Result<ImageId, SafeText>,
    },
}

/// Which messages of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    Newest,
    Before(i64),
    /// All with a larger number.
    After(i64),
}

/// What became of messages that waited.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    pub sent: Vec<Spoken>,
    /// By conversation and `client_id`, with the reason.
    pub refused: Vec<(ChatId, String, SafeText)>,
    /// Why the others still wait.
    pub stopped: Option<Failure>,
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
    /// The conversation takes so long that it says so.
    SlowTalk(Ticket),
    /// The other did not say again that they write.
    Typing(ChatId, Ticket),
    /// What is being written has rested long enough to be kept.
    Drafts(Ticket),
    /// What waits is to be tried again.
    Deliver,
    /// Another second until the next attempt to connect is over.
    Tick(Ticket),
    /// A toast was shown long enough.
    Toast(Ticket),
    /// Another second until another code can be mailed is over.
    Resend(Ticket),
    /// A list of the Me tab takes so long that it says so.
    SlowSection(Section, Ticket),
    /// A countdown reads otherwise now.
    Countdown(Ticket),
    /// What is written in a form has rested long enough to be kept.
    Form(Ticket),
}

/// Why the server gave no answer to use.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// What happened, for people.
    pub sentence: SafeText,
}

impl Failure {
    /// Something that may go better another time.
    pub fn broken(sentence: &str) -> Self {
        Self { kind: FailureKind::Broken, sentence: SafeText::line(sentence) }
    }
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
