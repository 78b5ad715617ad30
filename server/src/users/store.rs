//! The user service's SQL: users here; campuses, mailed codes, sessions and access tokens in files of their own.

mod administrators;
mod campuses;
mod codes;
mod sessions;
mod tokens;

use campuszon_core::{
    CampusId, Timestamp, UserId,
    permission::{Role, UserStatus},
    wire::wallet::TokenReason,
};

pub use administrators::*;
pub use campuses::*;
pub use codes::*;
pub use sessions::*;
pub use tokens::*;

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A user, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The tenant.
    pub campus: CampusId,
    /// The campus's name.
    pub campus_name: String,
    /// The user.
    pub id: UserId,
    /// In lower case; private.
    pub email: String,
    /// As shown.
    pub name: String,
    /// In PHC format.
    pub password_hash: String,
    /// On the campus.
    pub role: Role,
    /// Of the account.
    pub status: UserStatus,
    /// Private.
    pub residence: Option<String>,
    /// Private.
    pub phone: Option<String>,
    /// The balance.
    pub tokens: i64,
    /// Of all reviews.
    pub rating_sum: i64,
    /// How many reviews.
    pub rating_count: i64,
    /// Whether others see neither online nor last seen.
    pub hide_presence: bool,
    /// When the account was made.
    pub joined_at: Timestamp,
    /// When a live connection last ended.
    pub last_seen_at: Option<Timestamp>,
}

impl User {
    /// The average of all reviews.
    pub fn rating(&self) -> Option<f64> {
        rating(self.rating_sum, self.rating_count)
    }
}

/// The average of `count` ratings that add up to `sum`, to one decimal.
pub fn rating(sum: i64, count: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "ratings are few and small")]
    (count > 0).then(|| (sum as f64 * 10.0 / count as f64).round() / 10.0)
}

const USER: &str = "SELECT u.campus_id, c.name, u.id, u.email, u.name, u.password_hash, u.role, u.status, u.residence,
     u.phone, u.tokens, u.rating_sum, u.rating_count, u.hide_presence, u.joined_at, u.last_seen_at
     FROM users u JOIN campuses c ON c.id = u.campus_id";

fn read_user(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        campus: row.get(0)?,
        campus_name: row.get(1)?,
        id: row.get(2)?,
        email: row.get(3)?,
        name: row.get(4)?,
        password_hash: row.get(5)?,
        role: row.get(6)?,
        status: row.get(7)?,
        residence: row.get(8)?,
        phone: row.get(9)?,
        tokens: row.get(10)?,
        rating_sum: row.get(11)?,
        rating_count: row.get(12)?,
        hide_presence: row.get(13)?,
        joined_at: row.get(14)?,
        last_seen_at: row.get(15)?,
    })
}

/// The user with this address.
pub fn user_by_email(tx: &mut Tx<'_>, campus: CampusId, email: &str) -> Result<Option<User>, StoreError> {
    tx.first(&format!("{USER} WHERE u.campus_id = ?1 AND u.email = ?2"), params![campus, email], read_user)
}

/// The user with this id.
pub fn user(tx: &mut Tx<'_>, campus: CampusId, id: UserId) -> Result<Option<User>, StoreError> {
    tx.first(&format!("{USER} WHERE u.campus_id = ?1 AND u.id = ?2"), params![campus, id], read_user)
}

/// Adds a user.
pub fn insert_user(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: UserId,
    email: &str,
    name: &str,
    password_hash: &str,
    status: UserStatus,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO users (campus_id, id, email, name, password_hash, role, status, tokens, rating_sum, rating_count,
                            hide_presence, joined_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'student', ?6, 0, 0, 0, 0, ?7)",
        params![campus, id, email, name, password_hash, status, tx.now()],
    )?;
    Ok(())
}

/// Sets name and password of an account that is not confirmed yet.
pub fn update_unverified(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: UserId,
    name: &str,
    password_hash: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET name = ?3, password_hash = ?4 WHERE campus_id = ?1 AND id = ?2 AND status = 'unverified'",
        params![campus, id, name, password_hash],
    )?;
    Ok(())
}

/// Sets the status of an account.
pub fn set_status(tx: &mut Tx<'_>, campus: CampusId, id: UserId, status: UserStatus) -> Result<(), StoreError> {
    tx.execute("UPDATE users SET status = ?3 WHERE campus_id = ?1 AND id = ?2", params![campus, id, status])?;
    Ok(())
}

/// Sets the password.
pub fn set_password(tx: &mut Tx<'_>, campus: CampusId, id: UserId, hash: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE users SET password_hash = ?3 WHERE campus_id = ?1 AND id = ?2", params![campus, id, hash])?;
    Ok(())
}

/// Sets the fields a user may change.
pub fn update_profile(tx: &mut Tx<'_>, user: &User) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET name = ?3, residence = ?4, phone = ?5, hide_presence = ?6 WHERE campus_id = ?1 AND id = ?2",
        params![user.campus, user.id, user.name, user.residence, user.phone, user.hide_presence],
    )?;
    Ok(())
}

/// Notes when a user was last there.
pub fn set_last_seen(tx: &mut Tx<'_>, campus: CampusId, id: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("UPDATE users SET last_seen_at = ?3 WHERE campus_id = ?1 AND id = ?2", params![campus, id, now])?;
    Ok(())
}

/// Erases what is personal; the row stays, since messages and tombstones point at it.
pub fn erase_user(tx: &mut Tx<'_>, campus: CampusId, id: UserId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET email = 'deleted:' || id, name = 'deleted user', password_hash = '', residence = NULL,
             phone = NULL, status = 'deleted', role = 'student', hide_presence = 1, last_seen_at = NULL,
             address_hash = NULL
         WHERE campus_id = ?1 AND id = ?2",
        params![campus, id],
    )?;
    for table in ["codes", "registrations", "sessions", "access_tokens", "idempotency", "inbox", "inbox_heads"] {
        tx.execute(&format!("DELETE FROM {table} WHERE campus_id = ?1 AND user_id = ?2"), params![campus, id])?;
    }
    tx.execute(
        "DELETE FROM blocks WHERE campus_id = ?1 AND (blocker_id = ?2 OR blocked_id = ?2)",
        params![campus, id],
    )?;
    Ok(())
}

/// Notes that the mailbox behind `address_hash` had its first tokens; `false` when it had them before.
pub fn remember_granted(tx: &mut Tx<'_>, campus: CampusId, address_hash: &[u8]) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO granted_addresses (campus_id, address_hash) VALUES (?1, ?2)
         ON CONFLICT (campus_id, address_hash) DO NOTHING",
        params![campus, address_hash],
    )?;
    Ok(added == 1)
}

/// Whether the ledger has an entry for this reason and reference.
pub fn has_token_entry(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    reason: TokenReason,
    reference: &str,
) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT number FROM token_entries WHERE campus_id = ?1 AND user_id = ?2 AND reason = ?3 AND reference = ?4",
        params![campus, user, reason, reference],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Keeps which mailbox an account is for.
pub fn set_address_hash(tx: &mut Tx<'_>, campus: CampusId, user: UserId, hash: &[u8]) -> Result<(), StoreError> {
    tx.execute("UPDATE users SET address_hash = ?3 WHERE campus_id = ?1 AND id = ?2", params![campus, user, hash])?;
    Ok(())
}

/// Somebody with few tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poor {
    /// The tenant.
    pub campus: CampusId,
    /// Who.
    pub user: UserId,
    /// The balance.
    pub tokens: i64,
    /// Of the mailbox.
    pub address_hash: Vec<u8>,
}

/// Active users of all campuses with less than `minimum` whose mailbox was not topped up in `week`, one for each.
pub fn below(tx: &mut Tx<'_>, minimum: i64, week: i64, limit: i64) -> Result<Vec<Poor>, StoreError> {
    tx.query(
        "SELECT u.campus_id, u.id, u.tokens, u.address_hash FROM users u
         JOIN granted_addresses g ON g.campus_id = u.campus_id AND g.address_hash = u.address_hash
         WHERE u.status = 'active' AND u.tokens < ?1 AND g.topped_up_week < ?2
             AND NOT EXISTS (SELECT 1 FROM users o WHERE o.campus_id = u.campus_id AND o.address_hash = u.address_hash
                 AND o.status = 'active' AND o.id < u.id)
         ORDER BY u.campus_id, u.id LIMIT ?3",
        params![minimum, week, limit],
        |row| Ok(Poor { campus: row.get(0)?, user: row.get(1)?, tokens: row.get(2)?, address_hash: row.get(3)? }),
    )
}

/// The week whose top-up is done.
pub fn top_up_week(tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
    let text: Option<String> = tx.first("SELECT value FROM facts WHERE name = 'top_up_week'", &[], |row| row.get(0))?;
    Ok(text.and_then(|week| week.parse().ok()))
}

/// Notes that the top-up of `week` is done.
pub fn set_top_up_week(tx: &mut Tx<'_>, week: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES ('top_up_week', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![week.to_string()],
    )?;
    Ok(())
}

/// Writes the trace of a question about an address over the one before.
pub(super) fn set_trace(tx: &mut Tx<'_>, trace: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES ('trace', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![trace],
    )?;
    Ok(())
}

/// Notes that a mailbox was topped up in `week`.
pub fn note_top_up(tx: &mut Tx<'_>, campus: CampusId, address_hash: &[u8], week: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE granted_addresses SET topped_up_week = ?3 WHERE campus_id = ?1 AND address_hash = ?2",
        params![campus, address_hash, week],
    )?;
    Ok(())
}

/// Counts a rating of a user.
pub fn add_rating(tx: &mut Tx<'_>, campus: CampusId, user: UserId, rating: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET rating_sum = rating_sum + ?3, rating_count = rating_count + 1 WHERE campus_id = ?1 AND id = ?2",
        params![campus, user, rating],
    )?;
    Ok(())
}

/// Whether either of two users has blocked the other.
pub fn is_blocked(tx: &mut Tx<'_>, campus: CampusId, one: UserId, other: UserId) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT created_at FROM blocks
         WHERE campus_id = ?1 AND ((blocker_id = ?2 AND blocked_id = ?3) OR (blocker_id = ?3 AND blocked_id = ?2)) LIMIT 1",
        params![campus, one, other],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Appends to the ledger of marketplace tokens and moves the balance with it.
pub fn insert_token_entry(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    delta: i64,
    reason: TokenReason,
    reference: &str,
) -> Result<(), StoreError> {
    let balance: i64 = tx.one(
        "UPDATE users SET tokens = tokens + ?3 WHERE campus_id = ?1 AND id = ?2 RETURNING tokens",
        params![campus, user, delta],
        |row| row.get(0),
    )?;
    let number: i64 = tx.one(
        "SELECT CAST(COALESCE(MAX(number), 0) + 1 AS BIGINT) FROM token_entries WHERE campus_id = ?1 AND user_id = ?2",
        params![campus, user],
        |row| row.get(0),
    )?;
    tx.execute(
        "INSERT INTO token_entries (campus_id, user_id, number, delta, reason, reference, balance, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![campus, user, number, delta, reason, reference, balance, tx.now()],
    )?;
    Ok(())
}
