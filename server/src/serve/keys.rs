//! The server's keys in its data directory: made on first use, the signing key replaced every month, and whenever somebody
//! asks for it. Who is signed in stays so: what an older key signed holds until it ends.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use campuszon_core::Timestamp;
use serde::Serialize;
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

/// How many keys are kept at least: the one that signs, and those before it.
const KEPT: usize = 3;

/// No access token lasts longer: so long a key is kept after it signed its last.
const LONGEST_TOKEN: Duration = Duration::from_secs(24 * 60 * 60);

/// How often a server looks whether there are other keys.
const LOOK: Duration = Duration::from_secs(2);

const FILE: &str = "signing.json";

/// Whether a data directory has its keys.
pub fn are_there(directory: &DataDirectory) -> bool {
    directory.keys().join(FILE).exists()
}

/// Opens the keys of a data directory.
pub(super) fn open(directory: &DataDirectory, now: Timestamp, entropy: &dyn Entropy) -> Result<Keys, StartError> {
    if directory.database().exists() && !are_there(directory) {
        tracing::warn!("the keys are gone and new ones are made: everybody has to sign in again");
    }
    let secret = directory.secret("server.key", 32, entropy)?;
    let secret = secret.try_into().map_err(|_| StartError::Other("keys/server.key must hold 32 bytes".to_owned()))?;
    Ok(Keys::new(signing(&directory.keys().join(FILE), now, entropy)?, secret))
}

/// The signing keys in the file at `path`, with a new one when the newest is due.
fn signing(path: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<Vec<SigningKey>, StartError> {
    let keys = read(path)?;
    if keys.first().is_some_and(|newest| now.since(newest.created_at) < ROTATION) {
        return Ok(keys);
    }
    renewed(path, keys, now, entropy)
}

/// A key that signs from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RotatedKey {
    /// The name that tokens carry.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many older ones are kept, for what they signed.
    pub older: usize,
}

/// Has a new key sign in this data directory. A server that runs there takes it up within seconds.
///
/// # Errors
/// The file of keys cannot be read or written.
pub fn rotate(directory: &DataDirectory, now: Timestamp, entropy: &dyn Entropy) -> Result<RotatedKey, StartError> {
    let path = directory.keys().join(FILE);
    let keys = renewed(&path, read(&path)?, now, entropy)?;
    let newest = keys.first().ok_or_else(|| StartError::Other("there is no signing key".to_owned()))?;
    Ok(RotatedKey { id: newest.kid.clone(), created_at: newest.created_at, older: keys.len() - 1 })
}

/// The keys in a file, newest first; none where there is no file.
fn read(path: &Path) -> Result<Vec<SigningKey>, StartError> {
    let mut keys: Vec<SigningKey> = match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unusable(path, &error, DAMAGED))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(unusable(path, &error, DENIED)),
    };
    keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    Ok(keys)
}

/// Puts a new key before the others, and leaves out those that signed nothing that still holds.
fn renewed(
    path: &Path,
    mut keys: Vec<SigningKey>,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Vec<SigningKey>, StartError> {
    // The newest of a clock that was ahead stays behind this one.
    let created_at = keys.first().map_or(now, |newest| now.max(newest.created_at + Duration::from_millis(1)));
    keys.insert(0, SigningKey { kid: entropy.token(6), secret: entropy.token(32), created_at });
    let replaced_at: Vec<Timestamp> = keys.iter().map(|key| key.created_at).collect();
    let mut place = 0_usize;
    keys.retain(|_| {
        // A key signed until the one before it in this list came.
        let last = place.checked_sub(1).and_then(|before| replaced_at.get(before));
        place += 1;
        place <= KEPT || last.is_some_and(|last| now.since(*last) < LONGEST_TOKEN)
    });
    let bytes = serde_json::to_vec_pretty(&keys).map_err(|error| unusable(path, &error, DAMAGED))?;
    write_atomically(path, &bytes).map_err(|error| unusable(path, &error, DENIED))?;
    Ok(keys)
}

const DAMAGED: &str = "restore it from a backup, or delete it to have a new one made, which signs everybody out";
const DENIED: &str = "check its owner, its permissions and the free space";

fn unusable(path: &Path, error: &dyn std::fmt::Display, advice: &str) -> StartError {
    StartError::Other(format!("cannot use {}: {error}; {advice}", path.display()))
}

/// Takes up other keys as they come, and makes one when it is due.
pub(super) async fn keep_fresh(app: App, folder: PathBuf, mut shutdown: watch::Receiver<bool>) {
    let path = folder.join(FILE);
    let (mut seen, mut looked_at) = (None, app.clock.now());
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = shutdown.wait_for(|stopping| *stopping) => return,
        }
        let (now, changed) = (app.clock.now(), changed_at(&path));
        if changed == seen && now.since(looked_at) < LONGEST_TOKEN {
            continue;
        }
        (seen, looked_at) = (changed, now);
        match signing(&path, now, &*app.entropy) {
            Ok(keys) => app.keys.set_signing(keys),
            Err(error) => tracing::error!("the signing key was not replaced: {error}"),
        }
    }
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::entropy::SeededEntropy;

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_new_key_signs_and_the_others_stay_as_long_as_what_they_signed() {
        let temp = tempfile::tempdir().unwrap();
        let (directory, entropy) = (DataDirectory::open(temp.path()).unwrap(), SeededEntropy::new(1));
        let path = directory.keys().join(FILE);
        let ids = || read(&path).unwrap().into_iter().map(|key| key.kid).collect::<Vec<_>>();
        let first = signing(&path, START, &entropy).unwrap().remove(0).kid;

        // However often, all within one life of a token.
        let rotated: Vec<_> = (0..5).map(|_| rotate(&directory, START, &entropy).unwrap()).collect();
        assert_eq!((rotated[4].older, ids().len()), (5, 6));
        assert_eq!((ids().first(), ids().last()), (Some(&rotated[4].id), Some(&first)));
        assert_eq!(signing(&path, START + DAY, &entropy).unwrap().len(), 6);

        let later = rotate(&directory, START + DAY * 2, &entropy).unwrap();
        assert_eq!(later.older, 2);
        assert_eq!(ids(), [&later.id, &rotated[4].id, &rotated[3].id].map(Clone::clone));
    }

    #[test]
    fn a_key_is_due_after_a_month() {
        let temp = tempfile::tempdir().unwrap();
        let (path, entropy) = (temp.path().join(FILE), SeededEntropy::new(1));
        let newest = |now| signing(&path, now, &entropy).unwrap().remove(0).kid;
        let first = newest(START);
        assert_eq!(newest(START + DAY * 29), first);
        assert_ne!(newest(START + DAY * 31), first);
    }
}
