//! What somebody began to write: kept for each conversation until it is sent, also after the end of this program.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use campuszon_core::{ChatId, UserId};
use serde::Serialize;
use serde_json::Value;

use super::{Client, ClientError, Credentials, StoreError};
use crate::files::{self, Access};

/// The drafts of one account on one server.
#[derive(Clone, Debug)]
pub struct Drafts {
    path: PathBuf,
}

impl Drafts {
    /// Those of `user` on `server` below `directory`, none of which needs to exist.
    fn new(directory: &Path, server: &str, user: UserId) -> Self {
        let server = files::plain_name(server);
        Self { path: directory.join("drafts").join(format!("{server}-{user}.json")) }
    }

    /// What was kept. A file that is damaged counts as empty: the next draft replaces it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn read(&self) -> Result<BTreeMap<ChatId, String>, StoreError> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(source) => Err(StoreError::File { path: self.path.clone(), source }),
        }
    }

    /// Keeps these in place of what was kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn write(&self, drafts: &BTreeMap<ChatId, String>) -> Result<(), StoreError> {
        replace(&self.path, Some(drafts).filter(|drafts| !drafts.is_empty()))
    }

    /// What was kept of a new listing, as it was written; nothing where it cannot be read.
    pub fn read_listing(&self) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.listing()).ok()?).ok()
    }

    /// Keeps what is written of a new listing, or nothing any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn write_listing(&self, listing: Option<&Value>) -> Result<(), StoreError> {
        replace(&self.listing(), listing)
    }

    fn listing(&self) -> PathBuf {
        self.path.with_extension("listing.json")
    }
}

/// Puts something into a file in place of what was there; with nothing to keep there is no file.
fn replace(path: &Path, content: Option<&impl Serialize>) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    let Some(content) = content else {
        return match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        };
    };
    let bytes = serde_json::to_vec_pretty(content).map_err(|_| StoreError::Damaged(path.to_owned()))?;
    files::replace(path, &bytes, Access::Private).map_err(failed)
}

impl Client {
    /// Where drafts of the signed-in account are kept. `None` where a token from the environment is used: whose it is,
    /// only the server could tell.
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub fn drafts(&self) -> Result<Option<Drafts>, ClientError> {
        let Credentials::Store(store) = &self.shared.options.credentials else { return Ok(None) };
        let user = store.user()?;
        Ok(user.map(|user| Drafts::new(store.directory(), self.server().as_str(), user.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campuszon_core::Id;

    #[test]
    fn drafts_are_private_and_outlive_the_program() {
        let directory = tempfile::tempdir().expect("a directory");
        let drafts = Drafts::new(directory.path(), "https://uni.example", UserId::from_bits(1));
        assert_eq!(drafts.read().expect("none"), BTreeMap::new());
        let kept = BTreeMap::from([(ChatId::from_bits(1), "Is it\nstill there?".to_owned())]);
        drafts.write(&kept).expect("kept");
        assert_eq!(drafts.read().expect("some"), kept);
        assert_eq!(files::others_bits(&drafts.path).expect("mode"), 0);
        drafts.write(&BTreeMap::new()).expect("emptied");
        assert!(!drafts.path.exists());
        let listing = serde_json::json!({"fields": {"title": "Lamp"}});
        drafts.write_listing(Some(&listing)).expect("kept");
        assert_eq!(drafts.read_listing(), Some(listing));
        assert_eq!(files::others_bits(&drafts.listing()).expect("mode"), 0);
        drafts.write_listing(None).expect("emptied");
        assert_eq!(drafts.read_listing(), None);
        files::replace(&drafts.path, b"{", Access::Private).expect("damaged");
        assert_eq!(drafts.read().expect("none"), BTreeMap::new());
    }
}
