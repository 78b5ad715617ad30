//! The terminal interface: without a terminal, where keys and answers go into `update` and frames come out of `view`, and
//! in a pseudo-terminal.
#![cfg(test)]

mod alerts;
mod behaviour;
mod bookings;
mod chaos;
mod chats;
mod deals;
mod desk;
mod filters;
mod hostile;
mod live;
mod me;
mod mouse;
mod photos;
#[cfg(unix)]
mod pty;
mod selling;
mod servers;
mod states;
mod stock;
#[cfg(unix)]
mod story;
mod tabs;
#[cfg(unix)]
mod trade;
mod wizard;
