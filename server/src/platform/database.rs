//! Storage: closures over a synchronous [`Tx`], run on the threads of an engine, SQLite or PostgreSQL.
//!
//! A closure may run more than once (PostgreSQL retries after a serialization failure), so nothing leaves it but
//! through the transaction: rows, and announcements that are published after the commit.

mod call;
mod damage;
mod error;
mod integrity;
mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
mod tx;
mod value;
mod workers;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use error::{OpenError, StoreError};
#[cfg(test)]
pub(crate) use migrations::{NEWEST as NEWEST_SCHEMA, make_earlier};
pub use tx::{Announcement, Dialect, Subscriber, Tx};
pub use value::{FromColumn, Row, ToValue, Value};

use crate::{
    Error,
    platform::{
        bus::Bus,
        entropy::{Clock, Entropy},
        metrics::Metrics,
        turns::Turns,
    },
    settings::Settings,
};
use call::{Call, Job};

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A connection URL of PostgreSQL.
    Postgres(String),
}

impl std::str::FromStr for DatabaseUrl {
    type Err = OpenError;
    fn from_str(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            #[cfg(feature = "postgres")]
            postgres::validate(url)?;
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(OpenError::BadUrl)
    }
}

/// What transactions get from outside: time, randomness, who hears of events, and where announcements go.
#[derive(Clone)]
pub struct Environment {
    /// The time of each transaction.
    pub clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub entropy: Arc<dyn Entropy>,
    /// What the self-hoster set.
    pub settings: Arc<Settings>,
    /// What addresses of pictures and links in mails start with, without a slash at the end.
    pub public_url: Arc<str>,
    /// Who handles a domain event inside the transaction that caused it.
    pub subscribers: &'static [Subscriber],
    /// Takes the announcements of a committed transaction, in the order of commits on SQLite.
    pub bus: Arc<dyn Bus>,
    /// Counts what waits, and what is committed together.
    pub metrics: Metrics,
}

/// The database.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    writes: Arc<Turns>,
}

/// Runs jobs on threads of its own.
trait Engine: Send + Sync {
    /// Queues a job that only reads.
    fn read(&self, job: Box<dyn Job>) -> Result<(), StoreError>;
    /// Queues a job that may write.
    fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError>;
}

/// The schema version of a SQLite database that [`Store::open`] would migrate, and the one it would have then.
pub fn pending_migration(path: &Path) -> Option<(i64, i64)> {
    let (found, known) = (sqlite::schema_version(path)?, migrations::NEWEST);
    (0 < found && found < known).then_some((found, known))
}

/// The names of the pools.
const READERS: &str = "reader";
const WRITERS: &str = "writer";

/// How many writes are begun at the same time: some commits full, as many share one.
const WRITES: usize = 512;

/// How long an opened database may be locked by somebody else before a call fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the database, migrated to the newest schema.
    ///
    /// # Errors
    /// It cannot be reached, is damaged, or was written by a newer version.
    pub fn open(url: &DatabaseUrl, environment: Environment) -> Result<Self, OpenError> {
        let writes = Turns::new(WRITES, environment.metrics.database_queue.with_label_values(&[WRITERS]));
        let engine: Arc<dyn Engine> = match url {
            DatabaseUrl::Sqlite(path) => Arc::new(sqlite::Sqlite::open(path, environment)?),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => Arc::new(postgres::Postgres::open(url, environment)?),
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => return Err(OpenError::NotBuilt),
        };
        Ok(Self { engine, writes: Arc::new(writes) })
    }

    /// Runs `work` in a read-only transaction with one view of the data.
    ///
    /// # Errors
    /// What `work` answers, or that the database is not available.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (call, answer) = Call::new("read", work);
        self.engine.read(Box::new(call))?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// Runs `work` in a transaction that is durable when this answers. When `work` fails, nothing of it remains.
    ///
    /// # Errors
    /// What `work` answers, or that the database is not available.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _turn = self.writes.take().await.ok_or(StoreError::Overloaded)?;
        let (call, answer) = Call::new("write", work);
        self.engine.write(Box::new(call))?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// Waits until a writer has settled another transaction, which changes nothing: true whatever became of it, false
    /// where there is no room to wait. Does not return while all writers are stuck.
    pub async fn writes(&self) -> bool {
        let (call, answer) = Call::new("write", |_| Ok(()));
        self.engine.write(Box::new(call)).is_ok() && answer.await.is_ok()
    }
}
