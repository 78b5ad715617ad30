//! The session file: one session for each server, readable by its owner alone, changed under a lock.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use campuszon_core::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

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
    sessions: BTreeMap<String, StoredSession>,
}

/// The session of one server in the file.
#[derive(Clone, Debug)]
pub struct SessionStore {
    directory: PathBuf,
    server: String,
}

/// The right to change the file, held until dropped.
pub(super) struct Guard<'a> {
    store: &'a SessionStore,
    /// Closing it gives the lock back, also when the process dies.
    _lock: File,
}

impl SessionStore {
    /// The session of `server` in the file in `directory`, neither of which needs to exist.
    pub fn new(directory: &Path, server: &str) -> Self {
        Self { directory: directory.to_owned(), server: server.to_owned() }
    }

    fn path(&self) -> PathBuf {
        self.directory.join("credentials.json")
    }

    /// The session, if there is one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.content()?.sessions.remove(&self.server))
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
    pub(super) fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        self.store.read()
    }

    /// Replaces the session, or removes it.
    pub(super) fn write(&self, session: Option<&StoredSession>) -> Result<(), StoreError> {
        let path = self.store.path();
        let mut content = self.store.content()?;
        match session {
            Some(session) => content.sessions.insert(self.store.server.clone(), session.clone()),
            None => content.sessions.remove(&self.store.server),
        };
        let bytes = serde_json::to_vec_pretty(&content).map_err(|_| StoreError::Damaged(path.clone()))?;
        files::replace(&path, &bytes, Access::Private).map_err(|source| StoreError::File { path, source })
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

    #[tokio::test]
    async fn keeps_one_session_for_each_server() {
        let directory = tempfile::tempdir().expect("a directory");
        let (here, there) =
            (SessionStore::new(directory.path(), "http://a"), SessionStore::new(directory.path(), "http://b"));
        here.lock().await.expect("locked").write(Some(&session("one"))).expect("written");
        there.lock().await.expect("locked").write(Some(&session("two"))).expect("written");
        here.lock().await.expect("locked").write(None).expect("written");
        assert_eq!(here.read().expect("read"), None);
        assert_eq!(there.read().expect("read"), Some(session("two")));
    }

    #[tokio::test]
    async fn the_lock_shuts_others_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SessionStore::new(directory.path(), "http://a");
        let guard = store.lock().await.expect("locked");
        let second = tokio::time::timeout(Duration::from_millis(80), store.lock()).await;
        assert!(second.is_err());
        drop(guard);
        assert!(store.lock().await.is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_file_that_others_can_read() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let store = SessionStore::new(directory.path(), "http://a");
        fs::write(store.path(), "{\"sessions\":{}}").expect("written");
        fs::set_permissions(store.path(), fs::Permissions::from_mode(0o644)).expect("changed");
        assert!(matches!(store.read(), Err(StoreError::Exposed(_))));
        fs::set_permissions(store.path(), fs::Permissions::from_mode(0o600)).expect("changed");
        assert!(matches!(store.read(), Ok(None)));
    }
}
