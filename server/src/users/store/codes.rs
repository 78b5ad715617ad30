//! Mailed codes, and the registrations that wait for theirs.

use campuszon_core::{CampusId, Timestamp, UserId};

use crate::{
    params,
    platform::database::{StoreError, Tx},
};

/// An open mailed code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Keyed hash.
    pub hash: Vec<u8>,
    /// How often a wrong one was tried.
    pub attempts: i64,
    /// When it was mailed.
    pub sent_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The open code of a user for a purpose.
pub fn code(tx: &mut Tx<'_>, campus: CampusId, user: UserId, purpose: &str) -> Result<Option<Code>, StoreError> {
    tx.first(
        "SELECT code_hash, attempts, sent_at, expires_at FROM codes
         WHERE campus_id = ?1 AND user_id = ?2 AND purpose = ?3",
        params![campus, user, purpose],
        |row| Ok(Code { hash: row.get(0)?, attempts: row.get(1)?, sent_at: row.get(2)?, expires_at: row.get(3)? }),
    )
}

/// Opens a code, in place of the one before.
pub fn put_code(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    purpose: &str,
    hash: &[u8],
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO codes (campus_id, user_id, purpose, code_hash, attempts, sent_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)
         ON CONFLICT (campus_id, user_id, purpose) DO UPDATE SET code_hash = excluded.code_hash, attempts = 0,
             sent_at = excluded.sent_at, expires_at = excluded.expires_at",
        params![campus, user, purpose, hash, tx.now(), expires_at],
    )?;
    Ok(())
}

/// Counts a wrong try.
pub fn count_code_attempt(tx: &mut Tx<'_>, campus: CampusId, user: UserId, purpose: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE codes SET attempts = attempts + 1 WHERE campus_id = ?1 AND user_id = ?2 AND purpose = ?3",
        params![campus, user, purpose],
    )?;
    Ok(())
}

/// Closes a code.
pub fn delete_code(tx: &mut Tx<'_>, campus: CampusId, user: UserId, purpose: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM codes WHERE campus_id = ?1 AND user_id = ?2 AND purpose = ?3",
        params![campus, user, purpose],
    )?;
    Ok(())
}

/// A registration that waits for the code that was mailed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Counts the registrations of an address.
    pub number: i64,
    /// What the account is to be called.
    pub name: String,
    /// In PHC format.
    pub password_hash: String,
    /// The code.
    pub code: Code,
}

/// The registrations of a user that wait, newest first.
pub fn pending(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<Pending>, StoreError> {
    tx.query(
        "SELECT number, name, password_hash, code_hash, attempts, sent_at, expires_at FROM registrations
         WHERE campus_id = ?1 AND user_id = ?2 ORDER BY number DESC",
        params![campus, user],
        |row| {
            Ok(Pending {
                number: row.get(0)?,
                name: row.get(1)?,
                password_hash: row.get(2)?,
                code: Code { hash: row.get(3)?, attempts: row.get(4)?, sent_at: row.get(5)?, expires_at: row.get(6)? },
            })
        },
    )
}

/// Adds a registration.
pub fn insert_pending(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    registration: &Pending,
) -> Result<(), StoreError> {
    let code = &registration.code;
    tx.execute(
        "INSERT INTO registrations (campus_id, user_id, number, name, password_hash, code_hash, attempts, sent_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            campus,
            user,
            registration.number,
            registration.name,
            registration.password_hash,
            code.hash,
            code.attempts,
            code.sent_at,
            code.expires_at
        ],
    )?;
    Ok(())
}

/// Gives a registration another code.
pub fn set_pending_code(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    number: i64,
    code: &Code,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE registrations SET code_hash = ?4, attempts = ?5, sent_at = ?6, expires_at = ?7
         WHERE campus_id = ?1 AND user_id = ?2 AND number = ?3",
        params![campus, user, number, code.hash, code.attempts, code.sent_at, code.expires_at],
    )?;
    Ok(())
}

/// Counts a wrong try against every registration of a user.
pub fn count_pending_attempt(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE registrations SET attempts = attempts + 1 WHERE campus_id = ?1 AND user_id = ?2",
        params![campus, user],
    )?;
    Ok(())
}

/// Forgets the registrations of a user up to a number.
pub fn delete_pending(tx: &mut Tx<'_>, campus: CampusId, user: UserId, up_to: i64) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM registrations WHERE campus_id = ?1 AND user_id = ?2 AND number <= ?3",
        params![campus, user, up_to],
    )?;
    Ok(())
}

/// Forgets the registrations whose code ended before `end`, everywhere.
pub fn sweep_pending(tx: &mut Tx<'_>, end: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM registrations WHERE expires_at < ?1", params![end])?;
    Ok(())
}
