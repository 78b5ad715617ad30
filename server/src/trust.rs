//! The trust service: reports, what moderators and administrators do about them, and the log of all that was done.

pub mod api;
pub mod audit;
pub mod maintenance;
pub mod moderation;
pub mod overview;
pub mod service;
pub mod store;
pub mod vouchers;
