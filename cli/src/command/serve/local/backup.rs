//! `campuszon admin backup` and `admin restore`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use campuszon_server::{
    backup::{self, BackupError, ProofError, Summary},
    platform::{
        background::{self, Priority},
        directory::DataDirectory,
        entropy::{Clock, SystemClock},
    },
    serve::Options,
};
use clap::Args;
use serde_json::{Value, json};

use super::{existing, failed};
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
    if args.file.as_deref() == Some(Path::new("-")) {
        let told = "an archive is written whole or not at all, and so not to stdout: name a file";
        return Err(CommandError::usage(told).into());
    }
    let options = options(args.store, context)?;
    let directory = existing(&options)?;
    let (database, blobs) = options.files(&directory).map_err(not_started)?;
    if blobs.is_none() {
        context.output.notice("the pictures are in a bucket and not part of this backup");
    }
    let now = SystemClock.now();
    let file = args.file.unwrap_or_else(|| backup::usual_file(&directory, now));
    let target = file.clone();
    let scratch = directory.backups();
    let made = apart(move || backup::make(&directory, &database, blobs.as_deref(), &target, now)).await?;
    if args.verify {
        backup::prove_apart(&file, &options, &scratch, Arc::new(SystemClock)).await.map_err(not_proved)?;
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
        let scratch = scratch(&options, &args.file)?;
        let proved = backup::prove_apart(&args.file, &options, &scratch, Arc::new(SystemClock)).await;
        let summary = proved.map_err(not_proved)?;
        context.output.notice("the archive is whole, and what is in it agrees with itself");
        return Ok(context.output.one(&shapes::BACKUP, &told(&args.file, summary, true, None))?);
    }
    let directory = DataDirectory::open(&options.data).map_err(|error| not_started(error.into()))?;
    refuse_elsewhere(&options, &directory)?;
    backup::finish(directory.path()).map_err(|error| not_started(error.into()))?;
    if directory.database().exists() {
        let name = name_of(directory.path());
        let question = format!("This replaces the data in {}. Type {name} to confirm:", directory.path().display());
        context.prompt.confirm_by_name(&question, &name, args.confirm)?;
    }
    let staging = backup::staging(directory.path());
    let proved = backup::prove(&args.file, &options, staging, Arc::new(SystemClock)).await;
    let summary = proved.map_err(not_proved)?;
    let aside = apart(move || backup::place(&directory, SystemClock.now())).await?;
    let kept = aside.as_ref().map(|aside| format!("; what was there is in {}", aside.display())).unwrap_or_default();
    let done = format!("Restored {} files{kept}.", summary.files);
    Ok(context.output.changed(&shapes::BACKUP, &told(&args.file, summary, true, aside.as_deref()), &done)?)
}

/// The last part of a path, also of one such as `.`.
fn name_of(path: &Path) -> String {
    let whole = path.canonicalize();
    let name = whole.as_deref().unwrap_or(path).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Refuses where the server has its files elsewhere: what is put into the data directory would never be looked at.
fn refuse_elsewhere(options: &Options, directory: &DataDirectory) -> Result<(), Failure> {
    let (database, blobs) = options.files(directory).map_err(not_started)?;
    let is_same = |one: &Path, other: &Path| std::path::absolute(one).ok() == std::path::absolute(other).ok();
    if is_same(&database, &directory.database()) && blobs.is_none_or(|blobs| is_same(&blobs, &directory.blobs())) {
        return Ok(());
    }
    let message = "an archive is restored to the data directory, and this database or these pictures are elsewhere";
    let hint = "leave out --database and --blobs and their variables, and move the restored files there afterwards";
    Err(Failure::new(Exit::Local, "elsewhere", message).hint(hint))
}

/// Where an archive is proved: among the backups, or beside it on a machine without a data directory.
fn scratch(options: &Options, archive: &Path) -> Result<PathBuf, Failure> {
    if options.data.is_dir() {
        return existing(options).map(|directory| directory.backups());
    }
    let beside = std::path::absolute(archive).ok().and_then(|path| path.parent().map(Path::to_owned));
    Ok(beside.unwrap_or_else(std::env::temp_dir))
}

/// Why an archive is not proved, as a command tells it.
fn not_proved(error: ProofError) -> Failure {
    match error {
        ProofError::Backup(error) => not_backed_up(error),
        ProofError::Start(error) => not_started(error),
        ProofError::Check(error) => failed(&error),
        ProofError::Disagrees { .. } => {
            Failure::new(Exit::Unexpected, "faults_found", error.to_string()).hint("use another backup")
        }
        ProofError::Background(_) => Failure::new(Exit::Unexpected, "backup", error.to_string()),
    }
}

fn not_backed_up(error: BackupError) -> Failure {
    let exit = if matches!(error, BackupError::Damaged { .. }) { Exit::Refused } else { Exit::Local };
    Failure::new(exit, "backup", error.to_string())
}

/// Steps back for a server that is asked meanwhile.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, Failure> {
    let done = background::run(Priority::Idle, work).await;
    done.map_err(|error| Failure::new(Exit::Unexpected, "backup", error.to_string()))?.map_err(not_backed_up)
}

fn told(file: &Path, summary: Summary, verified: bool, replaced: Option<&Path>) -> Value {
    json!({
        "file": file.display().to_string(), "files": summary.files, "bytes": summary.bytes, "verified": verified,
        "replaced": replaced.map(|path| path.display().to_string()),
    })
}
