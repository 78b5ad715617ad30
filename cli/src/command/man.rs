//! `campuszon man`: the manual pages, made of the same words as the help.

use std::{fs, io, path::PathBuf};

use clap::Args;
use serde_json::json;

use super::{CommandError, shapes, tree};
use crate::{
    context::Context,
    failure::Failure,
    files::{self, Access},
};

#[derive(Args, Debug)]
#[command(after_help = "Without --out the page of the program itself is printed.

Examples:
  campuszon man | man -l -
  campuszon man --out ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Where to write the pages of all commands
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
}

/// Prints or writes the pages.
///
/// # Errors
/// Where they cannot be written.
pub fn run(args: ManArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MANUAL)?;
    let failed = |path: PathBuf| move |source| Failure::from(CommandError::File { path, source });
    let Some(out) = args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(tree()).render(&mut page).map_err(failed("stdout".into()))?;
        if !context.output.is_for_machines() {
            return Ok(context.output.bytes(&page)?);
        }
        let manual = json!({"page": String::from_utf8_lossy(&page)});
        return Ok(context.output.one(&shapes::MANUAL, &manual)?);
    };
    files::make_directory(&out, Access::Usual).map_err(failed(out.clone()))?;
    clap_mangen::generate_to(tree(), &out).map_err(failed(out.clone()))?;
    let pages = pages(&out).map_err(failed(out.clone()))?;
    let done = format!("{pages} pages are in {}.", out.display());
    let written = json!({"out": out, "pages": pages});
    Ok(context.output.changed(&shapes::MANUAL, &written, &done)?)
}

/// How many pages of this program are in a directory.
fn pages(out: &PathBuf) -> io::Result<usize> {
    let is_page = |name: &str| name.starts_with("campuszon") && name.ends_with(".1");
    let names = fs::read_dir(out)?.flatten().map(|entry| entry.file_name());
    Ok(names.filter(|name| name.to_str().is_some_and(is_page)).count())
}
