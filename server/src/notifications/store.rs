//! The notification service's SQL.

use campuszon_core::{CampusId, UserId, wire::notification::Notification};

use crate::{
    params,
    platform::database::{StoreError, Tx},
};

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

/// How many entries `user` has not read.
pub fn unread_total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COUNT(*) FROM notifications WHERE campus_id = ?1 AND user_id = ?2 AND seen = 0",
        params![campus, user],
        |row| row.get(0),
    )
}
