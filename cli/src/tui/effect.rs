//! Effects: what `update` wants done, and the runner that does it beside the interface and reports back by message.

mod account;
mod bookings;
mod entry;
mod lists;
mod selling;
mod talk;
mod uploads;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use campuszon_core::{
    BookingId, ChatId, Decimal, ImageId, ItemId, MessageId, ReviewId, UserId,
    safe::SafeText,
    wire::{
        booking::{CreateBooking, CreateReview},
        chat::SendMessage,
        item::CreateItem,
        live::ClientFrame,
    },
};
use serde_json::{Map, Value};
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::AbortHandle,
};

use self::uploads::Uploads;
pub use self::{
    account::{Errand, Outcome},
    entry::{Entered, Entry, Refused},
};
use super::{
    graphics::{Encoder, Kept},
    message::{Arrival, Ask, Failure, FailureKind, Message, News, Range, Ticket, Timer},
    model::{ListingDraft, PhotoKey, Query, Section, Tab},
    photo::{self, Files},
    post::Post,
    servers::Servers,
};
use crate::{
    client::{BookingQuery, Client, ClientError, ItemAction, Live, LiveEvent, LiveSender, PageRequest},
    clock,
    first_pages::{FirstPage, FirstPages, Remembered},
    pictures::PictureCache,
};

/// How many photos are fetched and decoded at a time.
const PHOTOS_AT_ONCE: usize = 3;

/// How many rows a page of the list has.
const PAGE: usize = 50;

/// Something to be done outside the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask for a page of items; a later ask cancels this one, as with every list.
    LoadItems(Query, Ask),
    /// Ask for a page of the conversations.
    LoadChats(Ask),
    /// Ask for a page of the bookings.
    LoadBookings(Ask),
    /// Ask for a page of one's own items.
    LoadSelling(Ask),
    /// Ask for a page of the notifications.
    LoadAlerts(Ask),
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
    /// Ask a seller for an item.
    Book { id: ItemId, wish: CreateBooking, key: String },
    /// Delete one's own item.
    DeleteItem(ItemId),
    /// Report when so much time has passed; a later timer of the same kind replaces this one.
    After(Duration, Timer),
    /// Bring a picture to the terminal, which keeps it as long as it is needed here.
    Show(Arc<Kept>),
    /// Put a text into the terminal's clipboard.
    Copy(String),
    /// Open the conversation on an item, or find the one that exists.
    StartChat { item: ItemId, key: String },
    /// Ask for one conversation.
    LoadChat(ChatId),
    /// Ask for messages of a conversation.
    LoadMessages { chat: ChatId, range: Range, ticket: Ticket },
    /// Read from disk what waits and what was being written.
    LoadKept,
    /// Put a message on disk and send it after all those before it.
    Post { chat: ChatId, message: SendMessage },
    /// Send what waits.
    Deliver,
    /// Keep what is being written, in place of what was kept.
    KeepDrafts(BTreeMap<ChatId, String>),
    /// Say another thing in a message of one's own.
    EditMessage { chat: ChatId, id: MessageId, body: String },
    /// Take back a message of one's own.
    DeleteMessage { chat: ChatId, id: MessageId },
    /// Mute a conversation, or not any more.
    Mute { chat: ChatId, on: bool },
    /// Report a message to the moderators.
    Report { chat: ChatId, id: MessageId, reason: String, key: String },
    /// Ask for one booking.
    LoadDeal(BookingId),
    /// Take a step of a booking.
    Step { id: BookingId, step: Step },
    /// Have a text written in an editor.
    Compose(String),
    /// Open the live connection, in place of the one there was.
    Connect,
    /// End the pause before the next attempt to connect.
    Reconnect,
    /// Say something over the live connection; while it is down, it is lost.
    Tell(ClientFrame),
    /// Say something to somebody who looks elsewhere.
    Ring(SafeText),
    /// Take the mouse from the terminal, or give it back.
    Mouse(bool),
    /// Draw every cell anew.
    Redraw,
    /// Give the terminal back to the shell until it hands it over again.
    Suspend,
    /// Something about the account, the server or the settings.
    Account(Errand),
    /// Unlock an item.
    Unlock { id: ItemId, key: String },
    /// Review the other side of a deal; the answer goes to the form of that number.
    Review { booking: BookingId, review: CreateReview, form: Ticket, key: String },
    /// Answer a review of oneself.
    Answer { review: ReviewId, answer: String },
    /// Ask for what the two of a booking wrote of each other.
    LoadReviews { booking: BookingId, me: UserId, peer: UserId },
    /// Ask who waits for an answer of the reader.
    LoadRequests,
    /// Take a step in the life of an item.
    StepItem { id: ItemId, action: ItemAction },
    /// Report an item once its pictures are worked on.
    AwaitItem(ItemId),
    /// Ask for an item and its version.
    LoadForEdit(ItemId),
    /// List an item; the answer goes to the form of that number.
    List { item: Box<CreateItem>, form: Ticket, key: String },
    /// Change an item that is as it was at that version, and then its pictures.
    EditItem { id: ItemId, patch: Map<String, Value>, images: Option<Vec<ImageId>>, etag: Option<String>, form: Ticket },
    /// Read from disk what was kept of a new listing.
    LoadListing,
    /// Keep what is written of a new listing, or nothing any more.
    KeepListing(Option<Box<ListingDraft>>),
    /// Look into a directory.
    ListFiles { ticket: Ticket, directory: String },
    /// Make a picture ready and send it.
    Upload { number: Ticket, path: PathBuf, key: String },
    /// Call off a picture on its way.
    CancelUpload(Ticket),
}

/// What somebody does in a booking.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Accept,
    Counter {
        price: Decimal,
        version: i64,
    },
    Decline(Option<String>),
    Cancel(Option<String>),
    /// With the buyer's code, or as one's own word.
    Complete(Option<String>),
    /// Give more time, once.
    Extend,
}

/// Work of which only the newest matters.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Lane {
    List(Tab),
    Item,
    Search,
    Rest,
    SlowTab(Tab),
    SlowItem,
    Notice,
    Tick,
    Live,
    Drafts,
    Deliver,
    Typing(ChatId),
    SlowTalk,
    Resend,
    Section(Section),
    SlowSection(Section),
    Countdown,
    Form,
    Files,
}

impl Lane {
    /// Which timers replace each other. Each toast has its own time.
    fn of(timer: Timer) -> Option<Self> {
        Some(match timer {
            Timer::Search(_) => Self::Search,
            Timer::Rest(_) => Self::Rest,
            Timer::SlowTab(tab, _) => Self::SlowTab(tab),
            Timer::SlowItem(_) => Self::SlowItem,
            Timer::Notice(_) => Self::Notice,
            Timer::SlowTalk(_) => Self::SlowTalk,
            Timer::Typing(chat, _) => Self::Typing(chat),
            Timer::Drafts(_) => Self::Drafts,
            Timer::Deliver => Self::Deliver,
            Timer::Tick(_) => Self::Tick,
            Timer::Countdown(_) => Self::Countdown,
            Timer::Form(_) => Self::Form,
            Timer::Toast(_) => return None,
            Timer::Resend(_) => Self::Resend,
            Timer::SlowSection(section, _) => Self::SlowSection(section),
        })
    }
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
    first_pages: FirstPages,
    encoder: Encoder,
    /// For speaking over the live connection, once there is one.
    live: Option<LiveSender>,
    post: Post,
    /// The other servers, where there are any.
    servers: Option<Servers>,
    /// Goes up with every change of the server: what an earlier one answers is of no interest then.
    era: Arc<AtomicU64>,
    uploads: Uploads,
}

impl Runner {
    /// A runner that keeps copies below the directory `cache`, and reports to `messages`.
    pub fn new(client: Client, cache: &Path, encoder: Encoder, messages: UnboundedSender<Message>) -> Self {
        let photo_slots = Arc::new(Semaphore::new(PHOTOS_AT_ONCE));
        let post = Post::start(&client, &messages);
        Self {
            client,
            messages,
            lanes: HashMap::new(),
            photo_slots,
            files: Files::default(),
            cache: PictureCache::below(cache),
            first_pages: FirstPages::below(cache),
            encoder,
            live: None,
            post,
            servers: None,
            era: Arc::default(),
            uploads: Uploads::default(),
        }
    }

    /// Begins an effect; its result comes as a message.
    pub fn perform(&mut self, effect: Effect) {
        let client = self.client.clone();
        match effect {
            Effect::LoadItems(query, ask) => {
                let first_page = query.is_plain().then_some(FirstPage::Browse as fn(_) -> _);
                self.list(Tab::Browse, ask, Message::Items, first_page, move |page| async move {
                    client.items(&lists::wanted(query, &page), page).await
                });
            }
            Effect::LoadChats(ask) => {
                self.list(Tab::Chats, ask, Message::Chats, Some(FirstPage::Chats), move |page| async move {
                    client.chats(page).await
                });
            }
            Effect::LoadBookings(ask) => {
                let query = BookingQuery::default();
                self.list(Tab::Bookings, ask, Message::Bookings, Some(FirstPage::Bookings), move |page| async move {
                    client.bookings(&query, page).await
                });
            }
            Effect::LoadSelling(ask) => {
                self.list(Tab::Selling, ask, Message::Selling, Some(FirstPage::Selling), move |page| async move {
                    client.items(&lists::own(), page).await
                });
            }
            Effect::LoadAlerts(ask) => {
                self.list(Tab::Alerts, ask, Message::Alerts, Some(FirstPage::Alerts), move |page| async move {
                    client.notifications(false, page).await
                });
            }
            Effect::LoadItem { ticket, id } => self.spawn(Some(Lane::Item), async move {
                let result = client.item(id).await.map(Box::new).map_err(|error| failure(&error));
                Some(Message::Item { ticket, id, result })
            }),
            Effect::LoadPhoto(key) => {
                let photos = (self.photo_slots.clone(), self.files.clone(), self.cache.clone());
                self.spawn(None, load_photo(client, key, photos, self.encoder.clone()));
            }
            Effect::LoadProfile => self.spawn(None, async move {
                Some(Message::Profile(client.me().await.map(Box::new).map_err(|error| failure(&error))))
            }),
            // Without an answer the choice of a category says that it has none yet, and asks again.
            Effect::LoadCategories => {
                let messages = self.messages.clone();
                self.spawn(None, async move {
                    let meta = client.meta().await.ok()?;
                    let categories = meta.categories.clone();
                    let _ = messages.send(Message::Rules(Box::new(meta)));
                    Some(Message::Categories(categories))
                });
            }
            Effect::SetFavorite { id, on } => self.spawn(None, async move {
                let result = client.set_favorite(id, on).await.map_err(|error| failure(&error));
                Some(Message::Favorite { id, on, result })
            }),
            Effect::Book { id, wish, key } => self.spawn(None, async move {
                let result = client.request(id, &wish, Some(&key)).await;
                Some(Message::Booked(result.map(Box::new).map_err(|error| failure(&error))))
            }),
            Effect::DeleteItem(id) => self.spawn(None, async move {
                let result = client.delete_item(id).await.map_err(|error| failure(&error));
                Some(Message::Deleted { id, result })
            }),
            Effect::After(delay, timer) => self.spawn(Lane::of(timer), async move {
                tokio::time::sleep(delay).await;
                Some(Message::Due(timer))
            }),
            Effect::Connect => {
                let live = client.live();
                self.live = Some(live.sender());
                let messages = self.messages.clone();
                self.spawn(Some(Lane::Live), async move {
                    follow(live, &messages).await;
                    None
                });
            }
            Effect::Reconnect => self.live.iter().for_each(LiveSender::reconnect_now),
            Effect::Tell(frame) => self.live.iter().for_each(|live| live.send(frame.clone())),
            Effect::Account(errand) => self.run_errand(errand),
            Effect::Copy(_)
            | Effect::Show(_)
            | Effect::Ring(_)
            | Effect::Compose(_)
            | Effect::Mouse(_)
            | Effect::Redraw
            | Effect::Suspend => {}
            other => match bookings::work(client.clone(), other) {
                Ok(work) => self.spawn(None, async move { Some(work.await) }),
                Err(other) => match selling::work(client.clone(), *other) {
                    Ok(work) => self.spawn(None, work),
                    Err(other) => self.converse(client, *other),
                },
            },
        }
    }

    /// What belongs to conversations.
    fn converse(&mut self, client: Client, effect: Effect) {
        match effect {
            Effect::Post { chat, message } => self.post.send(chat, message),
            Effect::Deliver => self.post.deliver(),
            Effect::KeepDrafts(drafts) => self.post.keep_drafts(drafts),
            Effect::KeepListing(draft) => self.post.keep_listing(draft),
            Effect::Upload { number, path, key } => self.uploads.start(client, &self.messages, number, (path, key)),
            Effect::CancelUpload(number) => self.uploads.cancel(number),
            Effect::ListFiles { ticket, directory } => self.spawn(Some(Lane::Files), async move {
                let listing = tokio::task::spawn_blocking(move || uploads::list(&directory)).await;
                let result = listing.unwrap_or_else(|error| Err(SafeText::line(&error.to_string())));
                Some(Message::Files { ticket, result })
            }),
            other => {
                if let Some(work) = talk::work(client, other) {
                    self.spawn(None, async move { Some(work.await) });
                }
            }
        }
    }

    /// What the account saw last, as far as this machine knows; blocks for as long as it takes to read a few small files.
    pub fn remembered(&self) -> Vec<Remembered> {
        self.first_pages.read(&self.client)
    }

    /// Hands on what became of an effect that somebody else performed.
    pub fn report(&self, message: Message) {
        // Nobody listens any more once the interface has ended.
        let _ = self.messages.send(message);
    }

    /// Ends what must not be cut off: what is on its way to the disk arrives there.
    pub async fn finish(self) {
        self.post.finish().await;
    }

    /// Asks for a page of a tab's list; the first one is remembered where it can be.
    fn list<P: Clone + Send + 'static, L: Future<Output = Result<P, ClientError>> + Send + 'static>(
        &mut self,
        tab: Tab,
        ask: Ask,
        message: fn(Arrival<P>) -> Message,
        first_page: Option<fn(P) -> FirstPage>,
        load: impl FnOnce(PageRequest) -> L,
    ) {
        let Ask { ticket, cursor } = ask;
        let first = cursor.is_none();
        let page = load(PageRequest { limit: Some(PAGE), cursor });
        let (client, first_pages) = (self.client.clone(), self.first_pages.clone());
        self.spawn(Some(Lane::List(tab)), async move {
            let result = page.await.map_err(|error| failure(&error));
            if let (true, Some(first_page), Ok(page)) = (first, first_page, &result) {
                let remembered = Remembered { at: clock::now(), page: first_page(page.clone()) };
                tokio::task::spawn_blocking(move || first_pages.keep(&client, &remembered));
            }
            Some(message(Arrival { ticket, first, result }))
        });
    }

    /// Runs work to its message. In a lane it puts an end to what was there before.
    fn spawn(&mut self, lane: Option<Lane>, work: impl Future<Output = Option<Message>> + Send + 'static) {
        let (messages, era) = (self.messages.clone(), self.era.clone());
        let begun = era.load(Ordering::Relaxed);
        let task = tokio::spawn(async move {
            let message = work.await;
            let is_late = era.load(Ordering::Relaxed) != begun;
            if let Some(message) = message.filter(|message| !is_late || matches!(message, Message::Due(_))) {
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

/// Hands on what a live connection says, until it ends or nobody listens.
async fn follow(mut live: Live, messages: &UnboundedSender<Message>) {
    while let Some(event) = live.next().await {
        let news = match event {
            LiveEvent::Up => News::Up,
            LiveEvent::Frame(frame) => News::Frame(Box::new(frame)),
            LiveEvent::Missed => News::Missed,
            LiveEvent::Down { reason, retry_in } => {
                News::Down { reason: SafeText::line(&reason.to_string()), retry_in }
            }
            LiveEvent::Ended(error) => News::Ended(failure(&error)),
        };
        if messages.send(Message::Live(news)).is_err() {
            return;
        }
    }
}

async fn load_photo(
    client: Client,
    key: PhotoKey,
    (slots, files, cache): (Arc<Semaphore>, Files, PictureCache),
    encoder: Encoder,
) -> Option<Message> {
    let _slot = slots.acquire().await.ok()?;
    let file = match files.get(&key.url) {
        Some(file) => Some(file),
        None => fetch(&client, &key.url, cache).await.map(|bytes| files.keep(&key.url, &bytes)),
    };
    let place = key.clone();
    let drawing = match file {
        Some(file) => tokio::task::spawn_blocking(move || photo::draw(&file, &place, &encoder)).await.ok().flatten(),
        None => None,
    };
    Some(Message::Photo { key, drawing: drawing.map(Arc::new) })
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
pub fn failure(error: &ClientError) -> Failure {
    let kind = match (error, error.status()) {
        (ClientError::NotSignedIn(_) | ClientError::SessionEnded(_), _) | (_, Some(401)) => FailureKind::SignedOut,
        (ClientError::Network { .. } | ClientError::Timeout { .. }, _) => FailureKind::Offline,
        (_, Some(404 | 410)) => FailureKind::Gone,
        (_, Some(403)) => FailureKind::Refused,
        _ => FailureKind::Broken,
    };
    Failure { kind, sentence: SafeText::line(&sentence(error)) }
}

/// What happened, with every fault of what was sent.
fn sentence(error: &ClientError) -> String {
    let faults = match error {
        ClientError::Refused(refusal) => refusal.problem.errors.as_slice(),
        _ => &[],
    };
    let faults: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
    if faults.is_empty() { error.to_string() } else { format!("{error}: {}", faults.join("; ")) }
}
