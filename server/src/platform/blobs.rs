//! Blobs: immutable bytes under a key made of their content, such as finished pictures.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::directory;

/// Where a blob lies: two hexadecimal digits, `/`, and a path of lower-case names, such as `ab/cdef…/large.webp`.
/// No key leads out of the folder it is used in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobKey(String);

/// The text is no key of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a blob key: expected two hexadecimal digits, a slash and a name of lower-case letters, digits, - _ and .")]
pub struct InvalidBlobKey;

/// Longer keys would not fit every storage.
const MAX_KEY: usize = 200;

impl BlobKey {
    /// The key of these bytes: their SHA-256 in hexadecimal, as `ab/cdef…`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut key = HEXLOWER.encode(&Sha256::digest(bytes));
        key.insert(2, '/');
        Self(key)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobKey {
    type Err = InvalidBlobKey;
    fn from_str(text: &str) -> Result<Self, InvalidBlobKey> {
        let (shard, rest) = text.split_once('/').ok_or(InvalidBlobKey)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let shard_ok = shard.len() == 2 && shard.bytes().all(is_hex);
        if text.len() <= MAX_KEY && shard_ok && rest.split('/').all(is_name) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidBlobKey)
    }
}

/// A name that begins with a dot would be hidden, or `..`.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed)
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The storage failed. It may be back in a moment: nothing was half written.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// A file operation failed.
    #[error("cannot {action} the blob {key}: {source}; check the storage's permissions and free space")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which blob.
        key: BlobKey,
        /// What the system answered.
        source: io::Error,
    },
    /// The storage cannot be opened.
    #[error("cannot open the blob folder {}: {source}; check the path and its permissions", path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The reading task was stopped by the shutdown of its runtime.
    #[error("the blob {0} was not read: the server is stopping")]
    Stopped(BlobKey),
}

/// Stores blobs. The functions block: call them from a blocking thread, or use [`read`].
pub trait Blobs: Send + Sync {
    /// Stores `bytes` durably under `key`; doing so again changes nothing, since equal keys mean equal bytes.
    ///
    /// # Errors
    /// The storage failed; the blob is then absent, never half there.
    fn put(&self, key: &BlobKey, bytes: &[u8]) -> Result<(), BlobError>;

    /// The bytes under `key`, or `None`.
    ///
    /// # Errors
    /// The storage failed.
    fn get(&self, key: &BlobKey) -> Result<Option<Bytes>, BlobError>;

    /// Whether there are bytes under `key`.
    ///
    /// # Errors
    /// The storage failed.
    fn exists(&self, key: &BlobKey) -> Result<bool, BlobError>;

    /// Removes the blob; it is fine if there is none.
    ///
    /// # Errors
    /// The storage failed.
    fn delete(&self, key: &BlobKey) -> Result<(), BlobError>;

    /// Names every blob, in no particular order.
    ///
    /// # Errors
    /// The storage failed.
    fn each(&self, visit: &mut dyn FnMut(BlobKey)) -> Result<(), BlobError>;
}

/// [`Blobs::get`] for async code: reads on a blocking thread.
///
/// # Errors
/// The storage failed, or the server is stopping.
pub async fn read(blobs: Arc<dyn Blobs>, key: BlobKey) -> Result<Option<Bytes>, BlobError> {
    let wanted = key.clone();
    let reading = tokio::task::spawn_blocking(move || blobs.get(&wanted));
    reading.await.unwrap_or(Err(BlobError::Stopped(key)))
}

/// Blobs as files of a folder.
#[derive(Debug)]
pub struct BlobFolder {
    root: PathBuf,
}

impl BlobFolder {
    /// Uses `root`, which is made where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root = root.into();
        match directory::create_private_folder(&root) {
            Ok(()) => Ok(Self { root }),
            Err(source) => Err(BlobError::Open { path: root, source }),
        }
    }

    fn path(&self, key: &BlobKey) -> PathBuf {
        self.root.join(key.as_str())
    }
}

impl Blobs for BlobFolder {
    fn put(&self, key: &BlobKey, bytes: &[u8]) -> Result<(), BlobError> {
        let path = self.path(key);
        if length(&path).is_some_and(|length| usize::try_from(length) == Ok(bytes.len())) {
            // Whoever wrote it may not have come to this point yet.
            return directory::sync_parent(&path).map_err(failed("write", key));
        }
        directory::write_atomically(&path, bytes).map_err(failed("write", key))
    }

    fn get(&self, key: &BlobKey) -> Result<Option<Bytes>, BlobError> {
        absent_as_none(fs::read(self.path(key))).map(|found| found.map(Bytes::from)).map_err(failed("read", key))
    }

    fn exists(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let found = absent_as_none(fs::metadata(self.path(key))).map_err(failed("look up", key))?;
        Ok(found.is_some_and(|metadata| metadata.is_file()))
    }

    fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        absent_as_none(fs::remove_file(self.path(key))).map(drop).map_err(failed("delete", key))
    }

    fn each(&self, visit: &mut dyn FnMut(BlobKey)) -> Result<(), BlobError> {
        visit_folder(&self.root, "", visit).map_err(|source| BlobError::Open { path: self.root.clone(), source })
    }
}

/// What is no key was not stored here: files that are being written, and folders of file systems.
fn visit_folder(folder: &Path, prefix: &str, visit: &mut dyn FnMut(BlobKey)) -> io::Result<()> {
    for entry in absent_as_none(fs::read_dir(folder))?.into_iter().flatten() {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            visit_folder(&entry.path(), &format!("{name}/"), visit)?;
        } else if let Ok(key) = name.parse() {
            visit(key);
        }
    }
    Ok(())
}

fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
}

fn absent_as_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed<'a>(action: &'static str, key: &'a BlobKey) -> impl FnOnce(io::Error) -> BlobError + use<'a> {
    move |source| BlobError::Io { action, key: key.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, BlobFolder) {
        let temp = tempfile::tempdir().unwrap();
        let blobs = BlobFolder::open(temp.path().join("blobs")).unwrap();
        (temp, blobs)
    }

    #[test]
    fn stores_reads_and_deletes() {
        let (_temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        assert_eq!(blobs.get(&key).unwrap(), None);
        assert!(!blobs.exists(&key).unwrap());
        blobs.put(&key, b"a picture").unwrap();
        blobs.put(&key, b"a picture").unwrap();
        assert_eq!(blobs.get(&key).unwrap().unwrap(), "a picture");
        assert!(blobs.exists(&key).unwrap());
        blobs.delete(&key).unwrap();
        blobs.delete(&key).unwrap();
        assert_eq!(blobs.get(&key).unwrap(), None);
    }

    #[test]
    fn a_shortened_file_is_mended_by_storing_it_again() {
        let (temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        blobs.put(&key, b"a picture").unwrap();
        fs::write(temp.path().join("blobs").join(key.as_str()), "a pic").unwrap();
        blobs.put(&key, b"a picture").unwrap();
        assert_eq!(blobs.get(&key).unwrap().unwrap(), "a picture");
    }

    #[test]
    fn keys_are_the_content_and_never_lead_out() {
        let key = BlobKey::of(b"");
        assert_eq!(key.as_str(), "e3/b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(key.as_str().parse(), Ok(key));
        assert!("ab/cdef/large.webp".parse::<BlobKey>().is_ok());
        let long = format!("ab/{}", "c".repeat(MAX_KEY));
        for bad in [
            "",
            "ab",
            "ab/",
            "/ab/cd",
            "abc/de",
            "AB/cd",
            "zz/cd",
            "ab/../cd",
            "ab/..",
            "ab/./cd",
            "ab//cd",
            "ab/.cd",
            "ab/c d",
            "ab/c\\d",
            "ab/c\0d",
            "ab/%2e%2e",
            "../etc/passwd",
            &long,
        ] {
            assert_eq!(bad.parse::<BlobKey>(), Err(InvalidBlobKey), "{bad:?}");
        }
    }

    #[test]
    fn a_full_or_forbidden_storage_is_an_error_that_names_the_blob() {
        let (temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        let in_the_way = temp.path().join("blobs").join(key.as_str().split('/').next().unwrap());
        fs::write(in_the_way, "").unwrap();
        let refused = blobs.put(&key, b"a picture").unwrap_err().to_string();
        assert!(refused.contains(key.as_str()), "{refused}");
    }

    #[tokio::test]
    async fn reads_off_the_async_threads() {
        let (_temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        blobs.put(&key, b"a picture").unwrap();
        assert_eq!(read(Arc::new(blobs), key).await.unwrap().unwrap(), "a picture");
    }
}
