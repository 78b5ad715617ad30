//! Administrators: who is one, and the link that makes the first.

use campuszon_core::{CampusId, Timestamp, UserId, permission::Role};

use crate::{
    params,
    platform::database::{StoreError, Tx},
};

/// Sets the role of a user.
pub fn set_role(tx: &mut Tx<'_>, campus: CampusId, user: UserId, role: Role) -> Result<(), StoreError> {
    tx.execute("UPDATE users SET role = ?3 WHERE campus_id = ?1 AND id = ?2", params![campus, user, role])?;
    Ok(())
}

/// Whether any campus has an administrator.
pub fn has_administrator(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let found: Option<i64> =
        tx.first("SELECT joined_at FROM users WHERE role = 'admin' AND status = 'active' LIMIT 1", &[], |row| {
            row.get(0)
        })?;
    Ok(found.is_some())
}

/// The open link that makes the first administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupLink {
    /// Of its token, in hexadecimal.
    pub hash: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// The link, when there is one.
pub fn setup_link(tx: &mut Tx<'_>) -> Result<Option<SetupLink>, StoreError> {
    let stored: Option<String> = tx.first("SELECT value FROM facts WHERE name = 'setup'", &[], |row| row.get(0))?;
    Ok(stored.as_deref().and_then(|text| {
        let (hash, end) = text.split_once(' ')?;
        Some(SetupLink { hash: hash.to_owned(), expires_at: Timestamp::from_millis(end.parse().ok()?) })
    }))
}

/// Opens a link, in place of the one before.
pub fn put_setup_link(tx: &mut Tx<'_>, link: &SetupLink) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES ('setup', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![format!("{} {}", link.hash, link.expires_at.millis())],
    )?;
    Ok(())
}

/// Closes the link.
pub fn delete_setup_link(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM facts WHERE name = 'setup'", &[])?;
    Ok(())
}
