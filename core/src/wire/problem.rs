//! Errors as RFC 9457 problem documents.

use crate::Fault;

super::wire! {
    /// A problem document (`application/problem+json`).
    pub struct Problem {
        /// A URI that names the kind of problem.
        #[serde(rename = "type")]
        pub kind: String,
        /// The kind of problem in words.
        pub title: String,
        /// The HTTP status.
        pub status: u16,
        /// What happened this time, and what to do.
        pub detail: String,
        /// The path that was asked for.
        pub instance: String,
        /// A stable machine word.
        pub code: String,
        /// The request, for finding it in the logs.
        pub request_id: String,
        /// Every fault of an invalid input.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub errors: Vec<Fault>,
    }
}
