//! Campuses, for administrators.

use super::wire;
use crate::{CampusId, Timestamp};

wire! {
    /// A campus of the server.
    pub struct Campus {
        pub id: CampusId,
        /// What people call it.
        pub name: String,
        /// The e-mail domains of its people.
        pub domains: Vec<String>,
        /// How many accounts it has.
        pub users: i64,
        pub created_at: Timestamp,
    }

    /// `GET /api/admin/campuses`, newest first.
    pub struct Campuses {
        pub campuses: Vec<Campus>,
        pub next_cursor: Option<String>,
    }

    /// `POST /api/admin/campuses`
    pub struct CreateCampus {
        pub name: String,
        /// At least one.
        pub domains: Vec<String>,
    }

    /// `PATCH /api/admin/campuses/{id}`
    pub struct EditCampus {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "openapi", schema(nullable))]
        pub add_domains: Vec<String>,
        /// Those that no account uses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "openapi", schema(nullable))]
        pub remove_domains: Vec<String>,
    }
}
