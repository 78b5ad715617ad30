//! Blobs: immutable bytes under a key made of their content, such as finished pictures. They lie in a folder, or in
//! S3-compatible storage that several nodes share.

mod folder;
#[cfg(feature = "s3")]
mod s3;

use std::{fmt, io, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

pub use self::folder::BlobFolder;
#[cfg(feature = "s3")]
pub use self::s3::BlobBucket;

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
    /// The bucket did not do it.
    #[error("cannot {action} {what}: {reason}")]
    Bucket {
        /// What was tried.
        action: &'static str,
        /// On what.
        what: String,
        /// What it answered, and what to do.
        reason: String,
    },
    /// The URL leads to no storage.
    #[error(
        "pictures cannot be kept in {url:?}: {reason}; use file:DIR, or s3://BUCKET/PREFIX?endpoint=URL with its keys in \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    BadUrl {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
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

    /// Whether blobs can be had at all: the storage is there and lets us in.
    ///
    /// # Errors
    /// It is not, or does not.
    fn check(&self) -> Result<(), BlobError>;

    /// Removes what writers that died left half written, if it is older than `age`.
    ///
    /// # Errors
    /// The storage failed.
    fn tidy(&self, age: Duration) -> Result<(), BlobError>;

    /// Names every blob and how many bytes it has, in no particular order.
    ///
    /// # Errors
    /// The storage failed.
    fn each(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError>;
}

/// The storage at `url`: `file:DIR`, `s3://BUCKET/PREFIX?endpoint=URL`, or `folder` when there is none. A bucket takes
/// its keys from `variables` and is asked whether it lets us in, which blocks.
///
/// # Errors
/// The URL is none, or leads to nothing that can be used.
pub fn open(
    url: Option<&str>,
    folder: PathBuf,
    #[cfg_attr(not(feature = "s3"), expect(unused_variables))] variables: &[(String, String)],
) -> Result<Arc<dyn Blobs>, BlobError> {
    url.map_or(Ok(()), validate)?;
    match self::folder(url, folder) {
        Some(folder) => Ok(Arc::new(BlobFolder::open(folder)?)),
        #[cfg(feature = "s3")]
        None => Ok(Arc::new(BlobBucket::open(url.unwrap_or_default(), variables)?)),
        #[cfg(not(feature = "s3"))]
        None => Err(bad(url.unwrap_or_default(), "this build has no S3")),
    }
}

/// Proves such a URL: nothing is made, and nobody is asked.
///
/// # Errors
/// It leads to no storage.
pub fn validate(url: &str) -> Result<(), BlobError> {
    match url.split_once(':') {
        Some(("file", _)) if folder(Some(url), PathBuf::new()).is_none() => Err(bad(url, "it names no folder")),
        Some(("file", _)) => Ok(()),
        #[cfg(feature = "s3")]
        Some(("s3", _)) => s3::Place::parse(url).map(drop),
        #[cfg(not(feature = "s3"))]
        Some(("s3", _)) => Err(bad(url, "this build has no S3")),
        _ => Err(bad(url, "storage of this kind is not known")),
    }
}

fn bad(url: &str, reason: &str) -> BlobError {
    BlobError::BadUrl { url: url.to_owned(), reason: reason.to_owned() }
}

/// The folder that `url` means, or `folder` when there is none; `None` when it means no folder.
pub fn folder(url: Option<&str>, folder: PathBuf) -> Option<PathBuf> {
    let Some(url) = url else { return Some(folder) };
    let path = url.strip_prefix("file:")?;
    Some(path.strip_prefix("//").unwrap_or(path)).filter(|path| !path.is_empty()).map(PathBuf::from)
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn urls_that_lead_nowhere_are_refused_with_what_is_wrong() {
        let temp = tempfile::tempdir().unwrap();
        let refusal =
            |url| open(Some(url), temp.path().into(), &[]).err().map(|error| error.to_string()).unwrap_or_default();
        for (url, reason) in [
            ("file:", "names no folder"),
            ("ftp://x", "not known"),
            ("blobs", "not known"),
            ("s3://", "bucket"),
            ("s3://bucket?endpont=x", "endpont"),
            ("s3://bucket?endpoint=x", "endpoint"),
            ("s3://key:secret@bucket", "key"),
        ] {
            assert!(refusal(url).contains(reason), "{url}: {}", refusal(url));
        }
    }

    #[tokio::test]
    async fn reads_off_the_async_threads() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = open(None, temp.path().join("blobs"), &[]).unwrap();
        let key = BlobKey::of(b"a picture");
        blobs.put(&key, b"a picture").unwrap();
        assert_eq!(read(blobs, key).await.unwrap().unwrap(), "a picture");
    }
}
