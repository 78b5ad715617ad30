//! Notifications, and what one wants to be told of.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    NotificationId,
    wire::notification::{EditPreferences, MarkNotifications, Notifications, Preferences},
};

use super::{Client, ClientError, PageRequest, Tagged, call::Call};

const PATH: &str = "/api/notifications";

impl Client {
    /// A page of one's notifications, newest first; only unread ones where asked.
    pub async fn notifications(&self, unread: bool, page: PageRequest) -> Result<Notifications, ClientError> {
        let unread = unread.then(|| ("unread", "true".to_owned()));
        self.ask(&Call::get(PATH).query(unread).query(page.pairs())).await
    }

    /// Marks a notification as read.
    pub async fn mark_notification(&self, id: NotificationId) -> Result<(), ClientError> {
        self.mark(&MarkNotifications { ids: Some(vec![id]), all: None }).await
    }

    /// Marks all of one's notifications as read.
    pub async fn mark_all_notifications(&self) -> Result<(), ClientError> {
        self.mark(&MarkNotifications { ids: None, all: Some(true) }).await
    }

    async fn mark(&self, marked: &MarkNotifications) -> Result<(), ClientError> {
        self.tell(&Call::post(format!("{PATH}/read")).json(marked)?.repeatable()).await
    }

    /// Deletes a notification.
    pub async fn delete_notification(&self, id: NotificationId) -> Result<(), ClientError> {
        self.tell(&Call::delete(format!("{PATH}/{id}"))).await
    }

    /// Deletes all of one's notifications.
    pub async fn clear_notifications(&self) -> Result<(), ClientError> {
        self.tell(&Call::delete(PATH).repeatable()).await
    }

    /// What one wants to be told of, and its version, for [`Client::edit_preferences`].
    pub async fn preferences(&self) -> Result<Tagged<Preferences>, ClientError> {
        self.ask_tagged(&Call::get(format!("{PATH}/preferences"))).await
    }

    /// Changes what one wants to be told of. With `etag` only if nobody else has changed it since (412 otherwise).
    pub async fn edit_preferences(
        &self,
        patch: &EditPreferences,
        etag: Option<&str>,
    ) -> Result<Preferences, ClientError> {
        self.ask(&Call::patch(format!("{PATH}/preferences")).json(patch)?.if_match(etag)).await
    }
}
