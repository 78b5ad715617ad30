//! What the fuzzers try, and what they hold it to.
pub mod targets;
