//! What users are told of, stored with the change it tells of. Every service below may tell.

use campuszon_core::{
    BookingId, CampusId, ChatId, ItemId, UserId,
    wire::{
        live::ServerFrame,
        notification::{Notification, NotificationKind},
    },
};

use super::store;
use crate::{
    Error,
    platform::{database::Tx, inbox},
};

/// What to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What it is about.
    pub kind: NotificationKind,
    /// One line.
    pub title: String,
    /// More of it.
    pub body: Option<String>,
    /// The item it concerns.
    pub item: Option<ItemId>,
    /// The chat it concerns.
    pub chat: Option<ChatId>,
    /// The booking it concerns.
    pub booking: Option<BookingId>,
}

impl News {
    /// News that consist of a title.
    pub fn new(kind: NotificationKind, title: impl Into<String>) -> Self {
        Self { kind, title: title.into(), body: None, item: None, chat: None, booking: None }
    }
}

/// Tells a user: an entry of their feed, pushed live after the commit.
///
/// # Errors
/// The database's.
pub fn tell(tx: &mut Tx<'_>, campus: CampusId, user: UserId, news: News) -> Result<(), Error> {
    let notification = Notification {
        id: tx.new_id(),
        kind: news.kind,
        title: news.title,
        body: news.body,
        item: news.item,
        chat: news.chat,
        booking: news.booking,
        read: false,
        created_at: tx.now(),
    };
    store::insert(tx, campus, user, &notification)?;
    inbox::deliver(tx, campus, user, |since| ServerFrame::Notification { notification, since })
}

/// How many notifications a user has not read.
///
/// # Errors
/// The database's.
pub fn unread_total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, Error> {
    Ok(store::unread_total(tx, campus, user)?)
}
