//! The notification service's SQL: feeds and preferences.

use campuszon_core::{
    CampusId, ChatId, NotificationId, Timestamp, UserId,
    permission::UserStatus,
    wire::notification::{Notification, NotificationKind},
};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// What a user wants to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPreferences {
    /// The kinds that are neither stored nor pushed.
    pub muted: Vec<NotificationKind>,
    /// Whether a daily mail sums up what was not read.
    pub digest: bool,
    /// What is older was in a mail, or before the mails began.
    pub digested_at: Timestamp,
}

/// Adds an entry to the feed of `user`.
pub fn insert(tx: &mut Tx<'_>, campus: CampusId, user: UserId, entry: &Notification) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO notifications (campus_id, user_id, id, kind, title, body, item_id, chat_id, booking_id, seen,
                                    created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            campus,
            user,
            entry.id,
            entry.kind,
            entry.title,
            entry.body,
            entry.item,
            entry.chat,
            entry.booking,
            entry.read,
            entry.created_at,
        ],
    )?;
    Ok(())
}

/// The newest entry of `user`.
pub fn newest(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Option<NotificationId>, StoreError> {
    tx.first(
        "SELECT id FROM notifications WHERE campus_id = ?1 AND user_id = ?2 ORDER BY id DESC LIMIT 1",
        params![campus, user],
        |row| row.get(0),
    )
}

/// Deletes the entries of `user` that are older than `before`, an id made of nothing but a time.
pub fn delete_before(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    before: NotificationId,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM notifications WHERE campus_id = ?1 AND user_id = ?2 AND id < ?3",
        params![campus, user, before],
    )?;
    Ok(())
}

/// How the account of a user stands, and which kinds they muted.
pub fn reader(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
) -> Result<Option<(UserStatus, Vec<NotificationKind>)>, StoreError> {
    tx.first(
        "SELECT u.status, p.muted FROM users u
         LEFT JOIN notification_preferences p ON p.campus_id = u.campus_id AND p.user_id = u.id
         WHERE u.campus_id = ?1 AND u.id = ?2",
        params![campus, user],
        |row| Ok((row.get(0)?, kinds(row.get::<Option<String>>(1)?.as_deref().unwrap_or_default()))),
    )
}

/// How many entries `user` has not read.
pub fn unread_total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COUNT(*) FROM notifications WHERE campus_id = ?1 AND user_id = ?2 AND seen = 0",
        params![campus, user],
        |row| row.get(0),
    )
}

const ENTRY: &str = "SELECT id, kind, title, body, item_id, chat_id, booking_id, seen, created_at FROM notifications";

fn read_entry(row: &Row<'_>) -> Result<Notification, StoreError> {
    Ok(Notification {
        id: row.get(0)?,
        kind: row.get(1)?,
        title: row.get(2)?,
        body: row.get(3)?,
        item: row.get(4)?,
        chat: row.get(5)?,
        booking: row.get(6)?,
        read: row.get(7)?,
        created_at: row.get(8)?,
    })
}

/// The entries of `user` before the one called `before`, newest first; only unread ones where asked.
pub fn page(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    unread: bool,
    before: NotificationId,
    limit: usize,
) -> Result<Vec<Notification>, StoreError> {
    tx.query(
        &format!("{ENTRY} WHERE campus_id = ?1 AND user_id = ?2 AND id < ?3 AND seen <= ?4 ORDER BY id DESC LIMIT ?5"),
        params![campus, user, before, !unread, limit],
        read_entry,
    )
}

/// Marks an entry as read; `false` when there is none.
pub fn mark(tx: &mut Tx<'_>, campus: CampusId, user: UserId, id: NotificationId) -> Result<bool, StoreError> {
    let marked = tx.execute(
        "UPDATE notifications SET seen = 1 WHERE campus_id = ?1 AND user_id = ?2 AND id = ?3",
        params![campus, user, id],
    )?;
    Ok(marked == 1)
}

/// Marks all entries of `user` as read.
pub fn mark_all(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE notifications SET seen = 1 WHERE campus_id = ?1 AND user_id = ?2 AND seen = 0",
        params![campus, user],
    )?;
    Ok(())
}

/// Marks what tells `user` of messages in a conversation as read.
pub fn mark_chat(tx: &mut Tx<'_>, campus: CampusId, user: UserId, chat: ChatId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE notifications SET seen = 1
         WHERE campus_id = ?1 AND user_id = ?2 AND seen = 0 AND kind = 'chat_message' AND chat_id = ?3",
        params![campus, user, chat],
    )?;
    Ok(())
}

/// Whether an entry after `since` tells `user` of messages in a conversation.
pub fn has_chat(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    chat: ChatId,
    since: NotificationId,
) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT seen FROM notifications
         WHERE campus_id = ?1 AND user_id = ?2 AND id > ?3 AND kind = 'chat_message' AND chat_id = ?4 LIMIT 1",
        params![campus, user, since, chat],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Deletes an entry; `false` when there is none.
pub fn delete(tx: &mut Tx<'_>, campus: CampusId, user: UserId, id: NotificationId) -> Result<bool, StoreError> {
    let deleted = tx.execute(
        "DELETE FROM notifications WHERE campus_id = ?1 AND user_id = ?2 AND id = ?3",
        params![campus, user, id],
    )?;
    Ok(deleted == 1)
}

/// Deletes all entries of `user`.
pub fn clear(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM notifications WHERE campus_id = ?1 AND user_id = ?2", params![campus, user])?;
    Ok(())
}

/// What `user` wants to be told of, when they ever said.
pub fn preferences(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Option<StoredPreferences>, StoreError> {
    tx.first(
        "SELECT muted, digest, digested_at FROM notification_preferences WHERE campus_id = ?1 AND user_id = ?2",
        params![campus, user],
        |row| {
            let muted: String = row.get(0)?;
            Ok(StoredPreferences { muted: kinds(&muted), digest: row.get(1)?, digested_at: row.get(2)? })
        },
    )
}

/// Stores what `user` wants to be told of.
pub fn put_preferences(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    preferences: &StoredPreferences,
) -> Result<(), StoreError> {
    let muted: Vec<&str> = preferences.muted.iter().map(|kind| kind.as_str()).collect();
    tx.execute(
        "INSERT INTO notification_preferences (campus_id, user_id, muted, digest, digested_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (campus_id, user_id) DO UPDATE SET muted = excluded.muted, digest = excluded.digest,
             digested_at = excluded.digested_at",
        params![campus, user, muted.join(","), preferences.digest, preferences.digested_at],
    )?;
    Ok(())
}

/// A later version may have known kinds that this one does not.
fn kinds(words: &str) -> Vec<NotificationKind> {
    words.split(',').filter_map(|word| word.parse().ok()).collect()
}

/// Forgets what `user` wants to be told of.
pub fn delete_preferences(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM notification_preferences WHERE campus_id = ?1 AND user_id = ?2", params![campus, user])?;
    Ok(())
}

/// Who wants a mail about what they have not read, and had none since `before`; of every campus.
pub fn digests_due(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<Vec<(CampusId, UserId)>, StoreError> {
    tx.query(
        "SELECT campus_id, user_id FROM notification_preferences WHERE digest = 1 AND digested_at <= ?1
         ORDER BY digested_at LIMIT ?2",
        params![before, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// How many messages wait for `user`, by whom: in conversations that they do not mute and in which something was said
/// after `since`, but not after `until`.
pub fn waiting_messages(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    since: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(String, i64)>, StoreError> {
    tx.query(
        "SELECT peer.name, CAST(SUM(me.unread) AS BIGINT) FROM chat_members me
         JOIN users peer ON peer.campus_id = me.campus_id AND peer.id = me.peer_id
         WHERE me.campus_id = ?1 AND me.user_id = ?2 AND me.unread > 0 AND me.muted = 0
             AND me.updated_at > ?3 AND me.updated_at <= ?4
         GROUP BY peer.id, peer.name ORDER BY peer.name, peer.id LIMIT ?5",
        params![campus, user, since, until, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The titles of what came since and was not read, oldest first. What tells of messages is left out.
pub fn unread_since(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT title FROM notifications
         WHERE campus_id = ?1 AND user_id = ?2 AND seen = 0 AND created_at > ?3 AND kind <> ?5
         ORDER BY id LIMIT ?4",
        params![campus, user, since, limit, NotificationKind::ChatMessage],
        |row| row.get(0),
    )
}
