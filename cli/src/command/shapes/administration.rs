//! Moderation, and the server as its administrators see it.

use crate::output::Shape;

/// A report, as a moderator sees it.
pub const MODERATED_REPORT: Shape = Shape {
    noun: "report",
    table: &["id", "target_kind", "excerpt", "reason", "subject", "created_at"],
    columns: &["id", "target_kind", "target_id", "excerpt", "reason", "reporter", "subject", "status", "created_at"],
    fields: &[
        "id",
        "target_kind",
        "target_id",
        "reason",
        "detail",
        "status",
        "created_at",
        "reporter",
        "subject",
        "excerpt",
        "chat",
        "note",
        "decided_at",
    ],
};

/// A user, as a moderator sees them.
pub const MODERATED_USER: Shape = Shape {
    noun: "user",
    table: &["id", "name", "email", "role", "status", "open_reports"],
    columns: &["id", "name", "email", "role", "status", "tokens", "open_reports", "joined"],
    fields: &["id", "name", "email", "role", "status", "tokens", "rating", "open_reports", "joined", "last_seen"],
};

/// An item, as a moderator sees it.
pub const MODERATED_ITEM: Shape = Shape {
    noun: "item",
    table: &["id", "title", "status", "hidden", "seller", "open_reports"],
    columns: &["id", "title", "price", "status", "hidden", "seller", "open_reports", "created_at"],
    fields: &["id", "title", "price", "status", "hidden", "seller", "open_reports", "created_at"],
};

/// A row of the audit log.
pub const AUDIT_ENTRY: Shape = Shape {
    noun: "entry",
    table: &["created_at", "actor", "action", "target_id", "detail"],
    columns: &["id", "created_at", "actor", "action", "target_kind", "target_id", "detail"],
    fields: &["id", "actor", "action", "target_kind", "target_id", "detail", "created_at"],
};

/// A campus.
pub const CAMPUS: Shape = Shape {
    noun: "campus",
    table: &["id", "name", "domains", "users"],
    columns: &["id", "name", "domains", "users", "created_at"],
    fields: &["id", "name", "domains", "users", "created_at"],
};

/// A voucher.
pub const VOUCHER: Shape = Shape {
    noun: "voucher",
    table: &["code", "tokens", "used", "uses", "expires_at"],
    columns: &["code", "tokens", "used", "uses", "expires_at", "created_at"],
    fields: &["code", "tokens", "uses", "used", "expires_at", "created_at"],
};

/// A new voucher: in a pipe the code alone.
pub const NEW_VOUCHER: Shape = Shape { noun: "voucher", table: &["code"], columns: &["code"], fields: VOUCHER.fields };

/// The numbers of a campus.
pub const STATS: Shape = Shape { noun: "figure", table: STATS_COLUMNS, columns: STATS_COLUMNS, fields: STATS_FIELDS };

const STATS_COLUMNS: &[&str] = &[
    "users_active",
    "users_unverified",
    "users_suspended",
    "items_listed",
    "items_hidden",
    "bookings_pending",
    "bookings_accepted",
    "bookings_completed",
    "messages",
    "reports_open",
    "tokens_in_wallets",
    "connections",
];

/// Those of its server too, which are no columns.
const STATS_FIELDS: &[&str] = &[
    "users_active",
    "users_unverified",
    "users_suspended",
    "items_listed",
    "items_hidden",
    "bookings_pending",
    "bookings_accepted",
    "bookings_completed",
    "messages",
    "reports_open",
    "tokens_in_wallets",
    "connections",
    "server",
];

/// Whether there is maintenance.
pub const MAINTENANCE: Shape = Shape {
    noun: "maintenance",
    table: &["on", "message", "since"],
    columns: &["on", "message", "since"],
    fields: &["on", "message", "since"],
};

/// The queue of pictures.
pub const QUEUE: Shape = Shape {
    noun: "queue",
    table: &["waiting", "active", "completed", "failed", "oldest_waiting_ms"],
    columns: &["waiting", "active", "completed", "failed", "oldest_waiting_ms"],
    fields: &["waiting", "active", "completed", "failed", "oldest_waiting_ms", "dead"],
};

/// What an administrator had tried again.
pub const RETRIED: Shape = Shape { noun: "count", table: &["retried"], columns: &["retried"], fields: &["retried"] };

/// An administrator made on a data directory.
#[cfg(feature = "serve")]
pub const ADMINISTRATOR: Shape = Shape {
    noun: "administrator",
    table: &["id", "email", "name", "campus", "role"],
    columns: &["id", "email", "name", "campus", "role"],
    fields: &["id", "email", "name", "campus", "role"],
};

/// Something that `admin check` found.
#[cfg(feature = "serve")]
pub const DISAGREEMENT: Shape = Shape {
    noun: "fault",
    table: &["kind", "subject", "message"],
    columns: &["kind", "subject", "message"],
    fields: &["kind", "subject", "message"],
};

/// An archive, made or put in place.
#[cfg(feature = "serve")]
pub const BACKUP: Shape = Shape {
    noun: "backup",
    table: &["file", "files", "bytes", "verified"],
    columns: &["file", "files", "bytes", "verified", "replaced"],
    fields: &["file", "files", "bytes", "verified", "replaced"],
};

/// The key that signs from now on.
#[cfg(feature = "serve")]
pub const SIGNING_KEY: Shape = Shape {
    noun: "key",
    table: &["id", "created_at", "older"],
    columns: &["id", "created_at", "older"],
    fields: &["id", "created_at", "older"],
};

/// A setting of a server.
#[cfg(feature = "serve")]
pub const SERVER_SETTING: Shape = Shape {
    noun: "setting",
    table: &["key", "value", "origin"],
    columns: &["key", "value", "origin"],
    fields: &["key", "value", "origin"],
};

/// What the demo campus has.
#[cfg(feature = "serve")]
pub const DEMO: Shape = Shape {
    noun: "account",
    table: &["campus", "items", "chats"],
    columns: &["campus", "items", "chats"],
    fields: &["campus", "items", "chats", "students"],
};
