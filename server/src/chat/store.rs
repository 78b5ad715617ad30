//! The chat service's SQL: conversations, their members and messages.

mod overview;

use campuszon_core::{
    CampusId, ChatId, ImageId, ItemId, MessageId, Timestamp, UserId, permission::UserStatus, wire::chat::Message,
};

pub use overview::{Overview, OverviewItem, OverviewPeer, chat, chats};

use crate::{
    images::{
        shown,
        store::{IMAGE, read_image_at},
    },
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A member's view of a conversation, as far as the rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The other member.
    pub peer: UserId,
    /// How the other member's account stands.
    pub peer_status: UserStatus,
    /// The newest message's number; 0 when there is none.
    pub last_seq: i64,
}

/// The conversation of `user` with the number `id`, when they are a member.
pub fn member(tx: &mut Tx<'_>, campus: CampusId, id: ChatId, user: UserId) -> Result<Option<Member>, StoreError> {
    tx.first(
        "SELECT me.peer_id, peer.status, c.last_seq
         FROM chat_members me
         JOIN chats c ON c.campus_id = me.campus_id AND c.id = me.chat_id
         JOIN users peer ON peer.campus_id = me.campus_id AND peer.id = me.peer_id
         WHERE me.campus_id = ?1 AND me.chat_id = ?2 AND me.user_id = ?3",
        params![campus, id, user],
        |row| Ok(Member { peer: row.get(0)?, peer_status: row.get(1)?, last_seq: row.get(2)? }),
    )
}

/// The two members of a conversation.
pub fn members(tx: &mut Tx<'_>, campus: CampusId, id: ChatId) -> Result<Vec<UserId>, StoreError> {
    tx.query(
        "SELECT user_id FROM chat_members WHERE campus_id = ?1 AND chat_id = ?2 ORDER BY user_id",
        params![campus, id],
        |row| row.get(0),
    )
}

/// Stores another body of a message, or that it was deleted, with its picture or without.
pub fn update_message(tx: &mut Tx<'_>, campus: CampusId, message: &Message) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE messages SET body = ?4, edited_at = ?5, deleted_at = ?6, image_id = ?7
         WHERE campus_id = ?1 AND chat_id = ?2 AND seq = ?3",
        params![
            campus,
            message.chat_id,
            message.seq,
            message.body,
            message.edited_at,
            message.deleted_at,
            image_of(message),
        ],
    )?;
    Ok(())
}

fn image_of(message: &Message) -> Option<ImageId> {
    message.image.as_ref().map(|image| image.id)
}

/// Sets whether `user` is told nothing of a conversation.
pub fn set_muted(tx: &mut Tx<'_>, campus: CampusId, id: ChatId, user: UserId, muted: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE chat_members SET muted = ?4 WHERE campus_id = ?1 AND chat_id = ?2 AND user_id = ?3",
        params![campus, id, user, muted],
    )?;
    Ok(())
}

/// Whom `user` has conversations with, at most `limit`.
pub fn acquaintances(tx: &mut Tx<'_>, campus: CampusId, user: UserId, limit: i64) -> Result<Vec<UserId>, StoreError> {
    tx.query(
        "SELECT DISTINCT peer_id FROM chat_members WHERE campus_id = ?1 AND user_id = ?2 ORDER BY peer_id LIMIT ?3",
        params![campus, user, limit],
        |row| row.get(0),
    )
}

/// The conversation that `buyer` has about `item`.
pub fn chat_about(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    buyer: UserId,
) -> Result<Option<ChatId>, StoreError> {
    tx.first(
        "SELECT id FROM chats WHERE campus_id = ?1 AND item_id = ?2 AND buyer_id = ?3",
        params![campus, item, buyer],
        |row| row.get(0),
    )
}

/// When `buyer` opened their last `limit` conversations, newest first.
pub fn latest_starts(
    tx: &mut Tx<'_>,
    campus: CampusId,
    buyer: UserId,
    limit: usize,
) -> Result<Vec<Timestamp>, StoreError> {
    tx.query(
        "SELECT c.created_at FROM chat_members me
         JOIN chats c ON c.campus_id = me.campus_id AND c.id = me.chat_id
         WHERE me.campus_id = ?1 AND me.user_id = ?2 AND c.buyer_id = ?2
         ORDER BY c.created_at DESC LIMIT ?3",
        params![campus, buyer, limit],
        |row| row.get(0),
    )
}

/// Opens a conversation of `buyer` and `seller` about `item`; `false` when they have one.
pub fn insert_chat(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: ChatId,
    item: ItemId,
    buyer: UserId,
    seller: UserId,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let added = tx.execute(
        "INSERT INTO chats (campus_id, id, item_id, buyer_id, seller_id, last_seq, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?6)
         ON CONFLICT (campus_id, item_id, buyer_id) DO NOTHING",
        params![campus, id, item, buyer, seller, now],
    )?;
    if added == 0 {
        return Ok(false);
    }
    for (user, peer) in [(buyer, seller), (seller, buyer)] {
        tx.execute(
            "INSERT INTO chat_members (campus_id, chat_id, user_id, peer_id, read_seq, unread, muted, updated_at)
             VALUES (?1, ?2, ?3, ?4, 0, 0, 0, ?5)",
            params![campus, id, user, peer, now],
        )?;
    }
    Ok(true)
}

/// Takes the next message number of a conversation.
pub fn take_seq(tx: &mut Tx<'_>, campus: CampusId, id: ChatId) -> Result<i64, StoreError> {
    let now = tx.now();
    tx.one(
        "UPDATE chats SET last_seq = last_seq + 1, updated_at = ?3 WHERE campus_id = ?1 AND id = ?2 RETURNING last_seq",
        params![campus, id, now],
        |row| row.get(0),
    )
}

/// Adds a message under the number it has taken.
pub fn insert_message(tx: &mut Tx<'_>, campus: CampusId, message: &Message) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO messages (campus_id, chat_id, seq, id, client_id, sender_id, kind, body, booking_id, created_at,
                               image_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            campus,
            message.chat_id,
            message.seq,
            message.id,
            message.client_id,
            message.sender_id,
            message.kind,
            message.body,
            message.booking,
            message.created_at,
            image_of(message),
        ],
    )?;
    Ok(())
}

/// Notes that `user` wrote the message `seq`, and so has read all before it.
pub fn note_sent(tx: &mut Tx<'_>, campus: CampusId, id: ChatId, user: UserId, seq: i64) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE chat_members SET read_seq = ?4, unread = 0, updated_at = ?5
         WHERE campus_id = ?1 AND chat_id = ?2 AND user_id = ?3",
        params![campus, id, user, seq, now],
    )?;
    Ok(())
}

/// Whether `user` has read a conversation, does not mute it, and wrote none of its latest messages after `since`.
pub fn is_away(
    tx: &mut Tx<'_>,
    campus: CampusId,
    id: ChatId,
    user: UserId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let away: Option<i64> = tx.first(
        "SELECT me.unread FROM chat_members me
         WHERE me.campus_id = ?1 AND me.chat_id = ?2 AND me.user_id = ?3 AND me.unread = 0 AND me.muted = 0
             AND NOT EXISTS (
                 SELECT 1 FROM chats c
                 JOIN messages m ON m.campus_id = c.campus_id AND m.chat_id = c.id AND m.seq > c.last_seq - 20
                 WHERE c.campus_id = ?1 AND c.id = ?2 AND m.sender_id = ?3 AND m.created_at > ?4)",
        params![campus, id, user, since],
        |row| row.get(0),
    )?;
    Ok(away.is_some())
}

/// Notes that `user` has one more message to read.
pub fn note_received(tx: &mut Tx<'_>, campus: CampusId, id: ChatId, user: UserId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE chat_members SET unread = unread + 1, updated_at = ?4
         WHERE campus_id = ?1 AND chat_id = ?2 AND user_id = ?3",
        params![campus, id, user, now],
    )?;
    Ok(())
}

/// Moves the reading position of `user` forward to `seq`; `false` when it is there already.
pub fn move_read(tx: &mut Tx<'_>, campus: CampusId, id: ChatId, user: UserId, seq: i64) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE chat_members SET read_seq = ?4, unread = (
             SELECT COUNT(*) FROM messages m WHERE m.campus_id = ?1 AND m.chat_id = ?2 AND m.seq > ?4
                 AND (m.sender_id IS NULL OR m.sender_id <> ?3))
         WHERE campus_id = ?1 AND chat_id = ?2 AND user_id = ?3 AND read_seq < ?4",
        params![campus, id, user, seq],
    )?;
    Ok(changed == 1)
}

/// How many messages `user` has not read, in all conversations.
pub fn unread_total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, StoreError> {
    tx.one(
        "SELECT CAST(COALESCE(SUM(unread), 0) AS BIGINT) FROM chat_members WHERE campus_id = ?1 AND user_id = ?2",
        params![campus, user],
        |row| row.get(0),
    )
}

/// A message's own columns; those of its picture follow.
const MESSAGE: &str = "m.chat_id, m.seq, m.id, m.client_id, m.sender_id, m.kind, m.body, m.booking_id, m.created_at,
     m.edited_at, m.deleted_at";

/// How many columns [`MESSAGE`] has.
const COLUMNS: usize = 11;

/// How a message `m` finds its picture `p`.
const WITH_IMAGE: &str = "LEFT JOIN images p ON p.campus_id = m.campus_id AND p.id = m.image_id";

fn select(condition: &str) -> String {
    format!("SELECT {MESSAGE}, {IMAGE} FROM messages m {WITH_IMAGE} WHERE m.campus_id = ?1 AND {condition}")
}

/// Reads the columns of [`MESSAGE`] and of its picture, which begin at `first`. `url` is where pictures are served.
fn read_message(row: &Row<'_>, first: usize, url: &str) -> Result<Message, StoreError> {
    let picture = first + COLUMNS;
    let has_image = row.get::<Option<ImageId>>(picture)?.is_some();
    Ok(Message {
        chat_id: row.get(first)?,
        seq: row.get(first + 1)?,
        id: row.get(first + 2)?,
        client_id: row.get(first + 3)?,
        sender_id: row.get(first + 4)?,
        kind: row.get(first + 5)?,
        body: row.get(first + 6)?,
        image: if has_image { Some(shown(url, read_image_at(row, picture)?)) } else { None },
        booking: row.get(first + 7)?,
        created_at: row.get(first + 8)?,
        edited_at: row.get(first + 9)?,
        deleted_at: row.get(first + 10)?,
    })
}

/// The message that a picture is in.
pub fn message_of_image(tx: &mut Tx<'_>, campus: CampusId, image: ImageId) -> Result<Option<Message>, StoreError> {
    let url = tx.public_url();
    tx.first(&select("m.image_id = ?2"), params![campus, image], |row| read_message(row, 0, url))
}

/// The messages of all conversations of `user`, by both sides, oldest first in each.
pub fn all_messages(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<Message>, StoreError> {
    let url = tx.public_url();
    let sql = select(
        "m.chat_id IN (SELECT c.chat_id FROM chat_members c WHERE c.campus_id = ?1 AND c.user_id = ?2)
             ORDER BY m.chat_id, m.seq",
    );
    tx.query(&sql, params![campus, user], |row| read_message(row, 0, url))
}

/// The message that `sender` called `client_id`.
pub fn message_by_client_id(
    tx: &mut Tx<'_>,
    campus: CampusId,
    chat: ChatId,
    sender: UserId,
    client_id: &str,
) -> Result<Option<Message>, StoreError> {
    let url = tx.public_url();
    tx.first(
        &select("m.chat_id = ?2 AND m.sender_id = ?3 AND m.client_id = ?4"),
        params![campus, chat, sender, client_id],
        |row| read_message(row, 0, url),
    )
}

/// The message with this id.
pub fn message(tx: &mut Tx<'_>, campus: CampusId, chat: ChatId, id: MessageId) -> Result<Option<Message>, StoreError> {
    let url = tx.public_url();
    tx.first(&select("m.chat_id = ?2 AND m.id = ?3"), params![campus, chat, id], |row| read_message(row, 0, url))
}

/// The `limit` first messages with numbers between `after` and `before`, both excluded, oldest first.
pub fn first_messages(
    tx: &mut Tx<'_>,
    campus: CampusId,
    chat: ChatId,
    after: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let url = tx.public_url();
    tx.query(
        &select("m.chat_id = ?2 AND m.seq > ?3 AND m.seq < ?4 ORDER BY m.seq LIMIT ?5"),
        params![campus, chat, after, before, limit],
        |row| read_message(row, 0, url),
    )
}

/// The `limit` last messages with numbers below `before`, oldest first.
pub fn last_messages(
    tx: &mut Tx<'_>,
    campus: CampusId,
    chat: ChatId,
    before: i64,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let url = tx.public_url();
    let mut messages = tx.query(
        &select("m.chat_id = ?2 AND m.seq < ?3 ORDER BY m.seq DESC LIMIT ?4"),
        params![campus, chat, before, limit],
        |row| read_message(row, 0, url),
    )?;
    messages.reverse();
    Ok(messages)
}
