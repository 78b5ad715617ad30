//! What one running server holds in common: handed to every handler, worker and command.

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use campuszon_core::{item::ItemRules, picture};
use tokio::{sync::Notify, time::timeout};

use crate::{
    Error,
    chat::live::Hub,
    gateway::{authentication::Principals, cursor::CursorKey},
    platform::{
        blobs::Blobs,
        bus::Bus,
        database::{Store, Tx},
        entropy::{Clock, Entropy},
        limiter::Limiter,
        mail::Mailer,
        maintenance::Mode,
        metrics::Metrics,
        turns::Turns,
    },
    settings::Settings,
    users::{credentials::Keys, passwords::Passwords},
};

/// How long a read waits for what it leaves behind to be written: longer than a disk takes, shorter than others want to wait.
const NOTED: Duration = Duration::from_millis(250);

/// A handle on the server's common parts; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// What the self-hoster set.
    pub settings: Arc<Settings>,
    /// What links and image addresses start with, without a slash at the end.
    pub public_url: String,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Signs and verifies credentials.
    pub keys: Keys,
    /// Signs the positions in lists.
    pub cursors: CursorKey,
    /// Which requests go on.
    pub turns: Turns,
    /// Counts requests.
    pub limiter: Box<dyn Limiter>,
    /// Pictures.
    pub blobs: Arc<dyn Blobs>,
    /// Hashes passwords on bounded threads.
    pub passwords: Passwords,
    /// Sends mails.
    pub mailer: Mailer,
    /// Carries what leaves no trace in the database; what does is announced by its transaction.
    pub bus: Arc<dyn Bus>,
    /// The live connections of this node.
    pub hub: Arc<Hub>,
    /// Recently verified callers.
    pub principals: Arc<Principals>,
    /// Whether administrators alone are served.
    pub maintenance: Mode,
    /// What this server counts of itself.
    pub metrics: Metrics,
    /// Wakes the workers.
    pub jobs: Arc<Notify>,
    /// Whether this server is about to stop: it serves what comes, and wants nothing more to be sent to it.
    pub stopping: AtomicBool,
}

impl App {
    /// A handle on `parts`.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Runs `work` in a read-only transaction.
    ///
    /// # Errors
    /// See [`Store::read`].
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.read(work).await
    }

    /// Runs `work` in a transaction that is durable when this answers.
    ///
    /// # Errors
    /// See [`Store::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.write(work).await
    }

    /// Writes what a read leaves behind, such as that there was one. The read goes on where that fails or takes long.
    pub async fn note(&self, work: impl FnMut(&mut Tx<'_>) -> Result<(), Error> + Send + 'static) {
        match timeout(NOTED, self.write(work)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "what a read leaves behind is not written"),
            Err(_) => tracing::debug!("what a read leaves behind is not written yet"),
        }
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Parts {
    /// The settings that decide what a valid listing is.
    pub fn item_rules(&self) -> ItemRules {
        ItemRules {
            currency: self.settings.currency,
            categories: self.settings.items.categories.clone(),
            max_images: self.settings.items.max_images,
            require_image: self.settings.items.require_image,
        }
    }

    /// How large an uploaded picture may be.
    pub fn picture_limits(&self) -> picture::Limits {
        picture::Limits { max_bytes: self.settings.images.max_bytes, max_pixels: self.settings.images.max_pixels }
    }
}
