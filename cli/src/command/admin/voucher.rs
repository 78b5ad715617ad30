//! `admin voucher`: codes that bring marketplace tokens.

use campuszon_core::{text, voucher::VoucherCode, wire::wallet::CreateVoucher};
use clap::{Args, Subcommand};

use crate::{
    command::{Change, CommandError, Create, batch::Done, paging::Paging, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum VoucherCommand {
    /// Make a voucher; in a pipe its code alone
    Create(CreateArgs),
    /// List the vouchers, newest first
    List(ListArgs),
    /// End a voucher; what it brought stays
    Delete(DeleteArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "For administrators. Each user can redeem it once.

Examples:
  campuszon admin voucher create --tokens 5
  CODE=$(campuszon admin voucher create --tokens 2 --uses 300 --expires-in-days 14)")]
pub struct CreateArgs {
    /// How many tokens each user gets
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1000))]
    tokens: i64,
    /// How many users may redeem it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    uses: i64,
    /// When it ends; never when absent
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    expires_in_days: Option<i64>,
    #[command(flatten)]
    create: Create,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin voucher list
  campuszon admin voucher list --all --json=code,used,uses")]
pub struct ListArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin voucher delete 7K2M-QX9D-3FTB
  campuszon admin voucher delete 7k2mqx9d3ftb --yes")]
pub struct DeleteArgs {
    /// The voucher's code
    #[arg(value_name = "CODE")]
    code: String,
    #[command(flatten)]
    change: Change,
}

impl VoucherCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Create(args) => create(args, context).await,
            Self::List(args) => list(args, context).await,
            Self::Delete(args) => delete(args, context).await,
        }
    }
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::NEW_VOUCHER)?;
    let client = context.changing(&args.create.change)?;
    let wish = CreateVoucher { tokens: args.tokens, uses: Some(args.uses), expires_in_days: args.expires_in_days };
    let voucher = client.create_voucher(&wish, args.create.idempotency_key.as_deref()).await?;
    let (tokens, users) = (text::count(voucher.tokens, "token"), text::count(voucher.uses, "user"));
    context.output.notice(&format!("Brings {tokens} to {users}."));
    Ok(context.output.one(&shapes::NEW_VOUCHER, &voucher)?)
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::VOUCHER)?;
    let client = context.client()?;
    let vouchers = args.paging.gather(context, async |page| client.vouchers(page).await).await?;
    if vouchers.is_empty() {
        context.output.notice("no vouchers");
    }
    Ok(context.output.list(&shapes::VOUCHER, &vouchers)?)
}

async fn delete(args: DeleteArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let code: VoucherCode =
        args.code.parse().map_err(|error| CommandError::usage(format!("{:?} {error}", args.code)))?;
    let client = context.changing(&args.change)?;
    context.confirm(&args.change, &format!("End the voucher {code}?"))?;
    client.delete_voucher(&code).await?;
    let done = Done { id: code.to_string(), status: "deleted" };
    Ok(context.output.changed(&shapes::DONE, &done, &format!("Ended {code}."))?)
}
