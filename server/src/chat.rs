//! The chat service: conversations about items, their messages, and the live connections that bring them at once.

pub mod api;
pub mod live;
pub mod service;
pub mod store;
