//! `campuszon watch`: every live event, one JSON object a line.

use clap::Args;

use super::shapes;
use crate::{client::LiveEvent, context::Context, failure::Failure};

/// The events there are.
const TYPES: [&str; 6] = ["message", "message_updated", "receipt", "image", "notification", "booking"];

#[derive(Args, Debug)]
#[command(after_help = "Goes on until Ctrl-C, through lost connections too.

Examples:
  campuszon watch
  campuszon watch --type message,receipt | jq --unbuffered -r .type")]
pub struct WatchArgs {
    /// Only events of these types, comma-separated
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = TYPES)]
    types: Vec<String>,
}

/// Follows the live connection until it ends for good.
///
/// # Errors
/// Why it ended.
pub async fn run(args: WatchArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::EVENT)?;
    let mut live = context.client()?.live();
    while let Some(event) = live.next().await {
        match event {
            LiveEvent::Up => context.output.notice("watching; Ctrl-C ends it"),
            LiveEvent::Missed => context.output.notice("too much was missed: some events are lost"),
            LiveEvent::Frame(frame) => {
                let value = serde_json::to_value(&frame).unwrap_or_default();
                let kind = value.get("type").and_then(|kind| kind.as_str()).unwrap_or_default();
                let wanted =
                    if args.types.is_empty() { TYPES.contains(&kind) } else { args.types.iter().any(|t| t == kind) };
                if wanted {
                    context.output.json_event(&shapes::EVENT, &value)?;
                }
            }
            LiveEvent::Down { reason, retry_in } => {
                context.output.notice(&format!("{reason}; trying again in {} s", retry_in.as_secs().max(1)));
            }
            LiveEvent::Ended(error) => return Err(error.into()),
        }
    }
    Ok(())
}
