//! `campuszon admin backup` and `admin restore`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use campuszon_server::{
    backup::{self, BackupError, Summary},
    check,
    platform::{
        directory::DataDirectory,
        entropy::{Clock, SystemClock},
    },
    serve::{self, Options, StartError},
};
use clap::Args;
use serde_json::{Value, json};

use super::{close, failed};
use crate::{
    command::{
        CommandError,
        serve::{StoreArgs, not_started, options},
        shapes,
    },
    context::Context,
    failure::{Exit, Failure},
};

#[derive(Args, Debug)]
#[command(
    after_help = "The archive is a tar file with a list of checksums at its end, readable by its owner alone: it holds the keys that
sign sessions. A server may be running. Pictures in a bucket are not part of it.

Examples:
  campuszon admin backup
  campuszon admin backup /var/backups/campuszon.tar --verify"
)]
pub struct BackupArgs {
    /// Where to [default: a file named by the time, among the backups of the data directory]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    /// Restore it to a scratch place afterwards, and run `admin check` there
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "The archive is unpacked beside the data, every file compared with its checksum, and `admin check` run on it; only
then are the data replaced, and kept among the backups. The server has to be stopped. What is there is replaced only
where the directory's name is given to confirm it.

Examples:
  campuszon admin restore campuszon.tar --data ./new
  campuszon admin restore campuszon.tar --verify        # proves it and changes nothing"
)]
pub struct RestoreArgs {
    /// The archive
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Prove the archive in a scratch place, and replace nothing
    #[arg(long)]
    verify: bool,
    /// The name of the data directory, to confirm that its data are replaced
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
}

pub async fn backup(args: BackupArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::BACKUP)?;
    let options = options(args.store, context)?;
    let directory = existing(&options)?;
    let (database, blobs) = options.files(&directory).map_err(not_started)?;
    if blobs.is_none() {
        context.output.notice("the pictures are in a bucket and not part of this backup");
    }
    let now = SystemClock.now();
    let file = args.file.unwrap_or_else(|| backup::usual_file(&directory, now));
    let target = file.clone();
    let (directory, made) = blocking(move || {
        let made = backup::make(&directory, &database, blobs.as_deref(), &target, now);
        made.map(|summary| (directory, summary))
    })
    .await?;
    if args.verify {
        prove_apart(&file, &options, &directory).await?;
    }
    let done = format!("Backed up {} files to {}.", made.files, file.display());
    Ok(context.output.changed(&shapes::BACKUP, &told(&file, made, args.verify, None), &done)?)
}

pub async fn restore(args: RestoreArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::BACKUP)?;
    let options = options(args.store, context)?;
    if let Err(source) = File::open(&args.file) {
        return Err(CommandError::File { path: args.file, source }.into());
    }
    if args.verify {
        let directory = existing(&options)?;
        let summary = prove_apart(&args.file, &options, &directory).await?;
        context.output.notice("the archive is whole, and what is in it agrees with itself");
        return Ok(context.output.one(&shapes::BACKUP, &told(&args.file, summary, true, None))?);
    }
    let directory = DataDirectory::open(&options.data).map_err(|error| not_started(error.into()))?;
    backup::finish(directory.path()).map_err(|error| not_started(error.into()))?;
    if directory.database().exists() {
        let name = directory.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let question = format!("This replaces the data in {}. Type {name} to confirm:", directory.path().display());
        context.prompt.confirm_by_name(&question, &name, args.confirm)?;
    }
    let summary = prove(&args.file, &options, backup::staging(directory.path())).await?;
    let aside = blocking(move || backup::place(&directory, SystemClock.now())).await?;
    let done = format!("Restored {} files; what was there is in {}.", summary.files, aside.display());
    Ok(context.output.changed(&shapes::BACKUP, &told(&args.file, summary, true, Some(&aside)), &done)?)
}

/// A data directory that is there: to make one only to back it up would hide a wrong path.
fn existing(options: &Options) -> Result<DataDirectory, Failure> {
    if !options.data.is_dir() {
        let message = format!("there is no data directory at {}", options.data.display());
        return Err(Failure::new(Exit::Local, "no_data_directory", message).hint("name it with --data"));
    }
    DataDirectory::attach(&options.data).map_err(|error| not_started(error.into()))
}

/// Proves an archive in a scratch place.
async fn prove_apart(file: &Path, options: &Options, directory: &DataDirectory) -> Result<Summary, Failure> {
    let folder = directory.backups().join(format!(".verifying-{}.tmp", std::process::id()));
    let proved = prove(file, options, folder.clone()).await;
    blocking(move || backup::discard(&folder)).await?;
    proved
}

/// Unpacks an archive to a folder and checks it there; takes it away again where it has a fault.
async fn prove(file: &Path, options: &Options, folder: PathBuf) -> Result<Summary, Failure> {
    let (archive, staged) = (file.to_owned(), folder.clone());
    let summary = blocking(move || backup::stage(&archive, &staged)).await?;
    let checked = check_staged(file, options, &folder).await;
    if checked.is_err() {
        blocking(move || backup::discard(&folder)).await?;
    }
    checked.map(|()| summary)
}

async fn check_staged(file: &Path, options: &Options, folder: &Path) -> Result<(), Failure> {
    let bucket = options.blobs.clone().filter(|url| url.starts_with("s3:"));
    let staged = Options { data: folder.to_owned(), database: None, blobs: bucket, ..options.clone() };
    let settings = serve::load_settings(options).map_err(not_started)?;
    let directory = DataDirectory::attach(folder).map_err(|error| not_started(error.into()))?;
    let url = "http://localhost".to_owned();
    let app = serve::open(&staged, settings, &directory, url, Arc::new(SystemClock)).await.map_err(not_started)?;
    let found = match backup::begin_anew(&app).await {
        Ok(()) => check::run(&app).await,
        Err(error) => Err(error),
    };
    close(app).await;
    let found = found.map_err(|error| failed(&error))?;
    let Some(first) = found.first() else { return Ok(()) };
    let message =
        format!("{} does not agree with itself, in {} places: {}", file.display(), found.len(), first.message);
    Err(Failure::new(Exit::Unexpected, "faults_found", message).hint("use another backup"))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::new(Exit::Unexpected, "backup", error.to_string()))?.map_err(|error| {
        let exit = if matches!(error, BackupError::Damaged { .. }) { Exit::Refused } else { Exit::Local };
        Failure::new(exit, "backup", StartError::from(error).to_string())
    })
}

fn told(file: &Path, summary: Summary, verified: bool, replaced: Option<&Path>) -> Value {
    json!({
        "file": file.display().to_string(), "files": summary.files, "bytes": summary.bytes, "verified": verified,
        "replaced": replaced.map(|path| path.display().to_string()),
    })
}
