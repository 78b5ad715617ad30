//! What sellers and viewers may do with items, and what follows from it. Every function runs in its caller's
//! transaction.

use std::time::Duration;

use campuszon_core::{
    CampusId, Id, ImageId, ItemId, Timestamp, UserId,
    item::{Action, ItemFilter, ItemPatch, ItemStatus, Listing, NewItem, Sort},
    query::Query,
};

use super::{
    listing::{self, ListedItem, Position},
    news, saved, search,
    store::{self, StoredItem},
};
use crate::{
    Error, Principal,
    event::{Event, ItemEnd},
    if_match::IfMatch,
    images,
    platform::database::Tx,
};

/// How long before its end the seller of a listing is warned.
const WARNING: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// How many listings one sweep ends, and of how many it warns.
const SWEPT: i64 = 500;

/// Random bits in an item's number, below the milliseconds of its making.
const NUMBER_RANDOM_BITS: u32 = 20;

/// The number that orders an item by age; it is free in all likelihood.
fn number_of(id: ItemId, created: Timestamp) -> i64 {
    let random = i64::try_from(id.bits() & ((1 << NUMBER_RANDOM_BITS) - 1)).unwrap_or(0);
    (created.millis() << NUMBER_RANDOM_BITS) | random
}

/// When the item with this number was made, in milliseconds since 1970.
pub(super) fn number_millis(number: i64) -> i64 {
    number >> NUMBER_RANDOM_BITS
}

/// Lists a new item, or keeps it as a draft.
///
/// # Errors
/// An image is not the caller's, or belongs to another item.
pub fn create(tx: &mut Tx<'_>, who: &Principal, new: &NewItem) -> Result<ItemId, Error> {
    let id: ItemId = tx.new_id();
    let mut number = number_of(id, tx.now());
    while store::is_number_taken(tx, who.campus, number)? {
        number += 1;
    }
    store::insert(tx, who.campus, id, number, who.user, new)?;
    images::service::attach(tx, who.campus, who.user, id, &new.images)?;
    refresh_thumbnail(tx, who.campus, id)?;
    if !new.draft {
        publish(tx, who.campus, id)?;
    }
    Ok(id)
}

/// The item, when the caller may know of it: listed, their own, or the one their chat was about and that is sold.
///
/// # Errors
/// Not found; gone when its seller deleted it and the caller spoke about it.
pub fn visible(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<StoredItem, Error> {
    let item = store::item(tx, who.campus, id)?.ok_or(Error::NotFound("item"))?;
    let own = item.seller == who.user;
    if !item.deleted && (own || item.is_listed()) {
        return Ok(item);
    }
    let party = own || store::chat_of_buyer(tx, who.campus, id, who.user)?.is_some();
    match (item.deleted, item.status) {
        (true, _) if party => Err(Error::Gone("this item was deleted by its seller".to_owned())),
        (false, ItemStatus::Sold) if party => Ok(item),
        _ => Err(Error::NotFound("item")),
    }
}

/// The caller's own item.
///
/// # Errors
/// Not found, or forbidden where the caller sees it but it is somebody else's.
fn own(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<StoredItem, Error> {
    let item = visible(tx, who, id)?;
    if item.seller == who.user {
        Ok(item)
    } else {
        Err(Error::Forbidden("only its seller may change an item".to_owned()))
    }
}

/// Changes the caller's item.
///
/// # Errors
/// Not theirs, changed in the meantime, or no longer open to changes.
pub fn edit(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: ItemId,
    patch: &ItemPatch,
    if_match: Option<&IfMatch>,
) -> Result<(), Error> {
    let before = own(tx, who, id)?;
    IfMatch::check(if_match, &before.version.to_string())?;
    if matches!(before.status, ItemStatus::Sold | ItemStatus::Removed) {
        return Err(Error::Conflict(format!("an item that is {} cannot be changed", before.status)));
    }
    let after = apply(&before, patch)?;
    if !store::update(tx, who.campus, &after)? {
        return Err(Error::PreconditionFailed);
    }
    if before.is_listed() {
        search::unindex(tx, who.campus, &before)?;
        search::index(tx, who.campus, &after)?;
    }
    news::price_cut(tx, who.campus, &before, &after)?;
    if before.terms.listing != after.terms.listing {
        tx.emit(&Event::ListingChanged { campus: who.campus, item: id })?;
    }
    Ok(())
}

fn apply(before: &StoredItem, patch: &ItemPatch) -> Result<StoredItem, Error> {
    let keep = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
    Ok(StoredItem {
        title: keep(&patch.title, &before.title),
        description: keep(&patch.description, &before.description),
        terms: patch.terms(before.terms)?,
        category: keep(&patch.category, &before.category),
        condition: patch.condition.unwrap_or(before.condition),
        pickup: patch.pickup.clone().apply(before.pickup.clone()),
        ..before.clone()
    })
}

/// Deletes the caller's item; what chats point at stays as a tombstone.
///
/// # Errors
/// Not theirs, changed in the meantime, or reserved.
pub fn delete(tx: &mut Tx<'_>, who: &Principal, id: ItemId, if_match: Option<&IfMatch>) -> Result<(), Error> {
    let item = own(tx, who, id)?;
    IfMatch::check(if_match, &item.version.to_string())?;
    if item.status == ItemStatus::Reserved || store::is_held(tx, who.campus, id)? {
        return Err(Error::Conflict("an item with an accepted booking cannot be deleted: cancel it first".to_owned()));
    }
    take_away(tx, who.campus, &item)
}

fn take_away(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), Error> {
    if item.is_listed() {
        search::unindex(tx, campus, item)?;
    }
    tx.emit(&Event::ItemEnded { campus, item: item.id, end: ItemEnd::Withdrawn })?;
    if store::is_spoken_of(tx, campus, item.id)? {
        return Ok(store::bury(tx, campus, item.id)?);
    }
    images::service::delete_of_item(tx, campus, item.id)?;
    Ok(store::delete(tx, campus, item.id)?)
}

/// Moves the caller's item along its lifecycle.
///
/// # Errors
/// Not theirs, or its state does not allow it.
pub fn act(tx: &mut Tx<'_>, who: &Principal, id: ItemId, action: Action) -> Result<(), Error> {
    let item = own(tx, who, id)?;
    if let Action::Publish { .. } = action {
        return publish(tx, who.campus, item.id);
    }
    transition(tx, who.campus, &item, action, None)
}

/// Publishes a draft: active at once when a picture is ready or none is needed, waiting for its pictures otherwise.
fn publish(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<(), Error> {
    let item = store::item(tx, campus, id)?.ok_or(Error::NotFound("item"))?;
    let pictures = images::service::state(tx, campus, id)?;
    let has_any = pictures.ready + pictures.pending > 0;
    let needs_one = tx.settings().items.require_image && item.terms.listing != Listing::Wanted;
    if !has_any && needs_one {
        return Err(Error::Conflict("at least one image is required before an item can be published".to_owned()));
    }
    let waiting = pictures.ready == 0 && pictures.pending > 0;
    transition(tx, campus, &item, Action::Publish { waiting }, None)
}

/// The one place where an item's state changes: guarded, with its place in the search and its expiry.
fn transition(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: &StoredItem,
    action: Action,
    failure: Option<&str>,
) -> Result<(), Error> {
    let to = item
        .status
        .after(action)
        .ok_or_else(|| Error::Conflict(format!("cannot {} an item that is {}", action.verb(), item.status)))?;
    let expires_at = expiry(tx.now(), tx.settings().items.lifetime, item, action, to);
    if !store::set_status(tx, campus, item, to, expires_at, failure)? {
        return Err(Error::Conflict("the item changed at the same moment: try again".to_owned()));
    }
    match (item.is_listed(), to.is_listed() && !item.hidden) {
        (false, true) => search::index(tx, campus, item)?,
        (true, false) => search::unindex(tx, campus, item)?,
        _ => {}
    }
    if !item.is_listed() && to.is_listed() && !item.hidden && action.is_offer() {
        saved::service::offer(tx, campus, &StoredItem { status: to, ..item.clone() })?;
    }
    match end_of(action) {
        Some(end) => tx.emit(&Event::ItemEnded { campus, item: item.id, end }),
        None => Ok(()),
    }
}

fn end_of(action: Action) -> Option<ItemEnd> {
    match action {
        Action::Sell => Some(ItemEnd::Sold),
        Action::Withdraw => Some(ItemEnd::Withdrawn),
        Action::Remove => Some(ItemEnd::Removed),
        _ => None,
    }
}

/// The item, whatever its state and whoever asks.
///
/// # Errors
/// There is none.
pub fn find(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<StoredItem, Error> {
    store::item(tx, campus, id)?.ok_or(Error::NotFound("item"))
}

/// Moves an item along its lifecycle for a service that decided so: a booking, or a moderator.
///
/// # Errors
/// Its state does not allow it.
pub fn advance(tx: &mut Tx<'_>, campus: CampusId, id: ItemId, action: Action) -> Result<(), Error> {
    let item = find(tx, campus, id)?;
    transition(tx, campus, &item, action, None)
}

/// Brings back an item that a moderator took off or that reports hid; `false` when it was neither.
///
/// # Errors
/// There is none.
pub fn restore(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<bool, Error> {
    let item = find(tx, campus, id)?;
    if item.hidden {
        hide(tx, campus, id, false)?;
    }
    match (item.status, item.removed_from) {
        (ItemStatus::Removed, Some(before)) => {
            let item = find(tx, campus, id)?;
            transition(tx, campus, &item, Action::Restore(before), None).map(|()| true)
        }
        _ => Ok(item.hidden),
    }
}

/// Hides an item until a moderator decides, or shows it again.
///
/// # Errors
/// There is none.
pub fn hide(tx: &mut Tx<'_>, campus: CampusId, id: ItemId, hidden: bool) -> Result<(), Error> {
    let item = find(tx, campus, id)?;
    if item.hidden == hidden {
        return Ok(());
    }
    store::set_hidden(tx, campus, &item, hidden)?;
    match (item.status.is_listed(), hidden) {
        (true, true) => Ok(search::unindex(tx, campus, &item)?),
        (true, false) => Ok(search::index(tx, campus, &item)?),
        (false, _) => Ok(()),
    }
}

fn expiry(now: Timestamp, lifetime: Duration, item: &StoredItem, action: Action, to: ItemStatus) -> Option<Timestamp> {
    match (action, to) {
        (Action::Renew, _) => Some(item.expires_at.map_or(now, |end| end.max(now)) + lifetime),
        (Action::Publish { .. } | Action::PictureReady | Action::Relist, ItemStatus::Active) => Some(now + lifetime),
        _ => item.expires_at,
    }
}

/// Sets the pictures of the caller's item and their order.
///
/// # Errors
/// Not theirs, or an image is not; or a listed item would be left without one.
pub fn set_images(tx: &mut Tx<'_>, who: &Principal, id: ItemId, images: &[ImageId]) -> Result<(), Error> {
    let item = own(tx, who, id)?;
    let needs_one = tx.settings().items.require_image && item.terms.listing != Listing::Wanted;
    if images.is_empty() && needs_one && item.status != ItemStatus::Draft {
        return Err(Error::invalid("images", "required", "a published item needs at least one image"));
    }
    images::service::attach(tx, who.campus, who.user, id, images)?;
    refresh_thumbnail(tx, who.campus, id)
}

fn refresh_thumbnail(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<(), Error> {
    let first = images::service::state(tx, campus, id)?.first_ready;
    let (key, placeholder) = match &first {
        Some((key, placeholder)) => (Some(key.as_str()), placeholder.as_deref()),
        None => (None, None),
    };
    Ok(store::set_thumbnail(tx, campus, id, key, placeholder)?)
}

/// Stars an item.
///
/// # Errors
/// Not found.
pub fn add_favorite(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<(), Error> {
    visible(tx, who, id)?;
    if store::insert_favorite(tx, who.campus, who.user, id)? {
        store::count_favorite(tx, who.campus, id, 1)?;
    }
    Ok(())
}

/// Takes a star away; it is fine if there is none.
///
/// # Errors
/// Not found.
pub fn remove_favorite(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<(), Error> {
    visible(tx, who, id)?;
    if store::delete_favorite(tx, who.campus, who.user, id)? {
        store::count_favorite(tx, who.campus, id, -1)?;
    }
    Ok(())
}

/// Whether a look at the item by the caller is one more view: once a day, and never the seller's own.
///
/// # Errors
/// The database's.
pub fn is_new_view(tx: &mut Tx<'_>, who: &Principal, item: &StoredItem) -> Result<bool, Error> {
    let day = day(tx.now());
    Ok(item.seller != who.user && !store::has_viewed(tx, who.campus, item.id, who.user, day)?)
}

/// Counts a view.
///
/// # Errors
/// The database's.
pub fn count_view(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<(), Error> {
    let day = day(tx.now());
    Ok(store::count_view(tx, who.campus, id, who.user, day)?)
}

fn day(now: Timestamp) -> i64 {
    now.millis().div_euclid(24 * 60 * 60 * 1000)
}

/// A page of items.
pub struct Page {
    /// In order.
    pub items: Vec<ListedItem>,
    /// Where it ended, when there is more.
    pub next: Option<Position>,
    /// The query that was answered instead.
    pub corrected: Option<Query>,
    /// How many there are in all, when asked for.
    pub total: Option<i64>,
}

/// The items that a filter lets through. A word that matches nothing is tried again with one typing error forgiven.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    who: &Principal,
    filter: &ItemFilter,
    position: Option<Position>,
    limit: usize,
    count: bool,
) -> Result<Page, Error> {
    if filter.nothing {
        return Ok(Page { items: Vec::new(), next: None, corrected: None, total: count.then_some(0) });
    }
    let page = list_as_asked(tx, who, filter, position, limit, count)?;
    if !page.items.is_empty() || position.is_some() || !filter.query.has_words() {
        return Ok(page);
    }
    let Some(query) = search::corrected(tx, who.campus, who.user, &filter.query)? else { return Ok(page) };
    let filter = ItemFilter { query: query.clone(), ..filter.clone() };
    let page = list_as_asked(tx, who, &filter, position, limit, count)?;
    Ok(Page { corrected: Some(query), ..page })
}

fn list_as_asked(
    tx: &mut Tx<'_>,
    who: &Principal,
    filter: &ItemFilter,
    position: Option<Position>,
    limit: usize,
    count: bool,
) -> Result<Page, Error> {
    let (mut items, next) = if filter.sort == Sort::Relevance {
        by_relevance(tx, who, filter, position, limit)?
    } else {
        let items = listing::page(tx, who.campus, who.user, filter, position, limit + 1)?;
        let last = items.get(limit.saturating_sub(1)).filter(|_| items.len() > limit);
        let next = last.map(|last| match filter.sort {
            Sort::Price | Sort::PriceDescending => Position::Price(last.terms.price, last.number),
            _ => Position::Age(last.number),
        });
        (items, next)
    };
    items.truncate(limit);
    let total = if count { Some(listing::count(tx, who.campus, who.user, filter)?) } else { None };
    Ok(Page { items, next, corrected: None, total })
}

fn by_relevance(
    tx: &mut Tx<'_>,
    who: &Principal,
    filter: &ItemFilter,
    position: Option<Position>,
    limit: usize,
) -> Result<(Vec<ListedItem>, Option<Position>), Error> {
    let ranked = search::ranked(tx, who.campus, who.user, filter, position, limit + 1)?;
    let more = ranked.page.len() > limit;
    let page: Vec<(i64, f64)> = ranked.page.into_iter().take(limit).collect();
    let numbers: Vec<i64> = page.iter().map(|(number, _)| *number).collect();
    let mut items = listing::by_numbers(tx, who.campus, who.user, &numbers)?;
    items.sort_by_key(|item| numbers.iter().position(|number| *number == item.number));
    let last = page.last().filter(|_| more);
    Ok((items, last.map(|(number, score)| Position::Relevance(ranked.newest, score.to_bits(), *number))))
}

/// Ends the listings whose time is over, and tells their sellers; those whose time is over soon are told before.
///
/// # Errors
/// The database's.
pub fn expire_due(tx: &mut Tx<'_>) -> Result<(), Error> {
    for (campus, id) in store::overdue(tx, SWEPT)? {
        if let Some(item) = store::item(tx, campus, id)? {
            transition(tx, campus, &item, Action::Expire, None)?;
            news::expired(tx, campus, &item)?;
        }
    }
    for (campus, id) in store::expiring(tx, tx.now() + WARNING, SWEPT)? {
        if let Some(item) = store::item(tx, campus, id)? {
            store::note_warned(tx, campus, id)?;
            news::expiring(tx, campus, &item)?;
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
        Event::ImageSettled { campus, item: Some(item), .. } => picture_settled(tx, *campus, *item),
        Event::ImageSettled { item: None, .. } => Ok(()),
        Event::AccountDeleted { campus, user } => take_all_away(tx, *campus, *user),
        Event::ItemEnded { .. } | Event::ListingChanged { .. } | Event::PresenceSwitched { .. } => Ok(()),
    }
}

/// A picture is ready or failed: the item goes live with the first that is ready, and back to a draft when all failed.
fn picture_settled(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<(), Error> {
    refresh_thumbnail(tx, campus, id)?;
    let Some(item) = store::item(tx, campus, id)? else { return Ok(()) };
    let pictures = images::service::state(tx, campus, id)?;
    if pictures.pending == 0 && !pictures.failed.is_empty() {
        news::pictures_failed(tx, campus, &item)?;
    }
    if item.status != ItemStatus::Processing {
        return Ok(());
    }
    if pictures.ready > 0 {
        return transition(tx, campus, &item, Action::PictureReady, None);
    }
    if pictures.pending > 0 {
        return Ok(());
    }
    let reasons: Vec<&str> = pictures.failed.iter().map(|(_, reason)| reason.as_str()).collect();
    transition(tx, campus, &item, Action::PicturesFailed, Some(&reasons.join("; ")))
}

fn take_all_away(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    for item in store::of_seller(tx, campus, user)? {
        take_away(tx, campus, &item)?;
    }
    Ok(store::delete_favorites(tx, campus, user)?)
}
