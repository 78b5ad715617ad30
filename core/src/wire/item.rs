//! Listings.

use super::{booking::TakenDays, image::Image, image::ImageStatus, wire};
use crate::{
    ChatId, Decimal, ImageId, ItemId, Timestamp, UserId,
    id::BookingId,
    item::{Condition, ItemStatus, Listing, RentPeriod},
};

wire! {
    /// `POST /api/items`
    pub struct CreateItem {
        pub title: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub price: Option<Decimal>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub currency: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub listing: Option<Listing>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rent_period: Option<RentPeriod>,
        pub category: String,
        pub condition: Condition,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub pickup: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "openapi", schema(nullable))]
        pub images: Vec<ImageId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub draft: Option<bool>,
    }

    /// `PATCH /api/items/{id}`: what is absent stays; `null` clears `description`, `rent_period` and `pickup`.
    pub struct EditItem {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub title: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub description: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub price: Option<Decimal>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub currency: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub listing: Option<Listing>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rent_period: Option<RentPeriod>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub category: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub condition: Option<Condition>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub pickup: Option<String>,
    }

    /// `PUT /api/items/{id}/images`
    pub struct SetImages {
        pub images: Vec<ImageId>,
    }

    /// Who offers an item, as lists show it.
    pub struct Seller {
        pub id: UserId,
        pub name: String,
        pub rating: Option<f64>,
        pub online: bool,
    }

    /// An item as lists show it.
    pub struct ItemSummary {
        pub id: ItemId,
        pub title: String,
        pub price: Decimal,
        pub currency: String,
        pub listing: Listing,
        pub rent_period: Option<RentPeriod>,
        pub category: String,
        pub condition: Condition,
        pub status: ItemStatus,
        /// The address of the first picture's smallest variant.
        pub thumbnail: Option<String>,
        pub placeholder: Option<String>,
        pub seller: Seller,
        /// Whether the caller starred it.
        pub favorite: bool,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// What the caller has to do with an item.
    pub struct Viewer {
        pub favorite: bool,
        pub unlocked: bool,
        pub booking: Option<BookingId>,
        pub chat: Option<ChatId>,
    }

    /// A whole item.
    pub struct Item {
        #[serde(flatten)]
        pub summary: ItemSummary,
        pub description: String,
        pub pickup: Option<String>,
        pub images: Vec<Image>,
        pub views: i64,
        pub favorites: i64,
        pub expires_at: Option<Timestamp>,
        /// How far its pictures are: `pending` while one is, `failed` when all failed.
        pub image_status: Option<ImageStatus>,
        pub viewer: Viewer,
        /// The days of a rental that are taken, from today on.
        pub taken: Vec<TakenDays>,
    }

    /// `GET /api/items`
    pub struct Items {
        pub items: Vec<ItemSummary>,
        pub next_cursor: Option<String>,
        /// The query that was answered instead, with a typing error forgiven.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub corrected_query: Option<String>,
        /// How many there are in all, when asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub total: Option<i64>,
    }
}
