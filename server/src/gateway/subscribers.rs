//! Who hears of domain events, in order. A subscriber runs inside the transaction that caused the event, and its
//! failure rolls the cause back.

use crate::{deals, items, platform::database::Subscriber};

/// All subscribers of the server.
pub const ALL: &[Subscriber] = &[deals::service::follow, items::service::follow];
