//! Conversations as lists show them: joined with their item, their other member and their newest message.

use campuszon_core::{CampusId, ChatId, ItemId, Timestamp, UserId, item::ItemStatus, wire::chat::Message};

use super::{MESSAGE, WITH_IMAGE, read_message};
use crate::{
    images::store::IMAGE,
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A conversation with its item, its other member and its newest message, as one member sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The conversation.
    pub id: ChatId,
    /// The newest message's number; 0 when there is none.
    pub last_seq: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something was last said in it.
    pub updated_at: Timestamp,
    /// How far the member has read.
    pub read_seq: i64,
    /// How many messages the member has not read.
    pub unread: i64,
    /// Whether the member wants no notice of it.
    pub muted: bool,
    /// How far the other member has read.
    pub peer_read_seq: i64,
    /// What it is about.
    pub item: OverviewItem,
    /// The other member.
    pub peer: OverviewPeer,
    /// The newest message.
    pub last_message: Option<Message>,
}

/// What a conversation is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverviewItem {
    /// The listing.
    pub id: ItemId,
    /// Its title.
    pub title: String,
    /// In minor units.
    pub price: i64,
    /// Its state.
    pub status: ItemStatus,
    /// The key of its first picture.
    pub thumbnail: Option<String>,
}

/// The other member of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverviewPeer {
    /// The user.
    pub id: UserId,
    /// As shown.
    pub name: String,
    /// Whether others see neither online nor last seen.
    pub hide_presence: bool,
    /// When a live connection last ended.
    pub last_seen_at: Option<Timestamp>,
}

/// How many columns of an overview come before those of its message.
const OVERVIEW_COLUMNS: usize = 17;

fn overview(condition: &str) -> String {
    format!(
        "SELECT c.id, c.last_seq, c.created_at, me.updated_at, me.read_seq, me.unread, me.muted, other.read_seq,
                i.id, i.title, i.price, i.status, i.thumbnail,
                peer.id, peer.name, peer.hide_presence, peer.last_seen_at,
                {MESSAGE}, {IMAGE}
         FROM chat_members me
         JOIN chat_members other ON other.campus_id = me.campus_id AND other.chat_id = me.chat_id
             AND other.user_id = me.peer_id
         JOIN chats c ON c.campus_id = me.campus_id AND c.id = me.chat_id
         JOIN items i ON i.campus_id = c.campus_id AND i.id = c.item_id
         JOIN users peer ON peer.campus_id = me.campus_id AND peer.id = me.peer_id
         LEFT JOIN messages m ON m.campus_id = c.campus_id AND m.chat_id = c.id AND m.seq = c.last_seq
         {WITH_IMAGE}
         WHERE me.campus_id = ?1 AND me.user_id = ?2 AND {condition}"
    )
}

fn read_overview(row: &Row<'_>, url: &str) -> Result<Overview, StoreError> {
    let has_message = row.get::<Option<ChatId>>(OVERVIEW_COLUMNS)?.is_some();
    Ok(Overview {
        id: row.get(0)?,
        last_seq: row.get(1)?,
        created_at: row.get(2)?,
        updated_at: row.get(3)?,
        read_seq: row.get(4)?,
        unread: row.get(5)?,
        muted: row.get(6)?,
        peer_read_seq: row.get(7)?,
        item: OverviewItem {
            id: row.get(8)?,
            title: row.get(9)?,
            price: row.get(10)?,
            status: row.get(11)?,
            thumbnail: row.get(12)?,
        },
        peer: OverviewPeer {
            id: row.get(13)?,
            name: row.get(14)?,
            hide_presence: row.get(15)?,
            last_seen_at: row.get(16)?,
        },
        last_message: if has_message { Some(read_message(row, OVERVIEW_COLUMNS, url)?) } else { None },
    })
}

/// One conversation of `user`.
pub fn chat(tx: &mut Tx<'_>, campus: CampusId, user: UserId, id: ChatId) -> Result<Option<Overview>, StoreError> {
    let url = tx.public_url();
    tx.first(&overview("me.chat_id = ?3"), params![campus, user, id], |row| read_overview(row, url))
}

/// The `limit` conversations of `user` that come after `position`, newest activity first.
pub fn chats(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    position: (i64, &str),
    limit: i64,
) -> Result<Vec<Overview>, StoreError> {
    let sql = overview("(me.updated_at, me.chat_id) < (?3, ?4) ORDER BY me.updated_at DESC, me.chat_id DESC LIMIT ?5");
    let url = tx.public_url();
    tx.query(&sql, params![campus, user, position.0, position.1, limit], |row| read_overview(row, url))
}
