//! The server's keys in its data directory: made on first use, the signing key replaced every month.

use std::{path::PathBuf, time::Duration};

use campuszon_core::Timestamp;
use tokio::sync::watch;

use super::StartError;
use crate::{
    App,
    platform::{
        directory::{DataDirectory, write_atomically},
        entropy::Entropy,
    },
    users::credentials::{Keys, SigningKey},
};

/// How long a key signs before the next one does.
const ROTATION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many keys are kept: the one that signs, and those whose tokens may still be about.
const KEPT: usize = 3;

const FILE: &str = "signing.json";

/// Opens the keys of a data directory.
pub(super) fn open(directory: &DataDirectory, now: Timestamp, entropy: &dyn Entropy) -> Result<Keys, StartError> {
    let secret = directory.secret("server.key", 32, entropy)?;
    let secret = secret.try_into().map_err(|_| StartError::Other("keys/server.key must hold 32 bytes".to_owned()))?;
    Ok(Keys::new(signing(&directory.keys().join(FILE), now, entropy)?, secret))
}

/// The signing keys in the file at `path`, with a new one when the newest is due.
fn signing(path: &std::path::Path, now: Timestamp, entropy: &dyn Entropy) -> Result<Vec<SigningKey>, StartError> {
    let unusable = |error: &dyn std::fmt::Display| StartError::Other(format!("cannot use {}: {error}", path.display()));
    let mut keys: Vec<SigningKey> = match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unusable(&error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(unusable(&error)),
    };
    keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    if keys.first().is_some_and(|newest| now.since(newest.created_at) < ROTATION) {
        return Ok(keys);
    }
    keys.insert(0, SigningKey { kid: entropy.token(6), secret: entropy.token(32), created_at: now });
    keys.truncate(KEPT);
    let bytes = serde_json::to_vec_pretty(&keys).map_err(|error| unusable(&error))?;
    write_atomically(path, &bytes).map_err(|error| unusable(&error))?;
    Ok(keys)
}

/// Looks once a day whether a new signing key is due.
pub(super) async fn rotate_daily(app: App, folder: PathBuf, mut shutdown: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(24 * 60 * 60)) => {}
            _ = shutdown.wait_for(|stopping| *stopping) => return,
        }
        match signing(&folder.join(FILE), app.clock.now(), &*app.entropy) {
            Ok(keys) => app.keys.set_signing(keys),
            Err(error) => tracing::error!("the signing key was not replaced: {error}"),
        }
    }
}
