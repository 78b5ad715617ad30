//! Maintenance: a while in which a server answers administrators alone.

use super::wire;
use crate::Timestamp;

wire! {
    /// What everybody is told while it lasts.
    pub struct Maintenance {
        /// What administrators say about it, in one line.
        pub message: Option<String>,
        /// When it began.
        pub since: Timestamp,
    }

    /// `GET` and `PUT /api/admin/maintenance`
    pub struct MaintenanceState {
        /// Whether there is maintenance.
        pub on: bool,
        pub message: Option<String>,
        pub since: Option<Timestamp>,
    }

    /// The body of `PUT /api/admin/maintenance`
    pub struct BeginMaintenance {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub message: Option<String>,
    }
}

impl From<Option<Maintenance>> for MaintenanceState {
    fn from(maintenance: Option<Maintenance>) -> Self {
        let since = maintenance.as_ref().map(|maintenance| maintenance.since);
        Self { on: since.is_some(), message: maintenance.and_then(|maintenance| maintenance.message), since }
    }
}
