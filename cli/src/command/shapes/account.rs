//! Users, and how they prove who they are.

use crate::output::Shape;

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

/// What an export wrote.
pub const EXPORTED: Shape = Shape {
    noun: "export",
    table: &["out", "images", "bytes"],
    columns: &["out", "images", "bytes"],
    fields: &["out", "images", "bytes"],
};
