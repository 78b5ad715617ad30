//! Work about the account, the server and the settings, and what comes of it.

use std::sync::atomic::Ordering;

use campuszon_core::{
    NotificationId, SearchId, SessionId,
    safe::SafeText,
    wire::{
        account::{Devices, Profile},
        notification::{CreateSearch, EditPreferences, Preferences, Search, Searches},
        wallet::{Redeemed, Wallet},
    },
};
use serde_json::{Map, Value};

use super::{Entered, Entry, Lane, PAGE, Refused, Runner, entry, failure};
use crate::{
    client::{Client, ClientError, PageRequest},
    first_pages::FirstPages,
    tui::{
        message::{Arrival, Ask, Failure, Message, Ticket},
        model::Section,
        post::Post,
        servers::{Named, Servers},
    },
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
    /// Read which servers have a name.
    ListServers,
    /// Write a setting into the configuration.
    Keep {
        key: &'static str,
        value: String,
    },
    /// Ask for the balance and a page of how it came about.
    LoadWallet(Ask),
    /// Ask for a page of the signed-in devices.
    LoadDevices(Ask),
    /// Ask what one wants to be told of.
    LoadPreferences(Ask),
    /// Say what one wants to be told of.
    SetPreferences(EditPreferences),
    /// Sign another device out.
    EndSession(SessionId),
    /// Change a field of one's profile; `null` clears.
    EditProfile {
        field: &'static str,
        value: Value,
    },
    /// Redeem a voucher.
    Redeem {
        code: String,
        key: String,
    },
    SignOut,
    /// Mark a notification as read.
    MarkAlert(NotificationId),
    MarkAllAlerts,
    /// Delete all notifications.
    ClearAlerts,
    /// Ask for a page of the saved searches.
    LoadSearches(Ask),
    SaveSearch {
        name: String,
        query: String,
        key: String,
    },
    DeleteSearch(SearchId),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Outcome {
    Entered(Ticket, Result<Entered, Refused>),
    Servers(Result<Vec<Named>, SafeText>),
    /// A setting was written, or not, and why.
    Kept(Result<(), SafeText>),
    Wallet(Arrival<Wallet>),
    Devices(Arrival<Devices>),
    Preferences(Arrival<Preferences>),
    PreferencesSet(Result<(), Failure>),
    SessionEnded(SessionId, Result<(), Failure>),
    ProfileEdited(Result<Box<Profile>, Failure>),
    Redeemed(Result<Redeemed, Failure>),
    SignedOut(Result<(), Failure>),
    AlertsMarked(Result<(), Failure>),
    AlertsCleared(Result<(), Failure>),
    Searches(Arrival<Searches>),
    SearchSaved(Result<Box<Search>, Failure>),
    SearchDeleted(SearchId, Result<(), Failure>),
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
            Errand::ListServers => self.errand(async move {
                let named =
                    tokio::task::spawn_blocking(move || servers.map_or(Ok(Vec::new()), |all| all.named())).await;
                let named = named.unwrap_or_else(|error| Err(error.to_string()));
                Outcome::Servers(named.map_err(|problem| SafeText::line(&problem)))
            }),
            Errand::Keep { key, value } => self.errand(async move {
                let Some(servers) = servers else { return Outcome::Kept(Ok(())) };
                let kept = tokio::task::spawn_blocking(move || servers.keep(key, &value)).await;
                let kept = kept.unwrap_or_else(|error| Err(error.to_string()));
                Outcome::Kept(kept.map_err(|problem| SafeText::line(&problem)))
            }),
            Errand::LoadWallet(ask) => {
                self.section(Section::Wallet, ask, Outcome::Wallet, |page| async move { client.wallet(page).await });
            }
            Errand::LoadDevices(ask) => {
                self.section(
                    Section::Devices,
                    ask,
                    Outcome::Devices,
                    |page| async move { client.sessions(page).await },
                );
            }
            Errand::LoadPreferences(ask) => {
                self.section(Section::Notifications, ask, Outcome::Preferences, |_| async move {
                    Ok(client.preferences().await?.value)
                });
            }
            Errand::SignOut => {
                let first_pages = self.first_pages.clone();
                self.errand(async move { Outcome::SignedOut(sign_out(client, first_pages).await) });
            }
            Errand::LoadSearches(ask) => {
                self.section(
                    Section::Searches,
                    ask,
                    Outcome::Searches,
                    |page| async move { client.searches(page).await },
                );
            }
            other => self.errand(run(client, other)),
        }
    }

    /// Asks for a page of a list of the Me tab; a later question cancels this one.
    fn section<P: Send + 'static, L: Future<Output = Result<P, ClientError>> + Send + 'static>(
        &mut self,
        section: Section,
        ask: Ask,
        outcome: fn(Arrival<P>) -> Outcome,
        load: impl FnOnce(PageRequest) -> L,
    ) {
        let Ask { ticket, cursor } = ask;
        let first = cursor.is_none();
        let page = load(PageRequest { limit: Some(PAGE), cursor });
        self.spawn(Some(Lane::Section(section)), async move {
            let result = page.await.map_err(|error| failure(&error));
            Some(Message::Account(outcome(Arrival { ticket, first, result })))
        });
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
        let (first_pages, client) = (self.first_pages.clone(), self.client.clone());
        self.spawn(None, async move {
            let read = tokio::task::spawn_blocking(move || first_pages.read(&client)).await;
            Some(Message::Remembered(read.unwrap_or_default()))
        });
    }
}

/// Ends the session; what the account saw is not left for whoever comes next.
async fn sign_out(client: Client, first_pages: FirstPages) -> Result<(), Failure> {
    let who = client.clone();
    // Without a session it could not be told whose it was.
    let _ = tokio::task::spawn_blocking(move || first_pages.forget(&who)).await;
    client.logout().await.map_err(|error| failure(&error))
}

/// Does what the server alone is needed for.
async fn run(client: Client, errand: Errand) -> Outcome {
    let done = |result: Result<(), ClientError>| result.map_err(|error| failure(&error));
    match errand {
        Errand::SetPreferences(wanted) => {
            Outcome::PreferencesSet(done(client.edit_preferences(&wanted, None).await.map(|_| ())))
        }
        Errand::EndSession(id) => Outcome::SessionEnded(id, done(client.revoke_session(id).await)),
        Errand::EditProfile { field, value } => {
            let patch = Map::from_iter([(field.to_owned(), value)]);
            let edited = client.edit_me(&patch).await.map(Box::new);
            Outcome::ProfileEdited(edited.map_err(|error| failure(&error)))
        }
        Errand::Redeem { code, key } => {
            Outcome::Redeemed(client.redeem(&code, Some(&key)).await.map_err(|error| failure(&error)))
        }
        Errand::MarkAlert(id) => Outcome::AlertsMarked(done(client.mark_notification(id).await)),
        Errand::MarkAllAlerts => Outcome::AlertsMarked(done(client.mark_all_notifications().await)),
        Errand::ClearAlerts => Outcome::AlertsCleared(done(client.clear_notifications().await)),
        Errand::SaveSearch { name, query, key } => {
            let search = CreateSearch { name, query, digest: None };
            let saved = client.save_search(&search, Some(&key)).await.map(Box::new);
            Outcome::SearchSaved(saved.map_err(|error| failure(&error)))
        }
        Errand::DeleteSearch(id) => Outcome::SearchDeleted(id, done(client.delete_search(id).await)),
        // What is not asked of the server alone was done before.
        _ => Outcome::Kept(Ok(())),
    }
}
