//! The deal service: unlocks, bookings from request to handover, and the reviews that follow.

pub mod api;
pub mod service;
pub mod store;
