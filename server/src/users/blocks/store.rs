//! The SQL of blocks. Whether there is one in either direction is asked in [`super::super::store::is_blocked`].

use campuszon_core::{CampusId, UserId};

use crate::{
    params,
    platform::database::{StoreError, Tx},
};

/// Blocks a user; it is fine if they are already.
pub fn insert(tx: &mut Tx<'_>, campus: CampusId, blocker: UserId, blocked: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO blocks (campus_id, blocker_id, blocked_id, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (campus_id, blocker_id, blocked_id) DO NOTHING",
        params![campus, blocker, blocked, now],
    )?;
    Ok(())
}

/// Takes a block away; it is fine if there is none.
pub fn delete(tx: &mut Tx<'_>, campus: CampusId, blocker: UserId, blocked: UserId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM blocks WHERE campus_id = ?1 AND blocker_id = ?2 AND blocked_id = ?3",
        params![campus, blocker, blocked],
    )?;
    Ok(())
}

/// Whether `blocker` has blocked `blocked`.
pub fn has_blocked(tx: &mut Tx<'_>, campus: CampusId, blocker: UserId, blocked: UserId) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT created_at FROM blocks WHERE campus_id = ?1 AND blocker_id = ?2 AND blocked_id = ?3",
        params![campus, blocker, blocked],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}
