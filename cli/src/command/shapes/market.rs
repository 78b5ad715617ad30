//! Items, deals, and what is paid for them.

use crate::output::Shape;

/// An item in a list.
pub const ITEM_SUMMARY: Shape = Shape {
    noun: "item",
    table: &["id", "title", "price", "condition", "updated_at"],
    columns: &["id", "title", "price", "currency", "category", "condition", "status", "seller", "updated_at"],
    fields: &[
        "id",
        "title",
        "price",
        "currency",
        "listing",
        "rent_period",
        "category",
        "condition",
        "status",
        "thumbnail",
        "placeholder",
        "seller",
        "favorite",
        "created_at",
        "updated_at",
    ],
};

/// A whole item.
pub const ITEM: Shape = Shape {
    noun: "item",
    table: ITEM_SUMMARY.table,
    columns: ITEM_SUMMARY.columns,
    fields: &[
        "id",
        "title",
        "price",
        "currency",
        "listing",
        "rent_period",
        "category",
        "condition",
        "status",
        "thumbnail",
        "placeholder",
        "seller",
        "favorite",
        "created_at",
        "updated_at",
        "description",
        "pickup",
        "images",
        "views",
        "favorites",
        "expires_at",
        "image_status",
        "viewer",
        "taken",
    ],
};

/// One's own item in an export: the columns are those that an import reads, and what tells items apart.
pub const EXPORTED_ITEM: Shape = Shape {
    noun: "item",
    table: ITEM.columns,
    columns: &[
        "id",
        "title",
        "description",
        "price",
        "currency",
        "listing",
        "rent_period",
        "category",
        "condition",
        "pickup",
        "status",
        "created_at",
        "updated_at",
    ],
    fields: ITEM.fields,
};

/// A saved search.
pub const SEARCH: Shape = Shape {
    noun: "saved search",
    table: &["name", "query", "digest", "matches"],
    columns: &["id", "name", "query", "digest", "matches", "created_at"],
    fields: &["id", "name", "query", "digest", "matches", "created_at"],
};

/// How to reach a seller.
pub const UNLOCKED: Shape = Shape {
    noun: "contact",
    table: &["contact", "tokens"],
    columns: &["contact", "tokens"],
    fields: &["contact", "tokens"],
};

/// A booking.
pub const BOOKING: Shape = Shape {
    noun: "booking",
    table: &["id", "item", "role", "peer", "status", "turn", "price"],
    columns: &["id", "item", "role", "peer", "status", "turn", "price", "currency", "deadline_at", "updated_at"],
    fields: &[
        "id",
        "item",
        "role",
        "peer",
        "status",
        "turn",
        "version",
        "rounds",
        "list_price",
        "price",
        "currency",
        "message",
        "meet_at",
        "meet_place",
        "from",
        "to",
        "waiting",
        "deadline_at",
        "extended",
        "confirmed",
        "reason",
        "handover_code",
        "contact",
        "reviewed",
        "chat",
        "created_at",
        "updated_at",
        "accepted_at",
        "ended_at",
    ],
};

/// What one side of a deal wrote of the other.
pub const REVIEW: Shape = Shape {
    noun: "review",
    table: &["id", "author", "rating", "comment", "created_at"],
    columns: &["id", "author", "rating", "comment", "answer", "created_at"],
    fields: &["id", "booking", "author", "subject", "rating", "comment", "answer", "shown", "created_at"],
};

/// A report, as its author sees it.
pub const REPORT: Shape = Shape {
    noun: "report",
    table: &["id", "target_kind", "reason", "status"],
    columns: &["id", "target_kind", "target_id", "reason", "status", "created_at"],
    fields: &["id", "target_kind", "target_id", "reason", "detail", "status", "created_at"],
};

/// The balance of marketplace tokens.
pub const BALANCE: Shape = Shape { noun: "balance", table: &["balance"], columns: &["balance"], fields: &["balance"] };

/// A movement of the balance.
pub const TOKEN_ENTRY: Shape = Shape {
    noun: "entry",
    table: &["created_at", "delta", "balance", "reason", "reference"],
    columns: &["created_at", "delta", "balance", "reason", "reference"],
    fields: &["reference", "delta", "reason", "balance", "created_at"],
};

/// A redeemed voucher.
pub const REDEEMED: Shape =
    Shape { noun: "voucher", table: &["added", "tokens"], columns: &["added", "tokens"], fields: &["added", "tokens"] };
