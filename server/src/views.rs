//! Answers that join what several services know; read-only.

pub mod booking;
pub mod chat;
pub mod export;
pub mod item;
pub mod profile;
