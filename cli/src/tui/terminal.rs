//! The terminal: taking it over, giving it back as it was on every way out, and what only its owner can do with it.

use std::{
    io::{self, BufWriter, Stdout, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use campuszon_core::safe::SafeText;
use crossterm::{
    clipboard::CopyToClipboard,
    cursor::Show,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    execute, queue,
    style::{Print, ResetColor},
    terminal::{
        BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode,
    },
};
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    layout::{Position, Rect, Size},
};

use super::{
    alarm::Alarm,
    graphics::{Gallery, Kept},
};
use crate::{
    context::environment,
    files::{self, Access},
};

type Output = BufWriter<Stdout>;
type PanicHook = Box<dyn Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync>;

/// Room for a whole frame, so that it leaves in few writes.
const BUFFER: usize = 1 << 16;

/// Clicks and the wheel, in coordinates without bounds. Not every motion: a hand on the mouse must wake nobody.
const TAKE_MOUSE: &str = "\x1b[?1000h\x1b[?1006h";
const RETURN_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";

/// Where the last panic was written down.
static CRASH: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The terminal while it is ours; dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    /// Whether the shell has it for the moment.
    away: bool,
    /// Whether the mouse is to be ours.
    mouse: bool,
    /// How the terminal is asked for a notification.
    alarm: Alarm,
    /// The pictures that the terminal keeps.
    gallery: Gallery,
    /// What panics did before.
    panic_hook: Option<PanicHook>,
}

impl Screen {
    /// Takes the terminal over. A panic is written to a file in `crash_dir` from now on, whose path is printed once
    /// the terminal is back.
    ///
    /// # Errors
    /// When it is no terminal that can be taken over.
    pub fn enter(crash_dir: &Path) -> io::Result<Self> {
        let panic_hook = Some(watch_panics(crash_dir.to_owned()));
        let output = BufWriter::with_capacity(BUFFER, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(output))?;
        let (alarm, gallery) = (Alarm::of(&environment), Gallery::default());
        let mut screen = Self { terminal, away: true, mouse: true, alarm, gallery, panic_hook };
        screen.resume()?;
        Ok(screen)
    }

    /// Draws one frame; the terminal shows it all at once.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if self.away {
            return Ok(());
        }
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(render)?;
        queue!(self.terminal.backend_mut(), Print(self.gallery.sweep()))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Brings a picture to the terminal, which keeps it until nobody else here does.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn keep(&mut self, picture: &Arc<Kept>) -> io::Result<()> {
        let transmission = self.gallery.add(picture);
        if self.away {
            return Ok(());
        }
        execute!(self.terminal.backend_mut(), Print(transmission))
    }

    /// Has every cell drawn anew with the next frame, and the pictures brought anew.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn clear(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that asks for the cursor's place, and the answer would arrive among the keys.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))?;
        // Afterwards: there are terminals that forget pictures with the cells.
        execute!(self.terminal.backend_mut(), Print(self.gallery.again()))
    }

    /// Puts a text into the clipboard of the terminal, which may be far away (OSC 52).
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Takes the mouse, or gives it back to the terminal.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn use_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        execute!(self.terminal.backend_mut(), Print(if on { TAKE_MOUSE } else { RETURN_MOUSE }))
    }

    /// Rings the bell, and has the desktop say why where the terminal can.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn ring(&mut self, why: &SafeText) -> io::Result<()> {
        let output = self.terminal.backend_mut();
        write!(output, "{}", self.alarm.sequence(why))?;
        output.flush()
    }

    /// Gives the terminal back and stops this job; [`Screen::resume`] follows when the shell continues it.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.leave()?;
        #[cfg(unix)]
        rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
        #[cfg(not(unix))]
        self.resume()?;
        Ok(())
    }

    /// How large it is.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Takes the terminal over again.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn resume(&mut self) -> io::Result<()> {
        // Who was stopped from outside never left raw mode, but the shell did: entered it is only from outside.
        disable_raw_mode()?;
        enable_raw_mode()?;
        self.away = false;
        execute!(self.terminal.backend_mut(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
        self.use_mouse(self.mouse)?;
        self.clear()
    }

    /// Gives the terminal back; [`Screen::resume`] takes it over again.
    ///
    /// # Errors
    /// What writing to the terminal says.
    pub fn leave(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.away, true) {
            return Ok(());
        }
        let output = self.terminal.backend_mut();
        let written = execute!(
            output,
            EndSynchronizedUpdate,
            Print(self.gallery.deletion()),
            Print(RETURN_MOUSE),
            DisableFocusChange,
            DisableBracketedPaste,
            ResetColor,
            LeaveAlternateScreen,
            Show
        );
        // Raw mode ends even where the writing failed: it is the state of the line, not of the screen.
        disable_raw_mode().and(written)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // There is nobody left to tell when the terminal is gone.
        let _ = self.leave();
        if let Some(path) = CRASH.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = writeln!(io::stderr(), "campuszon met a fault of its own; the details are in {}", path.display());
        }
        // The hook cannot be changed while it is in use.
        if let Some(hook) = self.panic_hook.take_if(|_| !std::thread::panicking()) {
            std::panic::set_hook(hook);
        }
    }
}

/// Has panics written to a file instead of across the screen; what was done with them before comes back.
fn watch_panics(directory: PathBuf) -> PanicHook {
    let before = std::panic::take_hook();
    let hook: PanicHook = Box::new(move |panic| {
        let path = directory.join(format!("crash-{}.txt", std::process::id()));
        let trace = std::backtrace::Backtrace::force_capture();
        let thread = std::thread::current();
        let report = format!(
            "campuszon {}\nthread {}: {panic}\n\n{trace}\n",
            env!("CARGO_PKG_VERSION"),
            thread.name().unwrap_or("unnamed")
        );
        if files::replace(&path, report.as_bytes(), Access::Private).is_ok() {
            *CRASH.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
        }
    });
    std::panic::set_hook(hook);
    before
}
