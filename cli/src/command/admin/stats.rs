//! `admin stats`: the numbers of the campus.

use clap::Args;

use crate::{command::shapes, context::Context, failure::Failure};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon admin stats
  campuszon admin stats --json=users_active,items_listed,reports_open")]
pub struct StatsArgs {}

pub async fn run(_: StatsArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::STATS)?;
    Ok(context.output.one(&shapes::STATS, &context.client()?.stats().await?)?)
}
