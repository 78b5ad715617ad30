//! The printed form of each kind of thing: its documented fields, and the columns it shows by itself.

mod account;
mod administration;
mod conversation;
mod market;
mod program;
#[cfg(test)]
mod tests;

pub use self::{account::*, administration::*, conversation::*, market::*, program::*};
