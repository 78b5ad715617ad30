//! `admin queue`: the pictures that the server is to make ready, and those it gave up.

use campuszon_core::text;
use clap::{Args, Subcommand};

use crate::{
    command::{Change, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// Show how many pictures wait, and what was given up and why
    Show(ShowArgs),
    /// Try again what was given up
    Retry(RetryArgs),
}

#[derive(Args, Debug)]
#[command(
    after_help = "For administrators. Given up is what failed three times through no fault of the file, such as on a full
disk; the file is kept for another try.

Examples:
  campuszon admin queue show
  campuszon admin queue show --json=waiting,failed,dead"
)]
pub struct ShowArgs {}

#[derive(Args, Debug)]
#[command(after_help = "For administrators.

Examples:
  campuszon admin queue retry
  campuszon admin queue retry --json=retried")]
pub struct RetryArgs {
    #[command(flatten)]
    change: Change,
}

impl QueueCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Show(_) => {
                context.output.check(&shapes::QUEUE)?;
                Ok(context.output.one(&shapes::QUEUE, &context.client()?.image_queue().await?)?)
            }
            Self::Retry(args) => {
                context.output.check(&shapes::RETRIED)?;
                let answer = context.changing(&args.change)?.retry_images().await?;
                let done = format!("{} will be tried again.", text::count(answer.retried, "job"));
                Ok(context.output.changed(&shapes::RETRIED, &answer, &done)?)
            }
        }
    }
}
