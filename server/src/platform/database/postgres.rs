//! PostgreSQL: a pool of connections, each on a thread of its own, SERIALIZABLE with retry.
//!
//! The synchronous client must never be used or dropped on an async thread; here it lives and dies on its worker.

use std::{collections::HashMap, sync::Arc, thread, time::Duration};

use postgres::{
    Client, IsolationLevel, NoTls, Statement, Transaction,
    error::SqlState,
    fallible_iterator::FallibleIterator,
    types::{IsNull, ToSql, Type},
};

use super::{
    Dialect, Engine, Environment, OpenError, READERS, StoreError, Tx, Value, WRITERS,
    call::Job,
    migrations,
    tx::{Driver, Each},
    value::{Column, RawRow},
    workers::Workers,
};

/// Connections a node opens: few enough that several nodes fit PostgreSQL's default of 100.
const CONNECTIONS: usize = 12;

/// How often a transaction is run again after a serialization failure before its caller hears of it.
const ATTEMPTS: u32 = 20;

/// Prepared statements kept per connection; beyond it the cache starts anew.
const STATEMENTS: usize = 512;

pub(super) struct Postgres {
    readers: Workers,
    writers: Workers,
}

impl Postgres {
    pub(super) fn open(url: &str, environment: Environment) -> Result<Self, OpenError> {
        let environment = Arc::new(environment);
        let url: Arc<str> = url.into();
        // The client blocks inside a runtime of its own, which must not happen on a thread of ours.
        let (migration_url, migration_environment) = (Arc::clone(&url), Arc::clone(&environment));
        thread::spawn(move || migrate(&migration_url, &migration_environment))
            .join()
            .map_err(|_| OpenError::Unreachable("the connection panicked".to_owned()))??;
        let spawn = |name, read_only| {
            let connections = (0..CONNECTIONS / 2).map(|_| Connection::new(Arc::clone(&url))).collect();
            let environment = Arc::clone(&environment);
            let waiting = environment.metrics.database_queue.clone();
            Workers::spawn(name, &waiting, connections, move |mut connection: Connection, jobs| {
                while let Some(job) = if read_only { jobs.next_of_use() } else { jobs.next() } {
                    connection.run(&environment, job, read_only);
                }
            })
        };
        Ok(Self { readers: spawn(READERS, true)?, writers: spawn(WRITERS, false)? })
    }
}

/// Refuses a connection URL that is none.
pub(super) fn validate(url: &str) -> Result<(), OpenError> {
    url.parse::<postgres::Config>().map(drop).map_err(|error| OpenError::Unreachable(describe(&error)))
}

impl Engine for Postgres {
    fn read(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.readers.enqueue(job)
    }

    fn write(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        self.writers.enqueue(job)
    }
}

fn migrate(url: &str, environment: &Environment) -> Result<(), OpenError> {
    let mut client = Client::connect(url, NoTls).map_err(|error| OpenError::Unreachable(describe(&error)))?;
    let mut statements = Statements::new();
    let mut transaction = client.transaction().map_err(|error| store_error(&error))?;
    // Two nodes that start together must not both migrate; the lock ends with the transaction.
    transaction.batch_execute("SELECT pg_advisory_xact_lock(7316042)").map_err(|error| store_error(&error))?;
    {
        let mut driver = PostgresDriver { transaction: &mut transaction, statements: &mut statements };
        migrations::run(&mut Tx::new(&mut driver, environment))?;
    }
    transaction.commit().map_err(|error| OpenError::Unreachable(describe(&error)))
}

type Statements = HashMap<String, Statement>;

/// A connection that comes back by itself after the server was away.
struct Connection {
    url: Arc<str>,
    open: Option<(Client, Statements)>,
}

impl Connection {
    fn new(url: Arc<str>) -> Self {
        Self { url, open: None }
    }

    fn run(&mut self, environment: &Environment, mut job: Box<dyn Job>, read_only: bool) {
        let mut outcome = Err(StoreError::Serialization);
        for attempt in 0..ATTEMPTS {
            outcome = self.attempt(environment, &mut *job, read_only);
            if outcome != Err(StoreError::Serialization) {
                break;
            }
            thread::sleep(pause(attempt, environment));
        }
        if outcome.is_err() && self.open.as_ref().is_some_and(|(client, _)| client.is_closed()) {
            self.open = None;
        }
        job.settle(outcome);
    }

    fn attempt(&mut self, environment: &Environment, job: &mut dyn Job, read_only: bool) -> Result<(), StoreError> {
        if self.open.is_none() {
            let client = Client::connect(&self.url, NoTls).map_err(|error| store_error(&error))?;
            self.open = Some((client, Statements::new()));
        }
        let Some((client, statements)) = &mut self.open else { return Err(StoreError::Stopped) };
        let mut transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::Serializable)
            .read_only(read_only)
            .start()
            .map_err(|error| store_error(&error))?;
        let mut driver = PostgresDriver { transaction: &mut transaction, statements };
        let mut tx = Tx::new(&mut driver, environment);
        let succeeded = job.run(&mut tx);
        if tx.failure() == Some(&StoreError::Serialization) {
            return Err(StoreError::Serialization);
        }
        let announcements = tx.into_announcements();
        if !succeeded {
            return transaction.rollback().map_err(|error| store_error(&error));
        }
        transaction.commit().map_err(|error| store_error(&error))?;
        environment.bus.publish(&announcements);
        Ok(())
    }
}

/// Grows from about 1 ms to about 50, with jitter so that rivals do not meet again.
fn pause(attempt: u32, environment: &Environment) -> Duration {
    let longest = (1_000 << attempt.min(6)).min(50_000);
    let jitter = u64::try_from(environment.entropy.u128() % longest).unwrap_or(0);
    Duration::from_micros(jitter + 200)
}

struct PostgresDriver<'a, 'c> {
    transaction: &'a mut Transaction<'c>,
    statements: &'a mut Statements,
}

impl PostgresDriver<'_, '_> {
    fn prepare(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.transaction.prepare(&numbered(sql)).map_err(|error| store_error(&error))?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Driver for PostgresDriver<'_, '_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        self.transaction.execute(&statement, &parameters(params)).map_err(|error| store_error(&error))
    }

    fn query(&mut self, sql: &str, params: &[Value], each: Each<'_>) -> Result<(), StoreError> {
        let statement = self.prepare(sql)?;
        let mut rows =
            self.transaction.query_raw(&statement, parameters(params)).map_err(|error| store_error(&error))?;
        while let Some(row) = rows.next().map_err(|error| store_error(&error))? {
            each(&PostgresRow(&row))?;
        }
        Ok(())
    }
}

fn parameters(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Our texts number parameters as `?1`; PostgreSQL wants `$1`. No text of ours has a question mark in a literal.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(integer) => integer.to_sql(kind, out),
            Self::Real(real) => real.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(integer) => integer.to_sql_checked(kind, out),
            Self::Real(real) => real.to_sql_checked(kind, out),
            Self::Text(text) => text.to_sql_checked(kind, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(kind, out),
        }
    }
}

struct PostgresRow<'a>(&'a postgres::Row);

impl PostgresRow<'_> {
    fn typed<'r, T: postgres::types::FromSql<'r>>(
        &'r self,
        index: usize,
        wrap: impl Fn(T) -> Column<'r>,
    ) -> Result<Column<'r>, StoreError> {
        let value: Option<T> = self.0.try_get(index).map_err(|error| store_error(&error))?;
        Ok(value.map_or(Column::Null, wrap))
    }
}

impl RawRow for PostgresRow<'_> {
    fn column(&self, index: usize) -> Result<Column<'_>, StoreError> {
        let column = self.0.columns().get(index);
        let kind = column.ok_or_else(|| StoreError::Unexpected(format!("no column {index}")))?.type_();
        match *kind {
            Type::INT8 => self.typed(index, Column::Integer),
            Type::INT4 => self.typed(index, |integer: i32| Column::Integer(i64::from(integer))),
            Type::FLOAT8 => self.typed(index, Column::Real),
            Type::TEXT | Type::VARCHAR => self.typed(index, Column::Text),
            Type::BYTEA => self.typed(index, Column::Bytes),
            ref other => Err(StoreError::Unexpected(format!("column {index} has type {other}; cast it"))),
        }
    }
}

fn describe(error: &postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(details), _) => details.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

fn store_error(error: &postgres::Error) -> StoreError {
    let Some(code) = error.code() else {
        let broken =
            error.is_closed() || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
        return if broken || error.as_db_error().is_none() && error.to_string().starts_with("error connecting") {
            StoreError::Unavailable(describe(error))
        } else {
            StoreError::Unexpected(describe(error))
        };
    };
    match *code {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => StoreError::Serialization,
        _ => match code.code().get(..2) {
            Some("23") => StoreError::Constraint(describe(error)),
            // Connection, resources, operator intervention, system errors.
            Some("08" | "53" | "57" | "58") => StoreError::Unavailable(describe(error)),
            _ => StoreError::Unexpected(describe(error)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_as_postgres_does() {
        assert_eq!(numbered("SELECT ?1, ?12 WHERE a = ?2"), "SELECT $1, $12 WHERE a = $2");
        assert_eq!(numbered("SELECT COUNT(*) FROM items"), "SELECT COUNT(*) FROM items");
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let settings = crate::settings::Settings::load(None, []).unwrap();
        let environment = Environment {
            clock: Arc::new(crate::platform::entropy::SystemClock),
            entropy: Arc::new(crate::platform::entropy::SeededEntropy::new(1)),
            settings: Arc::new(settings),
            public_url: "".into(),
            subscribers: &[],
            bus: Arc::new(crate::platform::bus::MemoryBus::default()),
            metrics: crate::platform::metrics::Metrics::new(0).unwrap(),
        };
        let longest = |attempt| (0..200).map(|_| pause(attempt, &environment)).max().unwrap();
        assert!(longest(0) <= Duration::from_micros(1_200));
        assert!(longest(3) > longest(0));
        assert!(longest(ATTEMPTS) <= Duration::from_micros(50_200));
    }
}
