//! `booking review` and `booking answer`: what the two say of a deal.

use campuszon_core::{BookingId, ReviewId, wire::booking::CreateReview};
use clap::Args;

use crate::{
    command::{Change, Create, ids, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "The other reads it once they have written theirs too, or when the time for reviews is over.

Examples:
  campuszon booking review bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --rating 5 --comment 'Friendly and on time'
  campuszon booking review bkg_01hzy3v5k8q2w4e6r8t0y2u4m6 --rating 3")]
pub struct ReviewArgs {
    /// A booking's id
    #[arg(value_name = "ID")]
    id: String,
    /// 1 to 5
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=5))]
    rating: i64,
    /// In words
    #[arg(long)]
    comment: Option<String>,
    #[command(flatten)]
    create: Create,
}

#[derive(Args, Debug)]
#[command(after_help = "Once for each review.

Examples:
  campuszon user reviews @me
  campuszon booking answer rev_01hzy3v5k8q2w4e6r8t0y2u4m6 'Thank you'
  campuszon booking answer rev_01hzy3v5k8q2w4e6r8t0y2u4m6 'Gladly again' --json=answer")]
pub struct AnswerArgs {
    /// A review's id
    #[arg(value_name = "REVIEW")]
    id: String,
    /// What you say to it
    #[arg(value_name = "TEXT")]
    answer: String,
    #[command(flatten)]
    change: Change,
}

pub async fn run(args: ReviewArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::REVIEW)?;
    let id: BookingId = ids::one(&args.id)?;
    let client = context.changing(&args.create.change)?;
    let new = CreateReview { rating: args.rating, comment: args.comment };
    let review = client.review(id, &new, args.create.idempotency_key.as_deref()).await?;
    let when = if review.shown { "both reviews are shown now" } else { "it is shown once the other has written too" };
    let done = format!("Reviewed with {} of 5: {when}.", review.rating);
    Ok(context.output.changed(&shapes::REVIEW, &review, &done)?)
}

pub async fn answer(args: AnswerArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::REVIEW)?;
    let id: ReviewId = ids::one(&args.id)?;
    let client = context.changing(&args.change)?;
    let review = client.answer_review(id, args.answer).await?;
    let done = format!("Answered the review by {}.", review.author.name);
    Ok(context.output.changed(&shapes::REVIEW, &review, &done)?)
}
