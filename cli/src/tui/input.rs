//! Keys and sizes from the terminal, read on a thread of their own.
//!
//! Reading a terminal that was closed never comes back and never fails. Here that holds up nobody: the hang-up signal
//! ends the interface, and the end of the program the thread.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use crossterm::event::{self, Event};
use ratatui::layout::Size;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::message::Message;

/// What was read, or why nothing more can be.
pub type Input = io::Result<Message>;

/// The reading, which can be stopped for another program that needs the terminal.
#[derive(Debug)]
pub struct Reader {
    pub inputs: UnboundedReceiver<Input>,
    gate: Arc<Gate>,
}

/// What the thread that reads is to do, and does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    ToldToStop,
    Stopped,
}

#[derive(Debug)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

/// How long the reading may take to stop.
const PATIENCE: Duration = Duration::from_secs(1);

impl Gate {
    /// Where the thread waits while it is to be stopped.
    fn pass(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while *state != State::Reading {
            *state = State::Stopped;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn set(&self, wanted: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
        self.changed.notify_all();
    }

    /// Waits until the thread has stopped; tells whether it did.
    fn is_stopped(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, PATIENCE, |state| *state != State::Stopped);
        waited.is_ok_and(|(state, _)| *state == State::Stopped)
    }
}

impl Reader {
    /// Starts to read.
    ///
    /// # Errors
    /// When there can be no more threads.
    pub fn start() -> io::Result<Self> {
        let (sender, inputs) = unbounded_channel();
        let gate = Arc::new(Gate { state: Mutex::new(State::Reading), changed: Condvar::new() });
        let passed = gate.clone();
        let read = move || {
            loop {
                passed.pass();
                let input = event::read().map(translate);
                let is_last = input.is_err();
                if sender.send(input).is_err() || is_last {
                    return;
                }
            }
        };
        thread::Builder::new().name("terminal input".to_owned()).spawn(read)?;
        Ok(Self { inputs, gate })
    }

    /// Stops reading; tells whether it did. Where nothing wakes the thread it goes on.
    pub fn stop(&self) -> bool {
        self.gate.set(State::ToldToStop);
        if wake() && self.gate.is_stopped() {
            return true;
        }
        self.resume();
        false
    }

    /// Goes on reading.
    pub fn resume(&self) {
        self.gate.set(State::Reading);
    }
}

/// Ends the wait for a key: a change of size, which there was none of, is an event too.
#[cfg(unix)]
fn wake() -> bool {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::WINCH).is_ok()
}

/// Nothing wakes the thread here.
#[cfg(not(unix))]
fn wake() -> bool {
    false
}

fn translate(event: Event) -> Message {
    match event {
        Event::Key(key) => Message::Key(key),
        Event::Paste(text) => Message::Paste(text),
        Event::Resize(width, height) => Message::Resize(Size { width, height }),
        Event::FocusGained => Message::Attended(true),
        Event::FocusLost => Message::Attended(false),
        Event::Mouse(event) => Message::Mouse(event),
    }
}
