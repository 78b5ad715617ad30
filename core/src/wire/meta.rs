//! What a server says of itself to anybody.

use super::{maintenance::Maintenance, wire};
use crate::item::{Condition, Listing};

wire! {
    /// `GET /api/meta`
    pub struct Meta {
        pub name: String,
        pub version: String,
        pub currency: String,
        pub timezone: String,
        pub registration: Registration,
        pub categories: Vec<String>,
        pub conditions: Vec<Condition>,
        pub listings: Vec<Listing>,
        pub limits: Limits,
        /// While it lasts, administrators alone are served.
        #[serde(default)]
        pub maintenance: Option<Maintenance>,
    }

    /// Who may sign up.
    pub struct Registration {
        pub open: bool,
        /// Whether an address is confirmed by a mailed code.
        pub verification: bool,
        /// The e-mail domains accepted; empty for all but public providers.
        pub domains: Vec<String>,
    }

    /// Bounds a client should know before it asks.
    pub struct Limits {
        pub max_images: u64,
        pub require_image: bool,
        pub max_image_bytes: u64,
        pub max_image_pixels: u64,
        pub max_title: u64,
        pub max_description: u64,
        pub max_message: u64,
        /// How many tokens it costs to unlock an item.
        pub unlock_price: i64,
    }
}
