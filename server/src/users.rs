//! The user service: campuses, accounts, sessions, access tokens, profiles, and the ledger of marketplace tokens.

pub mod api;
pub mod campus;
pub mod credentials;
pub mod ledger;
pub mod passwords;
pub mod service;
pub mod sessions;
pub mod store;
