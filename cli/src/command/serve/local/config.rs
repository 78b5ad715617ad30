//! `campuszon admin config`.

use std::path::PathBuf;

use campuszon_server::serve;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    command::{
        serve::{StoreArgs, not_started, options},
        shapes,
    },
    context::Context,
    failure::Failure,
};

/// What to do with a server's settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Prove the settings of a server, and print what it would run with
    Check(CheckArgs),
}

#[derive(Args, Debug)]
#[command(
    after_help = "Reads the file and the environment as a server does, says all that is wrong with them, or prints every setting with
its value and where that came from. Changes nothing and needs no server.

Examples:
  campuszon admin config check
  campuszon admin config check /etc/campuszon/server.toml --json=key,value,origin"
)]
pub struct CheckArgs {
    /// The file of settings [default: --config, else server.toml in the data directory]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
}

impl ConfigCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Check(args) => check(args, context),
        }
    }
}

fn check(args: CheckArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SERVER_SETTING)?;
    let mut options = options(args.store, context)?;
    options.config = args.file.or(options.config);
    let settings = serve::load_settings(&options).map_err(not_started)?;
    let rows: Vec<Value> = settings
        .effective()
        .iter()
        .map(|one| json!({ "key": one.key, "value": one.value, "origin": one.origin.to_string() }))
        .collect();
    context.output.list(&shapes::SERVER_SETTING, &rows)?;
    context.output.notice("the settings are valid");
    Ok(())
}
