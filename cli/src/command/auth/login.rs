//! `auth login`, `auth logout` and `auth status`.

use clap::Args;
use serde_json::json;

use super::register::{refuse_environment_token, welcome};
use crate::{
    client::ClientError,
    command::{Change, batch::Done, missing::NEEDED, shapes},
    context::{self, Context},
    failure::Failure,
    first_pages::FirstPages,
    prompt,
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth login --email ada@uni.example
  campuszon auth login --token-stdin < token.txt")]
pub struct LoginArgs {
    /// Your address
    #[arg(long, conflicts_with = "token_stdin", help_heading = NEEDED)]
    email: Option<String>,
    /// Read the password from stdin
    #[arg(long, conflicts_with = "token_stdin", help_heading = NEEDED)]
    password_stdin: bool,
    /// Read a personal access token from stdin and use it instead of a password
    #[arg(long)]
    token_stdin: bool,
    /// What this machine is called in the list of sessions
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth logout
  campuszon auth logout --yes")]
pub struct LogoutArgs {
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth status
  campuszon auth status --json=email,campus")]
pub struct StatusArgs {}

pub async fn login(args: LoginArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::PROFILE)?;
    let client = context.changing(&args.change)?;
    refuse_environment_token(&client)?;
    if args.token_stdin {
        let given = prompt::secret_of_stdin(true)?;
        let mut ask = context.prompt.ask();
        let token = ask.secret("--token-stdin", "Token:", given);
        ask.finish()?;
        return welcome(context, &client.sign_in_with_token(token.trim()).await?);
    }
    let given = prompt::secret_of_stdin(args.password_stdin)?;
    let mut ask = context.prompt.ask();
    let email = ask.text("--email", "E-mail:", args.email);
    let password = ask.secret("--password-stdin", "Password:", given);
    ask.finish()?;
    let device = args.device.unwrap_or_else(context::this_machine);
    let profile = client.login(&email, &password, Some(device)).await.map_err(|error| refused(error, &email))?;
    welcome(context, &profile)
}

/// Signing in is what was just tried: the way on is another password, or the code.
fn refused(error: ClientError, email: &str) -> Failure {
    let hint = match error.status() {
        Some(401) => format!("forgotten? `campuszon auth password reset --email {email}`"),
        Some(403) => format!("confirm the address: `campuszon auth verify --email {email} --code CODE`"),
        _ => return error.into(),
    };
    Failure::from(error).hint(hint)
}

pub async fn logout(args: LogoutArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    let who = client.stored_user()?.map_or_else(|| "this session".to_owned(), |user| user.email);
    context.confirm(&args.change, &format!("Sign {who} out of {}?", client.server()))?;
    // Without a session it could not be told whose they were.
    FirstPages::below(&context.settings()?.places.cache).forget(&client);
    client.logout().await?;
    let done = Done { id: client.server().to_string(), status: "signed_out" };
    Ok(context.output.changed(&shapes::DONE, &done, "Signed out.")?)
}

pub async fn status(_: StatusArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SIGNED_IN)?;
    let client = context.client()?;
    let me = client.me().await?;
    let credential = if client.uses_environment_token() {
        "environment"
    } else if client.stored_session().await?.is_some_and(|session| session.refresh_token.is_none()) {
        "token"
    } else {
        "session"
    };
    let status = json!({
        "server": client.server().as_str(), "credential": credential, "id": me.id, "email": me.email, "name": me.name,
        "campus": me.campus, "role": me.role, "status": me.status,
    });
    Ok(context.output.one(&shapes::SIGNED_IN, &status)?)
}
