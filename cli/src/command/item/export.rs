//! `item export`: one's own items in every state.

use campuszon_core::{item::ItemStatus, wire::item::Item};
use clap::Args;

use crate::{
    client::{ClientError, ItemQuery, PageRequest, follow},
    command::shapes,
    context::Context,
    failure::Failure,
    output::Format,
};

#[derive(Args, Debug)]
#[command(after_help = "JSON lines, one item each, unless --format csv. `item import` reads both.

Examples:
  campuszon item export > items.jsonl
  campuszon item export --format csv --fields title,price,status > items.csv")]
pub struct ExportArgs {}

pub async fn run(_: ExportArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::EXPORTED_ITEM)?;
    let client = context.client()?;
    let query = ItemQuery {
        seller: Some("me".to_owned()),
        status: ItemStatus::ALL.to_vec(),
        sort: Some("oldest".to_owned()),
        ..ItemQuery::default()
    };
    let progress = context.output.progress("reading the list");
    let listed = follow(None, None, async |page: PageRequest| client.items(&query, page).await).await?.rows;
    let mut items = Vec::with_capacity(listed.len());
    for (number, summary) in listed.iter().enumerate() {
        progress.say(&format!("item {} of {}", number + 1, listed.len()));
        items.push(client.item(summary.id).await?);
    }
    drop(progress);
    match context.output.format {
        Format::Table | Format::Rows => lines(&items, context),
        _ => Ok(context.output.list(&shapes::EXPORTED_ITEM, &items)?),
    }
}

fn lines(items: &[Item], context: &Context) -> Result<(), Failure> {
    for item in items {
        let item = serde_json::to_value(item).map_err(|error| ClientError::Answer(error.to_string()))?;
        context.output.json_event(&shapes::EXPORTED_ITEM, &item)?;
    }
    Ok(())
}
