//! What the pictures of this crate promise, on files made here.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod colours;
mod fixture;
mod hostile;
mod output;
