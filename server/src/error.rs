//! What the services answer when they cannot do what was asked: one closed set, which `gateway::problem` turns into
//! problem documents.

use campuszon_core::{Fault, Faults, permission::Refusal};

use crate::platform::{database::StoreError, limiter::Verdict};

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be parsed.
    #[error("{0}")]
    Malformed(String),
    /// It can, but is wrong.
    #[error("the request is not valid")]
    Invalid(Faults),
    /// Nobody is signed in, or the credential is wrong.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The access token has ended: refresh it.
    #[error("the access token has expired: refresh it")]
    TokenExpired,
    /// The address is not confirmed yet.
    #[error("confirm your address first, with the code that was mailed")]
    Unverified,
    /// The balance of marketplace tokens is too small.
    #[error("this costs {price} and you have {balance}: tokens come with deals, weekly and by vouchers")]
    InsufficientTokens {
        /// What it costs.
        price: i64,
        /// What there is.
        balance: i64,
    },
    /// Seen, but not allowed.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing, as far as the caller may know.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The state of things does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// It was there, and is no more.
    #[error("{0}")]
    Gone(String),
    /// `If-Match` names another version.
    #[error("it was changed in the meantime: fetch it again and repeat your change")]
    PreconditionFailed,
    /// Too large.
    #[error("{0}")]
    PayloadTooLarge(String),
    /// The part of a file that was asked for lies behind its end.
    #[error("the file has {0} bytes: ask for a range within them")]
    RangeNotSatisfiable(u64),
    /// Of a kind that is not accepted.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// The path exists, the method does not.
    #[error("this method is not allowed here")]
    MethodNotAllowed,
    /// The client took too long.
    #[error("the request took too long to arrive")]
    Timeout,
    /// Too often.
    #[error("too many requests: try again in {} s", .0.retry_after())]
    RateLimited(Verdict),
    /// Administrators alone are served, with a word on it.
    #[error("the server is under maintenance: {0}")]
    Maintenance(String),
    /// There is more to do than this server can.
    #[error("the server has more to do than it can: try again in a moment")]
    Overloaded,
    /// It may work later.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours. The text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, code, message)])
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => Self::Overloaded,
            StoreError::Unavailable(_) | StoreError::Stopped | StoreError::Serialization => {
                Self::Unavailable(error.to_string())
            }
            StoreError::Constraint(_) | StoreError::Unexpected(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Forbidden(refusal.to_string())
    }
}
