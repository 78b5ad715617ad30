//! `admin item`: items of the campus, in every state.

use campuszon_core::{ItemId, item::ItemStatus, wire::trust::ModeratedItem};
use clap::{Args, Subcommand};

use super::Reason;
use crate::{
    command::{Change, batch, paging::Paging, shapes, word::one_of},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum ItemCommand {
    /// List items in every state, newest first
    List(ListArgs),
    /// Take items off
    #[command(after_help = "Their sellers are told. Open reports on them are upheld.

Examples:
  campuszon admin item remove itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason 'weapons are not allowed'
  campuszon admin item list --hidden --format ids | campuszon admin item remove - --reason spam")]
    Remove(ActArgs),
    /// Bring back items that were taken off, or that reports hid
    #[command(after_help = "Open reports on them are dismissed.

Examples:
  campuszon admin item restore itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon admin item list --hidden --format ids | campuszon admin item restore -")]
    Restore(ActArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin item list --hidden
  campuszon admin item list --status removed --json=id,title,seller.name")]
pub struct ListArgs {
    /// In this state
    #[arg(long, value_name = "STATUS", value_parser = one_of!(ItemStatus))]
    status: Option<ItemStatus>,
    /// Hidden by reports; =false for those that are not
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    hidden: Option<bool>,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
pub struct ActArgs {
    /// Item ids or links; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    change: Change,
}

impl ItemCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(args, context).await,
            Self::Remove(args) => remove(args, context).await,
            Self::Restore(args) => restore(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_ITEM)?;
    let client = context.client()?;
    let fetch = async |page| client.moderated_items(args.status, args.hidden, page).await;
    let items = args.paging.gather(context, fetch).await?;
    if items.is_empty() {
        context.output.notice("no items");
    }
    Ok(context.output.list(&shapes::MODERATED_ITEM, &items)?)
}

async fn remove(args: ActArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_ITEM)?;
    let (client, reason) = (context.changing(&args.change)?, args.reason.reason.as_deref());
    let items = batch::each(args.ids, async |id: ItemId| Ok(client.remove_item(id, reason).await?));
    items.await?.tell(context, &shapes::MODERATED_ITEM, said)
}

async fn restore(args: ActArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MODERATED_ITEM)?;
    let (client, reason) = (context.changing(&args.change)?, args.reason.reason.as_deref());
    let items = batch::each(args.ids, async |id: ItemId| Ok(client.restore_item(id, reason).await?));
    items.await?.tell(context, &shapes::MODERATED_ITEM, said)
}

fn said(item: &ModeratedItem) -> String {
    format!("{} is {}: {}", item.title, item.status, item.id)
}
