//! The notification service: each user's stored feed, which is also pushed live.

pub mod service;
pub mod store;
