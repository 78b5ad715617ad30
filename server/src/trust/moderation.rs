//! What moderators and administrators do.

pub mod api;
pub mod service;
