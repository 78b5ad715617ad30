//! Asking for an item.

use campuszon_core::{
    BookingId, Day, ItemId,
    booking::{Deal, NewBooking},
    item::ItemStatus,
};

use super::{
    super::store::{self, StoredBooking},
    announce_deadline, telling, unlocking,
};
use crate::{
    Error, Principal, chat,
    items::{self, store::StoredItem},
    platform::database::Tx,
};

/// Asks for an item in the caller's name; unlocks it first where needed, and opens the chat with its seller.
///
/// # Errors
/// The item is not to be had, the caller has asked before or too often, or the wish does not fit the offer.
pub fn request(tx: &mut Tx<'_>, who: &Principal, id: ItemId, new: &NewBooking) -> Result<BookingId, Error> {
    let item = items::service::visible(tx, who, id)?;
    if let Some(open) = store::open_of_buyer_and_item(tx, who.campus, id, who.user)? {
        let (id, status) = (open.id, open.deal.status);
        return Err(Error::Conflict(format!("you have asked for this item already: the booking {id} is {status}")));
    }
    let unlock = unlocking::open(tx, who, &item)?;
    new.check(item.terms.listing)?;
    require_room(tx, who)?;
    if let Some((first, last)) = new.days {
        require_free(tx, who, &item, first, last)?;
    }
    let booking = StoredBooking {
        unlock: unlock.id,
        chat: chat::service::of_booking(tx, who.campus, item.id, who.user, item.seller)?,
        ..draft(tx, who, &item, new)
    };
    if !store::insert_booking(tx, who.campus, &booking)? {
        return Err(Error::Unavailable("the item is being booked by you already: try again".to_owned()));
    }
    announce_deadline(tx, &booking);
    telling::requested(tx, who.campus, &booking)?;
    Ok(booking.id)
}

fn draft(tx: &Tx<'_>, who: &Principal, item: &StoredItem, new: &NewBooking) -> StoredBooking {
    let now = tx.now();
    // While another booking holds the item, the clock stands still.
    let waits = item.status == ItemStatus::Reserved;
    StoredBooking {
        id: tx.new_id(),
        item: item.id,
        buyer: who.user,
        seller: item.seller,
        chat: tx.new_id(),
        unlock: tx.new_id(),
        deal: Deal::requested(),
        listing: item.terms.listing,
        rent_period: item.terms.rent_period,
        title: item.title.clone(),
        thumbnail: item.thumbnail.clone(),
        list_price: item.terms.price,
        price: new.offered_price.unwrap_or(item.terms.price),
        message: new.message.clone(),
        meet_at: new.meet_at,
        meet_place: new.meet_place.clone(),
        days: new.days,
        handover_code: None,
        code_attempts: 0,
        rewarded: false,
        reason: None,
        deadline_at: (!waits).then(|| now + tx.settings().bookings.pending_timeout),
        created_at: now,
        updated_at: now,
        accepted_at: None,
        ended_at: None,
    }
}

fn require_room(tx: &mut Tx<'_>, who: &Principal) -> Result<(), Error> {
    let most = tx.settings().bookings.max_open as usize;
    if store::open_of_buyer(tx, who.campus, who.user)?.len() < most {
        return Ok(());
    }
    Err(Error::Conflict(format!("you have {most} open bookings already: wait for an answer, or cancel one")))
}

fn require_free(tx: &mut Tx<'_>, who: &Principal, item: &StoredItem, first: Day, last: Day) -> Result<(), Error> {
    let taken = store::claimed_days(tx, who.campus, item.id, first, last)?;
    match taken.first() {
        None => Ok(()),
        Some(day) => Err(Error::Conflict(format!("the item is rented out on {day}: choose other days"))),
    }
}
