//! `auth token`: personal access tokens.

use campuszon_core::{TokenId, permission::Scope, wire::account::CreateToken};
use clap::{Args, Subcommand};

use crate::{
    command::{
        Change, CommandError, Create, batch, batch::Done, missing::NEEDED, paging::Paging, shapes, word::one_of,
    },
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token; it is shown this once
    Create(CreateArgs),
    /// List the tokens
    List(ListArgs),
    /// End tokens
    Revoke(RevokeArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth token create --name backup --scope read
  TOKEN=$(campuszon auth token create --name ci --scope write --expires-in-days 30)")]
pub struct CreateArgs {
    /// What it is for
    #[arg(long, help_heading = NEEDED)]
    name: Option<String>,
    /// What it may be used for; repeatable
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', value_parser = one_of!(Scope), help_heading = NEEDED)]
    scopes: Vec<Scope>,
    /// When it ends
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=365))]
    expires_in_days: Option<i64>,
    #[command(flatten)]
    create: Create,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth token list
  campuszon auth token list --json=name,last_used_at")]
pub struct ListArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth token revoke pat_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon auth token list --format ids | campuszon auth token revoke - --yes")]
pub struct RevokeArgs {
    /// Token ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

impl TokenCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Create(args) => create(args, context).await,
            Self::List(args) => list(args, context).await,
            Self::Revoke(args) => revoke(args, context).await,
        }
    }
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::NEW_TOKEN)?;
    let client = context.changing(&args.create.change)?;
    let mut ask = context.prompt.ask();
    let name = ask.text("--name", "Name of the token:", args.name);
    let given: Vec<&str> = args.scopes.iter().map(|scope| scope.as_str()).collect();
    let given = (!given.is_empty()).then(|| given.join(","));
    let scopes = ask.text("--scope", "Scopes (read, write, admin):", given);
    ask.finish()?;
    let scopes: Result<Vec<Scope>, String> = scopes.split(',').map(|word| word.trim().parse()).collect();
    let scopes = scopes.map_err(|error| CommandError::usage(format!("scope: {error}")))?;
    let token = CreateToken { name, scopes, expires_in_days: args.expires_in_days };
    let token = client.create_token(&token, args.create.idempotency_key.as_deref()).await?;
    context.output.notice("Keep the token: it is not shown again.");
    Ok(context.output.one(&shapes::NEW_TOKEN, &token)?)
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::TOKEN)?;
    let client = context.client()?;
    let tokens = args.paging.gather(context, async |page| client.tokens(page).await).await?;
    Ok(context.output.list(&shapes::TOKEN, &tokens)?)
}

async fn revoke(args: RevokeArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    context.confirm(&args.change, "End these tokens?")?;
    let batch = batch::each(args.ids, async |id: TokenId| {
        client.revoke_token(id).await?;
        Ok(Done { id: id.to_string(), status: "revoked" })
    });
    batch.await?.tell(context, &shapes::DONE, |done| format!("Ended {}.", done.id))
}
