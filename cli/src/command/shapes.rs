//! The printed form of each kind of thing: its documented fields, and the columns it shows by itself.

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

/// A saved search.
pub const SEARCH: Shape = Shape {
    noun: "saved search",
    table: &["name", "query", "digest", "matches"],
    columns: &["id", "name", "query", "digest", "matches", "created_at"],
    fields: &["id", "name", "query", "digest", "matches", "created_at"],
};

/// One's own profile.
pub const PROFILE: Shape = Shape {
    noun: "profile",
    table: &["id", "email", "name", "campus"],
    columns: &["id", "email", "name", "campus", "role", "status", "tokens"],
    fields: &[
        "id",
        "email",
        "name",
        "campus",
        "residence",
        "phone",
        "avatar",
        "role",
        "status",
        "tokens",
        "rating",
        "review_count",
        "hide_presence",
        "joined",
        "unread_messages",
        "unread_notifications",
    ],
};

/// Somebody else's profile.
pub const PUBLIC_PROFILE: Shape = Shape {
    noun: "profile",
    table: &["id", "name", "rating", "joined"],
    columns: &["id", "name", "rating", "review_count", "items_active", "joined"],
    fields: &["id", "name", "rating", "review_count", "joined", "online", "last_seen", "items_active"],
};

/// A registration that awaits its code.
pub const REGISTERED: Shape =
    Shape { noun: "account", table: &["email", "status"], columns: &["email", "status"], fields: &["email", "status"] };

/// Who is signed in.
pub const SIGNED_IN: Shape = Shape {
    noun: "account",
    table: &["server", "email", "name", "campus"],
    columns: &["server", "credential", "id", "email", "name", "campus", "role", "status"],
    fields: &["server", "credential", "id", "email", "name", "campus", "role", "status"],
};

/// A signed-in device.
pub const SESSION: Shape = Shape {
    noun: "session",
    table: &["id", "device", "current", "last_used_at"],
    columns: &["id", "device", "current", "created_at", "last_used_at", "expires_at"],
    fields: &["id", "device", "current", "created_at", "last_used_at", "expires_at"],
};

/// A personal access token.
pub const TOKEN: Shape = Shape {
    noun: "token",
    table: &["id", "name", "scopes", "last_used_at", "expires_at"],
    columns: &["id", "name", "scopes", "created_at", "last_used_at", "expires_at"],
    fields: &["id", "name", "scopes", "created_at", "last_used_at", "expires_at"],
};

/// A new personal access token: in a pipe the secret alone, ready for a variable.
pub const NEW_TOKEN: Shape = Shape {
    noun: "token",
    table: &["token"],
    columns: &["token"],
    fields: &["id", "name", "scopes", "created_at", "last_used_at", "expires_at", "token"],
};

/// A change that leaves nothing to show.
pub const DONE: Shape =
    Shape { noun: "change", table: &["id", "status"], columns: &["id", "status"], fields: &["id", "status"] };

/// A request that a dry run did not send.
pub const PLANNED: Shape = Shape {
    noun: "request",
    table: &["method", "path", "body"],
    columns: &["method", "path", "body"],
    fields: &["method", "path", "body"],
};

/// A picture made ready.
pub const PICTURE: Shape = Shape {
    noun: "picture",
    table: &["file", "from_bytes", "bytes", "width", "height", "out"],
    columns: &["file", "from_bytes", "from_width", "from_height", "bytes", "width", "height", "format", "out"],
    fields: &["file", "from_bytes", "from_width", "from_height", "bytes", "width", "height", "format", "out"],
};

/// A named server.
pub const SERVER: Shape = Shape {
    noun: "server",
    table: &["name", "url", "current"],
    columns: &["name", "url", "current"],
    fields: &["name", "url", "current"],
};

/// A setting.
pub const SETTING: Shape =
    Shape { noun: "setting", table: &["key", "value"], columns: &["key", "value"], fields: &["key", "value"] };

/// A setting and where it came from.
pub const SOURCED_SETTING: Shape = Shape {
    noun: "setting",
    table: &["key", "value", "source", "meaning"],
    columns: &["key", "value", "source"],
    fields: &["key", "value", "source", "meaning"],
};

/// What `doctor` found.
pub const FINDING: Shape = Shape {
    noun: "check",
    table: &["check", "status", "detail", "hint"],
    columns: &["check", "status", "detail", "hint"],
    fields: &["check", "status", "detail", "hint"],
};

/// A help text.
pub const HELP: Shape =
    Shape { noun: "text", table: &["about", "text"], columns: &["about", "text"], fields: &["about", "text"] };

/// A command, by name.
pub const NAMED: Shape = Shape { noun: "command", table: &["command"], columns: &["command"], fields: &["command"] };

/// Manual pages.
pub const MANUAL: Shape =
    Shape { noun: "page", table: &["out", "pages"], columns: &["out", "pages"], fields: &["out", "pages", "page"] };

/// The versions.
pub const VERSION: Shape = Shape {
    noun: "version",
    table: &["version", "server_version"],
    columns: &["version", "server_version"],
    fields: &["version", "server", "server_name", "server_version"],
};

/// Where a server listens.
pub const LISTENING: Shape =
    Shape { noun: "address", table: &["address"], columns: &["address"], fields: &["address"] };

/// A live event: which fields there are depends on its type.
pub const EVENT: Shape = Shape {
    noun: "event",
    table: &["type", "since"],
    columns: &["type", "since"],
    fields: &["type", "since", "message", "image", "booking", "notification", "chat_id", "user_id", "seq"],
};

/// A campus.
pub const CAMPUS: Shape = Shape {
    noun: "campus",
    table: &["id", "name", "domains", "users"],
    columns: &["id", "name", "domains", "users", "created_at"],
    fields: &["id", "name", "domains", "users", "created_at"],
};

/// What an export wrote.
pub const EXPORTED: Shape = Shape {
    noun: "export",
    table: &["out", "images", "bytes"],
    columns: &["out", "images", "bytes"],
    fields: &["out", "images", "bytes"],
};

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

/// A report, as its author sees it.
pub const REPORT: Shape = Shape {
    noun: "report",
    table: &["id", "target_kind", "reason", "status"],
    columns: &["id", "target_kind", "target_id", "reason", "status", "created_at"],
    fields: &["id", "target_kind", "target_id", "reason", "detail", "status", "created_at"],
};

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

#[cfg(test)]
mod tests {
    use super::*;
    use campuszon_core::wire::{account, booking, chat, image, item, maintenance, notification, trust, wallet};
    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::{Value, json};

    /// The fields that a wire type writes, against those its shape documents.
    fn agree<T: Serialize + DeserializeOwned>(shape: &Shape, sample: &Value) {
        let thing: T = serde_json::from_value(sample.clone()).expect("a sample");
        let written = serde_json::to_value(thing).expect("json");
        for field in written.as_object().expect("an object").keys() {
            assert!(shape.fields.contains(&field.as_str()), "{field}");
        }
        for column in shape.table.iter().chain(shape.columns) {
            assert!(shape.fields.contains(column), "{column}");
        }
    }

    const USER: &str = "usr_00000000000000000000000000";
    const ITEM_ID: &str = "itm_00000000000000000000000000";
    #[test]
    fn shapes_of_trust_document_what_the_api_answers() {
        let report = json!({
            "id": "rpt_00000000000000000000000000", "target_kind": "user", "target_id": USER, "reason": "spam",
            "status": "open", "created_at": TIME,
        });
        agree::<trust::Report>(&REPORT, &report);
        let mut moderated = report;
        let named = json!({"id": USER, "name": "Ada"});
        let rest = json!({"reporter": named, "subject": named, "excerpt": "Ada"});
        moderated.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
        agree::<trust::ModeratedReport>(&MODERATED_REPORT, &moderated);
        agree::<trust::ModeratedUser>(
            &MODERATED_USER,
            &json!({
                "id": USER, "name": "Ada", "email": "ada@uni.example", "role": "student", "status": "active",
                "tokens": 2, "open_reports": 0, "joined": TIME,
            }),
        );
        agree::<trust::ModeratedItem>(
            &MODERATED_ITEM,
            &json!({
                "id": ITEM_ID, "title": "Lamp", "price": 4.5, "status": "active", "hidden": false, "seller": named,
                "open_reports": 0, "created_at": TIME,
            }),
        );
        agree::<trust::AuditEntry>(
            &AUDIT_ENTRY,
            &json!({
                "id": "aud_00000000000000000000000000", "action": "warn", "target_kind": "user", "target_id": USER,
                "created_at": TIME,
            }),
        );
        let voucher = json!({"code": "7K2M-QX9D-3FTB", "tokens": 1, "uses": 1, "used": 0, "created_at": TIME});
        agree::<wallet::Voucher>(&VOUCHER, &voucher);
        agree::<wallet::Redeemed>(&REDEEMED, &json!({"added": 1, "tokens": 3}));
        agree::<wallet::TokenEntry>(
            &TOKEN_ENTRY,
            &json!({"delta": 2, "reason": "signup", "reference": "signup", "balance": 2, "created_at": TIME}),
        );
        let stats: serde_json::Map<String, Value> =
            STATS_COLUMNS.iter().map(|field| ((*field).to_owned(), json!(0))).collect();
        let queue = json!({
            "waiting": 0, "active": 0, "completed": 0, "failed": 0, "oldest_waiting_ms": null, "dead": [],
        });
        agree::<maintenance::MaintenanceState>(&MAINTENANCE, &json!({"on": false, "message": null, "since": null}));
        agree::<image::Queue>(&QUEUE, &queue);
        agree::<image::Retried>(&RETRIED, &json!({"retried": 1}));
        agree::<trust::Stats>(&STATS, &Value::Object(stats));
    }

    const TIME: &str = "2027-01-31T09:30:00.000Z";

    #[test]
    fn shapes_document_what_the_api_answers() {
        let mut listed = json!({
            "id": ITEM_ID, "title": "Lamp", "price": 4.5, "currency": "USD", "listing": "sale", "category": "other",
            "condition": "good", "status": "active", "favorite": false, "created_at": TIME, "updated_at": TIME,
            "seller": {"id": USER, "name": "Ada", "rating": null, "online": true},
        });
        agree::<item::ItemSummary>(&ITEM_SUMMARY, &listed);
        let rest = json!({
            "description": "", "images": [], "views": 0, "favorites": 0,
            "viewer": {"favorite": false, "unlocked": false, "booking": null, "chat": null}, "taken": [],
        });
        let all = listed.as_object_mut().expect("an object");
        all.extend(rest.as_object().expect("an object").clone());
        agree::<item::Item>(&ITEM, &listed);

        agree::<booking::Booking>(
            &BOOKING,
            &json!({
                "id": "bkg_00000000000000000000000000", "role": "buyer", "status": "pending", "turn": "seller",
                "item": {"id": ITEM_ID, "title": "Lamp", "listing": "sale", "status": "active"},
                "peer": {"id": USER, "name": "Ada"}, "version": 1, "rounds": 0, "list_price": 5, "price": 5,
                "currency": "USD", "extended": false, "confirmed": [], "reviewed": false,
                "chat": "cht_00000000000000000000000000", "created_at": TIME, "updated_at": TIME,
            }),
        );
        agree::<booking::Review>(
            &REVIEW,
            &json!({
                "id": "rev_00000000000000000000000000", "author": {"id": USER, "name": "Ada"}, "subject": USER,
                "rating": 5, "shown": true, "created_at": TIME,
            }),
        );
        agree::<chat::Message>(
            &MESSAGE,
            &json!({
                "id": "msg_00000000000000000000000000", "chat_id": "cht_00000000000000000000000000", "seq": 1,
                "kind": "text", "body": "hello", "created_at": TIME,
            }),
        );
        agree::<notification::Notification>(
            &NOTIFICATION,
            &json!({
                "id": "ntf_00000000000000000000000000", "kind": "tokens", "title": "hello", "read": false,
                "created_at": TIME,
            }),
        );
        agree::<notification::Preferences>(&PREFERENCES, &json!({"muted": [], "digest": false}));
        agree::<notification::Search>(
            &SEARCH,
            &json!({
                "id": "sch_00000000000000000000000000", "name": "maths", "query": "calculus", "digest": false,
                "matches": 0, "created_at": TIME,
            }),
        );
        agree::<account::PublicProfile>(
            &PUBLIC_PROFILE,
            &json!({
                "id": USER, "name": "Ada", "review_count": 0, "joined": TIME, "online": true, "items_active": 1,
            }),
        );
        agree::<account::Profile>(
            &PROFILE,
            &json!({
                "id": USER, "email": "ada@uni.example", "name": "Ada", "campus": "uni.example", "role": "student",
                "status": "active", "tokens": 2, "review_count": 0, "hide_presence": false, "joined": TIME,
                "unread_messages": 0, "unread_notifications": 0,
            }),
        );
        agree::<account::NewAccessToken>(
            &NEW_TOKEN,
            &json!({
                "id": "pat_00000000000000000000000000", "name": "ci", "scopes": ["read"], "created_at": TIME,
                "expires_at": TIME, "token": "secret",
            }),
        );
        agree::<account::Device>(
            &SESSION,
            &json!({
                "id": "ses_00000000000000000000000000", "current": true, "created_at": TIME, "last_used_at": TIME,
                "expires_at": TIME,
            }),
        );
    }
}
