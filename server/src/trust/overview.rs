//! What moderators and administrators see of their campus; read-only.

pub mod api;
pub mod service;
pub mod store;
