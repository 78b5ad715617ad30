//! Asking people for what is missing, where somebody sits at a terminal; elsewhere every missing flag is named at once.

use std::io::{self, BufRead};

use campuszon_core::safe::SafeText;
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Text};

/// Why nothing was entered.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// Nobody to ask.
    #[error("missing {}", .0.join(", "))]
    Missing(Vec<&'static str>),
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
        let question = SafeText::line(question);
        let agreed = Confirm::new(question.as_str()).with_default(false).prompt()?;
        if agreed { Ok(()) } else { Err(PromptError::Cancelled) }
    }

    /// Wants `name` typed, as for what cannot be undone; `given` is that of `--confirm`.
    ///
    /// # Errors
    /// [`PromptError::OtherName`] for another name, [`PromptError::Missing`] where nobody can be asked.
    pub fn confirm_by_name(self, question: &str, name: &str, given: Option<String>) -> Result<(), PromptError> {
        let mut ask = self.ask();
        let typed = ask.text("--confirm", question, given);
        ask.finish()?;
        if typed.trim() == name { Ok(()) } else { Err(PromptError::OtherName(name.to_owned())) }
    }
}

/// A round of questions. Answers are only good once [`Asking::finish`] agrees.
#[derive(Debug)]
pub struct Asking {
    prompt: Prompt,
    missing: Vec<&'static str>,
    failed: Option<PromptError>,
}

impl Asking {
    /// A line of text: what was given by `flag`, or else what the user types.
    pub fn text(&mut self, flag: &'static str, label: &str, given: Option<String>) -> String {
        self.answer(flag, given, || Text::new(SafeText::line(label).as_str()).prompt())
    }

    /// A secret, typed without echo where it was not given.
    pub fn secret(&mut self, flag: &'static str, label: &str, given: Option<String>) -> String {
        self.answer(flag, given, || secret(label).without_confirmation().prompt())
    }

    /// A new secret, typed twice where it was not given.
    pub fn new_secret(&mut self, flag: &'static str, label: &str, given: Option<String>) -> String {
        self.answer(flag, given, || secret(label).with_custom_confirmation_message("Once more:").prompt())
    }

    fn answer(
        &mut self,
        flag: &'static str,
        given: Option<String>,
        prompt: impl FnOnce() -> Result<String, InquireError>,
    ) -> String {
        if let Some(given) = given {
            return given;
        }
        if !self.prompt.allowed {
            self.missing.push(flag);
            return String::new();
        }
        if self.failed.is_some() {
            return String::new();
        }
        prompt().unwrap_or_else(|error| {
            self.failed = Some(error.into());
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

    #[test]
    fn where_nobody_sits_every_missing_flag_is_named() {
        let mut ask = Prompt { allowed: false, yes: false }.ask();
        ask.text("--email", "E-mail", None);
        assert_eq!(ask.text("--name", "Name", Some("Ada".into())), "Ada");
        ask.secret("--password-stdin", "Password", None);
        let error = ask.finish().expect_err("missing");
        assert!(matches!(error, PromptError::Missing(flags) if flags == ["--email", "--password-stdin"]));
    }

    #[test]
    fn yes_is_enough() {
        assert!(Prompt { allowed: false, yes: true }.confirm("Really?").is_ok());
        assert!(matches!(Prompt { allowed: false, yes: false }.confirm("Really?"), Err(PromptError::Unconfirmed)));
    }
}
