//! The SQL of saved searches and of what they found.

use campuszon_core::{CampusId, ItemId, SearchId, Timestamp, UserId};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A saved search, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSearch {
    /// The search.
    pub id: SearchId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// As in the query box.
    pub query: String,
    /// Whether a daily mail names its matches.
    pub digest: bool,
    /// How many items it has found.
    pub matches: i64,
    /// When it was saved.
    pub created_at: Timestamp,
}

const SEARCH: &str = "SELECT s.id, s.user_id, s.name, s.query, s.digest, s.created_at,
     (SELECT COUNT(*) FROM search_matches m WHERE m.campus_id = s.campus_id AND m.search_id = s.id)
     FROM searches s";

fn read_search(row: &Row<'_>) -> Result<StoredSearch, StoreError> {
    Ok(StoredSearch {
        id: row.get(0)?,
        user: row.get(1)?,
        name: row.get(2)?,
        query: row.get(3)?,
        digest: row.get(4)?,
        created_at: row.get(5)?,
        matches: row.get(6)?,
    })
}

/// Adds a search. Mails about it begin with what comes after.
pub fn insert(tx: &mut Tx<'_>, campus: CampusId, search: &StoredSearch) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO searches (campus_id, id, user_id, name, query, digest, digested_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        params![campus, search.id, search.user, search.name, search.query, search.digest, search.created_at],
    )?;
    Ok(())
}

/// A search of `user`.
pub fn search(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    id: SearchId,
) -> Result<Option<StoredSearch>, StoreError> {
    tx.first(
        &format!("{SEARCH} WHERE s.campus_id = ?1 AND s.user_id = ?2 AND s.id = ?3"),
        params![campus, user, id],
        read_search,
    )
}

/// The searches of `user` before the one called `before`, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    before: SearchId,
    limit: usize,
) -> Result<Vec<StoredSearch>, StoreError> {
    tx.query(
        &format!("{SEARCH} WHERE s.campus_id = ?1 AND s.user_id = ?2 AND s.id < ?3 ORDER BY s.id DESC LIMIT ?4"),
        params![campus, user, before, limit],
        read_search,
    )
}

/// How many searches `user` has.
pub fn total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, StoreError> {
    tx.one("SELECT COUNT(*) FROM searches WHERE campus_id = ?1 AND user_id = ?2", params![campus, user], |row| {
        row.get(0)
    })
}

/// The search that `user` calls so.
pub fn called(tx: &mut Tx<'_>, campus: CampusId, user: UserId, name: &str) -> Result<Option<SearchId>, StoreError> {
    tx.first(
        "SELECT id FROM searches WHERE campus_id = ?1 AND user_id = ?2 AND name = ?3",
        params![campus, user, name],
        |row| row.get(0),
    )
}

/// Stores what an edit changed. Mails that are wanted from now on begin with what comes from now on.
pub fn update(tx: &mut Tx<'_>, campus: CampusId, search: &StoredSearch) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE searches SET name = ?3, query = ?4, digest = ?5,
             digested_at = CASE WHEN digest = 0 THEN ?6 ELSE digested_at END
         WHERE campus_id = ?1 AND id = ?2",
        params![campus, search.id, search.name, search.query, search.digest, tx.now()],
    )?;
    Ok(())
}

/// Deletes a search with what it found; `false` when `user` has none such.
pub fn delete(tx: &mut Tx<'_>, campus: CampusId, user: UserId, id: SearchId) -> Result<bool, StoreError> {
    let deleted = tx
        .execute("DELETE FROM searches WHERE campus_id = ?1 AND user_id = ?2 AND id = ?3", params![campus, user, id])?;
    Ok(deleted == 1)
}

/// Deletes all searches of `user`.
pub fn delete_all(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM searches WHERE campus_id = ?1 AND user_id = ?2", params![campus, user])?;
    Ok(())
}

/// A search that a new item is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The search.
    pub search: SearchId,
    /// Whose it is.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// As in the query box.
    pub query: String,
}

/// The searches of a campus but those of `seller`, the oldest first.
pub fn wishes(tx: &mut Tx<'_>, campus: CampusId, seller: UserId) -> Result<Vec<Wish>, StoreError> {
    tx.query(
        "SELECT id, user_id, name, query FROM searches WHERE campus_id = ?1 AND user_id <> ?2 ORDER BY id",
        params![campus, seller],
        |row| Ok(Wish { search: row.get(0)?, user: row.get(1)?, name: row.get(2)?, query: row.get(3)? }),
    )
}

/// Notes that a search found an item; `false` when it had found it before.
pub fn insert_match(tx: &mut Tx<'_>, campus: CampusId, search: SearchId, item: ItemId) -> Result<bool, StoreError> {
    let now = tx.now();
    let added = tx.execute(
        "INSERT INTO search_matches (campus_id, search_id, item_id, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (campus_id, search_id, item_id) DO NOTHING",
        params![campus, search, item, now],
    )?;
    Ok(added == 1)
}

/// Forgets what a search has found.
pub fn delete_matches(tx: &mut Tx<'_>, campus: CampusId, search: SearchId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM search_matches WHERE campus_id = ?1 AND search_id = ?2", params![campus, search])?;
    Ok(())
}

/// Who wants a mail about what a search of theirs has found, and had none since `before`; of every campus.
pub fn searches_due(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<Vec<(CampusId, UserId)>, StoreError> {
    tx.query(
        "SELECT DISTINCT campus_id, user_id FROM searches WHERE digest = 1 AND digested_at <= ?1
         ORDER BY campus_id, user_id LIMIT ?2",
        params![before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What the searches of `user` that are to be mailed found since the last mail and is still listed: the names of the
/// searches, with the item and its title.
pub fn found_since_digest(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    limit: i64,
) -> Result<Vec<(String, ItemId, String)>, StoreError> {
    tx.query(
        "SELECT s.name, i.id, i.title FROM searches s
         JOIN search_matches m ON m.campus_id = s.campus_id AND m.search_id = s.id AND m.created_at > s.digested_at
         JOIN items i ON i.campus_id = m.campus_id AND i.id = m.item_id AND i.listed = 1
         WHERE s.campus_id = ?1 AND s.user_id = ?2 AND s.digest = 1
         ORDER BY s.name, m.created_at, i.id LIMIT ?3",
        params![campus, user, limit],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Notes that `user` was mailed what their searches have found.
pub fn note_digested(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE searches SET digested_at = ?3 WHERE campus_id = ?1 AND user_id = ?2 AND digest = 1",
        params![campus, user, now],
    )?;
    Ok(())
}
