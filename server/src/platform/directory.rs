//! The data directory: what lies where, that only one server uses it, and the secrets it keeps.

mod files;

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub use self::files::{create_private_file, create_private_folder, is_temporary, sync_parent, write_atomically};
use super::entropy::Entropy;

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// A file operation failed.
    #[error("cannot {action} {}: {source}; check the path, its permissions and the free space", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Another server holds the lock.
    #[error(
        "the data directory {} is in use by {holder}; stop that server, or choose another directory with --data",
        path.display()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// `process 4711`, or `another process` where its number cannot be read.
        holder: String,
    },
    /// The directory belongs to everybody.
    #[error("{} is shared by all users of this machine; choose a directory of the server's own with --data", path.display())]
    Shared {
        /// The directory.
        path: PathBuf,
    },
    /// The directory is somebody else's.
    #[error(
        "{} holds other files, and others may read them: the server would take it for itself; choose a directory of its \
         own with --data",
        path.display()
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// A secret has the wrong length.
    #[error(
        "the key file {} has {found} bytes where {expected} belong: restore it from a backup, or delete it to have a \
         new one made, which ends what the old one signed",
        path.display()
    )]
    DamagedSecret {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        found: usize,
        /// The length it must have.
        expected: usize,
    },
}

/// A data directory; unless attached beside a server, this process alone uses it until it is dropped.
#[derive(Debug)]
pub struct DataDirectory {
    root: PathBuf,
    /// Held for its lock, which the system gives back even after a crash; `None` beside a running server.
    _lock: Option<File>,
}

impl DataDirectory {
    /// Makes the directory and its folders where they are missing, readable by their owner alone, and locks it.
    ///
    /// # Errors
    /// Another server uses it, or it cannot be made or written.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, DirectoryError> {
        let mut directory = Self::attach(root)?;
        directory._lock = Some(lock(&directory.root)?);
        Ok(directory)
    }

    /// The same without the lock, for a command that works beside a running server.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn attach(root: impl Into<PathBuf>) -> Result<Self, DirectoryError> {
        let root = root.into();
        refuse_shared(&root)?;
        refuse_foreign(&root)?;
        for folder in [root.clone(), root.join("blobs"), root.join("keys"), root.join("backups")] {
            create_private_folder(&folder).map_err(io_error("create the folder", &folder))?;
            make_private(&folder, 0o700)?;
        }
        Ok(Self { root, _lock: None })
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The SQLite database.
    pub fn database(&self) -> PathBuf {
        self.root.join("campuszon.db")
    }

    /// The folder of pictures.
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// The folder of secrets.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The folder of backups.
    pub fn backups(&self) -> PathBuf {
        self.root.join("backups")
    }

    /// The secret of `length` bytes kept under `name`: read, or made at random the first time.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds another number of bytes.
    pub fn secret(&self, name: &str, length: usize, entropy: &dyn Entropy) -> Result<Vec<u8>, DirectoryError> {
        let path = self.keys().join(name);
        match fs::read(&path) {
            Ok(secret) if secret.len() == length => {
                make_private(&path, 0o600)?;
                Ok(secret)
            }
            Ok(other) => Err(DirectoryError::DamagedSecret { path, found: other.len(), expected: length }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = vec![0; length];
                entropy.fill(&mut secret);
                write_atomically(&path, &secret).map_err(io_error("write the key file", &path))?;
                Ok(secret)
            }
            Err(error) => Err(io_error("read the key file", &path)(error)),
        }
    }
}

/// Where data goes when nobody says where: the platform's data directory. `None` where there is no home directory.
pub fn default_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "campuszon").map(|project| project.data_dir().to_owned())
}

/// The settings file of a data directory, which is read before the directory is opened.
pub fn settings_file(root: &Path) -> PathBuf {
    root.join("server.toml")
}

/// Takes away what group and others may do, in case somebody loosened it. Where another user owns it, as on volumes of
/// containers, that user decided.
fn make_private(path: &Path, mode: u32) -> Result<(), DirectoryError> {
    const OF_ALL: u32 = 0o777;
    if fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & OF_ALL == mode) {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            tracing::warn!(path = %path.display(), %error, "cannot make this private");
            Ok(())
        }
        result => result.map_err(io_error("set the permissions of", path)),
    }
}

/// A folder that everybody may write to, such as `/tmp`, is not ours to close.
fn refuse_shared(root: &Path) -> Result<(), DirectoryError> {
    const STICKY: u32 = 0o1000;
    match fs::metadata(root) {
        Ok(metadata) if metadata.permissions().mode() & STICKY != 0 => {
            Err(DirectoryError::Shared { path: root.to_owned() })
        }
        _ => Ok(()),
    }
}

/// What a data directory has one of, once it is one or is prepared to be; `/var` has `backups`, too.
const OURS: [&str; 3] = ["campuszon.db", "server.toml", "keys/server.key"];

/// A folder with other things in it that others may read, such as `/etc`, is not ours to close either.
fn refuse_foreign(root: &Path) -> Result<(), DirectoryError> {
    let is_open = fs::metadata(root).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    if !is_open || OURS.iter().any(|name| root.join(name).exists()) {
        return Ok(());
    }
    // What cannot be read is told of where it is to be made.
    let Ok(mut entries) = fs::read_dir(root) else { return Ok(()) };
    // What the file system itself puts there.
    let is_other = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != "lost+found");
    if entries.any(is_other) { Err(DirectoryError::Foreign { path: root.to_owned() }) } else { Ok(()) }
}

/// Takes the lock and leaves this process's number in it, for the message that a second server prints.
fn lock(root: &Path) -> Result<File, DirectoryError> {
    let path = root.join("LOCK");
    let made = match create_private_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(&path)
        }
        made => made,
    };
    let mut file = made.map_err(io_error("open the lock file", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(DirectoryError::InUse { path: root.to_owned(), holder: holder(&mut file) });
        }
        Err(TryLockError::Error(error)) => return Err(io_error("lock", &path)(error)),
    }
    file.set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(io_error("write the lock file", &path))?;
    Ok(file)
}

fn holder(lock: &mut File) -> String {
    let mut text = String::new();
    let read = lock.take(20).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(process)) => format!("process {process}"),
        _ => "another process".to_owned(),
    }
}

fn io_error<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> DirectoryError + use<'a> {
    move |source| DirectoryError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::{super::entropy::SeededEntropy, *};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn makes_its_folders_for_the_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("deep/down");
        let directory = DataDirectory::open(&root).unwrap();
        for folder in [directory.path(), &directory.blobs(), &directory.keys(), &directory.backups()] {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }

    #[test]
    fn a_second_server_is_told_who_holds_it() {
        let temp = tempfile::tempdir().unwrap();
        let first = DataDirectory::open(temp.path()).unwrap();
        let refused = DataDirectory::open(temp.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        DataDirectory::open(temp.path()).unwrap();
    }

    #[test]
    fn a_shared_folder_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        fs::set_permissions(temp.path(), Permissions::from_mode(0o1777)).unwrap();
        assert!(matches!(DataDirectory::open(temp.path()), Err(DirectoryError::Shared { .. })));
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_of_others_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let open_to = |permissions| fs::set_permissions(temp.path(), Permissions::from_mode(permissions)).unwrap();
        fs::create_dir(temp.path().join("backups")).unwrap();
        open_to(0o755);
        assert!(matches!(DataDirectory::open(temp.path()), Err(DirectoryError::Foreign { .. })));
        assert_eq!((fs::read_dir(temp.path()).unwrap().count(), mode(temp.path())), (1, 0o755));
        // It is nobody else's where nobody else may look, or where something of ours lies.
        open_to(0o700);
        drop(DataDirectory::open(temp.path()).unwrap());
        fs::write(temp.path().join("server.toml"), "").unwrap();
        open_to(0o755);
        DataDirectory::open(temp.path()).unwrap();
        assert_eq!(mode(temp.path()), 0o700);
    }

    #[test]
    fn a_file_in_its_place_is_an_error() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("file");
        fs::write(&path, "").unwrap();
        let refused = DataDirectory::open(&path).unwrap_err().to_string();
        assert!(refused.starts_with("cannot create the folder"), "{refused}");
    }

    #[test]
    fn secrets_are_made_once_and_kept_private() {
        let temp = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open(temp.path()).unwrap();
        let entropy = SeededEntropy::new(1);
        let made = directory.secret("token", 32, &entropy).unwrap();
        let path = directory.keys().join("token");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(directory.secret("token", 32, &entropy).unwrap(), made);
        assert_eq!(mode(&path), 0o600);
        assert_ne!(directory.secret("other", 32, &entropy).unwrap(), made);
    }

    #[test]
    fn a_damaged_secret_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open(temp.path()).unwrap();
        fs::write(directory.keys().join("token"), "short").unwrap();
        let refused = directory.secret("token", 32, &SeededEntropy::new(1)).unwrap_err().to_string();
        assert!(refused.contains("5 bytes where 32 belong"), "{refused}");
    }
}
