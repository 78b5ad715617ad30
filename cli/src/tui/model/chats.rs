//! The Chats tab: conversations, the newest activity first.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use campuszon_core::{
    BookingId, ChatId, ItemId, Timestamp, UserId,
    safe::SafeText,
    wire::chat::{Chat, Chats as Wire, Message, MessageKind},
};

use super::{Composer, Conversation, Deal, Entry, List, Page, Pending, Record, Said, Upload};

/// A conversation as the list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRow {
    pub id: ChatId,
    pub item: ItemId,
    pub title: SafeText,
    pub peer_id: UserId,
    pub peer: SafeText,
    pub online: bool,
    pub last_seen: Option<Timestamp>,
    /// The last message in one line.
    pub last: SafeText,
    pub last_seq: i64,
    pub read_seq: i64,
    pub peer_read_seq: i64,
    pub unread: i64,
    pub muted: bool,
    pub updated_at: Timestamp,
}

impl ChatRow {
    /// The row of a conversation.
    pub fn new(chat: &Chat) -> Self {
        Self {
            id: chat.id,
            item: chat.item.id,
            title: SafeText::line(&chat.item.title),
            peer_id: chat.peer.id,
            peer: SafeText::line(&chat.peer.name),
            online: chat.peer.online,
            last_seen: chat.peer.last_seen,
            last: chat.last_message.as_ref().map(summary).unwrap_or_default(),
            last_seq: chat.last_seq,
            read_seq: chat.read_seq,
            peer_read_seq: chat.peer_read_seq,
            unread: chat.unread,
            muted: chat.muted,
            updated_at: chat.updated_at,
        }
    }
}

/// A message in one line.
pub fn summary(message: &Message) -> SafeText {
    match message.kind {
        _ if message.deleted_at.is_some() => SafeText::fixed("(deleted)"),
        MessageKind::Image => SafeText::fixed("(a picture)"),
        _ => SafeText::line(message.body.trim().lines().next().unwrap_or_default()),
    }
}

impl Record for ChatRow {
    type Id = ChatId;

    fn id(&self) -> ChatId {
        self.id
    }
}

/// A page of conversations, made safe.
pub fn chat_page(page: &Wire) -> Page<ChatRow> {
    Page { rows: page.chats.iter().map(ChatRow::new).collect(), next: page.next_cursor.clone(), total: None }
}

/// What has the keys in this tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChatFocus {
    #[default]
    List,
    Messages,
    Composer,
}

/// The Chats tab.
#[derive(Clone, Debug, Default)]
pub struct Chats {
    pub list: List<ChatRow>,
    pub focus: ChatFocus,
    /// The conversation that is open.
    pub open: Option<ChatId>,
    /// Those that were open, as they were left.
    pub talks: HashMap<ChatId, Conversation>,
    pub composer: Composer,
    /// What is written elsewhere and not sent.
    pub drafts: BTreeMap<ChatId, String>,
    /// What the server does not have yet, in the order in which it goes.
    pub pending: Vec<Pending>,
    /// Pictures on their way, each into a conversation.
    pub uploads: Vec<(ChatId, Upload)>,
    /// The bookings of the cards.
    pub deals: HashMap<BookingId, Deal>,
}

impl Chats {
    /// The row of the conversation that is open.
    pub fn open_row(&self) -> Option<&Arc<ChatRow>> {
        self.list.find(self.open?)
    }

    /// The conversation that is open.
    pub fn talk(&self) -> Option<&Conversation> {
        self.talks.get(&self.open?)
    }

    /// The conversation that is open, to be changed.
    pub fn talk_mut(&mut self) -> Option<&mut Conversation> {
        self.talks.get_mut(&self.open?)
    }

    /// What is on its way in a conversation.
    pub fn pending_in(&self, chat: ChatId) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(move |pending| pending.chat == chat)
    }

    /// The pictures on their way into a conversation.
    pub fn uploads_in(&self, chat: ChatId) -> impl Iterator<Item = &Upload> {
        self.uploads.iter().filter(move |(into, _)| *into == chat).map(|(_, upload)| upload)
    }

    /// What can be pointed at in the open conversation, from the top.
    pub fn entries(&self) -> Vec<Entry> {
        let (Some(chat), Some(talk)) = (self.open, self.talk()) else { return Vec::new() };
        let said = talk.messages().map(|said| Entry::Said(said.seq));
        let pending = self.pending_in(chat).map(|pending| Entry::Pending(pending.message.client_id.clone()));
        let uploads = self.uploads_in(chat).map(|upload| Entry::Upload(upload.number));
        said.chain(pending).chain(uploads).collect()
    }

    /// The message that is selected.
    pub fn selected(&self) -> Option<&Arc<Said>> {
        match self.talk()?.selected.as_ref()? {
            Entry::Said(seq) => self.talk()?.find(*seq),
            Entry::Pending(_) | Entry::Upload(_) => None,
        }
    }

    /// The booking that a step would be of: that of the selected card, else the newest one that is open.
    pub fn deal(&self) -> Option<&Deal> {
        let of = |id| self.deals.get(&id);
        if let Some(deal) = self.selected().and_then(|said| said.booking).and_then(of) {
            return Some(deal);
        }
        let chat = self.open?;
        let open = self.deals.values().filter(|deal| deal.chat == chat && deal.status.is_open());
        open.max_by_key(|deal| deal.id)
    }
}
