//! `booking request`: asking for an item.

use campuszon_core::{Day, Decimal, ItemId, Timestamp, wire::booking::CreateBooking};
use clap::Args;

use super::said;
use crate::{
    command::{Create, ids, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "It unlocks the item first, where that is needed, and opens the chat with its seller.

Examples:
  campuszon booking request itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --offer 25 --message 'Tomorrow at the library?'
  campuszon booking request itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --from 2027-02-01 --to 2027-02-05")]
pub struct RequestArgs {
    /// An item's id or link
    #[arg(value_name = "ITEM")]
    item: String,
    /// A word to the seller
    #[arg(long)]
    message: Option<String>,
    /// Another price than the listed one
    #[arg(long, value_name = "PRICE", alias = "offered-price", allow_negative_numbers = true)]
    offer: Option<Decimal>,
    /// When to meet, such as 2027-01-31T09:30:00Z
    #[arg(long, value_name = "TIME")]
    meet_at: Option<Timestamp>,
    /// Where to meet
    #[arg(long, value_name = "PLACE")]
    meet_place: Option<String>,
    /// The first day of a rental, such as 2027-01-31
    #[arg(long, value_name = "DAY", requires = "to")]
    from: Option<Day>,
    /// The last day of a rental
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<Day>,
    #[command(flatten)]
    create: Create,
}

pub async fn run(args: RequestArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::BOOKING)?;
    let item: ItemId = ids::one(&args.item)?;
    let client = context.changing(&args.create.change)?;
    let wish = CreateBooking {
        message: args.message,
        offered_price: args.offer,
        meet_at: args.meet_at,
        meet_place: args.meet_place,
        from: args.from,
        to: args.to,
    };
    let booking = client.request(item, &wish, args.create.idempotency_key.as_deref()).await?;
    Ok(context.output.changed(&shapes::BOOKING, &booking, &said(&booking))?)
}
