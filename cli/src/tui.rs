//! The terminal interface: a pure `update` from messages to a changed model and effects, a `view` that only draws the
//! model, and a loop that carries keys, results and frames between them and the terminal.

pub mod effect;
mod format;
pub mod keys;
pub mod layout;
pub mod message;
pub mod model;
mod photo;
mod signals;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    time::Duration,
};

use campuszon_core::{ItemId, safe::SafeText};
use crossterm::event::{Event, EventStream};
use futures_util::{FutureExt, StreamExt};
use ratatui::layout::Size;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::Instant,
};

use self::{
    effect::{Effect, Runner},
    message::Message,
    model::{Model, Settings},
    signals::{Signals, Told},
    terminal::Screen,
    theme::{Depth, Theme},
    update::{start, update},
};
use crate::{client::Client, clock};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);

/// What the interface works with.
#[derive(Debug)]
pub struct Context {
    pub client: Client,
    /// The server as the user calls it.
    pub server_name: String,
    /// Where a crash is written down.
    pub cache_dir: PathBuf,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether only modifiers are used, no colours.
    pub no_color: bool,
    /// The item to begin with.
    pub start_item: Option<ItemId>,
}

/// Why the interface did not begin, or ended other than by its user.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Input or output is a file or a pipe.
    #[error("the full-screen interface needs a terminal")]
    NotATerminal,
    /// The terminal cannot place text.
    #[error("this terminal (TERM=dumb) cannot show the full-screen interface; use the commands, such as `campuszon item list`")]
    DumbTerminal,
    /// A signal ended it: 1, 2 or 15.
    #[error("ended by signal {0}")]
    Signal(i32),
    /// The terminal does not do what terminals do.
    #[error("the terminal failed: {0}")]
    Io(#[from] io::Error),
}

/// Runs the interface until its user quits.
///
/// # Errors
/// See [`TuiError`]; the terminal is as it was in any case.
pub async fn run(context: Context) -> Result<(), TuiError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TuiError::NotATerminal);
    }
    if std::env::var("TERM").is_ok_and(|term| term == "dumb") {
        return Err(TuiError::DumbTerminal);
    }
    let (width, height) = crossterm::terminal::size()?;
    let model = Model::new(settings(&context), Size { width, height }, clock::now());
    let signals = Signals::listen()?;
    let screen = Screen::enter(&context.cache_dir)?;
    let (sender, messages) = unbounded_channel();
    let runner = Runner::new(context.client, sender);
    Interface { model, runner, screen, messages, events: EventStream::new(), signals, drawn: None }.run().await
}

fn settings(context: &Context) -> Settings {
    let depth = match std::env::var("COLORTERM").as_deref() {
        _ if context.no_color => Depth::None,
        Ok("truecolor" | "24bit") => Depth::True,
        _ => Depth::Indexed,
    };
    Settings {
        theme: Theme { depth, ascii: context.ascii },
        server: SafeText::line(&context.server_name),
        link_base: format!("{}/items/", context.client.server()),
        start_item: context.start_item,
    }
}

/// The running interface.
struct Interface {
    model: Model,
    runner: Runner,
    screen: Screen,
    messages: UnboundedReceiver<Message>,
    events: EventStream,
    signals: Signals,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
}

/// What the loop woke up for.
enum Woken {
    By(Message),
    Signal(Told),
    /// A frame that was put off is due.
    Frame,
    /// The terminal is gone.
    Closed(Option<io::Error>),
}

impl Interface {
    async fn run(mut self) -> Result<(), TuiError> {
        for effect in start(&mut self.model) {
            self.perform(effect)?;
        }
        let mut stale = true;
        loop {
            if stale && self.is_frame_due() {
                self.draw()?;
                stale = false;
            }
            match self.wait(stale).await {
                Woken::By(message) => {
                    stale |= self.take(message)?;
                    while let Some(message) = self.waiting() {
                        stale |= self.take(message)?;
                    }
                }
                Woken::Frame => {}
                Woken::Signal(Told::Continue) => {
                    self.screen.resume()?;
                    stale = true;
                }
                Woken::Signal(Told::Suspend) => self.screen.suspend()?,
                Woken::Signal(Told::End(number)) => return Err(TuiError::Signal(number)),
                Woken::Closed(Some(error)) => return Err(error.into()),
                Woken::Closed(None) => return Ok(()),
            }
            if self.model.quit {
                return Ok(());
            }
        }
    }

    /// Sleeps until there is something to do: without a frame put off, as long as it takes.
    async fn wait(&mut self, stale: bool) -> Woken {
        let due = self.drawn.map_or_else(Instant::now, |drawn| drawn + FRAME);
        loop {
            tokio::select! {
                event = self.events.next() => match event {
                    Some(Ok(event)) => if let Some(message) = translate(event) { return Woken::By(message) },
                    Some(Err(error)) => return Woken::Closed(Some(error)),
                    None => return Woken::Closed(None),
                },
                Some(message) = self.messages.recv() => return Woken::By(message),
                told = self.signals.next() => return Woken::Signal(told),
                () = tokio::time::sleep_until(due), if stale => return Woken::Frame,
            }
        }
    }

    /// A key or a result that is there already.
    fn waiting(&mut self) -> Option<Message> {
        if let Ok(message) = self.messages.try_recv() {
            return Some(message);
        }
        loop {
            // A failing terminal is met again, and reported, by the next wait.
            let event = self.events.next().now_or_never()??.ok()?;
            if let Some(message) = translate(event) {
                return Some(message);
            }
        }
    }

    /// Updates the model; tells whether what is on the screen is stale now.
    fn take(&mut self, message: Message) -> io::Result<bool> {
        for effect in update(&mut self.model, message) {
            self.perform(effect)?;
        }
        Ok(self.model.changed)
    }

    fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Copy(text) => self.screen.copy(&text),
            Effect::Redraw => self.screen.clear(),
            Effect::Suspend => self.screen.suspend(),
            other => {
                self.runner.perform(other);
                Ok(())
            }
        }
    }

    fn is_frame_due(&self) -> bool {
        self.drawn.is_none_or(|drawn| drawn.elapsed() >= FRAME)
    }

    fn draw(&mut self) -> io::Result<()> {
        self.model.now = clock::now();
        self.screen.draw(|frame| view::view(frame, &self.model))?;
        self.drawn = Some(Instant::now());
        Ok(())
    }
}

fn translate(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => Some(Message::Key(key)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(width, height) => Some(Message::Resize(Size { width, height })),
        _ => None,
    }
}
