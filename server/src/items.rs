//! The item service: listings and their lifecycle, lists, search, favourites.

pub mod api;
pub mod listing;
mod search;
pub mod service;
pub mod store;
