//! Proving an archive: unpacked to a place of its own, opened there as a server would open it, and checked.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{BackupError, Summary, begin_anew, discard, stage};
use crate::{
    Error, check,
    platform::{
        background::{self, BackgroundError, Priority},
        directory::DataDirectory,
        entropy::Clock,
    },
    serve::{self, Options, StartError},
};

/// Why an archive is not proved.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It cannot be made, or unpacked.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// What it holds cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// What it holds cannot be checked.
    #[error(transparent)]
    Check(#[from] Error),
    /// What it holds is not consistent.
    #[error("{} does not agree with itself, in {faults} places: {first}", path.display())]
    Disagrees {
        /// The archive.
        path: PathBuf,
        /// How many faults it has.
        faults: usize,
        /// A sentence on one of them.
        first: String,
    },
    /// There is no thread for the work.
    #[error(transparent)]
    Background(#[from] BackgroundError),
}

/// Does `work` where nobody waits for it.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, ProofError> {
    Ok(background::run(Priority::Idle, work).await??)
}

/// Proves an archive in a scratch place in the folder `beside`, and leaves nothing of it there.
///
/// # Errors
/// It is not proved.
pub async fn prove_apart(
    file: &Path,
    options: &Options,
    beside: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Summary, ProofError> {
    let folder = beside.join(format!(".verifying-{}.tmp", std::process::id()));
    let proved = prove(file, options, folder.clone(), clock).await;
    apart(move || discard(&folder)).await?;
    proved
}

/// Unpacks an archive to a folder and checks it there; takes it away again where it has a fault.
///
/// # Errors
/// It is not proved.
pub async fn prove(
    file: &Path,
    options: &Options,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
) -> Result<Summary, ProofError> {
    let (archive, staged) = (file.to_owned(), folder.clone());
    let summary = apart(move || stage(&archive, &staged)).await?;
    let checked = check_staged(file, options, &folder, clock).await;
    if checked.is_err() {
        apart(move || discard(&folder)).await?;
    }
    checked.map(|()| summary)
}

async fn check_staged(file: &Path, options: &Options, folder: &Path, clock: Arc<dyn Clock>) -> Result<(), ProofError> {
    let bucket = options.blobs.clone().filter(|url| url.starts_with("s3:"));
    let staged = Options { data: folder.to_owned(), database: None, blobs: bucket, ..options.clone() };
    let settings = serve::load_settings(options)?;
    let directory = DataDirectory::attach(folder).map_err(StartError::from)?;
    let app = serve::assemble(&staged, settings, &directory, "http://localhost".to_owned(), clock).await?;
    let found = match begin_anew(&app).await {
        Ok(()) => check::run(&app).await,
        Err(error) => Err(error),
    };
    serve::close(app).await;
    let found = found?;
    let Some(first) = found.first() else { return Ok(()) };
    Err(ProofError::Disagrees { path: file.to_owned(), faults: found.len(), first: first.message.clone() })
}
