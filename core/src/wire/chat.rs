//! Conversations and messages.

use super::{image::Image, wire};
use crate::{ChatId, Decimal, ImageId, ItemId, MessageId, Timestamp, UserId, id::BookingId, item::ItemStatus};

crate::words! {
    /// What a message is.
    MessageKind {
        /// Written by a member.
        Text = "text",
        /// A picture by a member.
        Image = "image",
        /// Said by the server.
        System = "system",
        /// A card for a booking.
        Booking = "booking",
    }
}

wire! {
    /// `POST /api/chats`
    pub struct StartChat {
        pub item_id: ItemId,
    }

    /// `POST /api/chats/{id}/messages`: a `body` or an `image`.
    pub struct SendMessage {
        /// 1–64 of `[A-Za-z0-9_-]`, unique per chat and sender.
        #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
        pub client_id: String,
        /// 1–4,000 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub body: Option<String>,
        /// An upload of the sender's that is in no item and no other message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub image: Option<ImageId>,
    }

    /// `PATCH /api/chats/{id}/messages/{msg}`
    pub struct EditMessage {
        /// 1–4,000 characters.
        pub body: String,
    }

    /// `PATCH /api/chats/{id}`
    pub struct EditChat {
        /// Whether nothing is told of new messages.
        pub muted: bool,
    }

    /// `POST /api/chats/{id}/read`
    pub struct MarkRead {
        #[cfg_attr(feature = "openapi", schema(minimum = 0))]
        pub seq: i64,
    }

    /// A message.
    pub struct Message {
        pub id: MessageId,
        pub chat_id: ChatId,
        /// 1, 2, 3 … within its chat, without gaps.
        pub seq: i64,
        pub client_id: Option<String>,
        /// Absent for what the server says.
        pub sender_id: Option<UserId>,
        pub kind: MessageKind,
        pub body: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub image: Option<Image>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub booking: Option<BookingId>,
        pub created_at: Timestamp,
        pub edited_at: Option<Timestamp>,
        pub deleted_at: Option<Timestamp>,
    }

    /// What a conversation is about.
    pub struct ChatItem {
        pub id: ItemId,
        pub title: String,
        pub price: Decimal,
        pub currency: String,
        pub status: ItemStatus,
        pub thumbnail: Option<String>,
    }

    /// The other member.
    pub struct Peer {
        pub id: UserId,
        pub name: String,
        pub online: bool,
        pub last_seen: Option<Timestamp>,
    }

    /// A conversation, as its reader sees it.
    pub struct Chat {
        pub id: ChatId,
        pub item: ChatItem,
        pub peer: Peer,
        pub last_message: Option<Message>,
        pub last_seq: i64,
        pub read_seq: i64,
        pub peer_read_seq: i64,
        pub unread: i64,
        pub muted: bool,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// `GET /api/chats`
    pub struct Chats {
        pub chats: Vec<Chat>,
        pub next_cursor: Option<String>,
    }

    /// `GET /api/chats/{id}/messages`, oldest first.
    pub struct Messages {
        pub messages: Vec<Message>,
        pub next_cursor: Option<String>,
    }
}

impl SendMessage {
    /// A text.
    pub fn text(client_id: String, body: String) -> Self {
        Self { client_id, body: Some(body), image: None }
    }
}
