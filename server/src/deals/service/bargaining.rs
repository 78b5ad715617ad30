//! From a request to an agreement, or not.

use campuszon_core::{
    BookingId, CampusId, Timestamp,
    booking::{Action, BookingStatus, Side, WHOLE_ITEM},
    item::{self, ItemStatus},
};

use super::{
    super::store::{self, StoredBooking},
    act, ending, item_of, party, require_good_terms, save, telling,
};
use crate::{Error, Principal, items, platform::database::Tx, users};

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Names another price, in answer to the offer of `version`.
///
/// # Errors
/// It is not the caller's turn, the offer changed, or there was enough haggling.
pub fn counter(tx: &mut Tx<'_>, who: &Principal, id: BookingId, price: i64, version: i64) -> Result<(), Error> {
    let (before, side) = party(tx, who, id)?;
    let mut after = act(tx, &before, Action::Counter { version }, side)?;
    require_good_terms(tx, who.campus, before.buyer, before.seller)?;
    after.price = price;
    if !before.is_waiting() {
        after.deadline_at = Some(tx.now() + tx.settings().bookings.pending_timeout);
    }
    let after = save(tx, who.campus, &before, after)?;
    telling::countered(tx, who.campus, &after, side)
}

/// Agrees to the offer on the table: the item, or its days, are held from now on.
///
/// # Errors
/// It is not the caller's turn, or another booking holds the item.
pub fn accept(tx: &mut Tx<'_>, who: &Principal, id: BookingId) -> Result<(), Error> {
    let (before, side) = party(tx, who, id)?;
    let mut after = act(tx, &before, Action::Accept, side)?;
    require_good_terms(tx, who.campus, before.buyer, before.seller)?;
    hold(tx, who.campus, &before)?;
    after.handover_code = Some(tx.entropy().digits6());
    after.accepted_at = Some(tx.now());
    after.deadline_at = Some(begins(tx, &before) + tx.settings().bookings.accepted_timeout);
    let after = save(tx, who.campus, &before, after)?;
    store::note_accepted(tx, who.campus, after.unlock)?;
    telling::accepted(tx, who.campus, &after, side)?;
    stop_clocks(tx, who.campus, &after)
}

/// When the handover can be: at once, or when a rental begins.
fn begins(tx: &Tx<'_>, booking: &StoredBooking) -> Timestamp {
    let first = booking.days.map(|(first, _)| Timestamp::from_millis(first.number() * DAY));
    first.map_or(tx.now(), |first| first.max(tx.now()))
}

/// Holds the item, or its days, for a booking. That no two hold the same is the database's word, whatever races.
fn hold(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let item = item_of(tx, campus, booking)?;
    if item.hidden || item.deleted || item.status != ItemStatus::Active {
        let status = if item.hidden { "hidden until a moderator has looked at it" } else { item.status.as_str() };
        return Err(Error::Conflict(format!("cannot accept a booking while the item is {status}")));
    }
    let days: Vec<i64> = match booking.days {
        Some((first, last)) => (first.number()..=last.number()).collect(),
        None => vec![WHOLE_ITEM],
    };
    for day in days {
        if !store::claim(tx, campus, item.id, day, booking.id)? {
            let message = "cannot accept the booking: another accepted one holds the item in that time";
            return Err(Error::Conflict(message.to_owned()));
        }
    }
    if booking.days.is_none() {
        items::service::advance(tx, campus, item.id, item::Action::Reserve)?;
    }
    Ok(())
}

/// The others who asked for the same become the waiting list, and are told their place.
fn stop_clocks(tx: &mut Tx<'_>, campus: CampusId, accepted: &StoredBooking) -> Result<(), Error> {
    let others = store::open_of_item(tx, campus, accepted.item)?;
    for before in others.into_iter().filter(|other| other.deal.status == BookingStatus::Pending) {
        if !before.excludes(accepted) {
            continue;
        }
        // The offer is the same, and so its version: a counter-offer that is on its way still answers it.
        let after = StoredBooking { deadline_at: None, updated_at: tx.now(), ..before.clone() };
        let after = save(tx, campus, &before, after)?;
        telling::waits(tx, campus, &after)?;
    }
    Ok(())
}

/// Refuses a request.
///
/// # Errors
/// The caller is not its seller, or it is not pending.
pub fn decline(tx: &mut Tx<'_>, who: &Principal, id: BookingId, reason: Option<String>) -> Result<(), Error> {
    let (before, side) = party(tx, who, id)?;
    let reason = heard(tx, who.campus, &before, reason)?;
    let after = StoredBooking { reason, ..act(tx, &before, Action::Decline, side)? };
    let after = save(tx, who.campus, &before, after)?;
    telling::declined(tx, who.campus, &after)?;
    ending::refund(tx, who.campus, after.unlock)
}

/// Calls a booking off: a request by its buyer, an accepted one by either.
///
/// # Errors
/// Its state does not allow it.
pub fn cancel(tx: &mut Tx<'_>, who: &Principal, id: BookingId, reason: Option<String>) -> Result<(), Error> {
    let (before, side) = party(tx, who, id)?;
    let reason = heard(tx, who.campus, &before, reason)?;
    let after = StoredBooking { reason, ..act(tx, &before, Action::Cancel, side)? };
    let after = save(tx, who.campus, &before, after)?;
    telling::cancelled(tx, who.campus, &after, Some(side))?;
    if before.deal.status == BookingStatus::Accepted {
        ending::let_go(tx, who.campus, &after)?;
    }
    // Book-and-cancel must not mint tokens: only the seller's cancelling refunds.
    if side == Side::Seller { ending::refund(tx, who.campus, after.unlock) } else { Ok(()) }
}

/// What one side says to the other on leaving; nothing where one has blocked the other, who may leave all the same.
fn heard(
    tx: &mut Tx<'_>,
    campus: CampusId,
    booking: &StoredBooking,
    reason: Option<String>,
) -> Result<Option<String>, Error> {
    let is_blocked = users::store::is_blocked(tx, campus, booking.buyer, booking.seller)?;
    Ok(reason.filter(|_| !is_blocked))
}

/// Gives an accepted booking more time, once.
///
/// # Errors
/// The caller is not its seller, or it has had more time.
pub fn extend(tx: &mut Tx<'_>, who: &Principal, id: BookingId) -> Result<(), Error> {
    let (before, side) = party(tx, who, id)?;
    let mut after = act(tx, &before, Action::Extend, side)?;
    after.deadline_at = before.deadline_at.map(|deadline| deadline + tx.settings().bookings.accepted_timeout);
    let after = save(tx, who.campus, &before, after)?;
    telling::extended(tx, who.campus, &after)
}
