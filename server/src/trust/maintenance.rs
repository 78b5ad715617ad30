//! Maintenance, as administrators begin and end it and as every node learns of it.

pub mod api;
pub mod node;
pub mod service;
