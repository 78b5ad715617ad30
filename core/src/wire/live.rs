//! Frames of the live connection, subprotocol `campuszon.v1`: JSON objects told apart by `type`.

use serde::{Deserialize, Serialize};

use super::{booking::Booking, chat::Message, image::Image, item::ItemSummary, notification::Notification};
use crate::{ChatId, ImageId, SessionId, Timestamp, UserId};

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "campuszon.v1";

/// The largest frame a client may send, in bytes: a body of 4,000 emoji, escaped, is 48 KB.
pub const MAX_CLIENT_FRAME: usize = 64 * 1024;

/// Why the server closes a connection, beyond the codes of RFC 6455. A client reconnects after `1001`, `1012`,
/// `EXPIRED`, `TOO_SLOW`, `NO_PONG` and `TOO_MANY_FRAMES`, and stops after the others.
pub mod close {
    /// The server goes away.
    pub const GOING_AWAY: u16 = 1001;
    /// A foreign `Origin`.
    pub const POLICY: u16 = 1008;
    /// A frame over the limit.
    pub const TOO_BIG: u16 = 1009;
    /// The server restarts.
    pub const RESTART: u16 = 1012;
    /// Five bad frames in a row.
    pub const BAD_FRAMES: u16 = 4400;
    /// The token is bad or has ended: refresh it.
    pub const EXPIRED: u16 = 4401;
    /// The account is suspended.
    pub const SUSPENDED: u16 = 4403;
    /// No subprotocol that the server speaks.
    pub const WRONG_VERSION: u16 = 4406;
    /// The client reads too slowly.
    pub const TOO_SLOW: u16 = 4408;
    /// Too many connections of one user.
    pub const TOO_MANY_SOCKETS: u16 = 4409;
    /// A heartbeat was not answered.
    pub const NO_PONG: u16 = 4410;
    /// Too many frames.
    pub const TOO_MANY_FRAMES: u16 = 4429;
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The connection stands.
    Ready {
        user_id: UserId,
        session_id: Option<SessionId>,
        /// Changes when a backup is restored: numbers of another epoch mean nothing.
        epoch: String,
        /// The newest number in the reader's inbox.
        since: i64,
        server_time: Timestamp,
        heartbeat_ms: u64,
        limits: LiveLimits,
    },
    /// A new message in one of the reader's chats.
    Message { message: Message, since: i64 },
    /// A message was edited or deleted, or its picture is ready or failed.
    MessageUpdated { message: Message, since: i64 },
    /// A member read up to `seq`.
    Receipt { chat_id: ChatId, user_id: UserId, seq: i64, since: i64 },
    /// A member of one of the reader's chats writes, or stops. Never stored; it holds for six seconds.
    Typing { chat_id: ChatId, user_id: UserId, on: bool },
    /// Somebody whom the reader has a chat with came or went.
    Presence { user_id: UserId, online: bool, last_seen: Option<Timestamp> },
    /// The token ends in `in_ms`: send `auth` with another one, or be closed with 4401.
    AuthExpiring { in_ms: u64 },
    /// The client reads too slowly and is closed with 4408: come back and `resume`.
    Lagging {},
    /// A picture of the reader is ready or failed.
    Image { image: Image, since: i64 },
    /// A new entry of the reader's feed.
    Notification { notification: Notification, since: i64 },
    /// A booking of the reader changed.
    Booking { booking: Box<Booking>, since: i64 },
    /// A new item that a `watch` of this connection asks for. Not in the inbox: it has no number.
    Item { item: Box<ItemSummary> },
    /// The answer to `send`.
    Sent {
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<serde_json::Value>,
        message: Message,
    },
    /// The answer to what needs no other.
    Ok {
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<serde_json::Value>,
    },
    /// A refused client frame.
    Error {
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<serde_json::Value>,
        code: String,
        detail: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// The missed frames are through.
    Resumed {
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<serde_json::Value>,
        since: i64,
    },
    /// The gap is too long, or of another epoch: fetch over HTTP.
    Reset { scope: String },
    /// A heartbeat with the newest number in the reader's inbox; answer with `pong`.
    Ping { since: i64 },
    /// The answer to a client's `ping`.
    Pong {
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<serde_json::Value>,
    },
    /// The server is about to close; come back after `retry_ms`.
    Drain { retry_ms: u64 },
    /// Something this client does not know.
    #[serde(other)]
    Unknown,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Authenticates a connection, as its first frame, or renews its token.
    Auth { token: String },
    /// Sends a message: a `body` or an `image`.
    Send {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        chat_id: ChatId,
        client_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        image: Option<ImageId>,
    },
    /// Moves the reader's position forward.
    Read { chat_id: ChatId, seq: i64 },
    /// Says that one writes, or stops.
    Typing { chat_id: ChatId, on: bool },
    /// Asks for what was missed.
    Resume { since: i64, epoch: String },
    /// Asks for new items, as `GET /api/items` does: the query string. An empty one ends it.
    Watch {
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        query: String,
    },
    /// Asks for a `pong`.
    Ping {},
    /// Answers a heartbeat.
    Pong {},
}

super::wire! {
    /// What a connection may do.
    pub struct LiveLimits {
        /// The largest frame in bytes.
        pub max_frame: u64,
        /// The longest message body in characters.
        pub max_body: u64,
    }
}
