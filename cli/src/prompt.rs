//! Asking people for what is missing, where somebody sits at a terminal; elsewhere every missing flag is named at once.

mod plain;

use std::io::{self, BufRead};

use campuszon_core::safe::SafeText;
use crossterm::{
    cursor::Show,
    execute,
    terminal::{disable_raw_mode, is_raw_mode_enabled},
};
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Text};

/// Why nothing was entered.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Nobody to ask.
    #[error("missing {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Nobody to ask whether it is meant.
    #[error("this needs a confirmation")]
    Unconfirmed,
    /// The user left the prompt, or said no.
    #[error("cancelled")]
    Cancelled,
    /// Another name than the one to confirm.
    #[error("that is not {0:?}, so nothing was done")]
    OtherName(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The terminal or stdin failed.
    #[error("cannot read the answer: {0}")]
    Terminal(String),
}

impl From<InquireError> for PromptError {
    fn from(error: InquireError) -> Self {
        match error {
            InquireError::OperationCanceled => Self::Cancelled,
            InquireError::OperationInterrupted => Self::Interrupted,
            other => Self::Terminal(other.to_string()),
        }
    }
}

/// Whether people can be asked, and what they have agreed to beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// Somebody sits at a terminal and wants to be asked.
    pub allowed: bool,
    /// `--yes`.
    pub yes: bool,
    /// Questions are not repainted.
    pub accessible: bool,
}

impl Prompt {
    /// Begins a round of questions.
    pub fn ask(self) -> Asking {
        Asking { prompt: self, missing: Vec::new(), failed: None }
    }

    /// Asks whether something is meant; no is the default.
    ///
    /// # Errors
    /// [`PromptError::Cancelled`] for no, [`PromptError::Unconfirmed`] where nobody can be asked.
    pub fn confirm(self, question: &str) -> Result<(), PromptError> {
        if self.yes {
            return Ok(());
        }
        if !self.allowed {
            return Err(PromptError::Unconfirmed);
        }
        let agreed = if self.accessible {
            plain::is_meant(question)?
        } else {
            Confirm::new(SafeText::line(question).as_str()).with_default(false).prompt()?
        };
        if agreed { Ok(()) } else { Err(PromptError::Cancelled) }
    }

    /// Wants `name` typed, as for what cannot be undone; `given` is that of `--confirm`.
    ///
    /// # Errors
    /// [`PromptError::OtherName`] for another name, [`PromptError::Missing`] where nobody can be asked.
    pub fn confirm_by_name(self, question: &str, name: &str, given: Option<String>) -> Result<(), PromptError> {
        let mut ask = self.ask();
        let typed = ask.text(&format!("--confirm {name}"), question, given);
        ask.finish()?;
        if typed.trim() == name { Ok(()) } else { Err(PromptError::OtherName(name.to_owned())) }
    }
}

/// A round of questions. Answers are only good once [`Asking::finish`] agrees.
#[derive(Debug)]
pub struct Asking {
    prompt: Prompt,
    missing: Vec<String>,
    failed: Option<PromptError>,
}

impl Asking {
    /// A line of text: what was given by `flag`, or else what the user types.
    pub fn text(&mut self, flag: &str, label: &str, given: Option<String>) -> String {
        let usual = || Ok(Text::new(SafeText::line(label).as_str()).prompt()?);
        self.answer(flag, given, usual, || plain::text(label))
    }

    /// A secret, typed without echo where it was not given.
    pub fn secret(&mut self, flag: &str, label: &str, given: Option<String>) -> String {
        let usual = || Ok(secret(label).without_confirmation().prompt()?);
        self.answer(flag, given, usual, || plain::secret(label))
    }

    /// A new secret, typed twice where it was not given.
    pub fn new_secret(&mut self, flag: &str, label: &str, given: Option<String>) -> String {
        let usual = || Ok(secret(label).with_custom_confirmation_message("Once more:").prompt()?);
        self.answer(flag, given, usual, || plain::new_secret(label))
    }

    /// Takes note that `flag` is going to be asked for, where that is not possible and it was not given.
    pub fn expect(&mut self, flag: &str, is_given: bool) {
        let is_named = self.missing.iter().any(|name| name == flag);
        if !is_given && !is_named && !self.prompt.allowed {
            self.missing.push(flag.to_owned());
        }
    }

    fn answer(
        &mut self,
        flag: &str,
        given: Option<String>,
        usual: impl FnOnce() -> Result<String, PromptError>,
        accessible: impl FnOnce() -> Result<String, PromptError>,
    ) -> String {
        if let Some(given) = given {
            return given;
        }
        self.expect(flag, false);
        if !self.prompt.allowed || self.failed.is_some() {
            return String::new();
        }
        let answer = if self.prompt.accessible { accessible() } else { usual() };
        answer.unwrap_or_else(|error| {
            self.failed = Some(error);
            String::new()
        })
    }

    /// Ends the round.
    ///
    /// # Errors
    /// Every missing flag at once, or why a prompt was left.
    pub fn finish(self) -> Result<(), PromptError> {
        if !self.missing.is_empty() {
            return Err(PromptError::Missing(self.missing));
        }
        self.failed.map_or(Ok(()), Err)
    }
}

/// Where a question has taken the terminal for itself, gives it back to whoever is next.
pub fn give_back_terminal() {
    if is_raw_mode_enabled().unwrap_or(false) {
        // There is nobody left to tell.
        let _ = disable_raw_mode();
        let _ = execute!(io::stderr(), Show);
    }
}

fn secret(label: &str) -> Password<'_> {
    Password::new(label).with_display_mode(PasswordDisplayMode::Hidden)
}

/// The next line of stdin, without its end; `None` at the end of input.
///
/// # Errors
/// [`PromptError::Terminal`].
pub fn line_of_stdin() -> Result<Option<String>, PromptError> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).map_err(|error| PromptError::Terminal(error.to_string()))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok((read > 0).then(|| line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

/// The next line of stdin when `wanted`, as by `--password-stdin`.
///
/// # Errors
/// [`PromptError::Terminal`].
pub fn secret_of_stdin(wanted: bool) -> Result<Option<String>, PromptError> {
    if wanted { line_of_stdin().map(|line| line.filter(|line| !line.is_empty())) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Prompt = Prompt { allowed: false, yes: false, accessible: false };

    #[test]
    fn where_nobody_sits_every_missing_flag_is_named() {
        let mut ask = NOBODY.ask();
        ask.text("--email", "E-mail", None);
        assert_eq!(ask.text("--name", "Name", Some("Ada".into())), "Ada");
        ask.secret("--password-stdin", "Password", None);
        let error = ask.finish().expect_err("missing");
        assert!(matches!(error, PromptError::Missing(flags) if flags == ["--email", "--password-stdin"]));
    }

    #[test]
    fn yes_is_enough() {
        assert!(Prompt { yes: true, ..NOBODY }.confirm("Really?").is_ok());
        assert!(matches!(NOBODY.confirm("Really?"), Err(PromptError::Unconfirmed)));
    }
}
