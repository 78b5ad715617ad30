//! Vouchers, as administrators make and end them.

pub mod api;
pub mod service;
