//! `admin stats`: the numbers of the campus, and for administrators those of the server.

mod figures;
#[cfg(test)]
mod tests;

use std::{num::NonZeroU16, time::Duration};

use campuszon_core::wire::{server::ServerStats, trust::Stats};
use clap::Args;

use crate::{
    client::Client,
    command::shapes,
    context::{Context, environment},
    failure::Failure,
    output::dashboard::{self, Painting},
};

#[derive(Args, Debug)]
#[command(
    after_help = "Administrators see the numbers of the server too: those of the node that answers, since it started.

Examples:
  campuszon admin stats
  campuszon admin stats --watch=5
  campuszon admin stats --json=users_active,items_listed,reports_open"
)]
pub struct StatsArgs {
    /// Shows them again every so many seconds, with what happened in between, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2")]
    watch: Option<NonZeroU16>,
}

pub async fn run(args: StatsArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::STATS)?;
    let client = context.client()?;
    match args.watch {
        None => show(&client.stats().await?, context),
        Some(seconds) => watch(&client, Duration::from_secs(seconds.get().into()), context).await,
    }
}

fn show(stats: &Stats, context: &Context) -> Result<(), Failure> {
    match drawing(stats, None, context) {
        Some(text) => Ok(context.output.drawn(&text)?),
        None => Ok(context.output.one(&shapes::STATS, stats)?),
    }
}

async fn watch(client: &Client, every: Duration, context: &Context) -> Result<(), Failure> {
    let (mut earlier, mut painting) = (None, Painting::default());
    loop {
        let stats = client.stats().await?;
        match drawing(&stats, earlier.as_ref(), context) {
            Some(text) => context.output.repaint(&mut painting, &text)?,
            None => context.output.event(&shapes::STATS, &stats)?,
        }
        earlier = stats.server;
        tokio::time::sleep(every).await;
    }
}

/// What people are shown; `None` where programs read, or for whom there is nothing but the campus's numbers.
fn drawing(stats: &Stats, earlier: Option<&ServerStats>, context: &Context) -> Option<String> {
    let server = stats.server.as_ref().filter(|_| context.output.is_for_people())?;
    let lines = figures::lines(stats, server, earlier);
    Some(dashboard::draw(&lines, &context.output.terminal, is_ascii(context)))
}

/// Whether ASCII is all that should be drawn with: by the settings, or as the locale says.
fn is_ascii(context: &Context) -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| environment(name).filter(|v| !v.is_empty()));
    let is_unicode = |locale: String| locale.to_ascii_lowercase().replace('-', "").contains("utf8");
    context.settings().is_ok_and(|settings| settings.ascii) || !locale.is_none_or(is_unicode)
}
