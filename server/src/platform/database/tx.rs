//! The transaction: the one handle through which stores reach a database.

use std::cell::Cell;

use campuszon_core::{CampusId, Id, Timestamp, UserId, item::Candidate};

use super::{
    Environment, StoreError,
    value::{RawRow, Row, Value},
};
use crate::{Error, event::Event};

/// Which SQL an engine speaks, for the few statements that cannot be one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Handles a domain event inside the transaction that caused it; its failure rolls the cause back.
pub type Subscriber = fn(&mut Tx<'_>, &Event) -> Result<(), Error>;

/// What others hear of once a transaction is durable.
#[derive(Clone, Debug, PartialEq)]
pub enum Announcement {
    /// A reader's inbox has a new entry.
    Inbox {
        /// The reader's campus.
        campus: CampusId,
        /// The reader.
        user: UserId,
        /// The entry's number.
        since: i64,
        /// The frame, as JSON.
        frame: std::sync::Arc<str>,
    },
    /// An item is before buyers, for the first time or again.
    ItemOffered {
        /// Its campus.
        campus: CampusId,
        /// The item, as filters look at it.
        item: std::sync::Arc<Candidate>,
    },
    /// A passing frame for some users, stored nowhere and lost where nobody listens.
    Whisper {
        /// Whom it is for.
        to: Vec<UserId>,
        /// The frame, as JSON.
        frame: std::sync::Arc<str>,
    },
    /// What is remembered of a user's credentials no longer holds.
    CredentialsChanged(UserId),
    /// A user who hid whether they are there does so no more: whoever holds their connections tells it.
    PresenceShown(UserId),
    /// A background job waits, or a deadline was set.
    JobQueued,
}

/// One connection in one transaction, as an engine has it.
pub(super) trait Driver {
    fn dialect(&self) -> Dialect;
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError>;
    fn query(&mut self, sql: &str, params: &[Value], each: Each<'_>) -> Result<(), StoreError>;
}

/// Takes the rows of a result one by one.
pub(super) type Each<'a> = &'a mut dyn FnMut(&dyn RawRow) -> Result<(), StoreError>;

/// A transaction: statements, the time, new ids, and what is to happen on account of it.
pub struct Tx<'a> {
    driver: &'a mut dyn Driver,
    environment: &'a Environment,
    now: Timestamp,
    newest_id: Cell<u128>,
    announcements: Vec<Announcement>,
    /// The first statement that failed. PostgreSQL commits nothing after it, whatever the closure makes of it.
    failure: Option<StoreError>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(driver: &'a mut dyn Driver, environment: &'a Environment) -> Self {
        let now = environment.clock.now();
        Self { driver, environment, now, newest_id: Cell::new(0), announcements: Vec::new(), failure: None }
    }

    /// The time of this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id, greater than those that this transaction made before: what it adds to a list stays in order.
    pub fn new_id<T: Id>(&self) -> T {
        let random = self.environment.entropy.u128();
        let fresh = T::new(self.now, random).bits();
        let newest = self.newest_id.get();
        let bits = if fresh > newest { fresh } else { newest + 1 + (random & u128::from(u32::MAX)) };
        self.newest_id.set(bits);
        T::from_bits(bits)
    }

    /// Randomness, for secrets.
    pub fn entropy(&self) -> &'a dyn crate::platform::entropy::Entropy {
        &*self.environment.entropy
    }

    /// What addresses start with, without a slash at the end.
    pub fn public_url(&self) -> &'a str {
        &self.environment.public_url
    }

    /// What the self-hoster set.
    pub fn settings(&self) -> &'a crate::settings::Settings {
        &self.environment.settings
    }

    /// Which SQL this engine speaks.
    pub fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    /// Runs a statement; answers how many rows it changed.
    ///
    /// # Errors
    /// The statement failed.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let result = self.driver.execute(sql, params);
        self.note(result)
    }

    /// All rows of a query, each read by `read`.
    ///
    /// # Errors
    /// The query failed, or a row is not what `read` expects.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut rows = Vec::new();
        let result = self.driver.query(sql, params, &mut |row| {
            rows.push(read(&Row(row))?);
            Ok(())
        });
        self.note(result)?;
        Ok(rows)
    }

    /// The first row of a query, when it has one.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn first<T>(
        &mut self,
        sql: &str,
        params: &[Value],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, params, read)?.into_iter().next())
    }

    /// The only row of a query that always has one, such as a count.
    ///
    /// # Errors
    /// As [`Tx::query`], or there is no row.
    pub fn one<T>(
        &mut self,
        sql: &str,
        params: &[Value],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.first(sql, params, read)?.ok_or_else(|| StoreError::Unexpected(format!("no row from: {sql}")))
    }

    /// Tells the subscribers of a domain event, inside this transaction.
    ///
    /// # Errors
    /// A subscriber failed: let it roll this transaction back.
    pub fn emit(&mut self, event: &Event) -> Result<(), Error> {
        self.environment.subscribers.iter().try_for_each(|subscriber| subscriber(self, event))
    }

    /// Publishes `announcement` once this transaction is durable.
    pub fn announce(&mut self, announcement: Announcement) {
        self.announcements.push(announcement);
    }

    pub(super) fn into_announcements(self) -> Vec<Announcement> {
        self.announcements
    }

    /// The failure of a statement, which ends a transaction even where the closure went on.
    pub(super) fn failure(&self) -> Option<&StoreError> {
        self.failure.as_ref()
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failure.get_or_insert_with(|| error.clone());
        }
        result
    }
}
