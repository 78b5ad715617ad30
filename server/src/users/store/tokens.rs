//! Personal access tokens.

use campuszon_core::{CampusId, Timestamp, TokenId, UserId, permission::Scope};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A personal access token, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// The token.
    pub id: TokenId,
    /// Whose it is.
    pub user: UserId,
    /// What the user called it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Of its secret.
    pub secret_hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

const TOKEN: &str =
    "SELECT id, user_id, name, scopes, secret_hash, created_at, last_used_at, expires_at FROM access_tokens";

fn read_token(row: &Row<'_>) -> Result<StoredToken, StoreError> {
    let scopes: String = row.get(3)?;
    Ok(StoredToken {
        id: row.get(0)?,
        user: row.get(1)?,
        name: row.get(2)?,
        scopes: scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect(),
        secret_hash: row.get(4)?,
        created_at: row.get(5)?,
        last_used_at: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

/// Adds an access token.
pub fn insert_token(tx: &mut Tx<'_>, campus: CampusId, token: &StoredToken) -> Result<(), StoreError> {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    tx.execute(
        "INSERT INTO access_tokens (campus_id, id, user_id, name, scopes, secret_hash, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            campus,
            token.id,
            token.user,
            token.name,
            scopes.join(" "),
            token.secret_hash,
            token.created_at,
            token.expires_at,
        ],
    )?;
    Ok(())
}

/// The access token with this id.
pub fn token(tx: &mut Tx<'_>, campus: CampusId, id: TokenId) -> Result<Option<StoredToken>, StoreError> {
    tx.first(&format!("{TOKEN} WHERE campus_id = ?1 AND id = ?2"), params![campus, id], read_token)
}

/// A user's access tokens, newest first.
pub fn tokens(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<StoredToken>, StoreError> {
    tx.query(
        &format!("{TOKEN} WHERE campus_id = ?1 AND user_id = ?2 ORDER BY id DESC"),
        params![campus, user],
        read_token,
    )
}

/// Notes that a token is in use.
pub fn touch_token(tx: &mut Tx<'_>, campus: CampusId, id: TokenId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE access_tokens SET last_used_at = ?3 WHERE campus_id = ?1 AND id = ?2",
        params![campus, id, now],
    )?;
    Ok(())
}

/// Revokes all access tokens of `user`.
pub fn delete_tokens(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM access_tokens WHERE campus_id = ?1 AND user_id = ?2", params![campus, user])?;
    Ok(())
}

/// Revokes an access token of `user`; `false` when there is none.
pub fn delete_token(tx: &mut Tx<'_>, campus: CampusId, user: UserId, id: TokenId) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "DELETE FROM access_tokens WHERE campus_id = ?1 AND user_id = ?2 AND id = ?3",
        params![campus, user, id],
    )?;
    Ok(changed == 1)
}
