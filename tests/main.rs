//! Everything that needs more than one crate: stores on both databases, the API in process, commands and TUI against a
//! real server, and the rules of the house.

mod api;
mod layering;
mod store;
mod support;
mod tui;
