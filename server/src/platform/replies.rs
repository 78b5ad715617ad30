//! First results of keyed requests, kept so that a repeated request is answered as the first one was.

use campuszon_core::{CampusId, Timestamp, UserId};

use super::database::{StoreError, Tx};
use crate::params;

/// What tells a keyed request from all others.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The caller's campus.
    pub campus: CampusId,
    /// The caller.
    pub user: UserId,
    /// What was called.
    pub route: &'a str,
    /// The caller's name for it.
    pub key: &'a str,
}

/// What a keyed request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Tells whether a repeated request is the same.
    pub request_hash: Vec<u8>,
    /// The status code.
    pub status: u16,
    /// The address of what was made.
    pub location: Option<String>,
    /// JSON.
    pub body: Vec<u8>,
}

/// The reply to `request`, when it was given after `oldest`.
///
/// # Errors
/// The database's.
pub fn find(tx: &mut Tx<'_>, request: &Request<'_>, oldest: Timestamp) -> Result<Option<Reply>, StoreError> {
    tx.first(
        "SELECT body_hash, status, location, answer FROM idempotency
         WHERE campus_id = ?1 AND user_id = ?2 AND route = ?3 AND key = ?4 AND created_at > ?5",
        params![request.campus, request.user, request.route, request.key, oldest],
        |row| Ok(Reply { request_hash: row.get(0)?, status: row.get(1)?, location: row.get(2)?, body: row.get(3)? }),
    )
}

/// Keeps the reply to `request`, in place of one that was too old.
///
/// # Errors
/// The database's.
pub fn remember(tx: &mut Tx<'_>, request: &Request<'_>, reply: &Reply) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO idempotency (campus_id, user_id, route, key, body_hash, status, location, answer, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (campus_id, user_id, route, key) DO UPDATE SET
             body_hash = excluded.body_hash, status = excluded.status, location = excluded.location,
             answer = excluded.answer, created_at = excluded.created_at",
        params![
            request.campus,
            request.user,
            request.route,
            request.key,
            reply.request_hash,
            reply.status,
            reply.location,
            reply.body,
            tx.now(),
        ],
    )?;
    Ok(())
}

/// Forgets the replies that were given at `newest` or before, of every campus.
///
/// # Errors
/// The database's.
pub fn forget(tx: &mut Tx<'_>, newest: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM idempotency WHERE created_at <= ?1", params![newest])?;
    Ok(())
}
