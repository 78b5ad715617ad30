//! What buyers and sellers may do, and what follows from it: state, item, ledger, chat card, notifications and live
//! frames change in one transaction. Which action is allowed when is decided by `core::booking`.

mod bargaining;
mod ending;
mod handover;
mod requesting;
mod reviewing;
mod telling;
mod unlocking;

use campuszon_core::{
    BookingId, CampusId, ItemId, UserId,
    booking::{Action, BookingStatus, Side},
};

pub use bargaining::{accept, cancel, counter, decline, extend};
pub use ending::{due, next_deadline, time_out};
pub use handover::{HandedOver, complete};
pub use requesting::request;
pub use reviewing::{NewReview, answer, answer_text, due_reviews, reveal_due, review};
pub use unlocking::{contact, is_unlocked, unlock};

pub use super::store::Wanted;
use super::store::{self, StoredBooking};
use crate::{
    Error, Principal,
    event::{Event, ItemEnd},
    items,
    platform::database::{Announcement, Tx},
    users,
};

/// What is said of a thing that cannot be had, when its reason is nobody's business: blocks and suspensions.
const NOT_AT_PRESENT: &str = "this item cannot be booked at present";

/// A booking of the caller, and what they are in it.
///
/// # Errors
/// There is none, as far as the caller may know.
pub fn party(tx: &mut Tx<'_>, who: &Principal, id: BookingId) -> Result<(StoredBooking, Side), Error> {
    let booking = store::booking(tx, who.campus, id)?.ok_or(Error::NotFound("booking"))?;
    let side = booking.side_of(who.user).ok_or(Error::NotFound("booking"))?;
    Ok((booking, side))
}

/// The caller's open booking of an item.
///
/// # Errors
/// The database's.
pub fn open_of(tx: &mut Tx<'_>, who: &Principal, item: ItemId) -> Result<Option<BookingId>, Error> {
    let open = store::open_of_buyer_and_item(tx, who.campus, item, who.user)?;
    Ok(open.map(|booking| booking.id))
}

/// A page of the caller's bookings.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, who: &Principal, wanted: &store::Wanted) -> Result<Vec<StoredBooking>, Error> {
    Ok(store::bookings(tx, who.campus, who.user, wanted)?)
}

/// The booking after `action` by `side`, not yet stored.
fn act(tx: &Tx<'_>, booking: &StoredBooking, action: Action, side: Side) -> Result<StoredBooking, Error> {
    let deal = booking.deal.after(action, side).map_err(|refusal| Error::Conflict(refusal.to_string()))?;
    Ok(StoredBooking { deal, updated_at: tx.now(), ..booking.clone() })
}

/// Stores a change of `before`.
fn save(
    tx: &mut Tx<'_>,
    campus: CampusId,
    before: &StoredBooking,
    mut after: StoredBooking,
) -> Result<StoredBooking, Error> {
    if !after.deal.status.is_open() {
        after.deadline_at = None;
        after.ended_at = Some(tx.now());
        after.handover_code = None;
    }
    announce_deadline(tx, &after);
    if !store::update_booking(tx, campus, before.deal.version, &after)? {
        return Err(Error::Conflict("the booking changed at the same moment: look at it again".to_owned()));
    }
    Ok(after)
}

/// Wakes whoever keeps the deadlines: this one may come before the others.
fn announce_deadline(tx: &mut Tx<'_>, booking: &StoredBooking) {
    if booking.deadline_at.is_some() {
        tx.announce(Announcement::JobQueued);
    }
}

/// Refuses what would bring two together who should not meet: one has blocked the other, or may not act at present.
fn require_good_terms(tx: &mut Tx<'_>, campus: CampusId, one: UserId, other: UserId) -> Result<(), Error> {
    let apart = users::store::is_blocked(tx, campus, one, other)?;
    for user in [one, other] {
        let user = users::service::user(tx, campus, user)?;
        if apart || users::service::require_active(&user).is_err() {
            return Err(Error::Conflict(NOT_AT_PRESENT.to_owned()));
        }
    }
    Ok(())
}

/// Follows what other services tell of.
///
/// # Errors
/// The cause must be rolled back.
pub fn follow(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    match event {
        Event::ItemEnded { campus, item, end } => ending::item_ended(tx, *campus, *item, *end),
        Event::ListingChanged { campus, item } if !store::open_of_item(tx, *campus, *item)?.is_empty() => {
            let message = "what an item is offered for cannot change while somebody's booking of it is open";
            Err(Error::Conflict(message.to_owned()))
        }
        Event::AccountDeleted { campus, user } => ending::buyer_left(tx, *campus, *user),
        Event::ImageSettled { .. } | Event::ListingChanged { .. } | Event::PresenceSwitched { .. } => Ok(()),
    }
}

/// The status that an end of the item gives to the bookings that wait for it.
fn status_after(end: ItemEnd) -> BookingStatus {
    match end {
        ItemEnd::Sold => BookingStatus::Superseded,
        ItemEnd::Withdrawn | ItemEnd::Removed => BookingStatus::Cancelled,
    }
}

/// The item's row, whatever its state.
fn item_of(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<items::store::StoredItem, Error> {
    items::service::find(tx, campus, booking.item)
}
