//! What lies over the panes and takes the keys.

use campuszon_core::{
    BookingId, ChatId, ItemId, MessageId, ReviewId, SearchId, SessionId, safe::SafeText, wire::booking::CreateBooking,
};
use tui_input::Input;

use super::{Field, Files, Palette, Panel, Switcher};
use crate::{
    client::ItemAction,
    tui::{
        effect::Step,
        keys::{self, Key, Scope},
        servers::Named,
    },
};

/// Whatever is open.
#[derive(Clone, Debug)]
pub enum Overlay {
    Help(Help),
    Filters(Panel),
    Servers(Switcher),
    Dialog(Dialog),
    Prompt(Prompt),
    Palette(Palette),
    /// What was said lately, scrolled down so far.
    Log {
        top: usize,
    },
    Menu(Menu),
    Files(Files),
}

/// The help while it is open.
#[derive(Clone, Debug)]
pub struct Help {
    /// Where it was opened, which decides which of its rows can be run.
    pub over: Scope,
    pub filter: Input,
    pub selected: usize,
}

impl Help {
    /// The rows of the key table that match the filter: those that can be run from here first.
    pub fn rows(&self) -> Vec<&'static Key> {
        let wanted = self.filter.value().trim().to_lowercase();
        let rank = |key: &Key| self.over.chain().position(|scope| scope == key.scope).unwrap_or(usize::MAX);
        let says = |text: &str| text.to_lowercase().contains(&wanted);
        let matches =
            |key: &Key| says(key.label) || says(key.scope.heading()) || key.chords.iter().any(|chord| says(chord));
        let mut rows: Vec<&'static Key> = keys::all().filter(|key| matches(key)).collect();
        rows.sort_by_key(|key| rank(key));
        rows
    }
}

/// A question to be confirmed. Cancel has the focus at first, and no letter confirms: the key that opened it cannot.
#[derive(Clone, Debug)]
pub struct Dialog {
    pub question: SafeText,
    /// What it means, or what it costs.
    pub detail: SafeText,
    /// What confirming does, as an imperative.
    pub verb: &'static str,
    /// Whether the focus is on the verb.
    pub on_verb: bool,
    pub deed: Deed,
}

impl Dialog {
    /// A question with the focus on Cancel.
    pub fn new(question: SafeText, detail: SafeText, verb: &'static str, deed: Deed) -> Self {
        Self { question, detail, verb, on_verb: false, deed }
    }
}

/// What a confirmed dialog does; each tab says what its own are.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    DeleteItem(ItemId),
    DeleteMessage(ChatId, MessageId),
    /// Ask for an item.
    Book {
        id: ItemId,
        wish: Box<CreateBooking>,
        key: String,
    },
    /// Take a step of a booking.
    Step(BookingId, Step),
    SignOut,
    /// Sign another device out.
    EndSession(SessionId),
    ClearAlerts,
    /// Unlock an item, once under this key.
    Unlock(ItemId, String),
    /// Put a text into the clipboard.
    Copy(String),
    /// Close the form with what is written in it.
    CloseForm,
    /// Take a step in the life of an item.
    StepItem(ItemId, ItemAction),
    DeleteSearch(SearchId),
    /// Turn to a server with a name, or to one that is asked for.
    LeaveServer(Option<Named>),
    /// End the program with all that is under way.
    Quit,
}

/// Something to choose, or why it cannot be.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuChoice {
    pub label: &'static str,
    pub why_not: Option<SafeText>,
    pub deed: Deed,
}

/// What can be done with something.
#[derive(Clone, Debug)]
pub struct Menu {
    pub title: SafeText,
    pub rows: Vec<MenuChoice>,
    pub selected: usize,
}

/// A question to be answered with a line of text.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub title: SafeText,
    pub field: Field,
    /// What an answer may look like, or what comes of it.
    pub hint: SafeText,
    pub purpose: Purpose,
}

/// What an answer is for; each tab says what its own are.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Another price for a booking.
    Counter {
        id: BookingId,
        version: i64,
    },
    /// The code with which something is handed over.
    Code(BookingId),
    /// Why a message is reported.
    Report(ChatId, MessageId),
    /// The file of a picture to send.
    Picture(ChatId),
    Rename,
    Residence,
    Phone,
    Redeem,
    /// Why a booking is declined, or called off.
    End {
        id: BookingId,
        declines: bool,
    },
    /// What somebody says to a review of themselves.
    Answer {
        booking: BookingId,
        review: ReviewId,
    },
    QuietHours,
}
