//! Backups: one archive of database, pictures and keys, made beside a running server; and their way back, which proves an
//! archive before it replaces anything.

mod archive;
mod migration;
mod proof;
mod restore;
mod schedule;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use campuszon_core::Timestamp;
use rusqlite::{Connection, OpenFlags};

pub use self::{
    archive::Summary,
    migration::back_up_before_migration,
    proof::{ProofError, prove, prove_apart},
    restore::{discard, finish, is_unfinished, place, stage, staging},
    schedule::Schedule,
};
use crate::{
    App, Error,
    platform::{
        directory::{DataDirectory, create_private_folder, is_temporary},
        inbox,
    },
};

/// What an archive holds: the database, and folders of files.
const DATABASE: &str = "campuszon.db";
const FOLDERS: [&str; 2] = ["blobs", "keys"];

/// Pages of the database that are copied without a pause.
const PAGES_AT_ONCE: i32 = 4_096;

/// Why there is no backup, or no way back from one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
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
    /// The database cannot be copied.
    #[error("cannot copy the database: {0}; check the free space in the data directory, where the copy is made first")]
    Database(#[from] rusqlite::Error),
    /// What was copied of the database is not sound.
    #[error(
        "the database is damaged ({0}), and a copy of it would be no backup: nothing was written; restore an earlier backup, \
         or copy the stopped server's data directory as it is"
    )]
    DamagedDatabase(String),
    /// The archive is not what this program writes, or not any more.
    #[error("{} is damaged or no backup: {reason}; use another one", path.display())]
    Damaged {
        /// The archive.
        path: PathBuf,
        /// What gives it away.
        reason: String,
    },
    /// Something else is where the archive is to be.
    #[error("{} is there and is no backup: it is not written over; name another file", path.display())]
    Occupied {
        /// What is there.
        path: PathBuf,
    },
}

/// Has live connections begin anew: numbers of events that were given out after the backup would mean others now.
///
/// # Errors
/// The database cannot be written.
pub async fn begin_anew(app: &App) -> Result<(), Error> {
    app.write(|tx| Ok(inbox::renew_epoch(tx)?)).await
}

pub(crate) fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> BackupError + use<'a> {
    move |source| BackupError::Io { action, path: path.to_owned(), source }
}

/// Where a backup goes when nobody says where.
pub fn usual_file(directory: &DataDirectory, now: Timestamp) -> PathBuf {
    directory.backups().join(format!("campuszon-{}.tar", stamp(now)))
}

/// A moment as part of a file's name: `20260921T141320Z`.
fn stamp(now: Timestamp) -> String {
    let digits: String = now.to_string().chars().filter(char::is_ascii_alphanumeric).take(15).collect();
    digits + "Z"
}

/// Makes an archive at `file` of the database, the pictures in `blobs` and the keys, all of one moment. A server may be using
/// them.
///
/// # Errors
/// See [`BackupError`]; there is then no file at that path, or the one that was there.
pub fn make(
    directory: &DataDirectory,
    database: &Path,
    blobs: Option<&Path>,
    file: &Path,
    now: Timestamp,
) -> Result<Summary, BackupError> {
    archive::refuse_other(file)?;
    let scratch = directory.backups().join(format!(".making-{}.tmp", std::process::id()));
    // In a container the process before this one had the same number.
    discard(&scratch)?;
    let made = gather(directory, database, blobs, &scratch).and_then(|()| archive::write(file, &scratch, now));
    // What is left over says nothing about the backup.
    let _ = fs::remove_dir_all(&scratch);
    made
}

/// Puts everything into a folder. Pictures never change, so that links will do: first those that are there, then the
/// database, then those that came meanwhile. One that went meanwhile was linked before, and one that the copy of the
/// database knows was there before or after it.
fn gather(directory: &DataDirectory, database: &Path, blobs: Option<&Path>, scratch: &Path) -> Result<(), BackupError> {
    create_private_folder(scratch).map_err(failed("create the folder", scratch))?;
    let link_blobs = || blobs.map_or(Ok(()), |blobs| link_all(blobs, &scratch.join("blobs")));
    link_blobs()?;
    copy_database(database, &scratch.join(DATABASE))?;
    link_blobs()?;
    link_all(&directory.keys(), &scratch.join("keys"))
}

/// Copies a database as it is at one moment, also while it is written to.
fn copy_database(from: &Path, to: &Path) -> Result<(), BackupError> {
    let from = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    from.busy_timeout(Duration::from_secs(10))?;
    // One transaction from the first page to the last: a commit in between would make the copy begin anew.
    let reading = from.unchecked_transaction()?;
    reading.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut copy = Connection::open(to)?;
    let backup = rusqlite::backup::Backup::new(&reading, &mut copy)?;
    backup.run_to_completion(PAGES_AT_ONCE, Duration::ZERO, None)?;
    drop(backup);
    // The copy is read by itself: it needs no log beside it.
    copy.pragma_update(None, "journal_mode", "delete")?;
    refuse_damaged(&copy)
}

/// Pages were copied as they are. Who makes room by removing older archives must not be left with this one.
fn refuse_damaged(copy: &Connection) -> Result<(), BackupError> {
    let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(BackupError::DamagedDatabase(verdict)) }
}

/// Links every file below a folder into another one, copies where links cannot be made, and leaves out what is not whole.
fn link_all(from: &Path, to: &Path) -> Result<(), BackupError> {
    create_private_folder(to).map_err(failed("create the folder", to))?;
    for entry in fs::read_dir(from).map_err(failed("read the folder", from))? {
        let entry = entry.map_err(failed("read the folder", from))?;
        let (path, name) = (entry.path(), entry.file_name());
        let target = to.join(&name);
        let kind = entry.file_type().map_err(failed("look at", &path))?;
        if kind.is_dir() {
            link_all(&path, &target)?;
        } else if kind.is_file() && !is_temporary(&name.to_string_lossy()) {
            link(&path, &target).map_err(failed("link", &path))?;
        }
    }
    Ok(())
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists) => Ok(()),
        // It went just now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => fs::copy(from, to).map(drop),
    }
}
