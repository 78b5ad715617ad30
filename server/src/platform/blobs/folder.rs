//! Blobs as files of a folder. It is written with care of its own, and not through the crate that speaks S3: that one
//! neither flushes a file nor its name to the disk, and an upload that was answered must survive a power cut.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;

use super::{BlobError, BlobKey, Blobs};
use crate::platform::directory;

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

    /// `None` where there is no file, provided that the folder is there: else it is away, and not the file.
    fn absent_as_none<T>(&self, result: io::Result<T>) -> io::Result<Option<T>> {
        match absent_as_none(result)? {
            Some(value) => Ok(Some(value)),
            None => self.is_there().map(|()| None),
        }
    }

    fn is_there(&self) -> io::Result<()> {
        fs::read_dir(&self.root).map(drop)
    }
}

impl Blobs for BlobFolder {
    fn put(&self, key: &BlobKey, bytes: &[u8]) -> Result<(), BlobError> {
        let path = self.path(key);
        if length(&path).is_some_and(|length| usize::try_from(length) == Ok(bytes.len())) {
            // Whoever wrote it may not have come to this point yet.
            return directory::sync_parent(&path).map_err(failed("write", key));
        }
        // Made anew, it would hide where the others are.
        self.is_there().map_err(failed("write", key))?;
        directory::write_atomically(&path, bytes).map_err(failed("write", key))
    }

    fn get(&self, key: &BlobKey) -> Result<Option<Bytes>, BlobError> {
        self.absent_as_none(fs::read(self.path(key))).map(|found| found.map(Bytes::from)).map_err(failed("read", key))
    }

    fn exists(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let found = self.absent_as_none(fs::metadata(self.path(key))).map_err(failed("look up", key))?;
        Ok(found.is_some_and(|metadata| metadata.is_file()))
    }

    fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        self.absent_as_none(fs::remove_file(self.path(key))).map(drop).map_err(failed("delete", key))
    }

    fn check(&self) -> Result<(), BlobError> {
        self.is_there().map_err(|source| BlobError::Open { path: self.root.clone(), source })
    }

    fn tidy(&self, age: Duration) -> Result<(), BlobError> {
        let mut half_written = Vec::new();
        let mut note = |name: &str, path: PathBuf| {
            if directory::is_temporary(name) {
                half_written.push(path);
            }
        };
        self.check()?;
        visit_folder(&self.root, "", &mut note)
            .and_then(|()| half_written.iter().try_for_each(|path| remove_old(path, age)))
            .map_err(|source| BlobError::Open { path: self.root.clone(), source })
    }

    fn each(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError> {
        // What is no key was not stored here: files that are being written, and folders of file systems.
        let mut named = |name: &str, path: PathBuf| {
            if let Ok(key) = name.parse() {
                visit(key, length(&path).unwrap_or_default());
            }
        };
        self.check()?;
        visit_folder(&self.root, "", &mut named).map_err(|source| BlobError::Open { path: self.root.clone(), source })
    }
}

/// Removes a file that nobody has written to for `age`.
fn remove_old(path: &Path, age: Duration) -> io::Result<()> {
    let Some(metadata) = absent_as_none(fs::metadata(path))? else { return Ok(()) };
    // A clock that was set back makes a file young.
    let is_old = metadata.modified()?.elapsed().is_ok_and(|elapsed| elapsed >= age);
    if is_old { absent_as_none(fs::remove_file(path)).map(drop) } else { Ok(()) }
}

/// Visits every file with its path below the root, and the whole of it.
fn visit_folder(folder: &Path, prefix: &str, visit: &mut dyn FnMut(&str, PathBuf)) -> io::Result<()> {
    for entry in absent_as_none(fs::read_dir(folder))?.into_iter().flatten() {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            visit_folder(&entry.path(), &format!("{name}/"), visit)?;
        } else {
            visit(&name, entry.path());
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
    fn a_shortened_file_is_mended_by_storing_it_again() {
        let (temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        blobs.put(&key, b"a picture").unwrap();
        fs::write(temp.path().join("blobs").join(key.as_str()), "a pic").unwrap();
        blobs.put(&key, b"a picture").unwrap();
        assert_eq!(blobs.get(&key).unwrap().unwrap(), "a picture");
    }

    #[test]
    fn what_is_half_written_goes_once_it_is_old() {
        let (temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        blobs.put(&key, b"a picture").unwrap();
        let path = temp.path().join("blobs").join(key.as_str());
        let half = path.with_file_name(".large.webp.17.0.tmp");
        fs::write(&half, "a pic").unwrap();
        blobs.tidy(Duration::from_secs(3600)).unwrap();
        assert!(half.exists());
        blobs.tidy(Duration::ZERO).unwrap();
        assert!(!half.exists() && path.exists());
    }

    #[test]
    fn a_folder_that_is_away_is_no_missing_picture_and_is_not_made_anew() {
        let (temp, blobs) = folder();
        let key = BlobKey::of(b"a picture");
        blobs.put(&key, b"a picture").unwrap();
        let (root, away) = (temp.path().join("blobs"), temp.path().join("away"));
        fs::rename(&root, &away).unwrap();
        assert!(blobs.get(&key).is_err() && blobs.exists(&key).is_err() && blobs.delete(&key).is_err());
        assert!(blobs.put(&BlobKey::of(b"another"), b"another").is_err() && !root.exists());
        assert!(blobs.check().is_err() && blobs.tidy(Duration::ZERO).is_err());
        assert!(blobs.each(&mut |_, _| {}).is_err());
        fs::rename(&away, &root).unwrap();
        assert_eq!(blobs.get(&key).unwrap().unwrap(), "a picture");
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
}
