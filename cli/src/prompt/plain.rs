//! Questions without repainting, for those who have the terminal read to them: a line asks, a line answers.

use std::io::{self, Write};

use campuszon_core::safe::SafeText;
use crossterm::{
    event::{Event, KeyCode, KeyEventKind, KeyModifiers, read},
    terminal::{disable_raw_mode, enable_raw_mode},
};

use super::{PromptError, line_of_stdin};

/// A line of text.
///
/// # Errors
/// The end of the input counts as leaving.
pub(super) fn text(question: &str) -> Result<String, PromptError> {
    say(question)?;
    if let Some(line) = line_of_stdin()? {
        return Ok(line);
    }
    // What is said next begins a line of its own.
    writeln!(io::stderr()).map_err(failed)?;
    Err(PromptError::Cancelled)
}

/// Whether something is meant.
///
/// # Errors
/// As for [`text`].
pub(super) fn is_meant(question: &str) -> Result<bool, PromptError> {
    let answer = text(&format!("{question} Type y for yes:"))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A line that is not shown as it is typed.
///
/// # Errors
/// Escape leaves, Ctrl-C interrupts.
pub(super) fn secret(question: &str) -> Result<String, PromptError> {
    // Before the question: nothing that answers it is shown.
    enable_raw_mode().map_err(failed)?;
    let typed = say(question).and_then(|()| unseen_line());
    let restored = disable_raw_mode().map_err(failed);
    // The end of the line was not shown either.
    let ended = writeln!(io::stderr()).map_err(failed);
    typed.and_then(|typed| restored.and(ended).map(|()| typed))
}

/// A new secret, which is typed twice.
///
/// # Errors
/// As for [`secret`].
pub(super) fn new_secret(question: &str) -> Result<String, PromptError> {
    let first = secret(question)?;
    if secret("Once more:")? == first {
        return Ok(first);
    }
    writeln!(io::stderr(), "The two differ.").map_err(failed)?;
    new_secret(question)
}

fn unseen_line() -> Result<String, PromptError> {
    let mut typed = String::new();
    loop {
        let Event::Key(key) = read().map_err(failed)? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return Err(PromptError::Interrupted);
            }
            KeyCode::Esc => return Err(PromptError::Cancelled),
            KeyCode::Enter => return Ok(typed),
            KeyCode::Backspace => {
                typed.pop();
            }
            KeyCode::Char(char) => typed.push(char),
            _ => {}
        }
    }
}

fn say(question: &str) -> Result<(), PromptError> {
    // In one piece: what is typed at once stands behind it.
    let question = format!("{} ", SafeText::line(question));
    io::stderr().lock().write_all(question.as_bytes()).map_err(failed)
}

fn failed(error: io::Error) -> PromptError {
    PromptError::Terminal(error.to_string())
}
