//! Listings: their words, the lifecycle as one table, and what a valid new listing, edit or filter is.

mod filter;
mod input;
mod matching;

pub use filter::{ItemFilter, Sort};
pub use input::{ItemPatch, ItemRules, NewItem, Terms, read_images};
pub use matching::Candidate;

crate::words! {
    /// What is offered.
    Listing {
        /// For sale.
        Sale = "sale",
        /// For rent, by the rent period.
        Rent = "rent",
        /// To give away; the price is 0.
        Free = "free",
        /// Looked for; takes chats only.
        Wanted = "wanted",
    }

    /// How worn it is.
    Condition {
        /// Unused.
        New = "new",
        /// Used, but one cannot tell.
        LikeNew = "like_new",
        /// Light wear.
        Good = "good",
        /// Visible wear.
        Fair = "fair",
        /// Heavy wear, or needs repair.
        Poor = "poor",
    }

    /// What one price of a rental buys.
    RentPeriod {
        /// A day.
        Day = "day",
        /// A week.
        Week = "week",
        /// A month.
        Month = "month",
        /// A semester.
        Semester = "semester",
    }

    /// Where in its life a listing is.
    ItemStatus {
        /// Seen by its seller only, not published or fallen back.
        Draft = "draft",
        /// Published, waiting for its first picture.
        Processing = "processing",
        /// Listed.
        Active = "active",
        /// Listed, with an accepted booking.
        Reserved = "reserved",
        /// Gone to a buyer.
        Sold = "sold",
        /// Taken off by its seller.
        Withdrawn = "withdrawn",
        /// Run out of time.
        Expired = "expired",
        /// Taken off by a moderator.
        Removed = "removed",
    }
}

/// What can happen to a listing in its lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The seller publishes; `waiting` says that pictures are still being made and none is ready.
    Publish { waiting: bool },
    /// The first picture is ready.
    PictureReady,
    /// Every picture failed.
    PicturesFailed,
    /// A booking is accepted.
    Reserve,
    /// The accepted booking ended without a deal.
    Release,
    /// The deal is done, or the item went elsewhere.
    Sell,
    /// The seller takes it off.
    Withdraw,
    /// The seller brings it back.
    Relist,
    /// The seller adds another lifetime.
    Renew,
    /// Its lifetime ended.
    Expire,
    /// A moderator takes it off.
    Remove,
    /// A moderator brings it back to this state.
    Restore(ItemStatus),
}

impl Action {
    /// The word for people: "cannot … an item that is …".
    pub fn verb(self) -> &'static str {
        match self {
            Self::Publish { .. } => "publish",
            Self::PictureReady | Self::PicturesFailed => "finish",
            Self::Reserve => "reserve",
            Self::Release => "release",
            Self::Sell => "sell",
            Self::Withdraw => "withdraw",
            Self::Relist => "relist",
            Self::Renew => "renew",
            Self::Expire => "expire",
            Self::Remove => "remove",
            Self::Restore(_) => "restore",
        }
    }
}

impl Action {
    /// Whether it puts an item before buyers who could not see it: the first time, or again. What a moderator restores
    /// was seen before.
    pub fn is_offer(self) -> bool {
        matches!(self, Self::Publish { .. } | Self::PictureReady | Self::Relist | Self::Renew)
    }
}

impl ItemStatus {
    /// Whether lists and searches show it to everybody of the campus.
    pub fn is_listed(self) -> bool {
        matches!(self, Self::Active | Self::Reserved)
    }

    /// The state after `action`, or `None` where the lifecycle does not allow it.
    pub fn after(self, action: Action) -> Option<Self> {
        use ItemStatus::{Active, Draft, Expired, Processing, Removed, Reserved, Sold, Withdrawn};
        Some(match (self, action) {
            (Draft, Action::Publish { waiting: true }) => Processing,
            (Draft, Action::Publish { waiting: false }) | (Processing, Action::PictureReady) => Active,
            (Processing, Action::PicturesFailed) => Draft,
            (Active, Action::Reserve) => Reserved,
            (Reserved, Action::Release) | (Withdrawn, Action::Relist) => Active,
            (Active | Reserved, Action::Sell) => Sold,
            (Active | Reserved, Action::Withdraw) => Withdrawn,
            (Active, Action::Expire) => Expired,
            (Active | Expired, Action::Renew) => Active,
            (Draft | Processing | Active | Reserved | Sold | Withdrawn | Expired, Action::Remove) => Removed,
            // Its booking was cancelled with the removal.
            (Removed, Action::Restore(Reserved)) => Active,
            (Removed, Action::Restore(before)) if before != Removed => before,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lifecycle_is_the_table() {
        use ItemStatus::*;
        let allowed = [
            (Draft, Action::Publish { waiting: true }, Processing),
            (Draft, Action::Publish { waiting: false }, Active),
            (Processing, Action::PictureReady, Active),
            (Processing, Action::PicturesFailed, Draft),
            (Active, Action::Reserve, Reserved),
            (Reserved, Action::Release, Active),
            (Active, Action::Sell, Sold),
            (Reserved, Action::Sell, Sold),
            (Active, Action::Withdraw, Withdrawn),
            (Reserved, Action::Withdraw, Withdrawn),
            (Withdrawn, Action::Relist, Active),
            (Active, Action::Expire, Expired),
            (Active, Action::Renew, Active),
            (Expired, Action::Renew, Active),
            (Draft, Action::Remove, Removed),
            (Processing, Action::Remove, Removed),
            (Active, Action::Remove, Removed),
            (Reserved, Action::Remove, Removed),
            (Sold, Action::Remove, Removed),
            (Withdrawn, Action::Remove, Removed),
            (Expired, Action::Remove, Removed),
            (Removed, Action::Restore(Reserved), Active),
            (Removed, Action::Restore(Sold), Sold),
        ];
        let actions: Vec<Action> = allowed.iter().map(|(_, action, _)| *action).collect();
        for status in ItemStatus::ALL {
            for action in &actions {
                let expected = allowed.iter().find(|row| row.0 == *status && row.1 == *action).map(|row| row.2);
                assert_eq!(status.after(*action), expected, "{status} {action:?}");
            }
        }
    }
}
