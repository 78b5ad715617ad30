//! Where sessions are kept: one for each server in a file that its owner alone can read, changed under a lock; the
//! tokens in the system's keyring where there is one.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use campuszon_core::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::keyring::{self, KeyringError};
use crate::files::{self, Access};

/// How long another command may hold a lock: it renews a session, which takes one request, or sends what waits.
const LOCK_PATIENCE: Duration = Duration::from_secs(35);
const LOCK_POLL: Duration = Duration::from_millis(20);

/// Why the session file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refuses.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// Other users of this machine can read it.
    #[error("{0} can be read by others")]
    Exposed(PathBuf),
    /// Another command has held the lock for too long.
    #[error("another campuszon holds {0}")]
    Locked(PathBuf),
    /// The tokens are in the keyring, or are to be, and it cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

/// Where tokens are to be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialStore {
    /// In the system's keyring where it answers, else in the file.
    #[default]
    Auto,
    /// In the keyring or not at all.
    Keyring,
    /// In the file.
    File,
}

/// What is kept of a session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The bearer token: a session's, or a personal access token.
    pub access_token: String,
    /// Absent for personal access tokens, which are never renewed.
    pub refresh_token: Option<String>,
    /// When the access token ends, by this machine's clock.
    pub expires_at: Option<Timestamp>,
    /// Whose it is.
    pub user: StoredUser,
}

/// Whose session it is, to be shown without asking the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredUser {
    /// The user.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Their name.
    pub name: String,
}

impl std::fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredSession").field("user", &self.user).finish_non_exhaustive()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    /// Whether the keyring was of no use when it was tried, so that a dead one is waited for once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    without_keyring: bool,
    sessions: BTreeMap<String, Kept>,
}

/// A session in the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept {
    Here(StoredSession),
    /// The keyring has all of it; who it is can be told without asking.
    InKeyring {
        user: StoredUser,
    },
}

impl Content {
    fn is_in_keyring(&self, server: &str) -> bool {
        matches!(self.sessions.get(server), Some(Kept::InKeyring { .. }))
    }
}

impl Kept {
    fn into_user(self) -> StoredUser {
        match self {
            Self::Here(StoredSession { user, .. }) | Self::InKeyring { user } => user,
        }
    }
}

/// The session of one server.
#[derive(Clone, Debug)]
pub struct SessionStore {
    directory: PathBuf,
    server: String,
    preference: CredentialStore,
}

/// The right to change the file, held until dropped.
pub(super) struct Guard<'a> {
    store: &'a SessionStore,
    /// Closing it gives the lock back, also when the process dies.
    _lock: File,
}

impl SessionStore {
    /// The session of `server` in the file in `directory`, neither of which needs to exist.
    pub fn new(directory: &Path, server: &str, preference: CredentialStore) -> Self {
        Self { directory: directory.to_owned(), server: server.to_owned(), preference }
    }

    fn path(&self) -> PathBuf {
        self.directory.join("credentials.json")
    }

    /// The session, if there is one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        match self.content()?.sessions.remove(&self.server) {
            Some(Kept::Here(session)) => Ok(Some(session)),
            Some(Kept::InKeyring { .. }) => {
                let secret = keyring::read(&self.server).await?;
                Ok(secret.and_then(|secret| serde_json::from_str(&secret).ok()))
            }
            None => Ok(None),
        }
    }

    /// Whose session it is, if there is one. Needs no keyring.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn user(&self) -> Result<Option<StoredUser>, StoreError> {
        Ok(self.content()?.sessions.remove(&self.server).map(Kept::into_user))
    }

    /// Whether the keyring has the session.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn is_in_keyring(&self) -> Result<bool, StoreError> {
        Ok(self.content()?.is_in_keyring(&self.server))
    }

    fn content(&self) -> Result<Content, StoreError> {
        let path = self.path();
        let failed = |source| StoreError::File { path: path.clone(), source };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::default()),
            Err(error) => return Err(failed(error)),
        };
        if files::others_bits(&path).map_err(failed)? != 0 {
            return Err(StoreError::Exposed(path));
        }
        serde_json::from_slice(&bytes).map_err(|_| StoreError::Damaged(path))
    }

    /// Where the file is, and what else is kept for an account.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Waits for the right to change the file.
    pub(super) async fn lock(&self) -> Result<Guard<'_>, StoreError> {
        Ok(Guard { store: self, _lock: hold(self.directory.join("credentials.lock")).await? })
    }
}

/// Waits for the lock on `path`, which processes give back by closing it, also when they die.
pub(super) async fn hold(path: PathBuf) -> Result<File, StoreError> {
    let failed = |source| StoreError::File { path: path.clone(), source };
    let file = files::open_lock(&path).map_err(failed)?;
    let deadline = tokio::time::Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if tokio::time::Instant::now() >= deadline => {
                return Err(StoreError::Locked(path));
            }
            // Polling, since a process that is suspended while it holds the lock would block us for good.
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
        }
    }
}

impl Guard<'_> {
    /// The session as it is now.
    pub(super) async fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        self.store.read().await
    }

    /// Replaces the session, or removes it.
    pub(super) async fn write(&self, session: Option<&StoredSession>) -> Result<(), StoreError> {
        let SessionStore { server, .. } = self.store;
        let path = self.store.path();
        let mut content = self.store.content()?;
        let before = content.sessions.remove(server);
        if let Some(session) = session {
            let kept = self.keep(&mut content, session).await?;
            content.sessions.insert(server.clone(), kept);
        }
        let leaves = matches!(before, Some(Kept::InKeyring { .. })) && !content.is_in_keyring(server);
        if leaves && !content.without_keyring {
            // What stays behind in a keyring that fails now is replaced or has ended on the server.
            let _ = keyring::remove(server).await;
        }
        let bytes = serde_json::to_vec_pretty(&content).map_err(|_| StoreError::Damaged(path.clone()))?;
        files::replace(&path, &bytes, Access::Private).map_err(|source| StoreError::File { path, source })
    }

    /// Puts the session where it is to be kept; tells what the file is to hold of it.
    async fn keep(&self, content: &mut Content, session: &StoredSession) -> Result<Kept, StoreError> {
        let here = Kept::Here(session.clone());
        let is_optional = match self.store.preference {
            CredentialStore::File => return Ok(here),
            CredentialStore::Auto if content.without_keyring => return Ok(here),
            CredentialStore::Auto => true,
            CredentialStore::Keyring => false,
        };
        let secret = serde_json::to_string(session).map_err(|_| StoreError::Damaged(self.store.path()))?;
        let written = keyring::write(&self.store.server, secret).await;
        content.without_keyring = written.is_err();
        match written {
            Ok(()) => Ok(Kept::InKeyring { user: session.user.clone() }),
            Err(_) if is_optional => Ok(here),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campuszon_core::Id;

    fn session(token: &str) -> StoredSession {
        let user = StoredUser { id: UserId::from_bits(1), email: "ada@uni.example".into(), name: "Ada".into() };
        StoredSession { access_token: token.into(), refresh_token: None, expires_at: None, user }
    }

    fn store(directory: &Path, server: &str) -> SessionStore {
        SessionStore::new(directory, server, CredentialStore::File)
    }

    #[tokio::test]
    async fn keeps_one_session_for_each_server() {
        let directory = tempfile::tempdir().expect("a directory");
        let (here, there) = (store(directory.path(), "http://a"), store(directory.path(), "http://b"));
        here.lock().await.expect("locked").write(Some(&session("one"))).await.expect("written");
        there.lock().await.expect("locked").write(Some(&session("two"))).await.expect("written");
        here.lock().await.expect("locked").write(None).await.expect("written");
        assert_eq!(here.read().await.expect("read"), None);
        assert_eq!(there.read().await.expect("read"), Some(session("two")));
        assert_eq!(there.user().expect("read"), Some(session("two").user));
    }

    #[tokio::test]
    async fn the_lock_shuts_others_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(directory.path(), "http://a");
        let guard = store.lock().await.expect("locked");
        let second = tokio::time::timeout(Duration::from_millis(80), store.lock()).await;
        assert!(second.is_err());
        drop(guard);
        assert!(store.lock().await.is_ok());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn refuses_a_file_that_others_can_read() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(directory.path(), "http://a");
        fs::write(store.path(), "{\"sessions\":{}}").expect("written");
        fs::set_permissions(store.path(), fs::Permissions::from_mode(0o644)).expect("changed");
        assert!(matches!(store.read().await, Err(StoreError::Exposed(_))));
        fs::set_permissions(store.path(), fs::Permissions::from_mode(0o600)).expect("changed");
        assert!(matches!(store.read().await, Ok(None)));
    }
}
