//! The item service: listings and their lifecycle, lists, search, favourites, and saved searches.

pub mod api;
pub mod listing;
mod news;
pub mod saved;
mod search;
pub mod service;
pub mod store;
