//! The Selling tab: one's own listings, in every state.

use super::{List, Row};

/// The Selling tab.
#[derive(Clone, Debug, Default)]
pub struct Selling {
    pub list: List<Row>,
}
