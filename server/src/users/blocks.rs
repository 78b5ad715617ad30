//! Who wants nothing more to do with whom.

pub mod api;
pub mod service;
pub mod store;
