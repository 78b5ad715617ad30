//! Background jobs in the database: queued with the change that wants them, leased by a worker, tried again with
//! exponential back-off, and kept with the reason when they die. At least once: a job must be safe to repeat.

use std::time::Duration;

use campuszon_core::{Timestamp, id::JobId};

use super::database::{Announcement, Row, StoreError, Tx};
use crate::params;

/// The longest a failed job waits for its next try.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Makes the variants of a picture.
    Image,
    /// Sends a mail.
    Mail,
}

impl Kind {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Mail => "mail",
        }
    }

    /// How often a job is tried before it is dead. Mail servers are away for an hour now and then: with the back-off
    /// doubled from seconds up to [`LONGEST`], the last try is more than two hours after the first.
    pub const fn attempts(self) -> i64 {
        match self {
            Self::Image => 3,
            Self::Mail => 12,
        }
    }
}

/// A job leased to a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The job.
    pub id: JobId,
    /// What it does.
    pub kind: Kind,
    /// What its worker needs, as JSON.
    pub payload: String,
    /// This try's number, from 1.
    pub attempt: i64,
}

impl Job {
    /// Whether it was begun too often without ever ending: it takes its workers down with it.
    pub const fn is_deadly(&self) -> bool {
        self.attempt > self.kind.attempts()
    }
}

/// How many jobs of a kind are in which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for a worker.
    pub waiting: i64,
    /// Leased.
    pub active: i64,
    /// Given up.
    pub dead: i64,
    /// When the oldest waiting one was queued.
    pub oldest_waiting: Option<Timestamp>,
}

/// Queues a job; a worker hears of it once this transaction is durable.
///
/// # Errors
/// The database's.
pub fn enqueue(tx: &mut Tx<'_>, kind: Kind, payload: &str) -> Result<(), StoreError> {
    let (id, now) = (tx.new_id::<JobId>(), tx.now());
    tx.execute(
        "INSERT INTO jobs (id, kind, payload, attempts, run_at, leased, dead, created_at)
         VALUES (?1, ?2, ?3, 0, ?4, 0, 0, ?4)",
        params![id, kind.as_str(), payload, now],
    )?;
    tx.announce(Announcement::JobQueued);
    Ok(())
}

/// Leases the job of `kind` that is due longest, for `lease`; a worker that dies lets the lease run out. What was never tried
/// is due whatever the clock says, which may have been set back since.
///
/// # Errors
/// The database's.
pub fn claim(tx: &mut Tx<'_>, kind: Kind, lease: Duration) -> Result<Option<Job>, StoreError> {
    let now = tx.now();
    let due = tx.first(
        "SELECT id, payload, attempts FROM jobs WHERE kind = ?1 AND dead = 0 AND (run_at <= ?2 OR attempts = 0)
         ORDER BY run_at, id LIMIT 1",
        params![kind.as_str(), now],
        |row: &Row<'_>| Ok(Job { id: row.get(0)?, kind, payload: row.get(1)?, attempt: row.get::<i64>(2)? + 1 }),
    )?;
    let Some(job) = due else { return Ok(None) };
    tx.execute(
        "UPDATE jobs SET leased = 1, run_at = ?2, attempts = ?3 WHERE id = ?1",
        params![job.id, now + lease, job.attempt],
    )?;
    Ok(Some(job))
}

/// Lengthens the lease of a job that takes long. What was ended or taken up by another stays as it is.
///
/// # Errors
/// The database's.
pub fn renew(tx: &mut Tx<'_>, job: &Job, lease: Duration) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE jobs SET run_at = ?2 WHERE id = ?1 AND leased = 1 AND attempts = ?3",
        params![job.id, now + lease, job.attempt],
    )?;
    Ok(())
}

/// When the next job of `kind` is due, leases that may run out included: at once, if it was never tried.
///
/// # Errors
/// The database's.
pub fn next_due(tx: &mut Tx<'_>, kind: Kind) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.now();
    tx.one(
        "SELECT MIN(CASE WHEN attempts = 0 AND run_at > ?2 THEN ?2 ELSE run_at END) FROM jobs WHERE kind = ?1 AND dead = 0",
        params![kind.as_str(), now],
        |row| row.get(0),
    )
}

/// Ends a job that is done.
///
/// # Errors
/// The database's.
pub fn complete(tx: &mut Tx<'_>, job: JobId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM jobs WHERE id = ?1", params![job])?;
    Ok(())
}

/// Notes a failed try: the job waits for `backoff`, doubled with each try, or is dead after the last.
/// Answers whether it will be tried again.
///
/// # Errors
/// The database's.
pub fn fail(tx: &mut Tx<'_>, job: &Job, backoff: Duration, error: &str) -> Result<bool, StoreError> {
    let again = job.attempt < job.kind.attempts();
    let doublings = u32::try_from(job.attempt - 1).unwrap_or(0).min(16);
    let run_at = tx.now() + backoff.saturating_mul(1 << doublings).min(LONGEST);
    tx.execute(
        "UPDATE jobs SET leased = 0, run_at = ?2, dead = ?3, error = ?4 WHERE id = ?1",
        params![job.id, run_at, !again, error],
    )?;
    if again {
        tx.announce(Announcement::JobQueued);
    }
    Ok(again)
}

/// Notes that a job failed for good: it is not tried again.
///
/// # Errors
/// The database's.
pub fn give_up(tx: &mut Tx<'_>, job: JobId, error: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE jobs SET leased = 0, dead = 1, error = ?2 WHERE id = ?1", params![job, error])?;
    Ok(())
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJob {
    /// The job.
    pub id: JobId,
    /// What its worker needed, as JSON.
    pub payload: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last try failed.
    pub error: String,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// The dead jobs of `kind`, newest first, at most `limit`.
///
/// # Errors
/// The database's.
pub fn dead(tx: &mut Tx<'_>, kind: Kind, limit: i64) -> Result<Vec<DeadJob>, StoreError> {
    tx.query(
        "SELECT id, payload, attempts, COALESCE(error, ''), created_at FROM jobs WHERE kind = ?1 AND dead = 1
         ORDER BY created_at DESC, id DESC LIMIT ?2",
        params![kind.as_str(), limit],
        |row| {
            Ok(DeadJob {
                id: row.get(0)?,
                payload: row.get(1)?,
                attempts: row.get(2)?,
                error: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}

/// Begins a dead job anew, with all its tries.
///
/// # Errors
/// The database's.
pub fn revive(tx: &mut Tx<'_>, job: JobId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE jobs SET leased = 0, dead = 0, attempts = 0, error = NULL, run_at = ?2 WHERE id = ?1 AND dead = 1",
        params![job, now],
    )?;
    tx.announce(Announcement::JobQueued);
    Ok(())
}

/// Forgets what died before `before`: mails hold addresses, which are not kept for ever.
///
/// # Errors
/// The database's.
pub fn forget_dead(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM jobs WHERE kind = 'mail' AND dead = 1 AND created_at < ?1", params![before])?;
    Ok(())
}

/// Counts the jobs of `kind`.
///
/// # Errors
/// The database's.
pub fn counts(tx: &mut Tx<'_>, kind: Kind) -> Result<Counts, StoreError> {
    tx.one(
        "SELECT COALESCE(SUM(CASE WHEN dead = 0 AND leased = 0 THEN 1 ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN dead = 0 AND leased = 1 THEN 1 ELSE 0 END), 0),
                COALESCE(SUM(dead), 0),
                MIN(CASE WHEN dead = 0 AND leased = 0 THEN created_at END)
         FROM (SELECT CAST(dead AS INTEGER) AS dead, CAST(leased AS INTEGER) AS leased, created_at
               FROM jobs WHERE kind = ?1) AS of_kind",
        params![kind.as_str()],
        |row| Ok(Counts { waiting: row.get(0)?, active: row.get(1)?, dead: row.get(2)?, oldest_waiting: row.get(3)? }),
    )
}
