//! What is wrong with an input: which field, a stable word for programs, a sentence for people.

use serde::{Deserialize, Serialize};

/// One thing wrong with one field of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fault {
    /// The field's name as the API spells it; `images[2]` for an element.
    pub field: String,
    /// A stable machine word: `required`, `too_long`, `unknown_field`, …
    pub code: String,
    /// A sentence that names the fault and what would be accepted.
    pub message: String,
}

impl Fault {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.to_owned(), message: message.into() }
    }
}

/// Every fault of an input at once; never empty when used as an error.
pub type Faults = Vec<Fault>;

/// The one of `known` nearest to `wrong`, when it is near enough to have been meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(wrong, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
