//! The SQL of the export: what each table holds on a user.

use std::collections::HashMap;

use campuszon_core::{
    CampusId, Decimal, ImageId, ItemId, UserId,
    booking::Side,
    wire::{
        chat::Message,
        export::{ExportedBooking, ExportedItem, ExportedReview, ExportedSearch, ExportedUnlock},
        notification::Notification,
        wallet::TokenEntry,
    },
};

use crate::{
    chat::store::all_messages,
    images::store::{StoredImage, of_owner},
    params,
    platform::database::{StoreError, Tx},
};

/// The listings, oldest first.
pub fn items(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<ExportedItem>, StoreError> {
    let currency = tx.settings().currency;
    let mut items = tx.query(
        "SELECT id, title, description, listing, price, rent_period, category, condition, pickup, status, deleted, views,
             favorites, created_at, updated_at, expires_at
         FROM items WHERE campus_id = ?1 AND seller_id = ?2 ORDER BY number",
        params![campus, user],
        |row| {
            Ok(ExportedItem {
                id: row.get(0)?,
                title: row.get(1)?,
                description: row.get(2)?,
                listing: row.get(3)?,
                price: Decimal::from_minor(row.get(4)?, currency),
                currency: currency.to_string(),
                rent_period: row.get(5)?,
                category: row.get(6)?,
                condition: row.get(7)?,
                pickup: row.get(8)?,
                status: row.get(9)?,
                deleted: row.get(10)?,
                images: Vec::new(),
                views: row.get(11)?,
                favorites: row.get(12)?,
                created_at: row.get(13)?,
                updated_at: row.get(14)?,
                expires_at: row.get(15)?,
            })
        },
    )?;
    let mut pictures = pictures_of_items(tx, campus, user)?;
    for item in &mut items {
        item.images = pictures.remove(&item.id).unwrap_or_default();
    }
    Ok(items)
}

fn pictures_of_items(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
) -> Result<HashMap<ItemId, Vec<ImageId>>, StoreError> {
    let rows: Vec<(ItemId, ImageId)> = tx.query(
        "SELECT item_id, id FROM images WHERE campus_id = ?1 AND owner_id = ?2 AND item_id IS NOT NULL
         ORDER BY item_id, position, id",
        params![campus, user],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut pictures: HashMap<ItemId, Vec<ImageId>> = HashMap::new();
    for (item, image) in rows {
        pictures.entry(item).or_default().push(image);
    }
    Ok(pictures)
}

/// The pictures, oldest first.
pub fn images(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<StoredImage>, StoreError> {
    of_owner(tx, campus, user)
}

/// The messages of all conversations, by both sides, oldest first in each.
pub fn messages(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<Message>, StoreError> {
    all_messages(tx, campus, user)
}

/// The bookings, as buyer and as seller, oldest first.
pub fn bookings(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<ExportedBooking>, StoreError> {
    let currency = tx.settings().currency;
    tx.query(
        "SELECT id, item_id, title, buyer_id, seller_id, status, list_price, price, message, meet_at, meet_place,
             first_day, last_day, reason, created_at, updated_at, accepted_at, ended_at
         FROM bookings WHERE campus_id = ?1 AND (buyer_id = ?2 OR seller_id = ?2) ORDER BY id",
        params![campus, user],
        |row| {
            let (buyer, seller): (UserId, UserId) = (row.get(3)?, row.get(4)?);
            let (role, peer) = if buyer == user { (Side::Buyer, seller) } else { (Side::Seller, buyer) };
            Ok(ExportedBooking {
                id: row.get(0)?,
                item: row.get(1)?,
                title: row.get(2)?,
                role,
                peer,
                status: row.get(5)?,
                list_price: Decimal::from_minor(row.get(6)?, currency),
                price: Decimal::from_minor(row.get(7)?, currency),
                currency: currency.to_string(),
                message: row.get(8)?,
                meet_at: row.get(9)?,
                meet_place: row.get(10)?,
                from: row.get(11)?,
                to: row.get(12)?,
                reason: row.get(13)?,
                created_at: row.get(14)?,
                updated_at: row.get(15)?,
                accepted_at: row.get(16)?,
                ended_at: row.get(17)?,
            })
        },
    )
}

/// The unlocks, oldest first.
pub fn unlocks(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<ExportedUnlock>, StoreError> {
    tx.query(
        "SELECT item_id, price, created_at, closed_at FROM unlocks WHERE campus_id = ?1 AND buyer_id = ?2 ORDER BY id",
        params![campus, user],
        |row| {
            Ok(ExportedUnlock {
                item: row.get(0)?,
                price: row.get(1)?,
                created_at: row.get(2)?,
                closed_at: row.get(3)?,
            })
        },
    )
}

/// The ledger, oldest entry first.
pub fn tokens(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<TokenEntry>, StoreError> {
    tx.query(
        "SELECT delta, reason, reference, balance, created_at FROM token_entries
         WHERE campus_id = ?1 AND user_id = ?2 ORDER BY number",
        params![campus, user],
        |row| {
            Ok(TokenEntry {
                delta: row.get(0)?,
                reason: row.get(1)?,
                reference: row.get(2)?,
                balance: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}

/// The reviews that the user wrote, and the shown ones about them, oldest first.
pub fn reviews(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<ExportedReview>, StoreError> {
    tx.query(
        "SELECT id, booking_id, author_id, subject_id, rating, comment, answer, created_at FROM reviews
         WHERE campus_id = ?1 AND (author_id = ?2 OR (subject_id = ?2 AND revealed = 1)) ORDER BY id",
        params![campus, user],
        |row| {
            Ok(ExportedReview {
                id: row.get(0)?,
                booking: row.get(1)?,
                author: row.get(2)?,
                subject: row.get(3)?,
                rating: row.get(4)?,
                comment: row.get(5)?,
                answer: row.get(6)?,
                created_at: row.get(7)?,
            })
        },
    )
}

/// The saved searches, oldest first.
pub fn searches(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<ExportedSearch>, StoreError> {
    tx.query(
        "SELECT id, name, query, digest, created_at FROM searches WHERE campus_id = ?1 AND user_id = ?2 ORDER BY id",
        params![campus, user],
        |row| {
            Ok(ExportedSearch {
                id: row.get(0)?,
                name: row.get(1)?,
                query: row.get(2)?,
                digest: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}

/// The notifications, oldest first.
pub fn notifications(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<Notification>, StoreError> {
    tx.query(
        "SELECT id, kind, title, body, item_id, chat_id, booking_id, seen, created_at FROM notifications
         WHERE campus_id = ?1 AND user_id = ?2 ORDER BY id",
        params![campus, user],
        |row| {
            Ok(Notification {
                id: row.get(0)?,
                kind: row.get(1)?,
                title: row.get(2)?,
                body: row.get(3)?,
                item: row.get(4)?,
                chat: row.get(5)?,
                booking: row.get(6)?,
                read: row.get(7)?,
                created_at: row.get(8)?,
            })
        },
    )
}

/// The starred items, in the order of starring.
pub fn favorites(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<ItemId>, StoreError> {
    tx.query(
        "SELECT item_id FROM favorites WHERE campus_id = ?1 AND user_id = ?2 ORDER BY created_at, item_id",
        params![campus, user],
        |row| row.get(0),
    )
}

/// Whom the user has blocked, in that order.
pub fn blocks(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<UserId>, StoreError> {
    tx.query(
        "SELECT blocked_id FROM blocks WHERE campus_id = ?1 AND blocker_id = ?2 ORDER BY created_at, blocked_id",
        params![campus, user],
        |row| row.get(0),
    )
}
