//! What can go wrong with storage, told apart by what follows from it.

/// A failed statement or transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot serve now: disk full, locked, unreachable. It may recover.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Another transaction got in between; run again.
    #[error("another change came in between")]
    Serialization,
    /// A constraint of the schema refused a row that the rules should have refused before.
    #[error("a constraint was violated: {0}")]
    Constraint(String),
    /// A statement or a stored value is not what the code expects.
    #[error("unexpected: {0}")]
    Unexpected(String),
    /// Too many transactions wait already.
    #[error("too many requests are waiting for the database")]
    Overloaded,
    /// The server is stopping.
    #[error("the database is closed")]
    Stopped,
}

/// Why a database does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no known engine.
    #[error("not a database URL: expected sqlite:PATH or postgres://…")]
    BadUrl,
    /// This build lacks the engine.
    #[error("this build has no PostgreSQL support: build with the feature postgres")]
    NotBuilt,
    /// It cannot be opened or reached.
    #[error("the database cannot be opened: {0}")]
    Unreachable(String),
    /// The file is no database, or a broken one.
    #[error("the database is damaged ({0}): restore a backup with `campuszon admin restore FILE --data DIR`")]
    Damaged(String),
    /// A newer program wrote it.
    #[error("the database has schema version {found}, this program knows up to {known}: run a newer campuszon")]
    Newer {
        /// The version of the database.
        found: i64,
        /// The newest version of this program.
        known: i64,
    },
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Unreachable(error.to_string())
    }
}
