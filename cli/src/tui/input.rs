//! Keys and sizes from the terminal, read on a thread of their own.
//!
//! Reading a terminal that was closed never comes back and never fails. Here that holds up nobody: the hang-up signal
//! ends the interface, and the end of the program the thread.

use std::{io, thread};

use crossterm::event::{self, Event};
use ratatui::layout::Size;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::message::Message;

/// What was read, or why nothing more can be.
pub type Input = io::Result<Message>;

/// Starts to read.
///
/// # Errors
/// When there can be no more threads.
pub fn listen() -> io::Result<UnboundedReceiver<Input>> {
    let (sender, receiver) = unbounded_channel();
    let read = move || {
        loop {
            let input = event::read().map(translate).transpose();
            let is_last = matches!(input, Some(Err(_)));
            if input.is_some_and(|input| sender.send(input).is_err()) || is_last {
                return;
            }
        }
    };
    thread::Builder::new().name("terminal input".to_owned()).spawn(read)?;
    Ok(receiver)
}

fn translate(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => Some(Message::Key(key)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Resize(width, height) => Some(Message::Resize(Size { width, height })),
        Event::FocusGained => Some(Message::Attended(true)),
        Event::FocusLost => Some(Message::Attended(false)),
        Event::Mouse(_) => None,
    }
}
