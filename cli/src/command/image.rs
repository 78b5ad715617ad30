//! `campuszon image`: pictures on this machine.

use std::path::{Path, PathBuf};

use campuszon_core::picture::Prepared;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Change, CommandError, batch::Batch, picture, shapes};
use crate::{
    context::Context,
    failure::Failure,
    files::{self, Access},
};

/// What to do with pictures.
#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// Make pictures ready as an upload would: upright, small, without position or other metadata
    Prepare(PrepareArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Without --out nothing is written, only told.

Examples:
  campuszon image prepare photo.jpg
  campuszon image prepare *.jpg --out ready/ --json=file,bytes,out")]
pub struct PrepareArgs {
    /// Picture files
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Where to write them
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
    #[command(flatten)]
    change: Change,
}

impl ImageCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let Self::Prepare(args) = self;
        context.output.check(&shapes::PICTURE)?;
        let out = args.out.filter(|_| !args.change.dry_run);
        let outcomes = picture::prepare_files(context, &args.files).await;
        let written = args.files.iter().zip(outcomes).map(|(file, outcome)| {
            let row = outcome.and_then(|ready| row(&ready, file, out.as_deref()));
            (file.display().to_string(), row.map_err(Failure::from))
        });
        Batch::of(written).show(context, &shapes::PICTURE)
    }
}

fn row(picture: &Prepared, file: &Path, out: Option<&Path>) -> Result<Value, CommandError> {
    let out = out.map(|directory| write(picture, file, directory)).transpose()?;
    Ok(json!({
        "file": file.to_string_lossy(), "from_bytes": picture.from_bytes, "from_width": picture.from_width,
        "from_height": picture.from_height, "bytes": picture.bytes.len(), "width": picture.width,
        "height": picture.height, "format": picture.format.extension(),
        "out": out.map(|path| path.to_string_lossy().into_owned()),
    }))
}

fn write(picture: &Prepared, file: &Path, directory: &Path) -> Result<PathBuf, CommandError> {
    let name = Path::new(file.file_name().unwrap_or_default()).with_extension(picture.format.extension());
    let path = directory.join(name);
    files::replace(&path, &picture.bytes, Access::Usual)
        .map_err(|source| CommandError::File { path: path.clone(), source })?;
    Ok(path)
}
