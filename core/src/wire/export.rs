//! Everything the server holds on a user, as they get it.

use super::{
    account::{Device, Profile},
    chat::{Chat, Message},
    image::Image,
    notification::Notification,
    wallet::TokenEntry,
    wire,
};
use crate::{
    BookingId, Day, Decimal, ImageId, ItemId, ReviewId, SearchId, Timestamp, UserId,
    booking::{BookingStatus, Side},
    item::{Condition, ItemStatus, Listing, RentPeriod},
};

wire! {
    /// `GET /api/users/me/export`
    pub struct Export {
        pub profile: Profile,
        /// In every state, deleted ones included.
        pub items: Vec<ExportedItem>,
        /// Uploaded by the user; their files are at the addresses of their variants.
        pub images: Vec<Image>,
        pub chats: Vec<Chat>,
        /// Of the chats, by both sides, oldest first.
        pub messages: Vec<Message>,
        /// As buyer and as seller.
        pub bookings: Vec<ExportedBooking>,
        pub unlocks: Vec<ExportedUnlock>,
        /// The ledger, oldest entry first.
        pub tokens: Vec<TokenEntry>,
        /// Written by the user, and shown ones about them.
        pub reviews: Vec<ExportedReview>,
        pub searches: Vec<ExportedSearch>,
        pub notifications: Vec<Notification>,
        pub sessions: Vec<Device>,
        /// The starred items.
        pub favorites: Vec<ItemId>,
        /// The users that the user has blocked.
        pub blocks: Vec<UserId>,
    }

    /// A listing of the user's.
    pub struct ExportedItem {
        pub id: ItemId,
        pub title: String,
        pub description: String,
        pub listing: Listing,
        pub price: Decimal,
        pub currency: String,
        pub rent_period: Option<RentPeriod>,
        pub category: String,
        pub condition: Condition,
        pub pickup: Option<String>,
        pub status: ItemStatus,
        /// Whether only its place is kept, since others speak of it.
        pub deleted: bool,
        pub images: Vec<ImageId>,
        pub views: i64,
        pub favorites: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        pub expires_at: Option<Timestamp>,
    }

    /// A booking of the user's, or of an item of theirs. Without the other's contact card, which is the other's.
    pub struct ExportedBooking {
        pub id: BookingId,
        pub item: ItemId,
        pub title: String,
        pub role: Side,
        pub peer: UserId,
        pub status: BookingStatus,
        pub list_price: Decimal,
        pub price: Decimal,
        pub currency: String,
        pub message: Option<String>,
        pub meet_at: Option<Timestamp>,
        pub meet_place: Option<String>,
        pub from: Option<Day>,
        pub to: Option<Day>,
        pub reason: Option<String>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        pub accepted_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
    }

    /// An item that the user unlocked.
    pub struct ExportedUnlock {
        pub item: ItemId,
        /// In marketplace tokens.
        pub price: i64,
        pub created_at: Timestamp,
        /// When it was refunded.
        pub closed_at: Option<Timestamp>,
    }

    /// A review by or about the user.
    pub struct ExportedReview {
        pub id: ReviewId,
        pub booking: BookingId,
        pub author: UserId,
        pub subject: UserId,
        pub rating: i64,
        pub comment: Option<String>,
        pub answer: Option<String>,
        pub created_at: Timestamp,
    }

    /// A saved search.
    pub struct ExportedSearch {
        pub id: SearchId,
        pub name: String,
        pub query: String,
        pub digest: bool,
        pub created_at: Timestamp,
    }
}
