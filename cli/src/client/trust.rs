//! Blocks and reports, and what moderators and administrators do.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    ChatId, ItemId, MessageId, ReportId, UserId,
    item::ItemStatus,
    permission::{Role, UserStatus},
    wire::{
        maintenance::{BeginMaintenance, MaintenanceState},
        trust::{
            Audit, CreateReport, Grant, ModeratedItem, ModeratedItems, ModeratedReport, ModeratedReports,
            ModeratedUser, ModeratedUsers, Note, Report, ReportStatus, SetRole, Stats, Warn,
        },
    },
};

use super::{Client, ClientError, PageRequest, call::Call};

const MAINTENANCE: &str = "/api/admin/maintenance";

/// What is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportTarget {
    /// A listing.
    Item(ItemId),
    /// Somebody.
    User(UserId),
    /// A message of a conversation.
    Message(ChatId, MessageId),
}

impl ReportTarget {
    fn path(self) -> String {
        match self {
            Self::Item(id) => format!("/api/items/{id}/report"),
            Self::User(id) => format!("/api/users/{id}/report"),
            Self::Message(chat, id) => format!("/api/chats/{chat}/messages/{id}/report"),
        }
    }
}

/// Which users to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// Part of a name or an address, or an id.
    pub q: Option<String>,
    /// How their accounts stand.
    pub status: Option<UserStatus>,
    /// What they are.
    pub role: Option<Role>,
}

/// A parameter of a query, where it is wanted.
fn pair(name: &'static str, value: Option<impl ToString>) -> Option<(&'static str, String)> {
    value.map(|value| (name, value.to_string()))
}

fn note(reason: Option<&str>) -> Note {
    Note { reason: reason.map(str::to_owned) }
}

impl Client {
    /// Blocks a user, or takes the block away.
    pub async fn set_blocked(&self, id: UserId, blocked: bool) -> Result<(), ClientError> {
        let path = format!("/api/users/{id}/block");
        let call = if blocked { Call::put(path) } else { Call::delete(path) };
        self.tell(&call.repeatable()).await
    }

    /// Reports something to the moderators of the campus.
    pub async fn report(
        &self,
        target: ReportTarget,
        report: &CreateReport,
        key: Option<&str>,
    ) -> Result<Report, ClientError> {
        self.ask(&Call::post(target.path()).json(report)?.keyed(key)).await
    }

    /// A page of the campus's users, newest first. For moderators, as all that follows.
    pub async fn moderated_users(&self, query: &UserQuery, page: PageRequest) -> Result<ModeratedUsers, ClientError> {
        let filters = [pair("q", query.q.as_ref()), pair("status", query.status), pair("role", query.role)];
        self.ask(&Call::get("/api/admin/users").query(filters.into_iter().flatten()).query(page.pairs())).await
    }

    /// Shuts a user out at once.
    pub async fn suspend(&self, id: UserId, reason: Option<&str>) -> Result<ModeratedUser, ClientError> {
        self.ask(&Call::post(format!("/api/admin/users/{id}/suspend")).json(&note(reason))?).await
    }

    /// Ends a user's sessions, access tokens and live connections.
    pub async fn sign_out(&self, id: UserId, reason: Option<&str>) -> Result<ModeratedUser, ClientError> {
        self.ask(&Call::post(format!("/api/admin/users/{id}/sign-out")).json(&note(reason))?).await
    }

    /// Lets a suspended user in again.
    pub async fn restore_user(&self, id: UserId, reason: Option<&str>) -> Result<ModeratedUser, ClientError> {
        self.ask(&Call::post(format!("/api/admin/users/{id}/restore")).json(&note(reason))?).await
    }

    /// Tells a user what not to do.
    pub async fn warn(&self, id: UserId, message: &str) -> Result<ModeratedUser, ClientError> {
        let body = Warn { message: message.to_owned() };
        self.ask(&Call::post(format!("/api/admin/users/{id}/warn")).json(&body)?).await
    }

    /// Makes a user something else. For administrators.
    pub async fn set_role(&self, id: UserId, role: Role) -> Result<ModeratedUser, ClientError> {
        self.ask(&Call::patch(format!("/api/admin/users/{id}")).json(&SetRole { role })?).await
    }

    /// Gives a user marketplace tokens. For administrators.
    pub async fn grant(&self, id: UserId, grant: &Grant, key: Option<&str>) -> Result<ModeratedUser, ClientError> {
        self.ask(&Call::post(format!("/api/admin/users/{id}/grant")).json(grant)?.keyed(key)).await
    }

    /// A page of the campus's items in every state, newest first.
    pub async fn moderated_items(
        &self,
        status: Option<ItemStatus>,
        hidden: Option<bool>,
        page: PageRequest,
    ) -> Result<ModeratedItems, ClientError> {
        let filters = [pair("status", status), pair("hidden", hidden)];
        self.ask(&Call::get("/api/admin/items").query(filters.into_iter().flatten()).query(page.pairs())).await
    }

    /// Takes an item off.
    pub async fn remove_item(&self, id: ItemId, reason: Option<&str>) -> Result<ModeratedItem, ClientError> {
        self.ask(&Call::post(format!("/api/admin/items/{id}/remove")).json(&note(reason))?).await
    }

    /// Brings back an item that was taken off, or that reports hid.
    pub async fn restore_item(&self, id: ItemId, reason: Option<&str>) -> Result<ModeratedItem, ClientError> {
        self.ask(&Call::post(format!("/api/admin/items/{id}/restore")).json(&note(reason))?).await
    }

    /// A page of the campus's reports, newest first.
    pub async fn reports(
        &self,
        status: Option<ReportStatus>,
        page: PageRequest,
    ) -> Result<ModeratedReports, ClientError> {
        self.ask(&Call::get("/api/admin/reports").query(pair("status", status)).query(page.pairs())).await
    }

    /// Dismisses a report, with all other open ones on the same thing.
    pub async fn dismiss(&self, id: ReportId, reason: Option<&str>) -> Result<ModeratedReport, ClientError> {
        self.ask(&Call::post(format!("/api/admin/reports/{id}/dismiss")).json(&note(reason))?).await
    }

    /// A page of the audit log, newest first.
    pub async fn audit(&self, page: PageRequest) -> Result<Audit, ClientError> {
        self.ask(&Call::get("/api/admin/audit").query(page.pairs())).await
    }

    /// The numbers of the campus.
    pub async fn stats(&self) -> Result<Stats, ClientError> {
        self.ask(&Call::get("/api/admin/stats")).await
    }

    /// Whether there is maintenance. For administrators, as all that follows.
    pub async fn maintenance(&self) -> Result<MaintenanceState, ClientError> {
        self.ask(&Call::get(MAINTENANCE)).await
    }

    /// Begins maintenance, or says something else about it.
    pub async fn begin_maintenance(&self, message: Option<String>) -> Result<MaintenanceState, ClientError> {
        self.ask(&Call::put(MAINTENANCE).json(&BeginMaintenance { message })?.repeatable()).await
    }

    /// Ends maintenance.
    pub async fn end_maintenance(&self) -> Result<(), ClientError> {
        self.tell(&Call::delete(MAINTENANCE).repeatable()).await
    }
}
