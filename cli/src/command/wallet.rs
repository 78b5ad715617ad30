//! `campuszon wallet`: the marketplace's tokens.

use campuszon_core::text;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Create, paging::Paging, shapes};
use crate::{client::PageRequest, context::Context, failure::Failure};

/// What to do with marketplace tokens.
#[derive(Debug, Subcommand)]
pub enum WalletCommand {
    /// Show how many tokens you have
    Balance(BalanceArgs),
    /// Show how the balance came about, newest first
    History(HistoryArgs),
    /// Redeem a voucher
    Redeem(RedeemArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon wallet balance
  campuszon wallet balance --json | jq .balance")]
pub struct BalanceArgs {}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon wallet history
  campuszon wallet history --all --json=delta,reason,created_at")]
pub struct HistoryArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Upper or lower case, dashes and blanks do not matter.

Examples:
  campuszon wallet redeem 7K2M-QX9D-3FTB
  campuszon wallet redeem '7k2m qx9d 3ftb' --json")]
pub struct RedeemArgs {
    /// The voucher's code
    #[arg(value_name = "CODE")]
    code: String,
    #[command(flatten)]
    create: Create,
}

#[derive(Serialize)]
struct Balance {
    balance: i64,
}

impl WalletCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Balance(_) => balance(context).await,
            Self::History(args) => history(args, context).await,
            Self::Redeem(args) => redeem(args, context).await,
        }
    }
}

async fn balance(context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::BALANCE)?;
    let page = PageRequest { limit: Some(1), cursor: None };
    let balance = context.client()?.wallet(page).await?.balance;
    Ok(context.output.one(&shapes::BALANCE, &Balance { balance })?)
}

async fn history(args: HistoryArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::TOKEN_ENTRY)?;
    let client = context.client()?;
    let entries = args.paging.gather(context, async |page| client.wallet(page).await).await?;
    if entries.is_empty() {
        context.output.notice("no tokens were given or spent yet");
    }
    Ok(context.output.list(&shapes::TOKEN_ENTRY, &entries)?)
}

async fn redeem(args: RedeemArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::REDEEMED)?;
    let client = context.changing(&args.create.change)?;
    let redeemed = client.redeem(&args.code, args.create.idempotency_key.as_deref()).await?;
    let done = format!("{} added: you have {} now.", text::count(redeemed.added, "token"), redeemed.tokens);
    Ok(context.output.changed(&shapes::REDEEMED, &redeemed, &done)?)
}
