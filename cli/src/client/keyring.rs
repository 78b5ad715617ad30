//! The system's keyring, asked with a deadline: it may wait for a dialog that nobody sees, or be dead.

use std::{thread, time::Duration};

use keyring::v1::{Entry, Error};
use tokio::{sync::oneshot, time::timeout};

/// What entries are filed under; a server's address tells them apart.
const SERVICE: &str = "campuszon";

/// How long the keyring may take for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the keyring is of no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// It takes longer than it may.
    #[error("the system keyring does not answer")]
    Silent,
    /// There is none, or it refuses.
    #[error("the system keyring cannot be used: {0}")]
    Unusable(String),
}

/// The secret of a server; `None` where there is none.
pub(super) async fn read(server: &str) -> Result<Option<String>, KeyringError> {
    ask(server, |entry| match entry.get_password() {
        Ok(secret) => Ok(Some(secret)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
    .await
}

/// Replaces the secret of a server.
pub(super) async fn write(server: &str, secret: String) -> Result<(), KeyringError> {
    ask(server, move |entry| entry.set_password(&secret)).await
}

/// Forgets the secret of a server.
pub(super) async fn remove(server: &str) -> Result<(), KeyringError> {
    ask(server, |entry| match entry.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(error),
    })
    .await
}

/// Asks on a thread of its own, which is left behind when the answer takes too long: it holds nothing that matters.
async fn ask<T: Send + 'static>(
    server: &str,
    question: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, KeyringError> {
    let (sender, answer) = oneshot::channel();
    let server = server.to_owned();
    let asking = move || {
        // Whoever asked may have given up.
        let _ = sender.send(entry(&server).and_then(|entry| question(&entry).map_err(unusable)));
    };
    thread::Builder::new().name("keyring".to_owned()).spawn(asking).map_err(unusable)?;
    match timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err(KeyringError::Silent),
    }
}

fn entry(server: &str) -> Result<Entry, KeyringError> {
    // The entry's own error does not say why there is no keyring.
    Entry::store_status().as_ref().map_err(unusable)?;
    Entry::new(SERVICE, server).map_err(unusable)
}

fn unusable(error: impl ToString) -> KeyringError {
    KeyringError::Unusable(error.to_string())
}
