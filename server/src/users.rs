//! The user service: campuses, accounts, sessions, access tokens, profiles, the ledger of marketplace
//! tokens with its vouchers, and who has blocked whom.

pub mod api;
pub mod blocks;
pub mod campus;
pub mod credentials;
mod hs256;
pub mod ledger;
pub mod pages;
pub mod passwords;
pub mod service;
pub mod sessions;
pub mod store;
pub mod wallet;
