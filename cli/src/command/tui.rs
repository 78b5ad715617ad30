//! `campuszon tui`: the full screen, and what runs when nothing is said.

use clap::Args;

use super::ids;
use crate::{
    context::{Context, environment},
    failure::{Exit, Failure},
    tui::{self, TuiError},
};

#[derive(Args, Debug, Default)]
#[command(after_help = "Examples:
  campuszon tui
  campuszon tui --item itm_01hzy3v5k8q2w4e6r8t0y2u4m6")]
pub struct TuiArgs {
    /// The item to begin with
    #[arg(long, value_name = "ID")]
    item: Option<String>,
}

/// Runs the full screen until its user quits.
///
/// # Errors
/// Where there is no terminal for it.
pub async fn run(args: TuiArgs, context: &Context) -> Result<(), Failure> {
    let settings = context.settings()?;
    let screen = tui::Context {
        client: context.client()?,
        server_name: settings.server_name.unwrap_or(settings.server),
        cache_dir: settings.places.cache,
        ascii: settings.ascii,
        no_color: environment("NO_COLOR").is_some_and(|value| !value.is_empty()),
        start_item: args.item.as_deref().map(ids::parse).transpose()?,
    };
    Box::pin(tui::run(screen)).await.map_err(|error| failed(&error))
}

fn failed(error: &TuiError) -> Failure {
    let message = error.to_string();
    match error {
        TuiError::NotATerminal | TuiError::DumbTerminal => Failure::new(Exit::Usage, "no_terminal", message),
        TuiError::Signal(number) => Failure::Signal(*number),
        TuiError::Io(_) => Failure::new(Exit::Unexpected, "terminal", message),
    }
}
