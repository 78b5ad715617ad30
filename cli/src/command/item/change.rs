//! Steps in the life of items: `item publish`, `withdraw`, `relist`, `renew`, `sold`, `delete`, and the star.

use std::time::Duration;

use campuszon_core::{
    ItemId,
    item::ItemStatus,
    time::parse_duration,
    wire::{image::ImageStatus, item::Item},
};
use clap::Args;

use crate::{
    client::{Client, ItemAction, is_pending},
    command::{Change, CommandError, batch, batch::Done, shapes},
    context::Context,
    failure::Failure,
};

/// Waiting for the pictures of an item.
#[derive(Args, Clone, Debug)]
pub struct Wait {
    /// Wait until its pictures are ready and it is listed, at most so long
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "60s", value_parser = parse_duration)]
    wait: Option<Duration>,
}

#[derive(Args, Debug)]
pub struct StepArgs {
    /// Item ids or links; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
pub struct DeleteArgs {
    /// Item ids or links; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
pub struct FavoriteArgs {
    /// Item ids or links; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

pub async fn step(args: StepArgs, action: ItemAction, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM)?;
    let client = context.changing(&args.change)?;
    let items = batch::each(args.ids, async |id: ItemId| {
        let item = client.advance_item(id, action).await?;
        args.wait.until_listed(context, &client, item).await
    });
    items.await?.tell(context, &shapes::ITEM, said)
}

pub async fn delete(args: DeleteArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    context.confirm(&args.change, &question(&args.ids))?;
    let items = batch::each(args.ids, async |id: ItemId| {
        client.delete_item(id).await?;
        Ok(Done { id: id.to_string(), status: "deleted" })
    });
    items.await?.tell(context, &shapes::DONE, |done| format!("Deleted {}.", done.id))
}

fn question(ids: &[String]) -> String {
    match ids {
        [one] if one == "-" => "Delete these items?".to_owned(),
        [one] => format!("Delete {one}?"),
        many => format!("Delete {} items?", many.len()),
    }
}

pub async fn favorite(args: FavoriteArgs, favorite: bool, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    let status = if favorite { "favorite" } else { "not_favorite" };
    let items = batch::each(args.ids, async |id: ItemId| {
        client.set_favorite(id, favorite).await?;
        Ok(Done { id: id.to_string(), status })
    });
    let verb = if favorite { "Starred" } else { "Took the star from" };
    items.await?.tell(context, &shapes::DONE, |done| format!("{verb} {}.", done.id))
}

/// How an item stands now, in a sentence.
pub fn said(item: &Item) -> String {
    format!("{} is {}: {}", item.summary.title, item.summary.status, item.summary.id)
}

impl Wait {
    /// The item once it is listed, where that is wanted.
    ///
    /// # Errors
    /// [`CommandError::Pending`] when time runs out, [`CommandError::Unlisted`] when no picture could be used.
    pub async fn until_listed(&self, context: &Context, client: &Client, item: Item) -> Result<Item, Failure> {
        let Some(patience) = self.wait.filter(|_| is_pending(&item)) else { return Ok(item) };
        let was_processing = item.summary.status == ItemStatus::Processing;
        let _progress = context.output.progress("the server works on the pictures");
        let item = client.await_item(item.summary.id, patience).await?;
        let id = item.summary.id;
        if is_pending(&item) {
            let message = format!("{id} is still processing after {} s", patience.as_secs());
            return Err(CommandError::Pending(message).into());
        }
        if was_processing && item.summary.status == ItemStatus::Draft {
            return Err(CommandError::Unlisted(format!("{id} stays a draft: {}", reasons(&item))).into());
        }
        Ok(item)
    }
}

/// Why the pictures of an item failed.
fn reasons(item: &Item) -> String {
    let failed = item.images.iter().filter(|image| image.status == ImageStatus::Failed);
    let reasons: Vec<&str> = failed.filter_map(|image| image.error.as_deref()).collect();
    if reasons.is_empty() { "no picture could be used".to_owned() } else { reasons.join("; ") }
}
