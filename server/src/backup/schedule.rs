//! Backups that a server makes of itself: every so often one is made and proved, and the oldest beyond those to keep go.
//!
//! A file has its name only once it is proved, so that the names tell all there is to know: when the last backup was, and
//! which files are the schedule's own. What somebody else put among the backups stays.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use campuszon_core::Timestamp;
use tokio::sync::watch;

use super::{
    BackupError, Summary, failed, make,
    proof::{ProofError, apart, prove_apart},
    stamp,
};
use crate::{
    App,
    platform::{
        directory::{DataDirectory, is_temporary, sync_parent},
        rhythm::Rhythm,
    },
    serve::{Options, StartError},
};

/// What the names begin with, between that and the end the moment of the backup.
const PREFIX: &str = "scheduled-";
const SUFFIX: &str = ".tar";

/// Whatever is half made for so long was left behind by a crash.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

/// The backups of a server.
pub struct Schedule {
    app: App,
    options: Options,
    directory: Arc<DataDirectory>,
    /// The database and the folder of pictures.
    files: (PathBuf, Option<PathBuf>),
}

impl Schedule {
    /// The schedule that the settings ask for.
    ///
    /// # Errors
    /// They ask for one, but the database is no file.
    pub fn new(app: &App, options: &Options, directory: &Arc<DataDirectory>) -> Result<Option<Self>, StartError> {
        if app.settings.backup.every.is_none() {
            return Ok(None);
        }
        let files = options.files(directory).map_err(|error| StartError::Other(format!("backup.every: {error}")))?;
        Ok(Some(Self { app: app.clone(), options: options.clone(), directory: Arc::clone(directory), files }))
    }

    /// Makes backups until `stop` turns true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let Some(every) = self.app.settings.backup.every else { return };
        let (clock, folder) = (Arc::clone(&self.app.clock), self.directory.backups());
        let last = made_in(&folder).unwrap_or_default().last().map(|(moment, _)| *moment);
        self.app.metrics.backup_seconds.set(last.map_or(0, Timestamp::seconds));
        Rhythm::new(every, last, clock.now()).keep(&*clock, stop, || self.attempt()).await;
    }

    /// Makes a backup, logs how that went, and tells whether it went well.
    async fn attempt(&self) -> bool {
        match self.back_up().await {
            Ok((file, summary)) => {
                let file = file.display().to_string();
                tracing::info!(file, files = summary.files, bytes = summary.bytes, "backed up, and proved it");
                true
            }
            Err(error) => {
                tracing::error!(%error, "the scheduled backup failed; it is tried again later");
                false
            }
        }
    }

    /// Makes a backup and proves it, then removes the oldest; tells which file it is.
    ///
    /// # Errors
    /// There is no backup then, and none was removed.
    pub async fn back_up(&self) -> Result<(PathBuf, Summary), ProofError> {
        let (now, keep) = (self.app.clock.now(), self.app.settings.backup.keep);
        let folder = self.directory.backups();
        let unproved = folder.join(format!(".{PREFIX}{}.tmp", std::process::id()));
        let proved = self.make_and_prove(&unproved, now).await;
        if proved.is_err() {
            // The reason is the one to tell.
            let _ = fs::remove_file(&unproved);
        }
        let summary = proved?;
        let file = folder.join(format!("{PREFIX}{}{SUFFIX}", stamp(now)));
        fs::rename(&unproved, &file).and_then(|()| sync_parent(&file)).map_err(failed("write", &file))?;
        self.app.metrics.backup_seconds.set(now.seconds());
        apart(move || remove_oldest(&folder, keep)).await?;
        Ok((file, summary))
    }

    async fn make_and_prove(&self, file: &Path, now: Timestamp) -> Result<Summary, ProofError> {
        let (directory, (database, blobs), target) = (Arc::clone(&self.directory), self.files.clone(), file.to_owned());
        apart(move || {
            tidy(&directory.backups())?;
            make(&directory, &database, blobs.as_deref(), &target, now)
        })
        .await?;
        prove_apart(file, &self.options, &self.directory.backups(), Arc::clone(&self.app.clock)).await
    }
}

/// The schedule's own files in a folder and their moments, oldest first.
fn made_in(folder: &Path) -> Result<Vec<(Timestamp, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("read the folder", folder))? {
        let path = entry.map_err(failed("read the folder", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let moment = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
        if let Some(Ok(moment)) = moment.map(str::parse) {
            found.push((moment, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Removes the schedule's oldest files beyond the newest `keep`.
fn remove_oldest(folder: &Path, keep: usize) -> Result<(), BackupError> {
    let made = made_in(folder)?;
    for (_, path) in made.iter().take(made.len().saturating_sub(keep)) {
        fs::remove_file(path).map_err(failed("remove", path))?;
        tracing::info!(file = %path.display(), "removed an old backup");
    }
    Ok(())
}

/// Removes what a crash left half made.
fn tidy(folder: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(folder).map_err(failed("read the folder", folder))? {
        let entry = entry.map_err(failed("read the folder", folder))?;
        let path = entry.path();
        let changed = entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or_else(|_| SystemTime::now());
        let is_old = changed.elapsed().is_ok_and(|age| age > LEFT_BEHIND);
        if is_old && is_temporary(&entry.file_name().to_string_lossy()) {
            remove(&path).map_err(failed("remove", &path))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

#[cfg(test)]
mod tests;
