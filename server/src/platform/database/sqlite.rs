//! SQLite: one writer thread that commits waiting transactions together, and a pool of read-only connections.

use std::{path::Path, sync::Arc, thread};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, types::ValueRef};

use super::{
    BUSY_TIMEOUT, Dialect, Engine, Environment, OpenError, READERS, StoreError, Tx, Value, WRITERS,
    call::Job,
    damage, migrations,
    tx::{Driver, Each},
    value::{Column, RawRow},
    workers::Workers,
};
use crate::platform::directory::create_private_file;

/// How many transactions share one commit at most: beyond this the first ones would wait for the last too long.
const BATCH: usize = 128;

/// Below this version a checkpoint can reset the log under a reader and lose what was committed.
const OLDEST_SAFE_VERSION: i32 = 3_051_003;

/// After how many pages of 4 KiB the write-ahead log is written back. A page that changes often, as those of chats do, is
/// written back once for all its changes.
const CHECKPOINT: i64 = 4_000;

/// Bytes to which the write-ahead log is cut back after a checkpoint.
const WAL_LIMIT: i64 = 64 << 20;

/// A connection belongs to one thread, and needs no lock.
const READER: OpenFlags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

pub(super) struct Sqlite {
    writer: Workers,
    readers: Workers,
}

impl Sqlite {
    pub(super) fn open(path: &Path, environment: Environment) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SAFE_VERSION {
            return Err(OpenError::Unreachable(
                "the linked SQLite may lose data: 3.51.3 or newer is needed".to_owned(),
            ));
        }
        let environment = Arc::new(environment);
        // SQLite would let others read a new one. Where it cannot be made, SQLite says why.
        let _ = create_private_file(path);
        let mut connection = connect(path, OpenFlags::default()).map_err(open_error)?;
        if let Some(fault) = damage::find(&connection, path).map_err(open_error)? {
            return Err(OpenError::Damaged(fault));
        }
        prepare_database(&connection).map_err(open_error)?;
        migrate(&mut connection, &environment)?;
        let writer = spawn_writer(connection, Arc::clone(&environment))?;
        let readers = spawn_readers(path, &environment)?;
        Ok(Self { writer, readers })
    }
}

impl Engine for Sqlite {
    fn read(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.readers.enqueue(job)
    }

    fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.writer.enqueue(job)
    }
}

/// The schema version of the database at `path`, if there is one.
pub(super) fn schema_version(path: &Path) -> Option<i64> {
    let connection = connect(path, READER).ok()?;
    connection.query_row("SELECT MAX(version) FROM schema_version", [], |row| row.get(0)).ok()
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Plans follow from the text of a statement alone. Otherwise every one with `LIMIT ?` is planned anew for each value,
    // which took a quarter of the writer's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    Ok(connection)
}

fn prepare_database(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    connection.pragma_update(None, "journal_size_limit", WAL_LIMIT)
}

fn migrate(connection: &mut Connection, environment: &Environment) -> Result<(), OpenError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(open_error)?;
    {
        let mut driver = SqliteDriver(&transaction);
        let migrated = migrations::run(&mut Tx::new(&mut driver, environment));
        migrated.map_err(|error| if is_sound(&transaction) { error } else { OpenError::Damaged(error.to_string()) })?;
    }
    transaction.commit().map_err(open_error)
}

/// Whether the file is whole. Slow: asked only when something failed.
fn is_sound(connection: &Connection) -> bool {
    let verdict = connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0));
    verdict.is_ok_and(|verdict| verdict == "ok")
}

fn spawn_writer(connection: Connection, environment: Arc<Environment>) -> Result<Workers, OpenError> {
    let metrics = environment.metrics.clone();
    let waiting = metrics.database_queue.clone();
    Workers::spawn(WRITERS, &waiting, vec![connection], move |connection, jobs| {
        while let Some(first) = jobs.next() {
            let mut batch = vec![first];
            batch.extend(jobs.waiting().take(BATCH - 1));
            metrics.batch_size.observe(batch.len() as f64);
            commit_together(&connection, &environment, batch);
        }
        // Nobody can send any more: leave one tidy file behind.
        let _ = connection.pragma_update(None, "wal_checkpoint", "truncate");
    })
}

/// Runs a batch in one transaction, each job under a savepoint of its own, so that one commit and one flush to disk
/// serve them all and a failing job takes only its own changes with it.
fn commit_together(connection: &Connection, environment: &Environment, mut batch: Vec<Box<dyn Job>>) {
    let committed = run_and_commit(connection, environment, &mut batch);
    if committed.is_err() {
        let _ = execute(connection, "ROLLBACK");
    }
    for job in batch {
        job.settle(committed.clone());
    }
}

fn run_and_commit(
    connection: &Connection,
    environment: &Environment,
    batch: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut announcements = Vec::new();
    for job in batch {
        announcements.extend(run_under_savepoint(connection, environment, &mut **job)?);
    }
    execute(connection, "COMMIT")?;
    environment.bus.publish(&announcements);
    Ok(())
}

fn run_under_savepoint(
    connection: &Connection,
    environment: &Environment,
    job: &mut dyn Job,
) -> Result<Vec<super::Announcement>, StoreError> {
    execute(connection, "SAVEPOINT job")?;
    let mut driver = SqliteDriver(connection);
    let mut tx = Tx::new(&mut driver, environment);
    let succeeded = job.run(&mut tx);
    let announcements = if succeeded { tx.into_announcements() } else { Vec::new() };
    if !succeeded {
        execute(connection, "ROLLBACK TO job").map_err(|error| given_up(connection, error))?;
    }
    execute(connection, "RELEASE job")?;
    Ok(announcements)
}

/// A failing disk may make SQLite roll the whole transaction back: all of the batch may be tried again.
fn given_up(connection: &Connection, error: StoreError) -> StoreError {
    if !connection.is_autocommit() {
        return error;
    }
    StoreError::Unavailable(
        "the disk failed, and what was asked at the same time was rolled back: try again".to_owned(),
    )
}

/// Runs a statement that is planned once.
fn execute(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let executed = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    executed.map(|_| ()).map_err(|error| store_error(&error))
}

fn spawn_readers(path: &Path, environment: &Arc<Environment>) -> Result<Workers, OpenError> {
    let connections: rusqlite::Result<Vec<Connection>> = (0..reader_count()).map(|_| connect(path, READER)).collect();
    let environment = Arc::clone(environment);
    let waiting = environment.metrics.database_queue.clone();
    Workers::spawn(READERS, &waiting, connections.map_err(open_error)?, move |connection, jobs| {
        while let Some(job) = jobs.next_of_use() {
            read(&connection, &environment, job);
        }
    })
}

/// More than the cores, since a reader may wait for the disk.
fn reader_count() -> usize {
    thread::available_parallelism().map_or(4, |cores| (cores.get() * 2).clamp(4, 16))
}

fn read(connection: &Connection, environment: &Environment, mut job: Box<dyn Job>) {
    if let Err(error) = execute(connection, "BEGIN") {
        return job.settle(Err(error));
    }
    let mut driver = SqliteDriver(connection);
    job.run(&mut Tx::new(&mut driver, environment));
    // Ends the view; a read-only transaction has nothing to commit.
    let _ = execute(connection, "ROLLBACK");
    job.settle(Ok(()));
}

struct SqliteDriver<'a>(&'a Connection);

impl Driver for SqliteDriver<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| store_error(&error))?;
        let changed = statement.execute(rusqlite::params_from_iter(params)).map_err(|error| store_error(&error))?;
        Ok(changed as u64)
    }

    fn query(&mut self, sql: &str, params: &[Value], each: Each<'_>) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| store_error(&error))?;
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(|error| store_error(&error))?;
        while let Some(row) = rows.next().map_err(|error| store_error(&error))? {
            each(&SqliteRow(row))?;
        }
        Ok(())
    }
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl RawRow for SqliteRow<'_> {
    fn column(&self, index: usize) -> Result<Column<'_>, StoreError> {
        Ok(match self.0.get_ref(index).map_err(|error| store_error(&error))? {
            ValueRef::Null => Column::Null,
            ValueRef::Integer(integer) => Column::Integer(integer),
            ValueRef::Real(real) => Column::Real(real),
            ValueRef::Text(text) => {
                Column::Text(std::str::from_utf8(text).map_err(|error| StoreError::Unexpected(error.to_string()))?)
            }
            ValueRef::Blob(bytes) => Column::Bytes(bytes),
        })
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(integer) => ValueRef::Integer(*integer),
            Self::Real(real) => ValueRef::Real(*real),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn store_error(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Constraint(error.to_string()),
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::PermissionDenied,
        ) => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Unexpected(error.to_string()),
    }
}

fn open_error(error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Damaged(error.to_string()),
        Some(ErrorCode::CannotOpen | ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
            let advice = "check the path, its permissions and the free space";
            OpenError::Unreachable(format!("{error}; {advice}"))
        }
        _ => OpenError::Unreachable(error.to_string()),
    }
}
