//! The Chats tab: conversations, the newest activity first.

use campuszon_core::{
    ChatId, ItemId, Timestamp, UserId,
    safe::SafeText,
    wire::chat::{Chat, Chats as Wire},
};

use super::{List, Page, Record};

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
            last: chat.last_message.as_ref().map(|message| SafeText::line(&message.body)).unwrap_or_default(),
            last_seq: chat.last_seq,
            read_seq: chat.read_seq,
            peer_read_seq: chat.peer_read_seq,
            unread: chat.unread,
            muted: chat.muted,
            updated_at: chat.updated_at,
        }
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

/// The Chats tab.
#[derive(Clone, Debug, Default)]
pub struct Chats {
    pub list: List<ChatRow>,
    /// The conversation that is open.
    pub open: Option<ChatId>,
}
