//! The way back from an archive, in three steps: stage it beside the data, let it be proved there, put it in place. The last
//! step can be cut off at any moment and is then finished by whoever opens the data directory next.

use std::{
    fs, io, iter,
    path::{Path, PathBuf},
};

use campuszon_core::Timestamp;

use super::{BackupError, DATABASE, FOLDERS, Summary, archive, failed, stamp};
use crate::platform::directory::{DataDirectory, create_private_folder, sync_parent, write_atomically};

/// Says that what is staged is proved and is to be put in place; holds where the old data go.
const READY: &str = "READY";

/// Where what is to take the place of a data directory's content is staged.
pub fn staging(root: &Path) -> PathBuf {
    root.join(".restoring")
}

/// Unpacks an archive into a folder, which becomes a data directory; tells what it holds.
///
/// # Errors
/// The archive is damaged, or cannot be unpacked there; nothing is left of it then.
pub fn stage(file: &Path, folder: &Path) -> Result<Summary, BackupError> {
    discard(folder)?;
    create_private_folder(folder).map_err(failed("create the folder", folder))?;
    let staged = archive::unpack(file, folder).and_then(|summary| {
        for name in FOLDERS {
            let path = folder.join(name);
            create_private_folder(&path).map_err(failed("create the folder", &path))?;
        }
        if folder.join(DATABASE).exists() {
            return Ok(summary);
        }
        Err(BackupError::Damaged { path: file.to_owned(), reason: "it has no database".to_owned() })
    });
    if staged.is_err() {
        // The reason is the one to tell.
        let _ = discard(folder);
    }
    staged
}

/// Forgets what is staged.
///
/// # Errors
/// It cannot be removed.
pub fn discard(folder: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// Puts what is staged in the place of the data, which go to a folder among the backups; tells which, if there were any.
///
/// # Errors
/// A file cannot be moved; [`finish`] goes on from there.
pub fn place(directory: &DataDirectory, now: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let folder = staging(directory.path());
    let aside = unused(directory.path(), &format!("backups/replaced-{}", stamp(now)));
    let ready = folder.join(READY);
    write_atomically(&ready, aside.as_bytes()).map_err(failed("write", &ready))?;
    finish(directory.path())?;
    Ok(Some(directory.path().join(aside)).filter(|aside| aside.exists()))
}

/// `name`, or the first of its kind that is not taken: what was set aside in the same second stays.
fn unused(root: &Path, name: &str) -> String {
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    iter::once(name.to_owned()).chain(numbered).find(|name| !root.join(name).exists()).unwrap_or_default()
}

/// Whether a proved backup waits to be put in place in this data directory.
pub fn is_unfinished(root: &Path) -> bool {
    staging(root).join(READY).exists()
}

/// Goes on putting in place what is staged, if something is. Every step may have been done already.
///
/// # Errors
/// A file cannot be moved.
pub fn finish(root: &Path) -> Result<(), BackupError> {
    let folder = staging(root);
    let ready = folder.join(READY);
    let Ok(aside) = fs::read_to_string(&ready) else { return Ok(()) };
    let aside = root.join(aside);
    create_private_folder(&aside).map_err(failed("create the folder", &aside))?;
    // The log belongs to the old database and goes before it.
    if folder.join(DATABASE).exists() {
        for name in ["campuszon.db-wal", "campuszon.db-shm"] {
            move_if_there(&root.join(name), &aside.join(name))?;
        }
    }
    for name in [DATABASE].into_iter().chain(FOLDERS) {
        let (staged, target) = (folder.join(name), root.join(name));
        if staged.exists() {
            set_aside(&target, &aside.join(name))?;
            move_if_there(&staged, &target)?;
        }
    }
    // It stays where something lies in it.
    let _ = fs::remove_dir(&aside);
    discard(&folder)
}

/// Moves what there is; of an empty folder there is nothing to keep.
fn set_aside(from: &Path, to: &Path) -> Result<(), BackupError> {
    if fs::remove_dir(from).is_ok() { Ok(()) } else { move_if_there(from, to) }
}

fn move_if_there(from: &Path, to: &Path) -> Result<(), BackupError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("move", from)(error)),
        Err(_) => Ok(()),
        Ok(()) => sync_parent(to).and_then(|()| sync_parent(from)).map_err(failed("move", from)),
    }
}
