//! `campuszon admin config`.

use std::path::PathBuf;

use campuszon_server::{
    serve,
    settings::{self, secret::with_storage_keys},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    command::{
        serve::{BLOBS, DATABASE, MAIL, ServeArgs, StoreArgs, not_started, variables},
        shapes,
    },
    context::{Context, environment},
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
    after_help = "Reads the file and the environment as a server does, says what is wrong with them, or prints every setting with its
value and where that came from; secrets are hidden, and files that hold some are read. Addresses are proved as far as that goes
without calling anybody. Changes nothing and needs no server.

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

/// By which variable a secret is given, itself or in a file.
fn origin(name: &'static str) -> Option<(&'static str, String)> {
    let is_given = |name: &String| environment(name).is_some();
    [name.to_owned(), format!("{name}_FILE")].into_iter().find(is_given).map(|origin| (name, origin))
}

fn check(args: CheckArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SERVER_SETTING)?;
    with_storage_keys(settings::environment()).map_err(|error| not_started(error.into()))?;
    let arguments = ServeArgs { store: args.store, ..ServeArgs::of_environment()? };
    let mut options = arguments.options(context)?;
    let secrets = [DATABASE, BLOBS, MAIL].into_iter().filter_map(origin);
    let secrets = secrets.map(|(name, origin)| json!({ "key": name, "value": "(hidden)", "origin": origin }));
    options.config = args.file.or(options.config);
    let settings = serve::load_settings(&options).map_err(not_started)?;
    options.validate().map_err(not_started)?;
    let settled = settings.effective().iter();
    let settled = settled.map(|one| json!({ "key": one.key, "value": one.value, "origin": one.origin.to_string() }));
    let rows: Vec<Value> = settled.chain(secrets).collect();
    context.output.list(&shapes::SERVER_SETTING, &rows)?;
    variables::of_this_process().iter().for_each(|sentence| context.output.notice(sentence));
    let file = options.settings_file();
    if !file.exists() {
        context.output.notice(&format!("there is no {}: all but the environment is as it comes", file.display()));
    }
    context.output.notice("the settings are valid");
    Ok(())
}
