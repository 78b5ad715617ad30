//! What users see of their marketplace tokens, and the vouchers that bring some. The balances move in
//! [`super::ledger`].

pub mod api;
pub mod service;
pub mod store;
