//! `campuszon tui`: the full screen, and what runs when nothing is said. For those who have the terminal read to them it
//! is the guide.

use campuszon_core::ChatId;
use clap::{Args, builder::PossibleValuesParser};

use super::{guide, ids};
use crate::{
    context::{Context, environment},
    failure::{Exit, Failure},
    settings::key::IMAGE_WORDS,
    tui::{
        self, TuiError, graphics,
        model::{Start, Tab},
        servers::Servers,
    },
};

#[derive(Args, Debug, Default)]
#[command(after_help = "Examples:
  campuszon tui --screen chats
  campuszon tui --item itm_01hzy3v5k8q2w4e6r8t0y2u4m6")]
pub struct TuiArgs {
    /// The screen to begin with
    #[arg(long, value_enum, value_name = "NAME", conflicts_with_all = ["item", "chat"])]
    screen: Option<Tab>,
    /// The item to begin with
    #[arg(long, value_name = "ID", conflicts_with = "chat")]
    item: Option<String>,
    /// The conversation to begin with
    #[arg(long, value_name = "ID")]
    chat: Option<String>,
    /// How photos are shown; by itself as the terminal can
    #[arg(long, value_name = "HOW", value_parser = PossibleValuesParser::new(IMAGE_WORDS))]
    images: Option<String>,
}

impl TuiArgs {
    /// With a way to show photos, unless they name one themselves.
    pub fn with_images(mut self, images: Option<String>) -> Self {
        self.images = self.images.or(images);
        self
    }
}

/// Runs the full screen, or the guide, until its user quits.
///
/// # Errors
/// Where there is no terminal for it.
pub async fn run(args: TuiArgs, context: &Context) -> Result<(), Failure> {
    let start = guide::Start {
        screen: args.screen,
        item: args.item.as_deref().map(ids::parse).transpose()?,
        chat: args.chat.as_deref().map(ids::parse).transpose()?,
    };
    open(start, args.images, context).await
}

/// Whether the program is one for the ear here.
pub fn is_guided(context: &Context) -> bool {
    let terminal = &context.output.terminal;
    terminal.accessible && terminal.stdin && terminal.stdout
}

/// The same on a conversation.
///
/// # Errors
/// Where there is no terminal for it.
pub async fn open_chat(chat: ChatId, context: &Context) -> Result<(), Failure> {
    open(guide::Start { chat: Some(chat), ..guide::Start::default() }, None, context).await
}

async fn open(start: guide::Start, images: Option<String>, context: &Context) -> Result<(), Failure> {
    if is_guided(context) {
        return Box::pin(guide::run(start, context)).await;
    }
    let guide::Start { screen, item, chat } = start;
    let tab = if chat.is_some() { Tab::Chats } else { screen.unwrap_or_default() };
    let settings = context.settings()?;
    let screen = tui::Context {
        client: context.client()?,
        server_name: settings.server_name.unwrap_or(settings.server),
        cache_dir: settings.places.cache,
        images: graphics::detect(&images.unwrap_or(settings.images), &environment),
        ascii: settings.ascii,
        theme: settings.theme,
        quiet_hours: settings.quiet_hours,
        no_color: environment("NO_COLOR").is_some_and(|value| !value.is_empty()),
        start: Start { tab, item, chat },
        servers: Servers::new(context.overrides.clone()),
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
