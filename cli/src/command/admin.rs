//! `campuszon admin`: looking after a campus and its server, by the API as a signed-in moderator or administrator, or on
//! the data directory.

mod audit;
mod campus;
mod item;
mod maintenance;
mod queue;
mod report;
mod stats;
mod token;
mod user;
mod voucher;

use clap::{Args, Subcommand};

#[cfg(feature = "serve")]
use super::serve::{StoreArgs, local};
use super::{CommandError, missing::NEEDED};
use crate::{client::Client, command::auth, context::Context, failure::Failure, prompt};

/// What to do with a campus or a server.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make an account an administrator's
    Init(InitArgs),
    /// Find, warn, suspend and restore users
    #[command(subcommand)]
    User(user::UserCommand),
    /// Find, remove and restore items
    #[command(subcommand)]
    Item(item::ItemCommand),
    /// Reports of users
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Marketplace tokens of users
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Vouchers for marketplace tokens
    #[command(subcommand)]
    Voucher(voucher::VoucherCommand),
    /// Show what moderators and administrators did, newest first
    Audit(audit::AuditArgs),
    /// Show the numbers of your campus, and administrators those of the server
    Stats(stats::StatsArgs),
    /// Pictures that wait to be made ready, and those that were given up
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Campuses and the e-mail domains of their people
    #[command(subcommand)]
    Campus(campus::CampusCommand),
    /// A while in which administrators alone are served
    #[command(subcommand)]
    Maintenance(maintenance::MaintenanceCommand),
    /// On the data directory.
    #[cfg(feature = "serve")]
    #[command(flatten)]
    Local(local::LocalCommand),
}

#[derive(Args, Debug)]
#[command(
    after_help = "Without LINK this works on the data directory, also while a server runs on it: the account is made where it is
missing, and keeps its password where it is not. LINK is what a new server prints when it starts; it works once, from
anywhere. The address must be one that may sign up: a public mail provider is a campus only if server.toml lists it.

Examples:
  campuszon admin init --email ada@uni.example --data ./data
  campuszon admin init https://market.uni.example/setup/TOKEN --email ada@uni.example"
)]
pub struct InitArgs {
    /// The link that a new server prints
    #[arg(value_name = "LINK")]
    link: Option<String>,
    /// The administrator's address
    #[arg(long, help_heading = NEEDED)]
    email: Option<String>,
    /// The name of a new account
    #[arg(long)]
    name: Option<String>,
    /// Read the password from stdin
    #[arg(long)]
    password_stdin: bool,
    #[cfg(feature = "serve")]
    #[command(flatten)]
    store: StoreArgs,
}

/// Why something is done.
#[derive(Args, Debug)]
pub struct Reason {
    /// Why; those it concerns are told, and the audit log keeps it
    #[arg(long)]
    reason: Option<String>,
}

impl AdminCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Init(args) => init(args, context).await,
            Self::User(command) => command.run(context).await,
            Self::Item(command) => command.run(context).await,
            Self::Report(command) => command.run(context).await,
            Self::Token(command) => command.run(context).await,
            Self::Voucher(command) => command.run(context).await,
            Self::Audit(args) => audit::run(args, context).await,
            Self::Stats(args) => stats::run(args, context).await,
            Self::Queue(command) => command.run(context).await,
            Self::Campus(command) => command.run(context).await,
            Self::Maintenance(command) => command.run(context).await,
            #[cfg(feature = "serve")]
            Self::Local(command) => command.run(context).await,
        }
    }
}

async fn init(args: InitArgs, context: &Context) -> Result<(), Failure> {
    let given = prompt::secret_of_stdin(args.password_stdin)?;
    let mut ask = context.prompt.ask();
    let email = ask.text("--email", "E-mail:", args.email);
    let Some(link) = args.link else {
        ask.finish()?;
        #[cfg(feature = "serve")]
        return local::init(args.store, context, &email, args.name, given).await;
        #[cfg(not(feature = "serve"))]
        return Err(CommandError::usage("give the link that the new server prints").into());
    };
    let (server, token) = split(&link)?;
    let password = ask.secret("--password-stdin", "Password:", given);
    ask.finish()?;
    let client = context.client_of(server)?;
    auth::refuse_environment_token(&client)?;
    set_up(&client, context, token, &email, &password, args.name).await
}

/// The server and the token of a link.
fn split(link: &str) -> Result<(&str, &str), CommandError> {
    let parts = link.trim().trim_end_matches('/').rsplit_once("/setup/");
    parts.filter(|(_, token)| !token.is_empty()).ok_or_else(|| {
        CommandError::usage(format!(
            "{link:?} is not the link that a new server prints, such as http://127.0.0.1:8080/setup/TOKEN"
        ))
    })
}

async fn set_up(
    client: &Client,
    context: &Context,
    token: &str,
    email: &str,
    password: &str,
    name: Option<String>,
) -> Result<(), Failure> {
    let profile = client.set_up(token, email, password, name).await?;
    auth::welcome(context, &profile)?;
    let (usual, here) = (context.client()?, client.server());
    if usual.server() != here {
        let usual = usual.server();
        context.output.notice(&format!(
            "Other commands go to {usual}; for this server give --server {here}, or: campuszon config set server {here}"
        ));
    }
    Ok(())
}
