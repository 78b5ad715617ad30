//! One conversation: its messages as far as they are loaded, and the part of them that is in view.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use campuszon_core::{
    BookingId, ChatId, MessageId, Timestamp, UserId,
    safe::SafeText,
    wire::chat::{Message, MessageKind, SendMessage},
};

use super::{Load, Photo};
use crate::tui::message::Ticket;

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    Me,
    Peer,
    Server,
}

/// A message, made safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub id: MessageId,
    pub seq: i64,
    pub client_id: Option<String>,
    /// Absent for what the server says.
    pub sender: Option<UserId>,
    pub kind: MessageKind,
    pub body: SafeText,
    /// As it was written, to be edited.
    pub raw: String,
    pub photo: Option<Photo>,
    pub booking: Option<BookingId>,
    pub created_at: Timestamp,
    pub edited: bool,
    pub deleted: bool,
    pub lines: Wrapped,
}

/// The lines of a text, at the width it was laid out for last. A frame needs those of the whole conversation to know what
/// is in view, and next to none of them ever change.
#[derive(Debug, Default)]
pub struct Wrapped(Mutex<Option<(u16, Arc<[SafeText]>)>>);

impl Wrapped {
    /// The lines at a width, laid out by `wrap` where that has not been done.
    pub fn at(&self, width: u16, wrap: impl FnOnce() -> Vec<SafeText>) -> Arc<[SafeText]> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((known, lines)) if *known == width => lines.clone(),
            _ => kept.insert((width, wrap().into())).1.clone(),
        }
    }
}

/// What is copied may be changed.
impl Clone for Wrapped {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// It says nothing that the text does not.
impl PartialEq for Wrapped {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Said {
    /// A message as it came.
    pub fn new(message: &Message) -> Self {
        Self {
            id: message.id,
            seq: message.seq,
            client_id: message.client_id.clone(),
            sender: message.sender_id,
            kind: message.kind,
            body: SafeText::block(&message.body),
            raw: message.body.clone(),
            photo: message.image.as_ref().map(Photo::from),
            booking: message.booking,
            created_at: message.created_at,
            edited: message.edited_at.is_some(),
            deleted: message.deleted_at.is_some(),
            lines: Wrapped::default(),
        }
    }
}

/// A message that the server does not have yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    pub chat: ChatId,
    pub message: SendMessage,
    pub body: SafeText,
    /// Why it was not taken; it waits while there is no reason.
    pub trouble: Option<SafeText>,
}

impl Pending {
    /// A message on its way.
    pub fn new(chat: ChatId, message: SendMessage) -> Self {
        let body = message.body.as_deref().map_or(SafeText::fixed("(a picture)"), SafeText::block);
        Self { chat, message, body, trouble: None }
    }
}

/// What can be pointed at in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The message with this number.
    Said(i64),
    /// The message on its way under this id.
    Pending(String),
}

/// One conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// By number.
    messages: BTreeMap<i64, Arc<Said>>,
    pub load: Load,
    /// The loading of what was said before the first message that is here.
    pub older: Load,
    /// Whether the newest messages have come once.
    pub answered: bool,
    /// The line of what is new stands after this message.
    pub divider: Option<i64>,
    /// The entry at the top of the view, and how many of its lines are above it; at the bottom without.
    pub anchor: Option<(Entry, usize)>,
    pub selected: Option<Entry>,
    /// The timer that ends the other's writing.
    pub typing: Option<Ticket>,
}

impl Conversation {
    /// Its messages, the oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Arc<Said>> {
        self.messages.values()
    }

    /// A message by its number.
    pub fn find(&self, seq: i64) -> Option<&Arc<Said>> {
        self.messages.get(&seq)
    }

    /// The number of the newest message that is here.
    pub fn last_seq(&self) -> i64 {
        self.messages.last_key_value().map_or(0, |(seq, _)| *seq)
    }

    /// The number of the oldest message that is here, where there are older ones.
    pub fn older_than(&self) -> Option<i64> {
        self.messages.first_key_value().map(|(seq, _)| *seq).filter(|first| *first > 1)
    }

    /// Takes a message; tells whether it is another than before.
    pub fn put(&mut self, said: Said) -> bool {
        let said = Arc::new(said);
        self.messages.insert(said.seq, said.clone()).is_none_or(|before| before != said)
    }

    /// Takes a message back.
    pub fn delete(&mut self, id: MessageId) {
        if let Some(said) = self.messages.values_mut().find(|said| said.id == id) {
            let said = Arc::make_mut(said);
            said.deleted = true;
            said.body = SafeText::default();
            said.lines = Wrapped::default();
        }
    }

    /// Forgets what is here, since it does not join what the server has now.
    pub fn forget(&mut self) {
        self.messages.clear();
        self.anchor = None;
        self.answered = false;
    }
}
