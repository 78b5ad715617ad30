//! Ends that nobody asked for, and what every end has in common: refunds, and letting go of the item.

use campuszon_core::{
    BookingId, CampusId, ItemId, Timestamp, UserId,
    booking::{BookingStatus, Side},
    id::UnlockId,
    item,
    item::ItemStatus,
    text,
    wire::wallet::TokenReason,
};

use super::{
    super::store::{self, StoredBooking},
    handover, item_of, save, status_after, telling,
};
use crate::{Error, event::ItemEnd, items, platform::database::Tx, users::ledger};

/// Gives back what an unlock cost, once, and closes it: the next one costs again.
pub(super) fn refund(tx: &mut Tx<'_>, campus: CampusId, id: UnlockId) -> Result<(), Error> {
    if !store::close_unlock(tx, campus, id)? {
        return Ok(());
    }
    let Some(unlock) = store::unlock(tx, campus, id)? else { return Ok(()) };
    if ledger::give(tx, campus, unlock.buyer, unlock.price, TokenReason::Refund, &id.to_string())? {
        let title = format!("You get {} back", text::count(unlock.price, "token"));
        telling::tokens(tx, campus, unlock.buyer, title, None)?;
    }
    Ok(())
}

/// Lets go of what an accepted booking held: the item is active again, and those who wait get fresh clocks, in order.
pub(super) fn let_go(tx: &mut Tx<'_>, campus: CampusId, ended: &StoredBooking) -> Result<(), Error> {
    store::release_claims(tx, campus, ended.id)?;
    if item_of(tx, campus, ended)?.status == ItemStatus::Reserved {
        items::service::advance(tx, campus, ended.item, item::Action::Release)?;
    }
    let deadline = tx.now() + tx.settings().bookings.pending_timeout;
    for before in store::open_of_item(tx, campus, ended.item)? {
        if !before.is_waiting() || is_blocked_by_another(tx, campus, &before)? {
            continue;
        }
        let after = StoredBooking { deadline_at: Some(deadline), updated_at: tx.now(), ..before.clone() };
        let after = save(tx, campus, &before, after)?;
        telling::moved_up(tx, campus, &after)?;
    }
    Ok(())
}

/// Whether a waiting rental has other days to wait for.
fn is_blocked_by_another(tx: &mut Tx<'_>, campus: CampusId, waiting: &StoredBooking) -> Result<bool, Error> {
    match waiting.days {
        Some((first, last)) => Ok(!store::claimed_days(tx, campus, waiting.item, first, last)?.is_empty()),
        None => Ok(false),
    }
}

/// Ends all open bookings of an item that is no longer to be had, and refunds whoever paid in vain.
pub(super) fn item_ended(tx: &mut Tx<'_>, campus: CampusId, item: ItemId, end: ItemEnd) -> Result<(), Error> {
    for before in store::open_of_item(tx, campus, item)? {
        let was_accepted = before.deal.status == BookingStatus::Accepted;
        // An accepted one is cancelled as by the seller.
        let status = if was_accepted { BookingStatus::Cancelled } else { status_after(end) };
        let Some(deal) = before.deal.ended(status) else { continue };
        let reason = Some(telling::reason_of(end).to_owned());
        let after = StoredBooking { deal, reason, updated_at: tx.now(), ..before.clone() };
        let after = save(tx, campus, &before, after)?;
        store::release_claims(tx, campus, after.id)?;
        if status == BookingStatus::Superseded {
            telling::superseded(tx, campus, &after)?;
        } else {
            let by = if end == ItemEnd::Removed { None } else { Some(Side::Seller) };
            telling::cancelled(tx, campus, &after, by)?;
        }
        refund(tx, campus, after.unlock)?;
    }
    for unlock in store::open_unlocks_of_item(tx, campus, item)? {
        if !unlock.accepted {
            refund(tx, campus, unlock.id)?;
        }
    }
    Ok(())
}

/// A rental was handed over: nobody else gets those days.
pub(super) fn supersede_overlapping(tx: &mut Tx<'_>, campus: CampusId, done: &StoredBooking) -> Result<(), Error> {
    for before in store::open_of_item(tx, campus, done.item)? {
        if before.deal.status != BookingStatus::Pending || !before.excludes(done) {
            continue;
        }
        let Some(deal) = before.deal.ended(BookingStatus::Superseded) else { continue };
        let after = StoredBooking { deal, updated_at: tx.now(), ..before.clone() };
        let after = save(tx, campus, &before, after)?;
        telling::superseded(tx, campus, &after)?;
        refund(tx, campus, after.unlock)?;
    }
    Ok(())
}

/// A buyer's account goes: their bookings are called off, with notice.
pub(super) fn buyer_left(tx: &mut Tx<'_>, campus: CampusId, buyer: UserId) -> Result<(), Error> {
    for before in store::open_of_buyer(tx, campus, buyer)? {
        let Some(deal) = before.deal.ended(BookingStatus::Cancelled) else { continue };
        let after = StoredBooking { deal, updated_at: tx.now(), ..before.clone() };
        let after = save(tx, campus, &before, after)?;
        telling::cancelled(tx, campus, &after, Some(Side::Buyer))?;
        if before.deal.status == BookingStatus::Accepted {
            let_go(tx, campus, &after)?;
        }
    }
    Ok(())
}

/// When the next booking or review of any campus is due.
///
/// # Errors
/// The database's.
pub fn next_deadline(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, Error> {
    let (booking, review) = (store::next_booking(tx)?, store::next_review(tx)?);
    Ok(booking.into_iter().chain(review).min())
}

/// Bookings of every campus whose time has run out, at most `limit`.
///
/// # Errors
/// The database's.
pub fn due(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<(CampusId, BookingId)>, Error> {
    Ok(store::due_bookings(tx, limit)?)
}

/// Ends a booking whose time has run out; nothing when somebody acted in between.
///
/// # Errors
/// The database's.
pub fn time_out(tx: &mut Tx<'_>, campus: CampusId, id: BookingId) -> Result<(), Error> {
    let Some(before) = store::booking(tx, campus, id)? else { return Ok(()) };
    if before.deadline_at.is_none_or(|deadline| deadline > tx.now()) {
        return Ok(());
    }
    let Some(deal) = before.deal.timed_out() else { return Ok(()) };
    let after = StoredBooking { deal, updated_at: tx.now(), ..before.clone() };
    if deal.status == BookingStatus::Completed {
        return handover::finish(tx, campus, &before, after);
    }
    let after = save(tx, campus, &before, after)?;
    telling::expired(tx, campus, &after)?;
    if before.deal.status == BookingStatus::Accepted {
        return let_go(tx, campus, &after);
    }
    refund(tx, campus, after.unlock)
}
