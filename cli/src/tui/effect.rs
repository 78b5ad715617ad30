//! Effects: what `update` wants done, and the runner that does it beside the interface and reports back by message.

use std::{
    collections::HashMap,
    mem::{Discriminant, discriminant},
    sync::Arc,
    time::Duration,
};

use campuszon_core::{ItemId, safe::SafeText};
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::AbortHandle,
};

use super::{
    message::{Failure, FailureKind, Message, Ticket, Timer},
    model::{Order, PhotoKey, Query},
    photo::{self, Files},
};
use crate::{
    client::{Client, ClientError, ItemQuery, PageRequest},
    pictures::PictureCache,
};

/// How many photos are fetched and decoded at a time.
const PHOTOS_AT_ONCE: usize = 3;

/// How many rows a page of the list has.
const PAGE: usize = 50;

/// Something to be done outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask for a page of items; a later ask cancels this one.
    LoadItems { ticket: Ticket, query: Query, cursor: Option<String> },
    /// Ask for a whole item; a later ask cancels this one.
    LoadItem { ticket: Ticket, id: ItemId },
    /// Fetch, decode and scale a photo.
    LoadPhoto(PhotoKey),
    /// Ask who is signed in.
    LoadProfile,
    /// Ask which categories there are.
    LoadCategories,
    /// Star an item, or take the star away.
    SetFavorite { id: ItemId, on: bool },
    /// Report when so much time has passed; a later timer of the same kind replaces this one.
    After(Duration, Timer),
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// Draw every cell anew.
    Redraw,
    /// Give the terminal back to the shell until it hands it over again.
    Suspend,
}

/// Work of which only the newest matters.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Lane {
    Items,
    Item,
    Timer(Discriminant<Timer>),
}

/// Does the effects that need the server or time. Those on the terminal are up to whoever owns it.
#[derive(Debug)]
pub struct Runner {
    client: Client,
    messages: UnboundedSender<Message>,
    lanes: HashMap<Lane, AbortHandle>,
    photo_slots: Arc<Semaphore>,
    files: Files,
    cache: PictureCache,
}

impl Runner {
    /// A runner that reports to `messages`.
    pub fn new(client: Client, cache: PictureCache, messages: UnboundedSender<Message>) -> Self {
        let photo_slots = Arc::new(Semaphore::new(PHOTOS_AT_ONCE));
        Self { client, messages, lanes: HashMap::new(), photo_slots, files: Files::default(), cache }
    }

    /// Begins an effect; its result comes as a message.
    pub fn perform(&mut self, effect: Effect) {
        let client = self.client.clone();
        match effect {
            Effect::LoadItems { ticket, query, cursor } => {
                self.spawn(Some(Lane::Items), load_items(client, ticket, query, cursor));
            }
            Effect::LoadItem { ticket, id } => self.spawn(Some(Lane::Item), async move {
                let result = client.item(id).await.map(Box::new).map_err(|error| failure(&error));
                Some(Message::Item { ticket, id, result })
            }),
            Effect::LoadPhoto(key) => {
                let photos = (self.photo_slots.clone(), self.files.clone(), self.cache.clone());
                self.spawn(None, load_photo(client, key, photos));
            }
            Effect::LoadProfile => self.spawn(None, async move {
                Some(Message::Profile(client.me().await.map(Box::new).map_err(|error| failure(&error))))
            }),
            // Without an answer the choice of a category says that it has none yet, and asks again.
            Effect::LoadCategories => self
                .spawn(None, async move { client.meta().await.ok().map(|meta| Message::Categories(meta.categories)) }),
            Effect::SetFavorite { id, on } => self.spawn(None, async move {
                let result = client.set_favorite(id, on).await.map_err(|error| failure(&error));
                Some(Message::Favorite { id, on, result })
            }),
            Effect::After(delay, timer) => self.spawn(Some(Lane::Timer(discriminant(&timer))), async move {
                tokio::time::sleep(delay).await;
                Some(Message::Due(timer))
            }),
            Effect::Copy(_) | Effect::Redraw | Effect::Suspend => {}
        }
    }

    /// Runs work to its message. In a lane it puts an end to what was there before.
    fn spawn(&mut self, lane: Option<Lane>, work: impl Future<Output = Option<Message>> + Send + 'static) {
        let messages = self.messages.clone();
        let task = tokio::spawn(async move {
            if let Some(message) = work.await {
                // Nobody listens any more once the interface has ended.
                let _ = messages.send(message);
            }
        });
        let Some(lane) = lane else { return };
        if let Some(older) = self.lanes.insert(lane, task.abort_handle()) {
            older.abort();
        }
    }
}

async fn load_items(client: Client, ticket: Ticket, query: Query, cursor: Option<String>) -> Option<Message> {
    let first = cursor.is_none();
    let wanted = ItemQuery {
        q: Some(query.words).filter(|words| !words.is_empty()),
        category: query.category.into_iter().collect(),
        sort: sort(query.order).map(str::to_owned),
        count: first,
        ..ItemQuery::default()
    };
    let page = PageRequest { limit: Some(PAGE), cursor };
    let result = client.items(&wanted, page).await.map_err(|error| failure(&error));
    Some(Message::Items { ticket, first, result })
}

fn sort(order: Order) -> Option<&'static str> {
    match order {
        Order::Natural => None,
        Order::Newest => Some("newest"),
        Order::Cheapest => Some("price"),
        Order::Dearest => Some("-price"),
        Order::Oldest => Some("oldest"),
    }
}

async fn load_photo(
    client: Client,
    key: PhotoKey,
    (slots, files, cache): (Arc<Semaphore>, Files, PictureCache),
) -> Option<Message> {
    let _slot = slots.acquire().await.ok()?;
    let file = match files.get(&key.url) {
        Some(file) => Some(file),
        None => fetch(&client, &key.url, cache).await.map(|bytes| files.keep(&key.url, &bytes)),
    };
    let cells = key.cells;
    let pixels = match file {
        Some(file) => tokio::task::spawn_blocking(move || photo::scale(&file, cells)).await.ok().flatten(),
        None => None,
    };
    Some(Message::Photo { key, pixels: pixels.map(Arc::new) })
}

/// The file of a photo, from this machine's disk or from the server.
async fn fetch(client: &Client, url: &str, cache: PictureCache) -> Option<Vec<u8>> {
    let (kept, address) = (cache.clone(), url.to_owned());
    if let Ok(Some(file)) = tokio::task::spawn_blocking(move || kept.get(&address)).await {
        return Some(file);
    }
    let (file, address) = (client.image_bytes(url).await.ok()?, url.to_owned());
    let fetched = file.to_vec();
    // What is drawn does not wait for the disk.
    tokio::task::spawn_blocking(move || cache.keep(&address, &file));
    Some(fetched)
}

/// What went wrong, as the screen says it.
fn failure(error: &ClientError) -> Failure {
    let kind = match (error, error.status()) {
        (ClientError::NotSignedIn(_) | ClientError::SessionEnded(_), _) | (_, Some(401)) => FailureKind::SignedOut,
        (ClientError::Network { .. } | ClientError::Timeout { .. }, _) => FailureKind::Offline,
        (_, Some(404 | 410)) => FailureKind::Gone,
        (_, Some(403)) => FailureKind::Refused,
        _ => FailureKind::Broken,
    };
    Failure { kind, sentence: SafeText::line(&error.to_string()) }
}
