//! `campuszon booking`: from a request to the handover, and what the two say of it.

mod request;
mod review;

use campuszon_core::{
    BookingId, Decimal,
    booking::{BookingStatus, Side},
    wire::booking::Booking,
};
use clap::{Args, Subcommand};

use super::{Change, batch, paging::Paging, shapes, word::one_of};
use crate::{
    client::{BookingAction, BookingQuery, ClientError},
    context::Context,
    failure::Failure,
};

/// What to do with bookings.
#[derive(Debug, Subcommand)]
pub enum BookingCommand {
    /// Ask for an item
    Request(request::RequestArgs),
    /// List your bookings, newest first
    List(ListArgs),
    /// Show bookings in full
    Show(ShowArgs),
    /// Agree to the offer on the table
    #[command(after_help = "The item is held for the buyer, and both see how to reach each other.

Examples:
  campuszon booking accept bkg_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon booking accept bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=status,handover_code")]
    Accept(StepArgs),
    /// Name another price
    Counter(CounterArgs),
    /// Refuse a request
    #[command(after_help = "The buyer gets back what the unlock cost.

Examples:
  campuszon booking decline bkg_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon booking decline bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason 'Promised to a friend'")]
    Decline(EndArgs),
    /// Call a booking off
    #[command(after_help = "A buyer who calls off gets no token back; when the seller does, the buyer does.

Examples:
  campuszon booking cancel bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason 'I found another'
  campuszon booking cancel bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --yes")]
    Cancel(EndArgs),
    /// Give an accepted booking more time, once
    #[command(after_help = "Examples:
  campuszon booking extend bkg_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon booking extend bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=deadline_at")]
    Extend(StepArgs),
    /// Say that it was handed over
    Complete(CompleteArgs),
    /// Rate the other side of a deal
    Review(review::ReviewArgs),
    /// Answer what somebody wrote of you
    Answer(review::AnswerArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon booking list --role seller --status pending
  campuszon booking list --all --json=id,status,item.title,price")]
pub struct ListArgs {
    /// What you are in them
    #[arg(long, value_parser = one_of!(Side))]
    role: Option<Side>,
    /// Only those that stand so; repeatable
    #[arg(long, value_parser = one_of!(BookingStatus), value_delimiter = ',')]
    status: Vec<BookingStatus>,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "One id prints an object, several (or -) an array.

Examples:
  campuszon booking show bkg_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon booking show bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --json=handover_code,contact")]
pub struct ShowArgs {
    /// Booking ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

#[derive(Args, Debug)]
pub struct StepArgs {
    /// Booking ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Without --version it answers the newest offer.

Examples:
  campuszon booking counter bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --price 25
  campuszon booking counter bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --price 22.5 --version 3")]
pub struct CounterArgs {
    /// A booking's id
    #[arg(value_name = "ID")]
    id: String,
    /// The price, in the server's currency
    #[arg(long, allow_negative_numbers = true)]
    price: Decimal,
    /// The version of the offer that is answered
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
pub struct EndArgs {
    /// Booking ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Why, for the other to read
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(
    after_help = "The seller completes it with the code that the buyer tells when they meet. Without a code, each of the
two says so; when the other stays silent, that holds after a while.

Examples:
  campuszon booking complete bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --code 271828
  campuszon booking complete bkg_01hzy3v5k8q2w4e6r8t0y2u4m6"
)]
pub struct CompleteArgs {
    /// A booking's id
    #[arg(value_name = "ID")]
    id: String,
    /// The buyer's six digits
    #[arg(long)]
    code: Option<String>,
    #[command(flatten)]
    change: Change,
}

impl BookingCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Request(args) => request::run(args, context).await,
            Self::List(args) => list(args, context).await,
            Self::Show(args) => show(args, context).await,
            Self::Accept(args) => step(args, BookingAction::Accept, context).await,
            Self::Extend(args) => step(args, BookingAction::Extend, context).await,
            Self::Counter(args) => counter(args, context).await,
            Self::Decline(args) => decline(args, context).await,
            Self::Cancel(args) => cancel(args, context).await,
            Self::Complete(args) => complete(args, context).await,
            Self::Review(args) => review::run(args, context).await,
            Self::Answer(args) => review::answer(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::BOOKING)?;
    let client = context.client()?;
    let query = BookingQuery { role: args.role, status: args.status };
    let bookings = args.paging.gather(context, async |page| client.bookings(&query, page).await).await?;
    if bookings.is_empty() {
        context.output.notice("no bookings");
    }
    Ok(context.output.list(&shapes::BOOKING, &bookings)?)
}

async fn show(args: ShowArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::BOOKING)?;
    let client = context.client()?;
    let bookings = batch::each(args.ids, async |id: BookingId| Ok(client.booking(id).await?)).await?;
    bookings.show(context, &shapes::BOOKING)
}

async fn step(args: StepArgs, action: BookingAction, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    change(context, args.ids, async |id| client.advance_booking(id, action).await).await
}

async fn counter(args: CounterArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    change(context, vec![args.id], async |id| {
        let version = match args.version {
            Some(version) => version,
            None => client.booking(id).await?.version,
        };
        client.counter(id, args.price, version).await
    })
    .await
}

async fn decline(args: EndArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    change(context, args.ids, async |id| client.decline(id, args.reason.clone()).await).await
}

async fn cancel(args: EndArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    context.confirm(&args.change, &question(&args.ids))?;
    change(context, args.ids, async |id| client.cancel_booking(id, args.reason.clone()).await).await
}

async fn complete(args: CompleteArgs, context: &Context) -> Result<(), Failure> {
    let client = context.changing(&args.change)?;
    change(context, vec![args.id], async |id| client.complete(id, args.code.clone()).await).await
}

fn question(ids: &[String]) -> String {
    match ids {
        [one] if one == "-" => "Cancel these bookings?".to_owned(),
        [one] => format!("Cancel {one}?"),
        many => format!("Cancel {} bookings?", many.len()),
    }
}

/// Changes these bookings and tells how each stands.
async fn change(
    context: &Context,
    ids: Vec<String>,
    change: impl AsyncFn(BookingId) -> Result<Booking, ClientError>,
) -> Result<(), Failure> {
    context.output.check(&shapes::BOOKING)?;
    let bookings = batch::each(ids, async |id: BookingId| Ok(change(id).await?)).await?;
    bookings.tell(context, &shapes::BOOKING, said)
}

/// How a booking stands now, in a sentence.
fn said(booking: &Booking) -> String {
    let Booking { item, status, price, currency, .. } = booking;
    let turn = booking.turn.map(|turn| if turn == booking.role { ", your turn" } else { ", the other's turn" });
    let code = booking.handover_code.as_ref().map(|code| format!("; tell the seller {code} when you meet"));
    let waiting = booking.waiting.map(|place| format!("; number {place} on the waiting list"));
    format!(
        "The booking of {} is {status} at {price} {currency}{}{}{}: {}",
        item.title,
        turn.unwrap_or_default(),
        waiting.unwrap_or_default(),
        code.unwrap_or_default(),
        booking.id,
    )
}
