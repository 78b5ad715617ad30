//! `item unlock`: how to reach a seller.

use campuszon_core::{ItemId, text};
use clap::Args;

use crate::{
    command::{Create, ids, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(
    after_help = "It costs a token, once; free items cost nothing. It comes back when nothing comes of it through no
fault of yours.

Examples:
  campuszon item unlock itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item unlock itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=contact.phone"
)]
pub struct UnlockArgs {
    /// An item's id or link
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    create: Create,
}

pub async fn run(args: UnlockArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::UNLOCKED)?;
    let id: ItemId = ids::one(&args.id)?;
    let client = context.changing(&args.create.change)?;
    let unlocked = client.unlock(id, args.create.idempotency_key.as_deref()).await?;
    let left = format!("Unlocked; you have {}.", text::count(unlocked.tokens, "token"));
    context.output.notice(&left);
    Ok(context.output.one(&shapes::UNLOCKED, &unlocked)?)
}
