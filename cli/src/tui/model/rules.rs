//! What the server says of itself that forms and questions need to know before they ask it.

use campuszon_core::{
    Currency, Day, Timestamp,
    booking::{self, WishRules},
    item::{ItemRules, Listing},
    wire::meta::Meta,
};

/// The rules of the server.
#[derive(Clone, Debug)]
pub struct Rules {
    pub items: ItemRules,
    /// The clocks by which people meet.
    pub timezone: String,
    /// How many tokens an unlock costs.
    unlock_price: i64,
}

impl Rules {
    /// Those that a server names; `None` where its currency is none that this version knows.
    pub fn new(meta: &Meta) -> Option<Self> {
        let items = ItemRules {
            currency: meta.currency.parse().ok()?,
            categories: meta.categories.clone(),
            max_images: usize::try_from(meta.limits.max_images).unwrap_or(usize::MAX),
            require_image: meta.limits.require_image,
        };
        Some(Self { items, timezone: meta.timezone.clone(), unlock_price: meta.limits.unlock_price })
    }

    /// The currency of all prices.
    pub fn currency(&self) -> Currency {
        self.items.currency
    }

    /// What decides whether a request is valid now.
    pub fn of_wishes(&self, now: Timestamp) -> WishRules {
        WishRules { currency: self.currency(), now, today: Day::of(now, &self.timezone) }
    }

    /// How many tokens it costs to unlock an item of a kind.
    pub fn unlock_price(&self, listing: Listing) -> i64 {
        booking::unlock_price(listing, self.unlock_price)
    }
}
