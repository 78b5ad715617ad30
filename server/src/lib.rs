//! The server of CampusZon: a gateway, the services behind it, and the platform they stand on.
//!
//! Start at `gateway.rs`, which shows every route, then follow one: `api` extracts and replies, `service` decides inside
//! one transaction, `store` has the SQL.

pub mod app;
pub mod backup;
pub mod chat;
pub mod check;
pub mod deals;
pub mod demo;
pub mod error;
pub mod event;
pub mod gateway;
pub mod if_match;
pub mod images;
pub mod items;
pub mod notifications;
pub mod platform;
pub mod principal;
pub mod serve;
pub mod settings;
pub mod trust;
pub mod users;
pub mod views;
pub mod worker;

pub use app::App;
pub use error::Error;
pub use principal::Principal;
