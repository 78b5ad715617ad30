//! The one way to a CampusZon server, for commands and TUI alike: typed calls by area, the session with its refresh,
//! and the live connection. Nothing outside this module names an HTTP library or a path of the API.

mod accounts;
mod alerts;
mod bookings;
mod call;
mod campuses;
mod chats;
mod drafts;
mod error;
mod images;
mod items;
mod keyring;
mod live;
mod meta;
mod outbox;
mod page;
mod raw;
mod searches;
mod server;
mod session;
mod store;
#[cfg(test)]
mod tests;
mod transport;
mod trust;
mod wallet;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

pub use self::{
    bookings::{BookingAction, BookingQuery},
    call::Planned,
    chats::MessageRange,
    drafts::Drafts,
    error::{ClientError, Refusal},
    items::{ItemAction, ItemQuery, is_pending},
    keyring::KeyringError,
    live::{Live, LiveEvent, LiveSender},
    outbox::{Delivery, Outbox, Waiting},
    page::{Page, PageRequest, follow},
    raw::{RawBody, RawReply},
    server::{Server, ServerError},
    session::SignUp,
    store::{CredentialStore, SessionStore, StoreError, StoredSession, StoredUser},
    transport::Tagged,
    trust::{ReportTarget, UserQuery},
};

/// Where a client's authority comes from.
#[derive(Clone)]
pub enum Credentials {
    /// A token from the environment, used as it is and never renewed or stored.
    Token(String),
    /// The session file, renewed and rewritten as needed.
    Store(SessionStore),
}

/// Told of every exchange with the server, one line each, free of secrets.
pub type Trace = Arc<dyn Fn(&str) + Send + Sync>;

/// What a client is made from.
#[derive(Clone)]
pub struct Options {
    /// Where to.
    pub server: Server,
    /// As whom.
    pub credentials: Credentials,
    /// How long one request may take; uploads get four times as long.
    pub timeout: Duration,
    /// For `-v`.
    pub trace: Option<Trace>,
}

/// A connection to one server as one user. Cheap to clone; clones share connections and session.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    /// Where changes are noted instead of being sent.
    plan: Option<Arc<Mutex<Vec<Planned>>>>,
}

struct Shared {
    options: Options,
    /// For `http`; built at the first request.
    plain: Mutex<Option<reqwest::Client>>,
    /// For `https`; built at the first request, since it reads the system's certificates.
    secure: Mutex<Option<reqwest::Client>>,
    /// The session as last read or renewed. Held while it is renewed, so that one task does it.
    session: tokio::sync::Mutex<Option<StoredSession>>,
}

impl Client {
    /// A client that has not connected yet.
    pub fn new(options: Options) -> Self {
        let session = tokio::sync::Mutex::new(None);
        let shared = Shared { options, plain: Mutex::default(), secure: Mutex::default(), session };
        Self { shared: Arc::new(shared), plan: None }
    }

    /// The same client, but changes are only noted (see [`Client::planned`]) and fail with [`ClientError::DryRun`].
    pub fn dry_run(self) -> Self {
        Self { plan: Some(Arc::default()), ..self }
    }

    /// The changes noted so far in a dry run, in order.
    pub fn planned(&self) -> Vec<Planned> {
        let noted = self.plan.as_ref().and_then(|plan| plan.lock().ok().map(|noted| noted.clone()));
        noted.unwrap_or_default()
    }

    /// The server this client talks to.
    pub fn server(&self) -> &Server {
        &self.shared.options.server
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("server", &self.server().as_str()).finish_non_exhaustive()
    }
}
