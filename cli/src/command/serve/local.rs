//! What `campuszon admin` does on a data directory, beside a running server too.

mod backup;
mod config;
mod keys;

use std::sync::Arc;

use campuszon_core::{Faults, account::Email};
use campuszon_server::{
    App, Error, check, demo,
    platform::{
        directory::DataDirectory,
        entropy::{Clock, ManualClock, SystemClock},
    },
    serve::{self, Options},
    users::service::{self, NewAdministrator},
};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::{StoreArgs, not_started, options};
use crate::{
    command::{CommandError, shapes},
    context::Context,
    failure::{Exit, Failure},
};

/// What to do with a data directory.
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Prove that what is stored agrees with itself
    Check(CheckArgs),
    /// Make one archive of database, pictures and keys, beside a running server too
    Backup(backup::BackupArgs),
    /// Prove an archive, and put it in the place of the data
    Restore(backup::RestoreArgs),
    /// The keys that sign sessions
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The settings of a server
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Make a campus full of sample items with pictures, to look around
    Demo(DemoArgs),
}

#[derive(Args, Debug)]
#[command(
    after_help = "Looks at the files of the database and its foreign keys, balances and their ledger, bookings and what they hold,
counters, the numbers of messages and live events, and the pictures' files. Prints a line for each fault and ends with 1
if there is one. Works beside a running server.

Examples:
  campuszon admin check
  campuszon admin check --data ./data --json"
)]
pub struct CheckArgs {
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Works beside a running server. Run again, it makes new passwords for the same students.

Examples:
  campuszon admin demo
  campuszon admin demo --data ./data --json")]
pub struct DemoArgs {
    #[command(flatten)]
    store: StoreArgs,
}

impl LocalCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        if context.overrides.server.is_some() {
            let told = "this works on a data directory of this machine and asks no server: leave out --server";
            return Err(CommandError::usage(told).into());
        }
        match self {
            Self::Check(args) => run_check(args, context).await,
            Self::Backup(args) => backup::backup(args, context).await,
            Self::Restore(args) => backup::restore(args, context).await,
            Self::Keys(command) => command.run(context),
            Self::Config(command) => command.run(context),
            Self::Demo(args) => make_demo(args, context).await,
        }
    }
}

/// A data directory that is there: to make one only to back it up would hide a wrong path.
fn existing(options: &Options) -> Result<DataDirectory, Failure> {
    if !options.data.is_dir() {
        let message = format!("there is no data directory at {}", options.data.display());
        return Err(Failure::new(Exit::Local, "no_data_directory", message).hint("name it with --data"));
    }
    DataDirectory::attach(&options.data).map_err(|error| not_started(error.into()))
}

/// Refuses where the database or the keys would be new ones: they would agree with themselves and hide that some were lost.
fn refuse_new(options: &Options) -> Result<(), Failure> {
    let directory = existing(options)?;
    // A database that is no file is never made.
    if let Ok((database, _)) = options.files(&directory)
        && !database.exists()
    {
        let message = format!("there is no database at {}", database.display());
        let restore =
            "name the data directory with --data, or restore a backup: campuszon admin restore FILE --data DIR";
        return Err(Failure::new(Exit::Local, "no_database", message).hint(restore));
    }
    if serve::have_keys(&directory) {
        return Ok(());
    }
    let message = format!("there are no keys in {}", directory.keys().display());
    let restore = "put those of a backup there; a server that starts without makes new ones, which signs everybody out";
    Err(Failure::new(Exit::Local, "no_keys", message).hint(restore))
}

/// The server's parts on a data directory that a server may be using.
async fn open(options: &Options, clock: Arc<dyn Clock>) -> Result<App, Failure> {
    let settings = serve::load_settings(options).map_err(not_started)?;
    let directory = DataDirectory::attach(&options.data).map_err(|error| not_started(error.into()))?;
    let url = "http://localhost".to_owned();
    serve::open(options, settings, &directory, url, clock).await.map_err(not_started)
}

async fn run_check(args: CheckArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DISAGREEMENT)?;
    let options = options(args.store, context)?;
    refuse_new(&options)?;
    let app = open(&options, Arc::new(SystemClock)).await?;
    let found = check::run(&app).await;
    serve::close(app).await;
    let found = found.map_err(|error| failed(&error))?;
    context.output.list(&shapes::DISAGREEMENT, &found)?;
    if found.is_empty() {
        context.output.notice("no fault found");
        return Ok(());
    }
    let message =
        format!("{} found", if found.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", found.len()) });
    Err(Failure::new(Exit::Unexpected, "faults_found", message))
}

async fn make_demo(args: DemoArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DEMO)?;
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::new(now));
    let app = open(&options(args.store, context)?, clock.clone()).await?;
    context.output.notice("making the demo campus: this takes a few seconds");
    let made = demo::make(&app, &clock, now).await;
    serve::close(app).await;
    let made = made.map_err(|error| Failure::new(Exit::Unexpected, "demo", error.to_string()))?;
    let ready = format!("{} has {} items and {} chats", made.campus, made.items, made.chats);
    context.output.notice(&ready);
    Ok(context.output.one(&shapes::DEMO, &made)?)
}

/// Makes an account of this server an administrator's. A password is asked for only where the account is new.
///
/// # Errors
/// Whatever kept it from being done.
pub async fn init(
    store: StoreArgs,
    context: &Context,
    email: &str,
    name: Option<String>,
    password: Option<String>,
) -> Result<(), Failure> {
    let address = Email::parse(email).map_err(|fault| invalid(&vec![fault]))?;
    let app = open(&options(store, context)?, Arc::new(SystemClock)).await?;
    let made = appoint(&app, context, address, name, password).await;
    serve::close(app).await;
    let user = made?;
    let done =
        format!("{} is an administrator of {}. Sign in with: campuszon auth login", user.email, user.campus_name);
    let shown = serde_json::json!({
        "id": user.id, "email": user.email, "name": user.name, "campus": user.campus_name, "role": user.role,
    });
    Ok(context.output.changed(&shapes::ADMINISTRATOR, &shown, &done)?)
}

async fn appoint(
    app: &App,
    context: &Context,
    address: Email,
    name: Option<String>,
    password: Option<String>,
) -> Result<service::User, Failure> {
    let mut fields = Map::from_iter([("email".to_owned(), Value::String(address.as_str().to_owned()))]);
    fields.extend(name.map(|name| ("name".to_owned(), Value::String(name))));
    if !service::has_account(app, address).await.map_err(|error| failed(&error))? {
        let mut ask = context.prompt.ask();
        let password = ask.new_secret("--password-stdin", "Password of the new account:", password);
        ask.finish()?;
        fields.insert("password".to_owned(), Value::String(password));
    }
    let new = NewAdministrator::read(campuszon_core::form::Form::json(fields)).map_err(|error| failed(&error))?;
    service::make_administrator(app, new).await.map_err(|error| failed(&error))
}

fn failed(error: &Error) -> Failure {
    match error {
        Error::Invalid(faults) => invalid(faults),
        Error::Conflict(_) | Error::Forbidden(_) => Failure::new(Exit::Refused, "conflict", error.to_string()),
        _ => Failure::new(Exit::Unexpected, "failed", error.to_string()),
    }
}

fn invalid(faults: &Faults) -> Failure {
    let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect();
    Failure::new(Exit::Refused, "invalid_request", told.join("; "))
}
