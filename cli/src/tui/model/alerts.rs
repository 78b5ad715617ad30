//! The Alerts tab: what happened meanwhile.

use campuszon_core::{
    BookingId, ChatId, ItemId, NotificationId, Timestamp,
    safe::SafeText,
    wire::notification::{Notification, NotificationKind, Notifications},
};

use super::{List, Page, Record};

/// A notification as the list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRow {
    pub id: NotificationId,
    pub kind: NotificationKind,
    pub title: SafeText,
    pub body: SafeText,
    pub item: Option<ItemId>,
    pub chat: Option<ChatId>,
    pub booking: Option<BookingId>,
    pub read: bool,
    pub created_at: Timestamp,
}

impl AlertRow {
    /// The row of a notification.
    pub fn new(notification: &Notification) -> Self {
        Self {
            id: notification.id,
            kind: notification.kind,
            title: SafeText::line(&notification.title),
            body: SafeText::line(notification.body.as_deref().unwrap_or_default()),
            item: notification.item,
            chat: notification.chat,
            booking: notification.booking,
            read: notification.read,
            created_at: notification.created_at,
        }
    }
}

impl Record for AlertRow {
    type Id = NotificationId;

    fn id(&self) -> NotificationId {
        self.id
    }
}

/// A page of notifications, made safe.
pub fn alert_page(page: &Notifications) -> Page<AlertRow> {
    let rows = page.notifications.iter().map(AlertRow::new).collect();
    Page { rows, next: page.next_cursor.clone(), total: None }
}

/// The Alerts tab.
#[derive(Clone, Debug, Default)]
pub struct Alerts {
    pub list: List<AlertRow>,
}
