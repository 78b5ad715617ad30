//! `auth password`: changing it, and setting a new one when it is forgotten.

use clap::{Args, Subcommand};

use crate::{
    command::{Change, batch::Done, missing::NEEDED, shapes},
    context::Context,
    failure::Failure,
    prompt,
};

#[derive(Debug, Subcommand)]
pub enum PasswordCommand {
    /// Change the password; every other session ends
    Change(ChangeArgs),
    /// Set a new password with a mailed code
    Reset(ResetArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth password change
  printf '%s\\n%s\\n' \"$OLD\" \"$NEW\" | campuszon auth password change --password-stdin")]
pub struct ChangeArgs {
    /// Read the present and the new password from stdin, a line each
    #[arg(long, help_heading = NEEDED)]
    password_stdin: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Without --code a code is mailed first; without a terminal this ends there.

Examples:
  campuszon auth password reset --email ada@uni.example
  campuszon auth password reset --email ada@uni.example --code 123456 --password-stdin < password.txt")]
pub struct ResetArgs {
    /// The address of the account
    #[arg(long, help_heading = NEEDED)]
    email: Option<String>,
    /// The code from the mail
    #[arg(long)]
    code: Option<String>,
    /// Read the new password from stdin
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    change: Change,
}

impl PasswordCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.check(&shapes::DONE)?;
        match self {
            Self::Change(args) => change(args, context).await,
            Self::Reset(args) => reset(args, context).await,
        }
    }
}

async fn change(args: ChangeArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    let given = prompt::secret_of_stdin(args.password_stdin)?;
    let given_new = prompt::secret_of_stdin(args.password_stdin)?;
    let mut ask = context.prompt.ask();
    let is_half = given.is_some() && given_new.is_none();
    let current = ask.secret("--password-stdin", "Present password:", given);
    let flag = if is_half { "--password-stdin (its second line)" } else { "--password-stdin" };
    let new = ask.new_secret(flag, "New password:", given_new);
    ask.finish()?;
    client.change_password(&current, &new).await?;
    let done = Done { id: "password".to_owned(), status: "changed" };
    Ok(context.output.changed(&shapes::DONE, &done, "Password changed; all other sessions have ended.")?)
}

async fn reset(args: ResetArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    let mut ask = context.prompt.ask();
    let email = ask.text("--email", "E-mail:", args.email);
    ask.finish()?;
    if args.code.is_none() {
        client.forgot_password(&email).await?;
        context.output.notice(&format!("If {email} is registered, a code is on its way."));
        if !context.prompt.allowed {
            let next =
                format!("Go on with: campuszon auth password reset --email {email} --code CODE --password-stdin");
            let done = Done { id: email, status: "code_sent" };
            return Ok(context.output.changed(&shapes::DONE, &done, &next)?);
        }
    }
    let given = prompt::secret_of_stdin(args.password_stdin)?;
    let mut ask = context.prompt.ask();
    let code = ask.text("--code", "Code from the mail:", args.code);
    let password = ask.new_secret("--password-stdin", "New password:", given);
    ask.finish()?;
    client.reset_password(&email, code.trim(), &password).await?;
    let done = Done { id: "password".to_owned(), status: "changed" };
    Ok(context.output.changed(&shapes::DONE, &done, "Password set. Sign in with `campuszon auth login`.")?)
}
