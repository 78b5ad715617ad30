//! Storage on both databases: every function of every store, and what transactions promise.
#![cfg(test)]

mod blobs;
mod chat;
mod check;
mod complete;
mod deals;
mod events;
mod export;
mod images;
mod items;
mod lists;
mod notifications;
mod opening;
mod platform;
mod saved;
mod transactions;
mod trust;
mod users;
mod wallet;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use campuszon_core::{
    CampusId, Id, ImageId, ItemId, Timestamp, UserId,
    item::{Condition, Listing, NewItem, Terms},
    permission::{Credential, Role, UserStatus},
    wire::image::ImageStatus,
};
use campuszon_server::{
    Error, Principal,
    images::store::StoredImage,
    items::{service::create, store::StoredItem},
    platform::{
        bus::Bus,
        database::{Announcement, DatabaseUrl, Environment, OpenError, Store, Subscriber, Tx},
        entropy::{ManualClock, SystemEntropy},
        metrics::Metrics,
    },
    settings::Settings,
};
use tempfile::TempDir;

use crate::support::{Engine, START, fresh_schema};

/// The campus that a test is about.
fn here() -> CampusId {
    CampusId::from_bits(1)
}

/// Another one, where nothing of the first may be found.
fn there() -> CampusId {
    CampusId::from_bits(2)
}

/// A moment after the beginning of a test.
fn later(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

/// Keeps what was announced.
#[derive(Default)]
struct Recorder(Mutex<Vec<Announcement>>);

impl Recorder {
    /// What was announced since this was last asked.
    fn take(&self) -> Vec<Announcement> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }
}

impl Bus for Recorder {
    fn publish(&self, announcements: &[Announcement]) {
        self.0.lock().expect("no panic").extend_from_slice(announcements);
    }
}

/// A fresh database with two campuses, and nothing of a server around it.
struct Database {
    url: DatabaseUrl,
    store: Store,
    clock: Arc<ManualClock>,
    bus: Arc<Recorder>,
    _folder: TempDir,
}

impl Database {
    async fn new(engine: Engine) -> Self {
        Self::with(engine, &[]).await
    }

    async fn with(engine: Engine, subscribers: &'static [Subscriber]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match engine {
            Engine::Sqlite => DatabaseUrl::Sqlite(folder.path().join("test.db")),
            Engine::Postgres => DatabaseUrl::Postgres(fresh_schema().await),
        };
        let (clock, bus) = (Arc::new(ManualClock::new(START)), Arc::new(Recorder::default()));
        let store = open(&url, subscribers, clock.clone(), bus.clone()).expect("a database");
        let database = Self { url, store, clock, bus, _folder: folder };
        database
            .write(|tx| {
                campuszon_server::users::store::insert_campus(tx, here(), "Here")?;
                campuszon_server::users::store::insert_campus(tx, there(), "There")
            })
            .await;
        database
    }

    /// Opens it again, with other subscribers.
    fn reopen(&mut self, subscribers: &'static [Subscriber]) -> Result<(), OpenError> {
        self.store = open(&self.url, subscribers, self.clock.clone(), self.bus.clone())?;
        Ok(())
    }

    /// Moves the clock.
    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The result of a transaction that must succeed.
    async fn write<T: Send + 'static, E: Into<Error>>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> T {
        self.store.write(move |tx| work(tx).map_err(Into::into)).await.expect("a write")
    }

    /// The result of a read-only transaction that must succeed.
    async fn read<T: Send + 'static, E: Into<Error>>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> T {
        self.store.read(move |tx| work(tx).map_err(Into::into)).await.expect("a read")
    }

    /// The error of a transaction that must fail.
    async fn refused<T: Send + 'static, E: Into<Error>>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> String {
        let result = self.store.write(move |tx| work(tx).map_err(Into::into)).await;
        result.err().expect("a refusal").to_string()
    }

    /// The only number of a query.
    async fn number(&self, sql: &'static str) -> i64 {
        self.read(move |tx| tx.one(sql, &[], |row| row.get(0))).await
    }

    /// Adds a student of a campus.
    async fn student(&self, campus: CampusId, name: &'static str) -> UserId {
        self.write(move |tx| {
            let (id, email) = (tx.new_id(), format!("{name}@uni.example"));
            campuszon_server::users::store::insert_user(tx, campus, id, &email, name, "hash", UserStatus::Active)?;
            Ok::<_, Error>(id)
        })
        .await
    }

    /// Lists an item that needs no picture.
    async fn item(&self, campus: CampusId, seller: UserId, title: &'static str) -> ItemId {
        self.write(move |tx| create(tx, &student(campus, seller), &wanted(title))).await
    }

    /// The item as stored.
    async fn stored_item(&self, id: ItemId) -> StoredItem {
        self.read(move |tx| campuszon_server::items::store::item(tx, here(), id)).await.expect("an item")
    }

    /// Adds a picture.
    async fn picture(&self, owner: UserId, key: &'static str, status: ImageStatus) -> StoredImage {
        self.write(move |tx| {
            let image = picture(tx, owner, key, status);
            campuszon_server::images::store::insert(tx, here(), &image)?;
            Ok::<_, Error>(image)
        })
        .await
    }
}

fn open(
    url: &DatabaseUrl,
    subscribers: &'static [Subscriber],
    clock: Arc<ManualClock>,
    bus: Arc<dyn Bus>,
) -> Result<Store, OpenError> {
    let environment = Environment {
        clock,
        entropy: Arc::new(SystemEntropy::new().expect("random numbers")),
        settings: Arc::new(Settings::load(None, []).expect("settings")),
        public_url: "http://campus.test".into(),
        subscribers,
        bus,
        metrics: Metrics::new(0).expect("metrics"),
    };
    Store::open(url, environment)
}

/// A signed-in student.
fn student(campus: CampusId, user: UserId) -> Principal {
    Principal {
        campus,
        user,
        role: Role::Student,
        credential: Credential::Session,
        session: None,
        expires_at: later(3600),
    }
}

/// A listing that needs no picture.
fn wanted(title: &str) -> NewItem {
    NewItem {
        title: title.to_owned(),
        description: format!("{title}, described"),
        terms: Terms { listing: Listing::Wanted, price: 500, rent_period: None },
        category: "books".to_owned(),
        condition: Condition::Good,
        pickup: Some("Library".to_owned()),
        images: Vec::new(),
        draft: false,
    }
}

/// A picture that belongs to no item and no message yet.
fn picture(tx: &Tx<'_>, owner: UserId, key: &str, status: ImageStatus) -> StoredImage {
    StoredImage {
        id: tx.new_id::<ImageId>(),
        owner,
        item: None,
        message: None,
        status,
        error: None,
        key: key.to_owned(),
        width: 4,
        height: 3,
        placeholder: None,
        variants: None,
        created_at: tx.now(),
    }
}
