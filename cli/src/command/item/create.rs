//! `item create`: a new listing, pictures included.

use std::path::PathBuf;

use campuszon_core::{
    Decimal,
    item::{Condition, Listing, RentPeriod},
    wire::item::CreateItem,
};
use clap::Args;

use super::change::{Wait, said};
use crate::{
    command::{CommandError, Create, missing::NEEDED, picture, shapes, word::one_of},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "Pictures are made upright and small, and lose their position, before they are sent.

Examples:
  campuszon item create --title 'Calculus, 8th ed.' --price 30 --category books --condition good --image book.jpg
  campuszon item create --title 'Desk to give away' --listing free --category furniture --condition fair --image desk.jpg --wait")]
pub struct CreateArgs {
    /// What it is, in 3 to 120 characters
    #[arg(long, help_heading = NEEDED)]
    title: Option<String>,
    /// What there is to say about it; - reads stdin
    #[arg(long)]
    description: Option<String>,
    /// The price, in the server's currency
    #[arg(long, allow_negative_numbers = true, help_heading = NEEDED)]
    price: Option<Decimal>,
    /// The currency, which must be the server's
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// What is offered; sale when absent
    #[arg(long, value_parser = one_of!(Listing))]
    listing: Option<Listing>,
    /// What one price of a rental buys
    #[arg(long, value_name = "PERIOD", value_parser = one_of!(RentPeriod))]
    rent_period: Option<RentPeriod>,
    /// The category
    #[arg(long, help_heading = NEEDED)]
    category: Option<String>,
    /// How worn it is
    #[arg(long, value_parser = one_of!(Condition), help_heading = NEEDED)]
    condition: Option<Condition>,
    /// Where to collect it
    #[arg(long, value_name = "PLACE")]
    pickup: Option<String>,
    /// A picture; repeatable, the first is the cover
    #[arg(long = "image", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    images: Vec<PathBuf>,
    /// Keep it unpublished
    #[arg(long)]
    draft: bool,
    #[command(flatten)]
    wait: Wait,
    #[command(flatten)]
    create: Create,
}

pub async fn run(args: CreateArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::ITEM)?;
    let client = context.changing(&args.create.change)?;
    let (wait, files) = (args.wait.clone(), args.images.clone());
    let key = args.create.idempotency_key.clone();
    let mut item = filled_in(args, context)?;
    item.images = picture::upload(context, &client, &files, key.as_deref()).await?;
    let item = client.create_item(&item, key.as_deref()).await?;
    let item = wait.until_listed(context, &client, item).await?;
    Ok(context.output.changed(&shapes::ITEM, &item, &said(&item))?)
}

/// The listing of the flags; what is missing is asked for.
fn filled_in(args: CreateArgs, context: &Context) -> Result<CreateItem, Failure> {
    let needs_price = args.listing != Some(Listing::Free);
    let mut ask = context.prompt.ask();
    let title = ask.text("--title", "Title:", args.title);
    let category = ask.text("--category", "Category:", args.category);
    let condition = ask.text("--condition", &label("Condition"), args.condition.map(|given| given.to_string()));
    let price = needs_price.then(|| ask.text("--price", "Price:", args.price.map(|price| price.to_string())));
    ask.finish()?;
    Ok(CreateItem {
        title,
        description: args.description.map(super::edit::text_or_stdin).transpose()?,
        price: price.map(|price| price.parse().map_err(|error| wrong("price", &error))).transpose()?,
        currency: args.currency,
        listing: args.listing,
        rent_period: args.rent_period,
        category,
        condition: condition.parse().map_err(|error: String| wrong("condition", &error))?,
        pickup: args.pickup,
        images: Vec::new(),
        draft: args.draft.then_some(true),
    })
}

fn label(name: &str) -> String {
    let words: Vec<&str> = Condition::ALL.iter().map(|word| word.as_str()).collect();
    format!("{name} ({}):", words.join(", "))
}

fn wrong(field: &str, error: &impl ToString) -> CommandError {
    CommandError::usage(format!("{field}: {}", error.to_string()))
}
