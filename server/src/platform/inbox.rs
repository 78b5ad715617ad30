//! Each reader's inbox: the durable events of the live connection, numbered without gaps. It is the transactional
//! outbox: an entry is written with the change it tells of, and announced after the commit. A lost announcement is
//! repaired by the number that heartbeats carry.

use std::sync::Arc;

use campuszon_core::{CampusId, UserId, wire::live::ServerFrame};

use super::database::{Announcement, StoreError, Tx};
use crate::{Error, params};

/// Puts the frame that `frame` makes for its number into the inbox of `user`.
///
/// # Errors
/// The database's.
pub fn deliver(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    frame: impl FnOnce(i64) -> ServerFrame,
) -> Result<(), Error> {
    let since: i64 = tx.one(
        "INSERT INTO inbox_heads (campus_id, user_id, head) VALUES (?1, ?2, 1)
         ON CONFLICT (campus_id, user_id) DO UPDATE SET head = inbox_heads.head + 1 RETURNING head",
        params![campus, user],
        |row| row.get(0),
    )?;
    let text: Arc<str> =
        serde_json::to_string(&frame(since)).map_err(|error| Error::Internal(error.to_string()))?.into();
    tx.execute(
        "INSERT INTO inbox (campus_id, user_id, since, frame, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![campus, user, since, &*text, tx.now()],
    )?;
    tx.announce(Announcement::Inbox { campus, user, since, frame: text });
    Ok(())
}

/// The newest number in the inbox of `user`; 0 when nothing ever came.
///
/// # Errors
/// The database's.
pub fn head(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, StoreError> {
    let head =
        tx.first("SELECT head FROM inbox_heads WHERE campus_id = ?1 AND user_id = ?2", params![campus, user], |row| {
            row.get(0)
        })?;
    Ok(head.unwrap_or(0))
}

/// The entries after `since`, oldest first, at most `limit`.
///
/// # Errors
/// The database's.
pub fn after(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    tx.query(
        "SELECT since, frame FROM inbox WHERE campus_id = ?1 AND user_id = ?2 AND since > ?3 ORDER BY since LIMIT ?4",
        params![campus, user, since, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The epoch of all inbox numbers: it changes when a backup is restored.
///
/// # Errors
/// The database's.
pub fn epoch(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    tx.first("SELECT value FROM facts WHERE name = 'epoch'", &[], |row| row.get(0))
}

/// Begins another epoch.
///
/// # Errors
/// The database.
pub fn renew_epoch(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM facts WHERE name = 'epoch'", &[])?;
    ensure_epoch(tx)
}

/// Sets the epoch when there is none yet.
///
/// # Errors
/// The database's.
pub fn ensure_epoch(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let fresh = tx.entropy().token(9);
    tx.execute("INSERT INTO facts (name, value) VALUES ('epoch', ?1) ON CONFLICT (name) DO NOTHING", params![fresh])?;
    Ok(())
}
