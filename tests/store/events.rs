//! Image ready → item active → live event: one write, which a failing subscriber undoes as a whole.

use std::{sync::atomic::AtomicBool, time::Duration};

use bytes::Bytes;
use campuszon_core::{
    ImageId, ItemId,
    item::{ItemStatus, Listing, NewItem, Terms},
    wire::image::ImageStatus,
};
use campuszon_server::{
    App, Error,
    app::Parts,
    event::Event,
    gateway::subscribers,
    images, items,
    platform::{
        database::{Announcement, Subscriber, Tx},
        inbox,
        jobs::Kind,
        limiter::MemoryLimiter,
        turns::Turns,
    },
    worker,
};

use super::{Database, here, student, wanted};
use crate::support::{Engine, World, png};

const FAILING: &[Subscriber] = &[items::service::follow, fail];

fn fail(_: &mut Tx<'_>, _: &Event) -> Result<(), Error> {
    Err(Error::Conflict("a subscriber fails".to_owned()))
}

/// A server on another database.
fn server_on(world: &World, database: &Database) -> App {
    let app = &world.app;
    App::new(Parts {
        store: database.store.clone(),
        settings: app.settings.clone(),
        public_url: app.public_url.clone(),
        clock: database.clock.clone(),
        entropy: app.entropy.clone(),
        keys: app.keys.clone(),
        cursors: app.cursors.clone(),
        turns: Turns::new(1, app.metrics.requests_waiting.clone()),
        limiter: Box::new(MemoryLimiter::new()),
        blobs: app.blobs.clone(),
        passwords: app.passwords.clone(),
        mailer: app.mailer.clone(),
        bus: app.bus.clone(),
        hub: app.hub.clone(),
        principals: app.principals.clone(),
        maintenance: Default::default(),
        metrics: app.metrics.clone(),
        jobs: app.jobs.clone(),
        stopping: AtomicBool::new(false),
    })
}

async fn states(database: &Database, image: ImageId, item: ItemId) -> (ImageStatus, ItemStatus) {
    let image = database.read(move |tx| images::store::image(tx, here(), image)).await.expect("an image");
    (image.status, database.stored_item(item).await.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_subscriber_undoes_its_cause() {
    for engine in Engine::all() {
        let world = World::new(Engine::Sqlite).await;
        let mut database = Database::with(engine, FAILING).await;
        let app = server_on(&world, &database);
        let ana = database.student(here(), "ana").await;
        let received = images::service::receive(&app, here(), Bytes::from(png(8, 6, 9))).await.expect("a picture");
        let (image, item) = database
            .write(move |tx| {
                let who = student(here(), ana);
                let image = images::service::register(tx, &who, &received)?.id;
                let terms = Terms { listing: Listing::Sale, price: 500, rent_period: None };
                let new = NewItem { terms, images: vec![image], ..wanted("Lamp") };
                Ok::<_, Error>((image, items::service::create(tx, &who, &new)?))
            })
            .await;
        assert_eq!(states(&database, image, item).await, (ImageStatus::Pending, ItemStatus::Processing));
        database.bus.take();

        assert!(worker::drain(&app, Kind::Image).await.is_err());
        assert_eq!(states(&database, image, item).await, (ImageStatus::Pending, ItemStatus::Processing));
        assert_eq!(database.read(move |tx| inbox::head(tx, here(), ana)).await, 0);
        assert_eq!(database.number("SELECT COUNT(*) FROM item_words").await, 0);
        assert_eq!(database.read(|tx| images::store::counted(tx, images::store::Counter::Completed)).await, 0);
        assert_eq!(database.bus.take(), []);

        // With the server's own subscribers the job, whose lease has run out, succeeds as a whole.
        database.reopen(subscribers::ALL).expect("a database");
        let app = server_on(&world, &database);
        database.clock.advance(Duration::from_secs(120));
        worker::drain(&app, Kind::Image).await.expect("background work");
        assert_eq!(states(&database, image, item).await, (ImageStatus::Ready, ItemStatus::Active));
        let entries = database.read(move |tx| inbox::after(tx, here(), ana, 0, 9)).await;
        assert_eq!(entries.len(), 1);
        let announced = database.bus.take();
        let [
            Announcement::ItemOffered { item: offered, .. },
            Announcement::Inbox { campus, user, since: 1, frame },
            // The original is to be removed.
            Announcement::JobQueued,
        ] = announced.as_slice()
        else {
            panic!("{announced:?}");
        };
        assert_eq!((*campus, *user, &**frame), (here(), ana, entries[0].1.as_str()));
        assert_eq!(offered.id, item);
        assert!(frame.contains(&image.to_string()) && frame.contains("\"ready\""), "{frame}");
    }
}
