//! Who hears of domain events, in order. A subscriber runs inside the transaction that caused the event, and its
//! failure rolls the cause back.

use crate::{chat, deals, items, notifications, platform::database::Subscriber};

/// All subscribers of the server. The feed comes last: what the others tell of an account's end ends with it.
pub const ALL: &[Subscriber] = &[
    deals::service::follow,
    chat::service::follow,
    items::service::follow,
    items::saved::service::follow,
    notifications::service::follow,
];
