//! Domain events: what one service tells others of inside the transaction that caused it. `gateway::subscribers`
//! lists who listens.

use campuszon_core::{CampusId, ImageId, ItemId, UserId};

/// Something happened that other services must follow, or it must not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A picture became ready or failed for good.
    ImageSettled {
        /// The tenant.
        campus: CampusId,
        /// The picture.
        image: ImageId,
        /// Whose it is.
        owner: UserId,
        /// The listing it belongs to.
        item: Option<ItemId>,
    },
    /// An item is no longer to be had. Its state has changed already.
    ItemEnded {
        /// The tenant.
        campus: CampusId,
        /// The item.
        item: ItemId,
        /// What became of it.
        end: ItemEnd,
    },
    /// A seller changed what an item is offered for: sale, rent, free, wanted.
    ListingChanged {
        /// The tenant.
        campus: CampusId,
        /// The item.
        item: ItemId,
    },
    /// A user hides from now on whether they are there, or shows it again.
    PresenceSwitched {
        /// The tenant.
        campus: CampusId,
        /// Whose presence it is.
        user: UserId,
        /// Whether it is hidden now.
        hidden: bool,
    },
    /// An account is about to be erased.
    AccountDeleted {
        /// The tenant.
        campus: CampusId,
        /// Whose it was.
        user: UserId,
    },
}

/// Why an item is no longer to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemEnd {
    /// It went to a buyer, or elsewhere.
    Sold,
    /// Its seller took it off, or deleted it.
    Withdrawn,
    /// A moderator took it off.
    Removed,
}
