//! Everything that needs more than one crate: stores on both databases, the API in process, commands and TUI against a
//! real server, and the rules of the house.

#![cfg(test)]

mod api;
mod cli;
mod deploy;
mod fuzz;
mod history;
mod layering;
mod readme;
mod store;
mod story;
mod support;
mod tui;
