//! Lists in pages, and how to follow them.

use campuszon_core::wire::{
    account::{AccessToken, AccessTokens, Device, Devices},
    booking::{Booking, Bookings, Review, Reviews},
    campus::{Campus, Campuses},
    chat::{Chat, Chats, Message, Messages},
    item::{ItemSummary, Items},
    notification::{Notification, Notifications, Search, Searches},
    trust::{
        Audit, AuditEntry, ModeratedItem, ModeratedItems, ModeratedReport, ModeratedReports, ModeratedUser,
        ModeratedUsers,
    },
    wallet::{TokenEntry, Voucher, Vouchers, Wallet},
};

use super::ClientError;

/// The most rows a server gives at once.
pub const LARGEST_PAGE: usize = 100;

/// Some rows of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// In the list's order.
    pub rows: Vec<T>,
    /// Where the list goes on.
    pub next_cursor: Option<String>,
}

/// Which rows of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// 1–100; the server's own number when absent.
    pub limit: Option<usize>,
    /// From an earlier page.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// As query parameters.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        limit.into_iter().chain(self.cursor.clone().map(|cursor| ("cursor", cursor)))
    }
}

/// Fetches pages from `cursor` on until `wanted` rows are there (all of them when `None`). The cursor that comes back
/// says that there is more.
///
/// # Errors
/// Those of `fetch`.
pub async fn follow<T, P: Into<Page<T>>>(
    cursor: Option<String>,
    wanted: Option<usize>,
    mut fetch: impl AsyncFnMut(PageRequest) -> Result<P, ClientError>,
) -> Result<Page<T>, ClientError> {
    let mut all = Page { rows: Vec::new(), next_cursor: cursor };
    loop {
        let missing = wanted.map_or(LARGEST_PAGE, |wanted| wanted.saturating_sub(all.rows.len()));
        let request = PageRequest { limit: Some(missing.clamp(1, LARGEST_PAGE)), cursor: all.next_cursor.take() };
        let page = fetch(request).await?.into();
        let empty = page.rows.is_empty();
        all.rows.extend(page.rows);
        all.next_cursor = page.next_cursor;
        let enough = wanted.is_some_and(|wanted| all.rows.len() >= wanted);
        if enough || empty || all.next_cursor.is_none() {
            return Ok(all);
        }
    }
}

macro_rules! pages {
    ($($list:ident . $rows:ident: $row:ident;)*) => {$(
        impl From<$list> for Page<$row> {
            fn from(list: $list) -> Self {
                Self { rows: list.$rows, next_cursor: list.next_cursor }
            }
        }
    )*};
}

pages! {
    AccessTokens.tokens: AccessToken;
    Audit.entries: AuditEntry;
    Bookings.bookings: Booking;
    Campuses.campuses: Campus;
    Chats.chats: Chat;
    Devices.sessions: Device;
    Items.items: ItemSummary;
    Messages.messages: Message;
    ModeratedItems.items: ModeratedItem;
    ModeratedReports.reports: ModeratedReport;
    ModeratedUsers.users: ModeratedUser;
    Notifications.notifications: Notification;
    Searches.searches: Search;
    Reviews.reviews: Review;
    Vouchers.vouchers: Voucher;
    Wallet.entries: TokenEntry;
}
