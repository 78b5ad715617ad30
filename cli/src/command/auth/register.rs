//! `auth register` and `auth verify`: a new account and the code that confirms its address.

use campuszon_core::wire::account::{Profile, Register, Registered};
use clap::Args;

use crate::{
    client::{Client, SignUp},
    command::{Change, CommandError, missing::NEEDED, shapes},
    context::Context,
    failure::Failure,
    prompt,
};

/// How often a mistyped code may be typed again; the server has a limit of its own.
const ATTEMPTS: u32 = 5;

#[derive(Args, Debug)]
#[command(after_help = "Without a terminal this ends once the code is mailed; `auth verify` then signs in.

Examples:
  campuszon auth register --email ada@uni.example --name Ada
  campuszon auth register --email ada@uni.example --name Ada --password-stdin < password.txt")]
pub struct RegisterArgs {
    /// Your address at the university
    #[arg(long, help_heading = NEEDED)]
    email: Option<String>,
    /// Your name, as others see it
    #[arg(long, help_heading = NEEDED)]
    name: Option<String>,
    /// Read the password from stdin
    #[arg(long, help_heading = NEEDED)]
    password_stdin: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth verify --email ada@uni.example --code 123456
  campuszon auth verify --email ada@uni.example --resend")]
pub struct VerifyArgs {
    /// The address to confirm
    #[arg(long, help_heading = NEEDED)]
    email: Option<String>,
    /// The six digits from the mail
    #[arg(long, conflicts_with = "resend", help_heading = NEEDED)]
    code: Option<String>,
    /// Have another code mailed
    #[arg(long)]
    resend: bool,
    #[command(flatten)]
    change: Change,
}

pub async fn register(args: RegisterArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::REGISTERED).or_else(|_| context.output.check(&shapes::PROFILE))?;
    let client = context.changing(&args.change)?;
    refuse_environment_token(&client)?;
    let given = prompt::secret_of_stdin(args.password_stdin)?;
    let mut ask = context.prompt.ask();
    let account = Register {
        email: ask.text("--email", "E-mail:", args.email),
        name: ask.text("--name", "Name:", args.name),
        password: ask.new_secret("--password-stdin", "Password:", given),
    };
    ask.finish()?;
    match client.register(&account).await? {
        SignUp::SignedIn(session) => welcome(context, &session.user),
        SignUp::CodeSent(sent) => code_sent(context, &client, &sent).await,
    }
}

async fn code_sent(context: &Context, client: &Client, sent: &Registered) -> Result<(), Failure> {
    let email = &sent.email;
    context.output.notice(&format!("A code is on its way to {email}."));
    if !context.prompt.allowed {
        context.output.notice(&format!("Confirm with: campuszon auth verify --email {email} --code CODE"));
        return Ok(context.output.one(&shapes::REGISTERED, sent)?);
    }
    for _ in 1..ATTEMPTS {
        match enter_code(context, client, email, None).await {
            Err(Failure::Told(report)) if report.http_status == Some(422) => {
                context.output.insist(&report.message);
                report
                    .fields
                    .iter()
                    .for_each(|fault| context.output.insist(&format!("{}: {}", fault.field, fault.message)));
            }
            other => return other,
        }
    }
    enter_code(context, client, email, None).await
}

pub async fn verify(args: VerifyArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::PROFILE)?;
    let client = context.changing(&args.change)?;
    refuse_environment_token(&client)?;
    let mut ask = context.prompt.ask();
    let email = ask.text("--email", "E-mail:", args.email);
    if !args.resend && !context.prompt.allowed && args.code.is_none() {
        ask.text("--code", "Code:", None);
    }
    ask.finish()?;
    if args.resend {
        client.resend_code(&email).await?;
        let done = format!("If {email} awaits a code, another one is on its way.");
        let sent = Registered { status: "verification_sent".to_owned(), email };
        return Ok(context.output.changed(&shapes::REGISTERED, &sent, &done)?);
    }
    enter_code(context, &client, &email, args.code).await
}

async fn enter_code(context: &Context, client: &Client, email: &str, code: Option<String>) -> Result<(), Failure> {
    let mut ask = context.prompt.ask();
    let code = ask.text("--code", "Code from the mail:", code);
    ask.finish()?;
    let profile = client.verify(email, code.trim()).await?;
    welcome(context, &profile)
}

/// Says who is signed in now.
pub fn welcome(context: &Context, profile: &Profile) -> Result<(), Failure> {
    let done = format!("Signed in as {} ({}) on campus {}.", profile.name, profile.email, profile.campus);
    Ok(context.output.changed(&shapes::PROFILE, profile, &done)?)
}

/// A token in the environment would win over the session that is about to be kept.
pub fn refuse_environment_token(client: &Client) -> Result<(), Failure> {
    if !client.uses_environment_token() {
        return Ok(());
    }
    let message = "CAMPUSZON_TOKEN or CAMPUSZON_TOKEN_FILE is set and would be used instead of a session".to_owned();
    Err(CommandError::Usage { message, hint: Some("unset it first") }.into())
}
