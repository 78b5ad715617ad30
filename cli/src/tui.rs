//! The terminal interface: a pure `update` from messages to a changed model and effects, a `view` that only draws the
//! model, and a loop that carries keys, results and frames between them and the terminal.

mod alarm;
pub mod effect;
mod format;
pub mod graphics;
mod input;
pub mod keys;
pub mod layout;
pub mod message;
pub mod model;
mod photo;
mod post;
pub mod secret;
pub mod servers;
mod signals;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    time::Duration,
};

use campuszon_core::safe::SafeText;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::Instant,
};

use self::{
    effect::{Effect, Runner},
    graphics::{Encoder, Images, Protocol},
    input::{Input, Reader},
    message::Message,
    model::{ITEMS, Model, Settings, Start},
    servers::Servers,
    signals::{Signals, Told},
    terminal::Screen,
    theme::{Colours, Depth, Theme},
    update::{leave, start, update},
};
use crate::{
    client::Client,
    clock,
    context::environment,
    editor,
    files::{self, Access},
    random,
    settings::QuietHours,
};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);

/// What the interface works with.
#[derive(Debug)]
pub struct Context {
    pub client: Client,
    /// The server as the user calls it.
    pub server_name: String,
    /// Where pictures are kept, and a crash is written down.
    pub cache_dir: PathBuf,
    /// How photos are shown.
    pub images: Protocol,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// The name of the colours.
    pub theme: String,
    /// When no bell rings.
    pub quiet_hours: Option<QuietHours>,
    /// Whether only modifiers are used, no colours.
    pub no_color: bool,
    /// What to begin with.
    pub start: Start,
    /// The servers that can be gone to.
    pub servers: Servers,
}

/// Why the interface did not begin, or ended other than by its user.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Input or output is a file or a pipe.
    #[error("the full-screen interface needs a terminal")]
    NotATerminal,
    /// The terminal cannot place text.
    #[error(
        "this terminal (TERM=dumb) cannot show the full-screen interface; use the commands, such as `campuszon item list`"
    )]
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
    let signals = Signals::listen()?;
    let screen = Screen::enter(&context.cache_dir)?;
    let model = Model::new(settings(&context), screen.size()?, clock::now());
    let (sender, messages) = unbounded_channel();
    let encoder = Encoder::new(context.images, graphics::is_in_tmux(&environment));
    let runner = Runner::new(context.client, &context.cache_dir, encoder, sender).with_servers(context.servers);
    let directory = context.cache_dir;
    let mut interface =
        Interface { model, runner, screen, messages, input: Reader::start()?, signals, drawn: None, directory };
    let outcome = interface.run().await;
    for effect in leave(&mut interface.model) {
        interface.runner.perform(effect);
    }
    interface.runner.finish().await;
    outcome
}

fn settings(context: &Context) -> Settings {
    let depth = match std::env::var("COLORTERM").as_deref() {
        _ if context.no_color => Depth::None,
        Ok("truecolor" | "24bit") => Depth::True,
        _ => Depth::Indexed,
    };
    Settings {
        theme: Theme { depth, ascii: context.ascii, colours: Colours::named(&context.theme) },
        images: Images { protocol: context.images, cell: graphics::cell_size() },
        server: SafeText::line(context.server_name.split("://").last().unwrap_or_default()),
        link_base: format!("{}{ITEMS}", context.client.server()),
        start: context.start,
        run: random::key(),
        quiet_hours: context.quiet_hours,
    }
}

/// The running interface.
struct Interface {
    model: Model,
    runner: Runner,
    screen: Screen,
    messages: UnboundedReceiver<Message>,
    input: Reader,
    signals: Signals,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
    /// For files that are needed for a moment.
    directory: PathBuf,
}

/// What the loop woke up for.
enum Woken {
    By(Message),
    Told(Told),
    /// A frame that was put off is due.
    Frame,
    /// The terminal cannot be read any more.
    Deaf(io::Error),
}

impl Interface {
    async fn run(&mut self) -> Result<(), TuiError> {
        for effect in start(&mut self.model) {
            self.perform(effect)?;
        }
        // What is on disk is on the first frame; what the server says comes after it.
        self.take(Message::Remembered(self.runner.remembered()))?;
        let mut stale = true;
        while !self.model.quit {
            if stale && self.is_frame_due() {
                self.draw()?;
                stale = false;
            }
            match self.wait(stale).await {
                Woken::By(message) => {
                    stale |= self.take(message)?;
                    while let Some(message) = self.waiting() {
                        stale |= self.take(message?)?;
                    }
                }
                Woken::Frame => {}
                Woken::Told(Told::Continue) => {
                    self.screen.resume()?;
                    // The shell may have come back in another size.
                    stale |= self.take(Message::Resize(self.screen.size()?))?;
                }
                Woken::Told(Told::Suspend) => self.screen.suspend()?,
                Woken::Told(Told::End(number)) => return Err(TuiError::Signal(number)),
                Woken::Deaf(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Sleeps until there is something to do: without a frame put off, as long as it takes.
    async fn wait(&mut self, stale: bool) -> Woken {
        let due = self.drawn.map_or_else(Instant::now, |drawn| drawn + FRAME);
        tokio::select! {
            told = self.signals.next() => Woken::Told(told),
            input = self.input.inputs.recv() => match input {
                Some(Ok(message)) => Woken::By(message),
                Some(Err(error)) => Woken::Deaf(error),
                None => Woken::Deaf(io::ErrorKind::BrokenPipe.into()),
            },
            Some(message) = self.messages.recv() => Woken::By(message),
            () = tokio::time::sleep_until(due), if stale => Woken::Frame,
        }
    }

    /// A key or a result that is there already.
    fn waiting(&mut self) -> Option<Input> {
        self.input.inputs.try_recv().ok().or_else(|| self.messages.try_recv().ok().map(Ok))
    }

    /// Updates the model; tells whether what is on the screen is stale now.
    fn take(&mut self, message: Message) -> io::Result<bool> {
        self.model.now = clock::now();
        if matches!(message, Message::Resize(_)) {
            self.model.settings.images.cell = graphics::cell_size();
        }
        for effect in update(&mut self.model, message) {
            self.perform(effect)?;
        }
        Ok(self.model.changed)
    }

    fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Copy(text) => self.screen.copy(&text),
            Effect::Ring(why) => self.screen.ring(&why),
            Effect::Show(picture) => self.screen.keep(&picture),
            Effect::Mouse(on) => self.screen.use_mouse(on),
            Effect::Compose(text) => self.compose(&text),
            Effect::Redraw => self.screen.clear(),
            Effect::Suspend => self.screen.suspend(),
            other => {
                self.runner.perform(other);
                Ok(())
            }
        }
    }

    /// Has a text written in the user's editor, which has the terminal meanwhile.
    fn compose(&mut self, text: &str) -> io::Result<()> {
        let path = self.directory.join(format!("message-{}.txt", random::key()));
        let written = if self.input.stop() {
            self.screen.leave()?;
            let written = edited(&path, text);
            self.screen.resume()?;
            self.input.resume();
            written
        } else {
            Err("no editor can be opened in this terminal".to_owned())
        };
        // It may never have been there.
        let _ = std::fs::remove_file(&path);
        self.runner.report(Message::Written(written.map_err(|why| SafeText::line(&why))));
        Ok(())
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

/// A text as it comes back from the user's editor.
fn edited(path: &Path, text: &str) -> Result<String, String> {
    let named = |error: io::Error| format!("{}: {error}", path.display());
    files::replace(path, text.as_bytes(), Access::Private).map_err(named)?;
    editor::edit(path).map_err(|error| error.to_string())?;
    std::fs::read_to_string(path).map_err(named)
}
