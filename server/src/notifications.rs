//! The notification service: what users are told of, and what they want to be told of.

pub mod api;
pub mod service;
pub mod store;
