//! Notifications and saved searches.

use super::wire;
use crate::{BookingId, ChatId, ItemId, NotificationId, SearchId, Timestamp};

crate::words! {
    /// What a notification is about.
    NotificationKind {
        /// Somebody asks for the reader's item.
        BookingRequested = "booking_requested",
        /// The other named another price.
        BookingCountered = "booking_countered",
        /// The other agreed.
        BookingAccepted = "booking_accepted",
        /// The seller refused.
        BookingDeclined = "booking_declined",
        /// The other called it off, or the item was taken away.
        BookingCancelled = "booking_cancelled",
        /// Its time ran out.
        BookingExpired = "booking_expired",
        /// It was handed over, or the other says so.
        BookingCompleted = "booking_completed",
        /// The item went to somebody else.
        BookingSuperseded = "booking_superseded",
        /// The place in a waiting list.
        WaitingList = "waiting_list",
        /// The first message of a chat while away.
        ChatMessage = "chat_message",
        /// A new item matches a saved search.
        SearchMatch = "search_match",
        /// A starred item became cheaper.
        PriceDrop = "price_drop",
        /// The balance moved.
        Tokens = "tokens",
        /// A review can be read.
        Review = "review",
        /// A listing ends soon.
        ItemExpiring = "item_expiring",
        /// A listing has ended.
        ItemExpired = "item_expired",
        /// Pictures of an item failed.
        ItemFailed = "item_failed",
        /// A moderator decided something.
        Moderation = "moderation",
    }
}

wire! {
    /// An entry of the reader's feed.
    pub struct Notification {
        pub id: NotificationId,
        pub kind: NotificationKind,
        pub title: String,
        pub body: Option<String>,
        pub item: Option<ItemId>,
        pub chat: Option<ChatId>,
        pub booking: Option<BookingId>,
        pub read: bool,
        pub created_at: Timestamp,
    }

    /// `GET /api/notifications`, newest first.
    pub struct Notifications {
        pub notifications: Vec<Notification>,
        pub next_cursor: Option<String>,
    }

    /// `POST /api/notifications/read`: either of the two.
    pub struct MarkNotifications {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ids: Option<Vec<NotificationId>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub all: Option<bool>,
    }

    /// `GET` and `PATCH /api/notifications/preferences`
    pub struct Preferences {
        /// The kinds that are neither stored nor pushed.
        pub muted: Vec<NotificationKind>,
        /// Whether a daily mail sums up what was not read.
        pub digest: bool,
    }

    /// `PATCH /api/notifications/preferences`: what is absent stays.
    pub struct EditPreferences {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub muted: Option<Vec<NotificationKind>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub digest: Option<bool>,
    }

    /// A saved search.
    pub struct Search {
        pub id: SearchId,
        pub name: String,
        /// As in the query box.
        pub query: String,
        /// Whether a daily mail names its matches.
        pub digest: bool,
        /// How many matches it has found.
        pub matches: i64,
        pub created_at: Timestamp,
    }

    /// `POST /api/searches`
    pub struct CreateSearch {
        pub name: String,
        pub query: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub digest: Option<bool>,
    }

    /// `PATCH /api/searches/{id}`: what is absent stays.
    pub struct EditSearch {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub query: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub digest: Option<bool>,
    }

    /// `GET /api/searches`
    pub struct Searches {
        pub searches: Vec<Search>,
        pub next_cursor: Option<String>,
    }
}
