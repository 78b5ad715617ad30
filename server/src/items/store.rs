//! The item service's SQL for single items and favourites. Lists and search have files of their own, `listing` and
//! `search`.

use campuszon_core::{
    CampusId, ItemId, Timestamp, UserId,
    item::{Condition, ItemStatus, NewItem, Terms},
};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// An item, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredItem {
    /// The item.
    pub id: ItemId,
    /// Orders items by age; the row of the full-text table.
    pub number: i64,
    /// Whose it is.
    pub seller: UserId,
    /// As shown.
    pub title: String,
    /// As shown.
    pub description: String,
    /// Offer and price.
    pub terms: Terms,
    /// One of the server's.
    pub category: String,
    /// How worn it is.
    pub condition: Condition,
    /// Where to collect it.
    pub pickup: Option<String>,
    /// Where in its life it is.
    pub status: ItemStatus,
    /// Deleted by its seller, and kept since a chat or a booking points at it.
    pub deleted: bool,
    /// Reported by many: shown to nobody but its seller until a moderator decides.
    pub hidden: bool,
    /// The state before a moderator took it off.
    pub removed_from: Option<ItemStatus>,
    /// The key of its first picture.
    pub thumbnail: Option<String>,
    /// That picture's placeholder.
    pub placeholder: Option<String>,
    /// Why its pictures failed.
    pub failure: Option<String>,
    /// Viewers a day, added up.
    pub views: i64,
    /// How many starred it.
    pub favorites: i64,
    /// Grows with every edit.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// When its listing ends.
    pub expires_at: Option<Timestamp>,
}

impl StoredItem {
    /// Whether lists and searches show it to everybody of the campus.
    pub fn is_listed(&self) -> bool {
        self.status.is_listed() && !self.hidden
    }
}

const ITEM: &str = "SELECT id, number, seller_id, title, description, listing, price, rent_period, category, condition,
     pickup, status, deleted, thumbnail, placeholder, failure, views, favorites, version, created_at, updated_at,
     expires_at, hidden, removed_from FROM items";

fn read_item(row: &Row<'_>) -> Result<StoredItem, StoreError> {
    Ok(StoredItem {
        id: row.get(0)?,
        number: row.get(1)?,
        seller: row.get(2)?,
        title: row.get(3)?,
        description: row.get(4)?,
        terms: Terms { listing: row.get(5)?, price: row.get(6)?, rent_period: row.get(7)? },
        category: row.get(8)?,
        condition: row.get(9)?,
        pickup: row.get(10)?,
        status: row.get(11)?,
        deleted: row.get(12)?,
        thumbnail: row.get(13)?,
        placeholder: row.get(14)?,
        failure: row.get(15)?,
        views: row.get(16)?,
        favorites: row.get(17)?,
        version: row.get(18)?,
        created_at: row.get(19)?,
        updated_at: row.get(20)?,
        expires_at: row.get(21)?,
        hidden: row.get(22)?,
        removed_from: row.get(23)?,
    })
}

/// The item with this id, whatever its state.
pub fn item(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<Option<StoredItem>, StoreError> {
    tx.first(&format!("{ITEM} WHERE campus_id = ?1 AND id = ?2"), params![campus, id], read_item)
}

/// Adds an item as a draft.
pub fn insert(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: ItemId,
    number: i64,
    seller: UserId,
    new: &NewItem,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO items (campus_id, id, number, seller_id, title, description, listing, price, rent_period,
             category, condition, pickup, status, listed, deleted, views, favorites, version, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'draft', 0, 0, 0, 0, 1, ?13, ?13)",
        params![
            campus,
            id,
            number,
            seller,
            new.title,
            new.description,
            new.terms.listing,
            new.terms.price,
            new.terms.rent_period,
            new.category,
            new.condition,
            new.pickup,
            tx.now(),
        ],
    )?;
    Ok(())
}

/// Whether an item of the campus, or the full-text table that campuses share, has this number already.
pub fn is_number_taken(tx: &mut Tx<'_>, campus: CampusId, number: i64) -> Result<bool, StoreError> {
    let taken: Option<i64> = tx.first(
        "SELECT number FROM items WHERE campus_id = ?1 AND number = ?2
         UNION ALL SELECT rowid FROM item_words WHERE rowid = ?2 LIMIT 1",
        params![campus, number],
        |row| row.get(0),
    )?;
    Ok(taken.is_some())
}

/// Stores what an edit changed, when the item still has the version it was read with.
pub fn update(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE items SET title = ?4, description = ?5, listing = ?6, price = ?7, rent_period = ?8, category = ?9,
             condition = ?10, pickup = ?11, version = version + 1, updated_at = ?12
         WHERE campus_id = ?1 AND id = ?2 AND version = ?3",
        params![
            campus,
            item.id,
            item.version,
            item.title,
            item.description,
            item.terms.listing,
            item.terms.price,
            item.terms.rent_period,
            item.category,
            item.condition,
            item.pickup,
            tx.now(),
        ],
    )?;
    Ok(changed == 1)
}

/// Moves an item from the state it was read in to another; `false` when somebody was faster.
pub fn set_status(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: &StoredItem,
    to: ItemStatus,
    expires_at: Option<Timestamp>,
    failure: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE items SET status = ?4, listed = ?5, expires_at = ?6, failure = ?7, version = version + 1, updated_at = ?8,
             removed_from = CASE WHEN ?4 = 'removed' THEN status END,
             warned = CASE WHEN expires_at = CAST(?6 AS BIGINT) THEN warned ELSE 0 END
         WHERE campus_id = ?1 AND id = ?2 AND status = ?3",
        params![
            campus,
            item.id,
            item.status,
            to,
            to.is_listed() && !item.hidden,
            expires_at,
            failure,
            tx.now(),
        ],
    )?;
    Ok(changed == 1)
}

/// Hides an item until a moderator decides, or shows it again.
pub fn set_hidden(tx: &mut Tx<'_>, campus: CampusId, item: &StoredItem, hidden: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE items SET hidden = ?3, listed = ?4, version = version + 1, updated_at = ?5
         WHERE campus_id = ?1 AND id = ?2",
        params![campus, item.id, hidden, item.status.is_listed() && !hidden, tx.now()],
    )?;
    Ok(())
}

/// Sets the picture that lists show.
pub fn set_thumbnail(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: ItemId,
    thumbnail: Option<&str>,
    placeholder: Option<&str>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE items SET thumbnail = ?3, placeholder = ?4, version = version + 1, updated_at = ?5
         WHERE campus_id = ?1 AND id = ?2",
        params![campus, id, thumbnail, placeholder, tx.now()],
    )?;
    Ok(())
}

/// Erases an item that nothing points at.
pub fn delete(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM items WHERE campus_id = ?1 AND id = ?2", params![campus, id])?;
    Ok(())
}

/// Keeps of an item what chats and bookings show: title, price and first picture.
pub fn bury(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE items SET status = 'withdrawn', listed = 0, deleted = 1, description = '', pickup = NULL,
             expires_at = NULL, version = version + 1, updated_at = ?3
         WHERE campus_id = ?1 AND id = ?2",
        params![campus, id, tx.now()],
    )?;
    Ok(())
}

/// Whether any chat, unlock, booking or report is about the item.
pub fn is_spoken_of(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<bool, StoreError> {
    // A booking has a chat.
    let found: Option<String> = tx.first(
        "SELECT id FROM chats WHERE campus_id = ?1 AND item_id = ?2
         UNION ALL SELECT id FROM unlocks WHERE campus_id = ?1 AND item_id = ?2
         UNION ALL SELECT id FROM reports WHERE campus_id = ?1 AND target_kind = 'item' AND target_id = ?2 LIMIT 1",
        params![campus, id],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Whether an accepted booking holds the item, or some of its days.
pub fn is_held(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<bool, StoreError> {
    let found: Option<String> = tx.first(
        "SELECT id FROM bookings WHERE campus_id = ?1 AND item_id = ?2 AND status = 'accepted' LIMIT 1",
        params![campus, id],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// The chat in which `buyer` speaks about the item.
pub fn chat_of_buyer(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: ItemId,
    buyer: UserId,
) -> Result<Option<campuszon_core::ChatId>, StoreError> {
    tx.first(
        "SELECT id FROM chats WHERE campus_id = ?1 AND item_id = ?2 AND buyer_id = ?3",
        params![campus, id, buyer],
        |row| row.get(0),
    )
}

/// The items of a seller that are not deleted.
pub fn of_seller(tx: &mut Tx<'_>, campus: CampusId, seller: UserId) -> Result<Vec<StoredItem>, StoreError> {
    tx.query(
        &format!("{ITEM} WHERE campus_id = ?1 AND seller_id = ?2 AND deleted = 0 ORDER BY number"),
        params![campus, seller],
        read_item,
    )
}

/// How many items of a seller are listed.
pub fn count_listed(tx: &mut Tx<'_>, campus: CampusId, seller: UserId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COUNT(*) FROM items WHERE campus_id = ?1 AND seller_id = ?2 AND listed = 1",
        params![campus, seller],
        |row| row.get(0),
    )
}

/// Active items whose time is over, of every campus.
pub fn overdue(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(CampusId, ItemId)>, StoreError> {
    let now = tx.now();
    tx.query(
        "SELECT campus_id, id FROM items WHERE status = 'active' AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
        params![now, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Active items whose time is over by `end` and whose sellers were not warned yet, of every campus.
pub fn expiring(tx: &mut Tx<'_>, end: Timestamp, limit: i64) -> Result<Vec<(CampusId, ItemId)>, StoreError> {
    tx.query(
        "SELECT campus_id, id FROM items WHERE status = 'active' AND expires_at <= ?1 AND warned = 0
         ORDER BY expires_at LIMIT ?2",
        params![end, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Notes that the seller was warned of the end of a listing; another end is another warning.
pub fn note_warned(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<(), StoreError> {
    tx.execute("UPDATE items SET warned = 1 WHERE campus_id = ?1 AND id = ?2", params![campus, id])?;
    Ok(())
}

/// Who starred an item.
pub fn fans(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<Vec<UserId>, StoreError> {
    tx.query(
        "SELECT user_id FROM favorites WHERE campus_id = ?1 AND item_id = ?2 ORDER BY user_id",
        params![campus, item],
        |row| row.get(0),
    )
}

/// Stars an item; `false` when it was starred already.
pub fn insert_favorite(tx: &mut Tx<'_>, campus: CampusId, user: UserId, item: ItemId) -> Result<bool, StoreError> {
    let now = tx.now();
    let added = tx.execute(
        "INSERT INTO favorites (campus_id, user_id, item_id, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (campus_id, user_id, item_id) DO NOTHING",
        params![campus, user, item, now],
    )?;
    Ok(added == 1)
}

/// Takes a star away; `false` when there was none.
pub fn delete_favorite(tx: &mut Tx<'_>, campus: CampusId, user: UserId, item: ItemId) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "DELETE FROM favorites WHERE campus_id = ?1 AND user_id = ?2 AND item_id = ?3",
        params![campus, user, item],
    )?;
    Ok(removed == 1)
}

/// Takes all stars of a user away, and moves the counts with them.
pub fn delete_favorites(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE items SET favorites = favorites - 1 WHERE campus_id = ?1
             AND id IN (SELECT item_id FROM favorites WHERE campus_id = ?1 AND user_id = ?2)",
        params![campus, user],
    )?;
    tx.execute("DELETE FROM favorites WHERE campus_id = ?1 AND user_id = ?2", params![campus, user])?;
    tx.execute("DELETE FROM item_views WHERE campus_id = ?1 AND viewer_id = ?2", params![campus, user])?;
    Ok(())
}

/// Whether the user starred the item.
pub fn is_favorite(tx: &mut Tx<'_>, campus: CampusId, user: UserId, item: ItemId) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT created_at FROM favorites WHERE campus_id = ?1 AND user_id = ?2 AND item_id = ?3",
        params![campus, user, item],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Moves the count of stars.
pub fn count_favorite(tx: &mut Tx<'_>, campus: CampusId, item: ItemId, by: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE items SET favorites = favorites + ?3 WHERE campus_id = ?1 AND id = ?2",
        params![campus, item, by],
    )?;
    Ok(())
}

/// Whether the viewer was counted on that day.
pub fn has_viewed(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    viewer: UserId,
    day: i64,
) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT day FROM item_views WHERE campus_id = ?1 AND item_id = ?2 AND viewer_id = ?3 AND day = ?4",
        params![campus, item, viewer, day],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Counts a viewer, once a day.
pub fn count_view(tx: &mut Tx<'_>, campus: CampusId, item: ItemId, viewer: UserId, day: i64) -> Result<(), StoreError> {
    let added = tx.execute(
        "INSERT INTO item_views (campus_id, item_id, viewer_id, day) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (campus_id, item_id, viewer_id, day) DO NOTHING",
        params![campus, item, viewer, day],
    )?;
    if added == 1 {
        tx.execute("UPDATE items SET views = views + 1 WHERE campus_id = ?1 AND id = ?2", params![campus, item])?;
    }
    Ok(())
}
