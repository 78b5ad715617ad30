//! The SQL of unlocks.

use campuszon_core::{CampusId, ItemId, Timestamp, UserId, id::UnlockId};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// An unlock, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUnlock {
    /// The unlock: the ledger's reference.
    pub id: UnlockId,
    /// Of what.
    pub item: ItemId,
    /// By whom.
    pub buyer: UserId,
    /// What was paid.
    pub price: i64,
    /// Whether a booking on it was ever accepted.
    pub accepted: bool,
    /// When.
    pub created_at: Timestamp,
    /// When it was refunded.
    pub closed_at: Option<Timestamp>,
}

const UNLOCK: &str = "SELECT id, item_id, buyer_id, price, accepted, created_at, closed_at FROM unlocks";

fn read_unlock(row: &Row<'_>) -> Result<StoredUnlock, StoreError> {
    Ok(StoredUnlock {
        id: row.get(0)?,
        item: row.get(1)?,
        buyer: row.get(2)?,
        price: row.get(3)?,
        accepted: row.get(4)?,
        created_at: row.get(5)?,
        closed_at: row.get(6)?,
    })
}

/// The unlock with this id.
pub fn unlock(tx: &mut Tx<'_>, campus: CampusId, id: UnlockId) -> Result<Option<StoredUnlock>, StoreError> {
    tx.first(&format!("{UNLOCK} WHERE campus_id = ?1 AND id = ?2"), params![campus, id], read_unlock)
}

/// The unlock of an item that `buyer` has open.
pub fn open_unlock(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    buyer: UserId,
) -> Result<Option<StoredUnlock>, StoreError> {
    tx.first(
        &format!("{UNLOCK} WHERE campus_id = ?1 AND item_id = ?2 AND buyer_id = ?3 AND closed_at IS NULL"),
        params![campus, item, buyer],
        read_unlock,
    )
}

/// The open unlocks of an item, oldest first.
pub fn open_unlocks_of_item(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<Vec<StoredUnlock>, StoreError> {
    tx.query(
        &format!("{UNLOCK} WHERE campus_id = ?1 AND item_id = ?2 AND closed_at IS NULL ORDER BY id"),
        params![campus, item],
        read_unlock,
    )
}

/// Adds an unlock; `false` when its buyer has an open one.
pub fn insert_unlock(tx: &mut Tx<'_>, campus: CampusId, new: &StoredUnlock) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO unlocks (campus_id, id, item_id, buyer_id, price, accepted, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)
         ON CONFLICT (campus_id, item_id, buyer_id) WHERE closed_at IS NULL DO NOTHING",
        params![campus, new.id, new.item, new.buyer, new.price, new.created_at],
    )?;
    Ok(added == 1)
}

/// Notes that a booking on it was accepted.
pub fn note_accepted(tx: &mut Tx<'_>, campus: CampusId, id: UnlockId) -> Result<(), StoreError> {
    tx.execute("UPDATE unlocks SET accepted = 1 WHERE campus_id = ?1 AND id = ?2", params![campus, id])?;
    Ok(())
}

/// Closes an unlock; `false` when it was closed before.
pub fn close_unlock(tx: &mut Tx<'_>, campus: CampusId, id: UnlockId) -> Result<bool, StoreError> {
    let now = tx.now();
    let closed = tx.execute(
        "UPDATE unlocks SET closed_at = ?3 WHERE campus_id = ?1 AND id = ?2 AND closed_at IS NULL",
        params![campus, id, now],
    )?;
    Ok(closed == 1)
}
