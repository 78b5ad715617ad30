//! The rules of CampusZon, free of any runtime: what a valid listing is, who may do what, how a query reads, how a
//! picture is made ready. Server, commands and TUI all decide with the functions of this crate.
//!
//! Nothing here touches a network, a file, a clock or randomness: times and ids are passed in.

pub mod account;
pub mod booking;
pub mod fault;
pub mod form;
pub mod id;
pub mod item;
pub mod money;
pub mod permission;
pub mod picture;
pub mod query;
pub mod safe;
pub mod text;
pub mod time;
pub mod voucher;
pub mod wire;
pub mod word;

pub use fault::{Fault, Faults};
pub use id::{
    BookingId, CampusId, ChatId, Id, ImageId, ItemId, MessageId, NotificationId, ReportId, ReviewId, SearchId,
    SessionId, TokenId, UserId,
};
pub use money::{Currency, Decimal};
pub use time::{Day, Timestamp};
