//! Saved searches: what people look for, matched against each item that is offered, and what was found.

pub mod api;
pub mod digest;
pub mod service;
pub mod store;
