//! The command line: what can be said, and who does it.

mod admin;
mod alert;
mod api;
mod auth;
mod batch;
mod booking;
mod chat;
pub mod completion;
mod config;
mod doctor;
mod guide;
mod help;
mod ids;
mod image;
mod item;
mod man;
mod missing;
mod paging;
mod picture;
mod reader;
mod report;
mod schema;
mod search;
#[cfg(feature = "serve")]
mod serve;
mod server;
pub mod shapes;
mod tree;
mod tui;
mod user;
mod version;
mod wallet;
mod watch;
mod word;

pub use self::{
    missing::{complaint, missing, usage},
    tree::{tree, without_empty_variables},
};

#[cfg(test)]
pub use self::schema::printed;

use std::{ffi::OsString, io, path::PathBuf};

use campuszon_core::{Faults, picture::PictureError};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};

use crate::{
    context::Context,
    failure::{Exit, Failure},
    output::Format,
    settings::key::IMAGE_WORDS,
};

/// A campus marketplace for people who live in a terminal.
#[derive(Debug, Parser)]
#[command(name = "campuszon", version, propagate_version = false, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  campuszon auth register --email ada@uni.example --name Ada
  campuszon item list calculus --max-price 40
  campuszon                       # browse, chat and sell in full screen")]
pub struct Cli {
    /// Flags that go with every command.
    #[command(flatten)]
    pub global: Global,
    /// How the full screen shows photos; by itself as the terminal can
    #[arg(long, value_name = "HOW", value_parser = PossibleValuesParser::new(IMAGE_WORDS))]
    pub images: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that go with every command.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The server to talk to, by name or address
    #[arg(long, global = true, value_name = "NAME|URL")]
    pub server: Option<String>,
    /// Another configuration file
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Allow unencrypted http to other machines
    #[arg(long, global = true)]
    pub insecure_http: bool,
    /// Print JSON; with =FIELDS only these fields
    #[arg(long, global = true, value_name = "FIELDS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub json: Option<String>,
    /// Print only these fields, comma-separated
    #[arg(long, global = true, value_name = "FIELDS")]
    pub fields: Option<String>,
    /// Print what a jq expression makes of the JSON; strings as they are
    #[arg(long, global = true, value_name = "EXPR", value_parser = word::jq, conflicts_with = "format")]
    pub jq: Option<String>,
    /// Print in this format
    #[arg(long, global = true, value_name = "FORMAT", value_enum, conflicts_with = "json")]
    pub format: Option<Format>,
    /// Say nothing but data and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Tell of every request on stderr
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Do not ask whether it is meant
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Print a line for each field, repaint nothing, use no pager
    #[arg(long, global = true)]
    pub accessible: bool,
}

impl Global {
    /// The format asked for.
    pub fn format(&self) -> Option<Format> {
        if self.json.is_some() || self.jq.is_some() { Some(Format::Json) } else { self.format }
    }
}

/// The format that arguments ask for which could not be read as a whole, so that their fault is told in it.
pub fn machine_format(args: &[OsString]) -> Option<Format> {
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).take_while(|arg| *arg != "--").collect();
    let is_json = |arg: &str| {
        ["--json", "--jq"]
            .iter()
            .any(|flag| arg.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    };
    if args.iter().any(|arg| is_json(arg)) {
        return Some(Format::Json);
    }
    let joined = args.iter().find_map(|arg| arg.strip_prefix("--format="));
    let apart = || args.iter().skip_while(|arg| **arg != "--format").nth(1).copied();
    Format::from_str(joined.or_else(apart)?, false).ok()
}

/// Flags of commands that change something.
#[derive(Args, Clone, Debug, Default)]
pub struct Change {
    /// Show what would be done, such as the requests, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Flags of commands that create something.
#[derive(Args, Clone, Debug, Default)]
pub struct Create {
    #[command(flatten)]
    pub change: Change,
    /// Makes a repetition of this command answer the first result again
    #[arg(long, value_name = "KEY", value_parser = word::key)]
    pub idempotency_key: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Browse, chat and sell in full screen
    Tui(tui::TuiArgs),
    /// Register, sign in and out, tokens, sessions, password
    #[command(subcommand)]
    Auth(auth::AuthCommand),
    /// Find, list, edit and end listings
    #[command(subcommand)]
    Item(item::ItemCommand),
    /// Ask for items, agree, hand over
    #[command(subcommand)]
    Booking(booking::BookingCommand),
    /// Saved searches, which tell of new items
    #[command(subcommand)]
    Search(search::SearchCommand),
    /// Talk to buyers and sellers
    #[command(subcommand)]
    Chat(chat::ChatCommand),
    /// Your marketplace tokens
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
    /// What you are told of
    #[command(subcommand)]
    Alert(alert::AlertCommand),
    /// People, yourself included
    #[command(subcommand)]
    User(user::UserCommand),
    /// Pictures on this machine
    #[command(subcommand)]
    Image(image::ImageCommand),
    /// Follow every live event, one JSON object a line
    Watch(watch::WatchArgs),
    /// Call the API directly, signed in as you are
    Api(api::ApiArgs),
    /// Run a server
    #[cfg(feature = "serve")]
    Serve(serve::ServeArgs),
    /// Look after a campus or a server
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Named servers
    #[command(subcommand)]
    Server(server::ServerCommand),
    /// The configuration of this program
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Look whether everything is in order on this side
    Doctor(doctor::DoctorArgs),
    /// Print the JSON Schema of what a command prints
    Schema(schema::SchemaArgs),
    /// Print or write the manual pages
    Man(man::ManArgs),
    /// Print a completion script for a shell
    Completion(completion::CompletionArgs),
    /// Print the versions of program and server
    Version(version::VersionArgs),
    /// Print help on a command, or on what concerns them all
    Help(help::HelpArgs),
}

impl Command {
    /// What runs when nothing is said.
    pub fn full_screen(images: Option<String>) -> Self {
        Self::Tui(tui::TuiArgs::default().with_images(images))
    }

    /// The same with what was said before the command.
    ///
    /// # Errors
    /// Where that means nothing to it.
    pub fn with_images(self, images: Option<String>) -> Result<Self, Failure> {
        match (self, images) {
            (command, None) => Ok(command),
            (Self::Tui(args), images) => Ok(Self::Tui(args.with_images(images))),
            (_, Some(_)) => {
                let message =
                    "--images goes with the full screen: campuszon --images HOW, or campuszon tui --images HOW";
                Err(Failure::new(Exit::Usage, "usage", message))
            }
        }
    }

    /// Whether it ends in order of its own accord when it is told to.
    pub fn handles_signals(&self, context: &Context) -> bool {
        match self {
            Self::Tui(_) => !tui::is_guided(context),
            #[cfg(feature = "serve")]
            Self::Serve(_) => true,
            _ => false,
        }
    }

    /// Whether it has work for several threads.
    pub fn needs_threads(&self) -> bool {
        #[cfg(feature = "serve")]
        return matches!(self, Self::Serve(_) | Self::Admin(_));
        #[cfg(not(feature = "serve"))]
        false
    }

    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Tui(args) => tui::run(args, context).await,
            Self::Auth(command) => Box::pin(command.run(context)).await,
            Self::Item(command) => Box::pin(command.run(context)).await,
            Self::Booking(command) => Box::pin(command.run(context)).await,
            Self::Search(command) => Box::pin(command.run(context)).await,
            Self::Alert(command) => Box::pin(command.run(context)).await,
            Self::Chat(command) => Box::pin(command.run(context)).await,
            Self::Wallet(command) => Box::pin(command.run(context)).await,
            Self::User(command) => Box::pin(command.run(context)).await,
            Self::Image(command) => Box::pin(command.run(context)).await,
            Self::Watch(args) => reader::while_read(watch::run(args, context)).await,
            Self::Api(args) => Box::pin(api::run(args, context)).await,
            #[cfg(feature = "serve")]
            Self::Serve(args) => Box::pin(serve::run(args, context)).await,
            Self::Admin(command) => Box::pin(command.run(context)).await,
            Self::Server(command) => command.run(context),
            Self::Config(command) => command.run(context),
            Self::Doctor(args) => Box::pin(doctor::run(args, context)).await,
            Self::Schema(args) => schema::run(&args, context),
            Self::Man(args) => man::run(args, context),
            Self::Completion(args) => completion::run(&args, context),
            Self::Help(args) => help::run(&args, context),
            Self::Version(args) => version::run(&args, context).await,
        }
    }
}

/// Why a command could not be done, beyond what client, settings, prompts and output say.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The arguments do not make sense together.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to try.
        hint: Option<&'static str>,
    },
    /// A change was asked for, but none named: one of these flags is needed.
    #[error("nothing to change: give {}", one_of(.0))]
    NothingToChange(&'static [&'static str]),
    /// No id of the kind that is wanted.
    #[error("{text:?} is {expected}")]
    BadId {
        /// As given.
        text: String,
        /// What an id looks like.
        expected: String,
    },
    /// Nothing of this name.
    #[error("{0}")]
    NoSuch(String),
    /// A file cannot be read or written.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A picture cannot be made ready.
    #[error("{path}: {source}")]
    Picture {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: PictureError,
    },
    /// `--wait` ran out.
    #[error("{0}")]
    Pending(String),
    /// No picture of a listing could be used, so it stays a draft.
    #[error("{0}")]
    Unlisted(String),
    /// Some of a batch failed.
    #[error("{} of {total} failed", failures.len())]
    Partial {
        /// How many there were.
        total: usize,
        /// Which ones, and why.
        failures: Faults,
    },
}

/// `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        few => few.concat(),
    }
}

impl CommandError {
    /// Arguments that do not make sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        tree().debug_assert();
    }

    #[test]
    fn json_takes_its_value_behind_an_equals_sign_only() {
        let cli = Cli::try_parse_from(["campuszon", "item", "list", "--json", "calculus"]).expect("parsed");
        assert_eq!(cli.global.json.as_deref(), Some(""));
        let cli = Cli::try_parse_from(["campuszon", "item", "list", "--json=id,title"]).expect("parsed");
        assert_eq!(cli.global.json.as_deref(), Some("id,title"));
    }

    #[test]
    fn faulty_arguments_still_tell_their_format() {
        let format = |args: &[&str]| machine_format(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(format(&["campuszon", "nonsense", "--json"]), Some(Format::Json));
        assert_eq!(format(&["campuszon", "--format", "csv", "nonsense"]), Some(Format::Csv));
        assert_eq!(format(&["campuszon", "--", "--json"]), None);
    }
}
