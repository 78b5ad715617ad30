//! Unlocking an item: paying for its seller's contact card and the right to book.

use campuszon_core::{
    CampusId, ItemId, UserId,
    booking::{is_bookable, unlock_price},
    wire::booking::Contact,
};

use super::{
    super::store::{self, StoredUnlock},
    NOT_AT_PRESENT, require_good_terms,
};
use crate::{
    Error, Principal,
    items::{self, store::StoredItem},
    platform::database::Tx,
    users::{self, ledger, service::User},
};

/// Unlocks an item for the caller, free of charge when they have it unlocked.
///
/// # Errors
/// The item is not to be had, or costs more than the caller has.
pub fn unlock(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<StoredItem, Error> {
    let item = items::service::visible(tx, who, id)?;
    open(tx, who, &item)?;
    Ok(item)
}

/// The caller's open unlock of an item, paid for now where there is none.
pub(super) fn open(tx: &mut Tx<'_>, who: &Principal, item: &StoredItem) -> Result<StoredUnlock, Error> {
    require_bookable(tx, who, item)?;
    if let Some(open) = store::open_unlock(tx, who.campus, item.id, who.user)? {
        return Ok(open);
    }
    let price = unlock_price(item.terms.listing, i64::from(tx.settings().tokens.unlock_price));
    let new = StoredUnlock {
        id: tx.new_id(),
        item: item.id,
        buyer: who.user,
        price,
        accepted: false,
        created_at: tx.now(),
        closed_at: None,
    };
    if !store::insert_unlock(tx, who.campus, &new)? {
        return Err(Error::Unavailable("the item is being unlocked already: try again".to_owned()));
    }
    ledger::pay(tx, who.campus, who.user, price, &new.id.to_string())?;
    Ok(new)
}

/// Refuses what nobody, or the caller, can ever book.
fn require_bookable(tx: &mut Tx<'_>, who: &Principal, item: &StoredItem) -> Result<(), Error> {
    if item.seller == who.user {
        return Err(Error::Conflict("this is your own item".to_owned()));
    }
    if !is_bookable(item.terms.listing) {
        return Err(Error::Conflict("the item is wanted, not offered: start a chat about it instead".to_owned()));
    }
    if item.hidden {
        return Err(Error::Conflict(NOT_AT_PRESENT.to_owned()));
    }
    if !item.status.is_listed() {
        let status = item.status;
        return Err(Error::Conflict(format!("the item is {status}: only an active or reserved one can be booked")));
    }
    require_good_terms(tx, who.campus, who.user, item.seller)
}

/// Whether `buyer` has the item unlocked.
///
/// # Errors
/// The database's.
pub fn is_unlocked(tx: &mut Tx<'_>, campus: CampusId, item: ItemId, buyer: UserId) -> Result<bool, Error> {
    Ok(store::open_unlock(tx, campus, item, buyer)?.is_some())
}

/// How to reach a user. Whoever calls this has checked that the reader may know.
///
/// # Errors
/// There is no such user.
pub fn contact(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Contact, Error> {
    let User { name, residence, phone, email, .. } = users::service::user(tx, campus, user)?;
    Ok(Contact { name, residence, phone, email })
}
