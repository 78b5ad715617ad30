//! What can go wrong between this program and a server.

use std::time::Duration;

use campuszon_core::wire::problem::Problem;

use super::{ServerError, StoreError};
use crate::random;

/// A problem document, and when to come back.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What the server says.
    pub problem: Problem,
    /// From `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// Why a call brought no answer, or not the one hoped for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server refused, or failed, and said why.
    #[error("{}", .0.problem.detail)]
    Refused(Box<Refusal>),
    /// No connection, or it broke.
    #[error("cannot reach {server}: {reason}")]
    Network {
        /// The server's address.
        server: String,
        /// The innermost cause.
        reason: String,
    },
    /// No answer in time.
    #[error("{server} did not answer in {}", humane(*.after))]
    Timeout {
        /// The server's address.
        server: String,
        /// How long was waited.
        after: Duration,
    },
    /// Nobody is signed in on this server.
    #[error("nobody is signed in on {0}")]
    NotSignedIn(String),
    /// The session is over: ended, revoked, or used elsewhere.
    #[error("the session on {0} has ended")]
    SessionEnded(String),
    /// The answer is not one this version knows.
    #[error("the server's answer is not understood: {0}")]
    Answer(String),
    /// The server sends a change elsewhere; it is not repeated there.
    #[error("the server sends this request to {0}")]
    Redirected(String),
    /// The address of the server, or of what it names, cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The session file cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server closed the live connection for good.
    #[error("the server closed the live connection ({code}): {reason}")]
    LiveClosed {
        /// The WebSocket close code.
        code: u16,
        /// What the server says.
        reason: String,
    },
    /// A dry run: the change was noted, not sent.
    #[error("dry run: nothing was sent")]
    DryRun,
}

/// The longest pause a server may ask for before it is an error at once.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The pause after the first failure; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

impl ClientError {
    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.problem.status),
            _ => None,
        }
    }

    /// The stable machine word of the problem document.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(&refusal.problem.code),
            _ => None,
        }
    }

    /// How long to wait before the same call may succeed, after `attempt` earlier repetitions; `None` when it is no
    /// use, or when the server asks for more patience than a command has.
    pub(super) fn pause(&self, attempt: u32) -> Option<Duration> {
        let own = random::jitter(FIRST_PAUSE * 2_u32.saturating_pow(attempt));
        match self {
            Self::Network { .. } | Self::Timeout { .. } => Some(own),
            Self::Refused(refusal) => match (refusal.problem.status, refusal.retry_after) {
                (409 | 429 | 503, Some(asked)) if asked <= LONGEST_PAUSE => Some(asked + random::jitter(FIRST_PAUSE)),
                (429 | 502 | 503 | 504, None) => Some(own),
                _ => None,
            },
            _ => None,
        }
    }
}

fn humane(duration: Duration) -> String {
    if duration.as_secs() == 0 { format!("{} ms", duration.as_millis()) } else { format!("{} s", duration.as_secs()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, retry_after: Option<u64>) -> ClientError {
        let problem = Problem {
            kind: "about:blank".into(),
            title: String::new(),
            status,
            detail: String::new(),
            instance: String::new(),
            code: String::new(),
            request_id: String::new(),
            errors: Vec::new(),
        };
        ClientError::Refused(Box::new(Refusal { problem, retry_after: retry_after.map(Duration::from_secs) }))
    }

    #[test]
    fn is_patient_but_not_endlessly() {
        assert!(refused(429, Some(2)).pause(0).is_some_and(|pause| pause >= Duration::from_secs(2)));
        assert_eq!(refused(429, Some(900)).pause(0), None);
        assert_eq!(refused(422, Some(1)).pause(0), None);
        assert_eq!(refused(409, None).pause(0), None);
        // Maintenance, which people are told of at once.
        assert_eq!(refused(503, Some(60)).pause(0), None);
        assert!(refused(503, None).pause(2).is_some());
    }
}
