//! Work about the account, the server and the settings, and what comes of it.

use std::sync::atomic::Ordering;

use campuszon_core::safe::SafeText;

use super::{Lane, Runner, entry};
use crate::tui::{
    effect::{Entered, Entry, Refused},
    message::{Message, Ticket},
    post::Post,
    servers::Servers,
};

/// Something to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Errand {
    /// Look which server is there, under a name or an address.
    Look(Ticket, String),
    /// Ask the server something of the sign-in.
    Enter(Ticket, Entry),
    /// Talk to the server of this address from now on.
    UseServer(String),
    /// Write a setting into the configuration.
    Keep { key: &'static str, value: String },
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    Entered(Ticket, Result<Entered, Refused>),
    /// A setting was written, or not, and why.
    Kept(Result<(), SafeText>),
}

impl Runner {
    /// One that can turn to other servers.
    #[must_use]
    pub fn with_servers(self, servers: Servers) -> Self {
        Self { servers: Some(servers), ..self }
    }

    pub(super) fn run_errand(&mut self, errand: Errand) {
        let (client, servers) = (self.client.clone(), self.servers.clone());
        match errand {
            Errand::Look(ticket, wanted) => {
                self.errand(async move { Outcome::Entered(ticket, entry::look(servers, wanted).await) });
            }
            Errand::Enter(ticket, wanted) => {
                self.errand(async move { Outcome::Entered(ticket, entry::ask(client, wanted).await) });
            }
            Errand::UseServer(address) => self.use_server(&address),
            Errand::Keep { key, value } => self.errand(async move {
                let Some(servers) = servers else { return Outcome::Kept(Ok(())) };
                let kept = tokio::task::spawn_blocking(move || servers.keep(key, &value)).await;
                let kept = kept.unwrap_or_else(|error| Err(error.to_string()));
                Outcome::Kept(kept.map_err(|problem| SafeText::line(&problem)))
            }),
        }
    }

    fn errand(&mut self, work: impl Future<Output = Outcome> + Send + 'static) {
        self.spawn(None, async move { Some(Message::Account(work.await)) });
    }

    /// Turns to another server; what is under way with the one before is dropped.
    fn use_server(&mut self, address: &str) {
        let Some(reached) = self.servers.as_ref().and_then(|servers| servers.reach(address).ok()) else { return };
        self.client = reached.client;
        self.era.fetch_add(1, Ordering::Relaxed);
        self.live = None;
        self.post = Post::start(&self.client, &self.messages);
        if let Some(live) = self.lanes.remove(&Lane::Live) {
            live.abort();
        }
    }
}
