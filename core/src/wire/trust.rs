//! Reports, moderation and administration.

use super::{server::ServerStats, wire};
use crate::{
    ChatId, Decimal, ItemId, ReportId, Timestamp, UserId,
    id::AuditId,
    item::ItemStatus,
    permission::{Role, UserStatus},
};

crate::words! {
    /// What a report or an act is about.
    TargetKind {
        /// A listing.
        Item = "item",
        /// A user.
        User = "user",
        /// A message.
        Message = "message",
        /// A voucher.
        Voucher = "voucher",
        /// A campus.
        Campus = "campus",
        /// The server itself.
        Server = "server",
    }

    /// What became of a report.
    ReportStatus {
        /// Waits for a moderator.
        Open = "open",
        /// A moderator acted on it.
        Upheld = "upheld",
        /// A moderator saw nothing wrong.
        Dismissed = "dismissed",
    }

    /// What a moderator or an administrator did.
    AuditAction {
        /// Took an item off.
        Remove = "remove",
        /// Brought back an item or a user.
        Restore = "restore",
        /// Shut a user out.
        Suspend = "suspend",
        /// Ended a user's sessions and access tokens.
        SignOut = "sign_out",
        /// Told a user what not to do.
        Warn = "warn",
        /// Saw nothing wrong in a report.
        Dismiss = "dismiss",
        /// Gave tokens.
        Grant = "grant",
        /// Made a user something else.
        SetRole = "set_role",
        /// Made a voucher.
        CreateVoucher = "create_voucher",
        /// Ended a voucher.
        DeleteVoucher = "delete_voucher",
        /// Made a campus.
        CreateCampus = "create_campus",
        /// Changed a campus.
        EditCampus = "edit_campus",
        /// Began maintenance, or said something else about it.
        BeginMaintenance = "begin_maintenance",
        /// Ended maintenance.
        EndMaintenance = "end_maintenance",
        /// Many reports hid an item until a moderator decides. Nobody's act.
        Hide = "hide",
    }
}

wire! {
    /// `POST /api/items/{id}/report` and the like.
    pub struct CreateReport {
        /// One line, such as `spam` or `fraud`.
        pub reason: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub detail: Option<String>,
    }

    /// A report, as its author sees it.
    pub struct Report {
        pub id: ReportId,
        pub target_kind: TargetKind,
        /// The item, user or message.
        pub target_id: String,
        pub reason: String,
        pub detail: Option<String>,
        pub status: ReportStatus,
        pub created_at: Timestamp,
    }

    /// A report, as a moderator sees it.
    pub struct ModeratedReport {
        #[serde(flatten)]
        pub report: Report,
        pub reporter: Named,
        /// Whose doing it is.
        pub subject: Named,
        /// What was reported, in words: a title, a name, the text of a message.
        pub excerpt: String,
        pub chat: Option<ChatId>,
        pub note: Option<String>,
        pub decided_at: Option<Timestamp>,
    }

    /// Somebody, by id and name.
    pub struct Named {
        pub id: UserId,
        pub name: String,
    }

    /// `GET /api/admin/reports`
    pub struct ModeratedReports {
        pub reports: Vec<ModeratedReport>,
        pub next_cursor: Option<String>,
    }

    /// A body with a word on why.
    pub struct Note {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    /// `POST /api/admin/users/{id}/warn`
    pub struct Warn {
        pub message: String,
    }

    /// `POST /api/admin/users/{id}/grant`
    pub struct Grant {
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000))]
        pub tokens: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    /// `PATCH /api/admin/users/{id}`
    pub struct SetRole {
        pub role: Role,
    }

    /// A user, as a moderator sees them.
    pub struct ModeratedUser {
        pub id: UserId,
        pub name: String,
        pub email: String,
        pub role: Role,
        pub status: UserStatus,
        pub tokens: i64,
        pub rating: Option<f64>,
        /// Open reports on the user, their items and their messages.
        pub open_reports: i64,
        pub joined: Timestamp,
        pub last_seen: Option<Timestamp>,
    }

    /// `GET /api/admin/users`
    pub struct ModeratedUsers {
        pub users: Vec<ModeratedUser>,
        pub next_cursor: Option<String>,
    }

    /// An item, as a moderator sees it.
    pub struct ModeratedItem {
        pub id: ItemId,
        pub title: String,
        pub price: Decimal,
        pub status: ItemStatus,
        /// Whether reports hide it until a moderator decides.
        pub hidden: bool,
        pub seller: Named,
        pub open_reports: i64,
        pub created_at: Timestamp,
    }

    /// `GET /api/admin/items`
    pub struct ModeratedItems {
        pub items: Vec<ModeratedItem>,
        pub next_cursor: Option<String>,
    }

    /// An act, in the audit log.
    pub struct AuditEntry {
        pub id: AuditId,
        /// Absent for what the server did by itself.
        pub actor: Option<Named>,
        pub action: AuditAction,
        pub target_kind: TargetKind,
        pub target_id: String,
        pub detail: Option<String>,
        pub created_at: Timestamp,
    }

    /// `GET /api/admin/audit`, newest first.
    pub struct Audit {
        pub entries: Vec<AuditEntry>,
        pub next_cursor: Option<String>,
    }

    /// `GET /api/admin/stats`, of the caller's campus.
    pub struct Stats {
        pub users_active: i64,
        pub users_unverified: i64,
        pub users_suspended: i64,
        pub items_listed: i64,
        pub items_hidden: i64,
        pub bookings_pending: i64,
        pub bookings_accepted: i64,
        pub bookings_completed: i64,
        pub messages: i64,
        pub reports_open: i64,
        pub tokens_in_wallets: i64,
        /// Live connections of this node.
        pub connections: i64,
        /// The numbers of this node, for administrators.
        #[serde(default)]
        pub server: Option<ServerStats>,
    }
}
