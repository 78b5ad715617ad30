//! What travels between client and server, as types: request bodies, answers and live frames. Their field names are
//! the API's contract. Answers are read and written; request bodies are written here and read by [`crate::form`].

pub mod account;
pub mod booking;
pub mod campus;
pub mod chat;
pub mod export;
pub mod image;
pub mod item;
pub mod live;
pub mod maintenance;
pub mod meta;
pub mod notification;
pub mod problem;
pub mod server;
pub mod trust;
pub mod wallet;

use serde::{Deserialize, Serialize};

/// Declares wire types: plain structs that clone, compare, serialize and describe themselves.
macro_rules! wire {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident { $($body:tt)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        $visibility struct $name { $($body)* }
    )*};
}
pub(crate) use wire;

/// An empty JSON object: the body of an action that takes none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Empty {}
