//! Messages on their way: each is kept in a file until the server has acknowledged it, and so survives a lost connection,
//! a lost answer and the end of this program. What was sent and not acknowledged is sent again under the same
//! `client_id`, which the server takes once.

#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use campuszon_core::{
    ChatId, Timestamp, UserId,
    wire::chat::{Message, SendMessage},
};
use serde::{Deserialize, Serialize};

use super::{
    Client, ClientError, Credentials, StoreError,
    store::{self, SessionStore},
};
use crate::{
    clock,
    files::{self, Access},
    random,
};

/// A message that the server has not acknowledged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where it goes.
    pub chat_id: ChatId,
    /// What it says, and the id under which it is sent once.
    pub message: SendMessage,
    /// Since when it waits, by this machine's clock.
    pub queued_at: Timestamp,
}

impl Waiting {
    /// Whether it is the message of this id in this conversation.
    pub fn is(&self, chat: ChatId, client_id: &str) -> bool {
        self.chat_id == chat && self.message.client_id == client_id
    }
}

/// What became of the messages that waited.
#[derive(Debug, Default)]
pub struct Delivery {
    /// The server has them.
    pub sent: Vec<Message>,
    /// The server does not want them, and why. They wait no longer.
    pub refused: Vec<(Waiting, ClientError)>,
    /// Why the others still wait.
    pub stopped: Option<ClientError>,
}

/// The messages of one account that wait for one server.
#[derive(Clone, Debug)]
pub struct Outbox {
    path: PathBuf,
}

impl Outbox {
    /// The outbox of `user` for `server` below `directory`, none of which needs to exist.
    fn new(directory: &Path, server: &str, user: UserId) -> Self {
        let server = files::plain_name(server);
        Self { path: directory.join("outbox").join(format!("{server}-{user}.json")) }
    }

    /// What waits, in the order in which it goes.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| StoreError::Damaged(self.path.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Moves a file that cannot be read out of the way, so that one bad byte does not keep everything from being sent.
    /// Says where it is now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn set_damaged_aside(&self) -> Result<Option<PathBuf>, StoreError> {
        if !matches!(self.waiting(), Err(StoreError::Damaged(_))) {
            return Ok(None);
        }
        let _lock = store::hold(self.path.with_extension("lock")).await?;
        // Another command may have been faster.
        if !matches!(self.waiting(), Err(StoreError::Damaged(_))) {
            return Ok(None);
        }
        let aside = self.path.with_extension(format!("damaged-{}", random::key()));
        fs::rename(&self.path, &aside).map_err(|error| self.failed(error))?;
        Ok(Some(aside))
    }

    /// Puts a message behind the others, durably; one that waits already stays where it is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put(&self, chat_id: ChatId, message: &SendMessage) -> Result<(), StoreError> {
        self.change(|waiting| {
            if !waiting.iter().any(|other| other.is(chat_id, &message.client_id)) {
                waiting.push(Waiting { chat_id, message: message.clone(), queued_at: clock::now() });
            }
        })
        .await
    }

    /// Sends what waits, one after the other, until nothing does or the server cannot take more now. While one process
    /// does so others wait for it, since messages of a conversation must not overtake each other.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn deliver(
        &self,
        mut send: impl AsyncFnMut(&Waiting) -> Result<Message, ClientError>,
    ) -> Result<Delivery, StoreError> {
        let mut delivery = Delivery::default();
        let _turn = store::hold(self.path.with_extension("turn")).await?;
        while let Some(next) = self.waiting()?.into_iter().next() {
            match send(&next).await {
                Ok(message) => delivery.sent.push(message),
                Err(error) if is_final(&error) => delivery.refused.push((next.clone(), error)),
                Err(error) => {
                    delivery.stopped = Some(error);
                    break;
                }
            }
            self.change(|waiting| waiting.retain(|other| !other.is(next.chat_id, &next.message.client_id))).await?;
        }
        Ok(delivery)
    }

    /// Changes the file under its lock, which is never held while the server is asked.
    async fn change(&self, edit: impl FnOnce(&mut Vec<Waiting>)) -> Result<(), StoreError> {
        let _lock = store::hold(self.path.with_extension("lock")).await?;
        let mut waiting = self.waiting()?;
        edit(&mut waiting);
        self.write(&waiting)
    }

    fn write(&self, waiting: &[Waiting]) -> Result<(), StoreError> {
        if waiting.is_empty() {
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(error)),
                _ => Ok(()),
            };
        }
        let bytes = serde_json::to_vec_pretty(waiting).map_err(|_| StoreError::Damaged(self.path.clone()))?;
        files::replace(&self.path, &bytes, Access::Private).map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError::File { path: self.path.clone(), source }
    }
}

/// Whether the message itself is refused. What says more of the session, the pace or the way there is no reason to lose
/// a message: a session that has ended, a time-out, whatever names a time to come back, or an answer of something before
/// the server.
fn is_final(error: &ClientError) -> bool {
    let ClientError::Refused(refusal) = error else { return false };
    let is_passing = |status| matches!(status, 401 | 408 | 429) || !(400..500).contains(&status);
    !is_passing(refusal.problem.status) && refusal.retry_after.is_none() && refusal.problem.code != "unexplained"
}

impl Client {
    /// Where messages of the signed-in account wait for this server. `None` in a dry run, and where a token from the
    /// environment is used: whose it is, only the server could tell.
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub fn outbox(&self) -> Result<Option<Outbox>, ClientError> {
        let Credentials::Store(store) = &self.shared.options.credentials else { return Ok(None) };
        let user = if self.plan.is_some() { None } else { store.user()? };
        Ok(user.map(|user| self.outbox_of(store, user.id)))
    }

    fn outbox_of(&self, store: &SessionStore, user: UserId) -> Outbox {
        Outbox::new(store.directory(), self.server().as_str(), user)
    }

    /// Sends what waits in `outbox`, in order.
    ///
    /// # Errors
    /// [`ClientError::Store`]. That the server cannot be reached is no error here: see [`Delivery::stopped`].
    pub async fn deliver(&self, outbox: &Outbox) -> Result<Delivery, ClientError> {
        // The work owns what it needs, so that it can go on in a task of its own.
        let client = self.clone();
        let send = move |waiting: &Waiting| {
            let (client, waiting) = (client.clone(), waiting.clone());
            async move { client.send_message(waiting.chat_id, &waiting.message).await }
        };
        Ok(outbox.deliver(send).await?)
    }
}
