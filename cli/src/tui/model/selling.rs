//! The Selling tab: one's own listings, in every state.

use std::collections::HashMap;

use campuszon_core::ItemId;

use super::{Form, List, Row};

/// The Selling tab.
#[derive(Clone, Debug, Default)]
pub struct Selling {
    pub list: List<Row>,
    /// How many wait for an answer, by what they ask for.
    pub requests: HashMap<ItemId, i64>,
    /// The listing that is being written, while its form is put aside.
    pub draft: Option<Box<Form>>,
    /// Where the file picker was left.
    pub directory: String,
}
