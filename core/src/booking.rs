//! Bookings: their states and the one table of who may do what in which, counter-offers and confirmations included.
//! Also what a valid request is.

mod request;

pub use request::{NewBooking, WishRules, counter_price, reason};

use crate::item::Listing;

crate::words! {
    /// Where a booking stands.
    BookingStatus {
        /// Asked for; somebody's turn.
        Pending = "pending",
        /// Agreed on; the item is held.
        Accepted = "accepted",
        /// Refused by the seller.
        Declined = "declined",
        /// Called off by one of the two.
        Cancelled = "cancelled",
        /// Run out of time.
        Expired = "expired",
        /// Handed over.
        Completed = "completed",
        /// The item went to somebody else.
        Superseded = "superseded",
    }

    /// One of the two who trade.
    Side {
        /// Who asked.
        Buyer = "buyer",
        /// Whose item it is.
        Seller = "seller",
    }
}

impl Side {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Seller,
            Self::Seller => Self::Buyer,
        }
    }
}

impl BookingStatus {
    /// Whether anything can still happen to it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted)
    }
}

/// How many counter-offers the two may make.
pub const MAX_ROUNDS: i64 = 6;

/// How many wrong handover codes end the entry of codes.
pub const MAX_CODE_ATTEMPTS: i64 = 5;

/// The day under which a booking for sale holds its item.
pub const WHOLE_ITEM: i64 = -1;

/// What one of the two wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Name another price, in answer to this version.
    Counter {
        /// The version that was seen.
        version: i64,
    },
    /// Agree.
    Accept,
    /// Refuse.
    Decline,
    /// Call it off.
    Cancel,
    /// Allow more time, once.
    Extend,
    /// Say that it was handed over.
    Confirm,
    /// Hand it over by the buyer's code.
    HandOver,
}

impl Action {
    /// The word for people: "cannot … a booking that is …".
    pub fn verb(self) -> &'static str {
        match self {
            Self::Counter { .. } => "counter",
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
            Self::Extend => "extend",
            Self::Confirm | Self::HandOver => "complete",
        }
    }
}

/// What the rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deal {
    /// Where it stands.
    pub status: BookingStatus,
    /// Whose answer is awaited while it is pending.
    pub turn: Side,
    /// Grows with every change of the offer.
    pub version: i64,
    /// How many counter-offers were made.
    pub rounds: i64,
    /// Whether the seller allowed more time.
    pub extended: bool,
    /// Whether the buyer said that it was handed over.
    pub buyer_confirmed: bool,
    /// Whether the seller did.
    pub seller_confirmed: bool,
}

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not in this state.
    #[error("cannot {verb} a booking that is {status}")]
    State {
        /// What was asked for.
        verb: &'static str,
        /// Where the booking stands.
        status: BookingStatus,
    },
    /// The other's turn.
    #[error("the booking is pending and it is the {0}'s turn")]
    Turn(Side),
    /// Not by this side, ever.
    #[error("only the {side} may {verb} a booking that is {status}")]
    Side {
        /// Who may.
        side: Side,
        /// What was asked for.
        verb: &'static str,
        /// Where the booking stands.
        status: BookingStatus,
    },
    /// Somebody changed the offer in between.
    #[error("the booking is pending at version {0}: look at the newest offer first")]
    Stale(i64),
    /// Enough haggling.
    #[error("the booking is pending and had {MAX_ROUNDS} counter-offers already: accept, decline or cancel it")]
    Rounds,
    /// Not a second time.
    #[error("the booking is accepted and was {0} already")]
    Twice(&'static str),
}

impl Deal {
    /// A fresh request: the seller answers.
    pub fn requested() -> Self {
        Self {
            status: BookingStatus::Pending,
            turn: Side::Seller,
            version: 1,
            rounds: 0,
            extended: false,
            buyer_confirmed: false,
            seller_confirmed: false,
        }
    }

    /// Whether this side said that it was handed over.
    pub fn has_confirmed(&self, side: Side) -> bool {
        match side {
            Side::Buyer => self.buyer_confirmed,
            Side::Seller => self.seller_confirmed,
        }
    }

    /// Whether one of the two said so, and the other's word or silence is awaited.
    pub fn awaits_confirmation(&self) -> bool {
        self.status == BookingStatus::Accepted && (self.buyer_confirmed || self.seller_confirmed)
    }

    /// The booking after `action` by `side`.
    ///
    /// # Errors
    /// Why not.
    pub fn after(self, action: Action, side: Side) -> Result<Self, Refusal> {
        use BookingStatus::{Accepted, Cancelled, Completed, Declined, Pending};
        let (verb, status) = (action.verb(), self.status);
        let only = |side| Err(Refusal::Side { side, verb, status });
        let next = match (action, self.status) {
            (Action::Counter { version }, Pending) => {
                self.require_turn(side)?;
                if version != self.version {
                    return Err(Refusal::Stale(self.version));
                }
                if self.rounds >= MAX_ROUNDS {
                    return Err(Refusal::Rounds);
                }
                Self { turn: side.other(), rounds: self.rounds + 1, ..self }
            }
            (Action::Accept, Pending) => {
                self.require_turn(side)?;
                Self { status: Accepted, ..self }
            }
            (Action::Decline, Pending) if side == Side::Seller => Self { status: Declined, ..self },
            (Action::Cancel, Pending) if side == Side::Buyer => Self { status: Cancelled, ..self },
            (Action::Decline, _) if side == Side::Buyer => return only(Side::Seller),
            (Action::Cancel, Pending) => return only(Side::Buyer),
            (Action::Cancel, Accepted) => Self { status: Cancelled, ..self },
            (Action::Extend | Action::HandOver, _) if side == Side::Buyer => return only(Side::Seller),
            (Action::Extend, Accepted) if self.extended => return Err(Refusal::Twice("extended")),
            (Action::Extend, Accepted) => Self { extended: true, ..self },
            (Action::HandOver, Accepted) => Self { status: Completed, ..self },
            (Action::Confirm, Accepted) if self.has_confirmed(side) => return Err(Refusal::Twice("confirmed by you")),
            (Action::Confirm, Accepted) => self.confirmed(side),
            _ => return Err(Refusal::State { verb, status }),
        };
        Ok(Self { version: self.version + 1, ..next })
    }

    fn confirmed(self, side: Side) -> Self {
        let (buyer, seller) =
            (self.buyer_confirmed || side == Side::Buyer, self.seller_confirmed || side == Side::Seller);
        let status = if buyer && seller { BookingStatus::Completed } else { self.status };
        Self { status, buyer_confirmed: buyer, seller_confirmed: seller, ..self }
    }

    fn require_turn(&self, side: Side) -> Result<(), Refusal> {
        if self.turn == side { Ok(()) } else { Err(Refusal::Turn(self.turn)) }
    }

    /// The booking after its time ran out: a confirmation that nobody contradicted holds, all else expires.
    pub fn timed_out(self) -> Option<Self> {
        let status = match self.status {
            _ if self.awaits_confirmation() => BookingStatus::Completed,
            BookingStatus::Pending | BookingStatus::Accepted => BookingStatus::Expired,
            _ => return None,
        };
        Some(Self { status, version: self.version + 1, ..self })
    }

    /// The booking after its item is gone: to somebody else (`Superseded`), or for good (`Cancelled`).
    pub fn ended(self, status: BookingStatus) -> Option<Self> {
        self.status.is_open().then_some(Self { status, version: self.version + 1, ..self })
    }
}

/// Whether items of this kind are unlocked and booked at all.
pub fn is_bookable(listing: Listing) -> bool {
    listing != Listing::Wanted
}

/// What unlocking an item costs, where `price` is the server's.
pub fn unlock_price(listing: Listing, price: i64) -> i64 {
    match listing {
        Listing::Sale | Listing::Rent => price,
        Listing::Free | Listing::Wanted => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(status: BookingStatus, turn: Side) -> Deal {
        Deal { status, turn, ..Deal::requested() }
    }

    /// The table of the product: all that is not in it is refused.
    #[test]
    fn the_states_are_the_table() {
        use BookingStatus::*;
        use Side::*;
        let allowed = [
            (Pending, Seller, Action::Counter { version: 1 }, Seller, Pending),
            (Pending, Buyer, Action::Counter { version: 1 }, Buyer, Pending),
            (Pending, Seller, Action::Accept, Seller, Accepted),
            (Pending, Buyer, Action::Accept, Buyer, Accepted),
            (Pending, Seller, Action::Decline, Seller, Declined),
            (Pending, Buyer, Action::Decline, Seller, Declined),
            (Pending, Seller, Action::Cancel, Buyer, Cancelled),
            (Pending, Buyer, Action::Cancel, Buyer, Cancelled),
        ];
        let accepted = [
            (Action::Cancel, Buyer, Cancelled),
            (Action::Cancel, Seller, Cancelled),
            (Action::Extend, Seller, Accepted),
            (Action::HandOver, Seller, Completed),
            (Action::Confirm, Buyer, Accepted),
            (Action::Confirm, Seller, Accepted),
        ];
        let actions = [
            Action::Counter { version: 1 },
            Action::Accept,
            Action::Decline,
            Action::Cancel,
            Action::Extend,
            Action::Confirm,
            Action::HandOver,
        ];
        for status in BookingStatus::ALL.iter().copied() {
            for turn in [Buyer, Seller] {
                for action in actions {
                    for side in [Buyer, Seller] {
                        let pending =
                            allowed.iter().find(|row| (row.0, row.1, row.2, row.3) == (status, turn, action, side));
                        let agreed = accepted.iter().find(|row| status == Accepted && (row.0, row.1) == (action, side));
                        let expected = pending.map(|row| row.4).or(agreed.map(|row| row.2));
                        let found = at(status, turn).after(action, side).ok().map(|deal| deal.status);
                        assert_eq!(found, expected, "{status} {turn} {action:?} by {side}");
                    }
                }
            }
        }
    }

    #[test]
    fn haggling_alternates_and_ends() {
        let mut deal = Deal::requested();
        for round in 1..=MAX_ROUNDS {
            let stale = deal.after(Action::Counter { version: deal.version - 1 }, deal.turn);
            assert_eq!(stale, Err(Refusal::Stale(deal.version)));
            assert_eq!(deal.after(Action::Accept, deal.turn.other()), Err(Refusal::Turn(deal.turn)));
            deal = deal.after(Action::Counter { version: deal.version }, deal.turn).expect("a counter-offer");
            assert_eq!((deal.rounds, deal.version), (round, round + 1));
        }
        assert_eq!(deal.after(Action::Counter { version: deal.version }, deal.turn), Err(Refusal::Rounds));
        assert_eq!(deal.after(Action::Accept, deal.turn).map(|deal| deal.status), Ok(BookingStatus::Accepted));
    }

    #[test]
    fn both_confirm_or_the_second_is_silent() {
        let accepted = at(BookingStatus::Accepted, Side::Buyer);
        let once = accepted.after(Action::Confirm, Side::Buyer).expect("a confirmation");
        assert!(once.awaits_confirmation() && once.after(Action::Confirm, Side::Buyer).is_err());
        let twice = once.after(Action::Confirm, Side::Seller).expect("a confirmation");
        assert_eq!(twice.status, BookingStatus::Completed);
        assert_eq!(once.timed_out().map(|deal| deal.status), Some(BookingStatus::Completed));
        assert_eq!(accepted.timed_out().map(|deal| deal.status), Some(BookingStatus::Expired));
        assert_eq!(twice.timed_out(), None);
    }

    #[test]
    fn more_time_is_given_once() {
        let extended = at(BookingStatus::Accepted, Side::Buyer).after(Action::Extend, Side::Seller).expect("more time");
        assert_eq!(extended.after(Action::Extend, Side::Seller), Err(Refusal::Twice("extended")));
    }
}
