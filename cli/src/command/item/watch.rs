//! `item watch`: new items that match, as they are offered, without gap or repeat across reconnections.

use std::collections::HashMap;

use campuszon_core::{
    ItemId, Timestamp,
    wire::{
        item::ItemSummary,
        live::{ClientFrame, ServerFrame},
    },
};
use clap::Args;

use super::list::Wanted;
use crate::{
    client::{Client, ClientError, ItemQuery, LiveEvent, PageRequest},
    command::{CommandError, shapes},
    context::Context,
    failure::Failure,
};

/// What the client calls its watch.
const REFERENCE: &str = "item-watch";

/// How many of the newest items are looked at to see what was missed.
const LOOKED_AT: usize = 100;

#[derive(Args, Debug)]
#[command(
    after_help = "Goes on until Ctrl-C, through lost connections too. Prints what is offered from now on, for the first
time or again; words and filters are those of `item list`.

Examples:
  campuszon item watch 'graphics card' --max-price 200
  campuszon item watch 'bicycle -broken' --json | while read -r item; do …; done"
)]
pub struct WatchArgs {
    #[command(flatten)]
    wanted: Wanted,
}

pub async fn run(args: WatchArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM_SUMMARY)?;
    let query = ItemQuery { sort: Some("newest".to_owned()), ..args.wanted.query()? };
    let client = context.client()?;
    // What is there before the connection stands is old; what comes between the two is caught up with.
    let seen = newest(&client, &query).await.map_err(|error| Failure::from(error).into_usage())?;
    let seen = seen.into_iter().map(|item| (item.id, item.updated_at)).collect();
    let mut watch = Watch { context, query, seen };
    let mut live = client.live();
    let mut is_first = true;
    while let Some(event) = live.next().await {
        match event {
            LiveEvent::Up => {
                live.sender().send(watch.frame()?);
                context.output.notice(if is_first { "watching; Ctrl-C ends it" } else { "connected again" });
                is_first = false;
            }
            // From here on the server tells; what came before is looked for.
            LiveEvent::Frame(ServerFrame::Ok { reference: Some(reference) }) if reference == REFERENCE => {
                watch.catch_up(&client).await?;
            }
            LiveEvent::Frame(ServerFrame::Error { reference: Some(reference), detail, .. })
                if reference == REFERENCE =>
            {
                return Err(CommandError::usage(detail).into());
            }
            LiveEvent::Frame(ServerFrame::Item { item }) => watch.offered(&item)?,
            // Items are no entries of the inbox: after a long gap the list tells them as after a short one.
            LiveEvent::Missed | LiveEvent::Frame(_) => {}
            LiveEvent::Down { reason, retry_in } => {
                context.output.notice(&format!("{reason}; trying again in {} s", retry_in.as_secs().max(1)));
            }
            LiveEvent::Ended(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The newest items that match, oldest first.
async fn newest(client: &Client, query: &ItemQuery) -> Result<Vec<ItemSummary>, ClientError> {
    let page = PageRequest { limit: Some(LOOKED_AT), cursor: None };
    let mut items = client.items(query, page).await?;
    // A list forgives typing errors; a watch takes its words as they are.
    if items.corrected_query.is_some() {
        items.items.clear();
    }
    items.items.reverse();
    Ok(items.items)
}

struct Watch<'a> {
    context: &'a Context,
    query: ItemQuery,
    /// The items printed, or there before, each as of when.
    seen: HashMap<ItemId, Timestamp>,
}

impl Watch<'_> {
    fn frame(&self) -> Result<ClientFrame, Failure> {
        Ok(ClientFrame::Watch { reference: Some(REFERENCE.to_owned()), query: self.query.encoded()? })
    }

    /// Prints what was offered while nobody listened.
    async fn catch_up(&mut self, client: &Client) -> Result<(), Failure> {
        for item in newest(client, &self.query).await? {
            if !self.seen.contains_key(&item.id) {
                self.print(&item)?;
            }
        }
        Ok(())
    }

    /// Prints an item that is offered, unless the list has shown it since.
    fn offered(&mut self, item: &ItemSummary) -> Result<(), Failure> {
        let is_old = self.seen.get(&item.id).is_some_and(|seen| item.updated_at <= *seen);
        if is_old { Ok(()) } else { self.print(item) }
    }

    fn print(&mut self, item: &ItemSummary) -> Result<(), Failure> {
        self.seen.insert(item.id, item.updated_at);
        Ok(self.context.output.event(&shapes::ITEM_SUMMARY, item)?)
    }
}
