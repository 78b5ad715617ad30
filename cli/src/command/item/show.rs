//! `item show`: whole items.

use campuszon_core::ItemId;
use clap::Args;

use crate::{
    command::{batch, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "One id prints an object, several (or -) an array.

Examples:
  campuszon item show itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon item list calculus --format ids | campuszon item show - --json=title,description")]
pub struct ShowArgs {
    /// Item ids or links; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

pub async fn run(args: ShowArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM)?;
    let client = context.client()?;
    let items = batch::each(args.ids, async |id: ItemId| Ok(client.item(id).await?)).await?;
    items.show(context, &shapes::ITEM)
}
