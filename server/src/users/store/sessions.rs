//! Signed-in devices.

use campuszon_core::{CampusId, SessionId, Timestamp, UserId};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A signed-in device, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// What the user called it.
    pub device: Option<String>,
    /// Makes its refresh tokens its own.
    pub salt: Vec<u8>,
    /// How often its refresh token was rotated.
    pub generation: i64,
    /// When it began.
    pub created_at: Timestamp,
    /// When its refresh token was last rotated.
    pub rotated_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
}

const SESSION: &str = "SELECT id, user_id, device, salt, generation, created_at, rotated_at, expires_at FROM sessions";

fn read_session(row: &Row<'_>) -> Result<StoredSession, StoreError> {
    Ok(StoredSession {
        id: row.get(0)?,
        user: row.get(1)?,
        device: row.get(2)?,
        salt: row.get(3)?,
        generation: row.get(4)?,
        created_at: row.get(5)?,
        rotated_at: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

/// Adds a session.
pub fn insert_session(tx: &mut Tx<'_>, campus: CampusId, session: &StoredSession) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sessions (campus_id, id, user_id, device, salt, generation, created_at, rotated_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            campus,
            session.id,
            session.user,
            session.device,
            session.salt,
            session.generation,
            session.created_at,
            session.rotated_at,
            session.expires_at,
        ],
    )?;
    Ok(())
}

/// The session with this id.
pub fn session(tx: &mut Tx<'_>, campus: CampusId, id: SessionId) -> Result<Option<StoredSession>, StoreError> {
    tx.first(&format!("{SESSION} WHERE campus_id = ?1 AND id = ?2"), params![campus, id], read_session)
}

/// A user's sessions, newest first.
pub fn sessions(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<StoredSession>, StoreError> {
    let now = tx.now();
    tx.query(
        &format!("{SESSION} WHERE campus_id = ?1 AND user_id = ?2 AND expires_at > ?3 ORDER BY id DESC"),
        params![campus, user, now],
        read_session,
    )
}

/// Moves a session to its next generation; `false` when somebody else did so first.
pub fn rotate_session(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: SessionId,
    from: i64,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE sessions SET generation = generation + 1, rotated_at = ?4, expires_at = ?5
         WHERE campus_id = ?1 AND id = ?2 AND generation = ?3",
        params![campus, id, from, tx.now(), expires_at],
    )?;
    Ok(changed == 1)
}

/// Ends a session of `user`; `false` when there is none.
pub fn delete_session(tx: &mut Tx<'_>, campus: CampusId, user: UserId, id: SessionId) -> Result<bool, StoreError> {
    let changed = tx
        .execute("DELETE FROM sessions WHERE campus_id = ?1 AND user_id = ?2 AND id = ?3", params![campus, user, id])?;
    Ok(changed == 1)
}

/// Ends all sessions of `user` but `except`.
pub fn delete_other_sessions(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    except: Option<SessionId>,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM sessions WHERE campus_id = ?1 AND user_id = ?2 AND (CAST(?3 AS TEXT) IS NULL OR id <> ?3)",
        params![campus, user, except],
    )?;
    Ok(())
}

/// Ends the sessions whose time is over, everywhere.
pub fn sweep_sessions(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("DELETE FROM sessions WHERE expires_at <= ?1", params![now])?;
    Ok(())
}
