//! `item edit`: changing a listing.

use std::{
    io::{self, Read},
    path::PathBuf,
};

use campuszon_core::{
    Decimal, ItemId,
    item::{Condition, Listing, RentPeriod},
};
use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    change::{Wait, said},
    image,
};
use crate::{
    command::{Change, CommandError, ids, shapes, user::cleared_if_empty, word::one_of},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "An empty text clears a field. Pictures are added to those there are.

Examples:
  campuszon item edit itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --price 25
  campuszon item edit itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --pickup '' --image side.jpg")]
pub struct EditArgs {
    /// An item's id or link
    #[arg(value_name = "ID")]
    id: String,
    /// What it is, in 3 to 120 characters
    #[arg(long)]
    title: Option<String>,
    /// What there is to say about it; - reads stdin
    #[arg(long)]
    description: Option<String>,
    /// The price, in the server's currency
    #[arg(long, allow_negative_numbers = true)]
    price: Option<Decimal>,
    /// The currency, which must be the server's
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// What is offered
    #[arg(long, value_parser = one_of!(Listing))]
    listing: Option<Listing>,
    /// What one price of a rental buys
    #[arg(long, value_name = "PERIOD", value_parser = one_of!(RentPeriod))]
    rent_period: Option<RentPeriod>,
    /// The category
    #[arg(long)]
    category: Option<String>,
    /// How worn it is
    #[arg(long, value_parser = one_of!(Condition))]
    condition: Option<Condition>,
    /// Where to collect it
    #[arg(long, value_name = "PLACE")]
    pickup: Option<String>,
    /// Another picture; repeatable
    #[arg(long = "image", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    images: Vec<PathBuf>,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    change: Change,
}

/// What can be changed.
const FLAGS: [&str; 10] = [
    "--title",
    "--description",
    "--price",
    "--currency",
    "--listing",
    "--rent-period",
    "--category",
    "--condition",
    "--pickup",
    "--image",
];

pub async fn run(args: EditArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM)?;
    let id: ItemId = ids::one(&args.id)?;
    let (change, wait, files) = (args.change.clone(), args.wait.clone(), args.images.clone());
    let patch = patch(args)?;
    if patch.is_empty() && files.is_empty() {
        return Err(CommandError::NothingToChange(&FLAGS).into());
    }
    let client = context.changing(&change)?;
    let mut item = None;
    if !files.is_empty() {
        item = Some(image::append(context, &client, id, &files).await?);
    }
    if !patch.is_empty() {
        item = Some(client.edit_item(id, &patch, None).await?);
    }
    let Some(item) = item else { return Ok(()) };
    let item = wait.until_listed(context, &client, item).await?;
    Ok(context.output.changed(&shapes::ITEM, &item, &said(&item))?)
}

/// The fields to change, as the API spells them.
fn patch(args: EditArgs) -> Result<Map<String, Value>, CommandError> {
    let description = args.description.map(text_or_stdin).transpose()?;
    let fields = [
        ("title", args.title.map(Value::String)),
        ("description", description.map(cleared_if_empty)),
        ("price", args.price.map(|price| json!(price))),
        ("currency", args.currency.map(Value::String)),
        ("listing", args.listing.map(|listing| json!(listing))),
        ("rent_period", args.rent_period.map(|period| json!(period))),
        ("category", args.category.map(Value::String)),
        ("condition", args.condition.map(|condition| json!(condition))),
        ("pickup", args.pickup.map(cleared_if_empty)),
    ];
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}

/// The text itself, or all of stdin for `-`.
pub fn text_or_stdin(text: String) -> Result<String, CommandError> {
    if text != "-" {
        return Ok(text);
    }
    let mut all = String::new();
    let read = io::stdin().lock().read_to_string(&mut all);
    read.map_err(|source| CommandError::File { path: "-".into(), source })?;
    Ok(all.trim_end().to_owned())
}
