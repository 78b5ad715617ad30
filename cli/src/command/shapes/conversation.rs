//! Chats, and what one hears of.

use crate::output::Shape;

/// A conversation.
pub const CHAT: Shape = Shape {
    noun: "conversation",
    table: &["id", "item", "peer", "unread", "updated_at"],
    columns: &["id", "item", "peer", "unread", "last_seq", "updated_at"],
    fields: &[
        "id",
        "item",
        "peer",
        "last_message",
        "last_seq",
        "read_seq",
        "peer_read_seq",
        "unread",
        "muted",
        "created_at",
        "updated_at",
    ],
};

/// A message.
pub const MESSAGE: Shape = Shape {
    noun: "message",
    table: &["seq", "created_at", "body"],
    columns: &["id", "chat_id", "seq", "sender_id", "kind", "body", "created_at"],
    fields: &[
        "id",
        "chat_id",
        "seq",
        "client_id",
        "sender_id",
        "kind",
        "body",
        "image",
        "booking",
        "created_at",
        "edited_at",
        "deleted_at",
    ],
};

/// A notification.
pub const NOTIFICATION: Shape = Shape {
    noun: "notification",
    table: &["id", "title", "read", "created_at"],
    columns: &["id", "kind", "title", "item", "chat", "booking", "read", "created_at"],
    fields: &["id", "kind", "title", "body", "item", "chat", "booking", "read", "created_at"],
};

/// What one wants to be told of.
pub const PREFERENCES: Shape = Shape {
    noun: "preference",
    table: &["muted", "digest"],
    columns: &["muted", "digest"],
    fields: &["muted", "digest"],
};

/// A live event: which fields there are depends on its type.
pub const EVENT: Shape = Shape {
    noun: "event",
    table: &["type", "since"],
    columns: &["type", "since"],
    fields: &["type", "since", "message", "image", "booking", "notification", "chat_id", "user_id", "seq"],
};
