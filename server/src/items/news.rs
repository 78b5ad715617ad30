//! What sellers, and those who starred an item, are told of it.

use campuszon_core::{
    CampusId, Decimal,
    item::{ItemStatus, Listing},
    wire::{image::ImageStatus, notification::NotificationKind},
};

use super::store::{self, StoredItem};
use crate::{
    Error, images,
    notifications::service::{News, tell},
    platform::database::Tx,
};

/// An amount in words, such as `12.5 EUR`.
fn amount(tx: &Tx<'_>, minor: i64) -> String {
    let currency = tx.settings().currency;
    format!("{} {}", Decimal::from_minor(minor, currency), currency.code())
}

/// Tells those who starred an item that it became cheaper.
///
/// # Errors
/// The database's.
pub(super) fn price_cut(
    tx: &mut Tx<'_>,
    campus: CampusId,
    before: &StoredItem,
    after: &StoredItem,
) -> Result<(), Error> {
    // What one price buys has to be the same: a day costs less than a month.
    let is_comparable = before.terms.rent_period == after.terms.rent_period && after.terms.listing != Listing::Wanted;
    let is_cheaper = after.terms.price < before.terms.price;
    if !(is_comparable && is_cheaper && before.is_listed() && before.status == ItemStatus::Active) {
        return Ok(());
    }
    let (old, new) = (amount(tx, before.terms.price), amount(tx, after.terms.price));
    let new = if after.terms.listing == Listing::Free { "free".to_owned() } else { new };
    let title = format!("“{}” is now {new}, it was {old}", after.title);
    for fan in store::fans(tx, campus, after.id)?.into_iter().filter(|fan| *fan != after.seller) {
        tell(tx, campus, fan, about(after, NotificationKind::PriceDrop, title.clone()))?;
    }
    Ok(())
}

fn about(item: &StoredItem, kind: NotificationKind, title: String) -> News {
    News { item: Some(item.id), ..News::new(kind, title) }
}

/// Tells the seller that a listing ends soon.
///
/// # Errors
/// The database's.
pub(super) fn expiring(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), Error> {
    let left = item.expires_at.map_or(0, |end| end.since(tx.now()).as_secs().div_ceil(DAY));
    let when = match left {
        0 | 1 => "within a day".to_owned(),
        days => format!("in {days} days"),
    };
    let body = Some("Renew it to keep it on the list, with the stars it has.".to_owned());
    let news = about(item, NotificationKind::ItemExpiring, format!("The listing of “{}” ends {when}", item.title));
    tell(tx, campus, item.seller, News { body, ..news })
}

/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;

/// Tells the seller that a listing has ended.
///
/// # Errors
/// The database's.
pub(super) fn expired(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), Error> {
    let body = Some("Nobody else sees it any more. Renew it to bring it back, with the stars it has.".to_owned());
    let news = about(item, NotificationKind::ItemExpired, format!("The listing of “{}” has ended", item.title));
    tell(tx, campus, item.seller, News { body, ..news })
}

/// Tells the seller which pictures of an item failed and why, now that none is waiting any more.
///
/// # Errors
/// The database's.
pub(super) fn pictures_failed(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<(), Error> {
    let pictures = images::service::of_item(tx, campus, item.id)?;
    let failed = || pictures.iter().zip(1..).filter(|(picture, _)| picture.status == ImageStatus::Failed);
    let title = match (item.status, failed().count()) {
        (ItemStatus::Processing, many) if many == pictures.len() => {
            format!("“{}” is a draft again: none of its pictures can be used", item.title)
        }
        (_, 1) => format!("A picture of “{}” cannot be used", item.title),
        (_, many) => format!("{many} pictures of “{}” cannot be used", item.title),
    };
    let reasons: Vec<String> = failed()
        .map(|(picture, number)| format!("Picture {number}: {}", picture.error.as_deref().unwrap_or("it failed")))
        .collect();
    let news = about(item, NotificationKind::ItemFailed, title);
    tell(tx, campus, item.seller, News { body: Some(reasons.join("\n")), ..news })
}
