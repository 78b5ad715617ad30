//! Who hears of domain events, in order. A subscriber runs inside the transaction that caused the event, and its
//! failure rolls the cause back.

use crate::{items, platform::database::Subscriber};

/// All subscribers of the server.
pub const ALL: &[Subscriber] = &[items::service::follow];
