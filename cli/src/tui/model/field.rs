//! A line of text that somebody writes: what is in it, and what is wrong with it.

use campuszon_core::safe::SafeText;
use tui_input::{Input, InputRequest};

/// A field of a form or a prompt.
#[derive(Clone, Debug)]
pub struct Field {
    pub label: SafeText,
    pub input: Input,
    /// The most characters it takes.
    pub longest: usize,
    /// Whether what is written is shown as dots.
    pub secret: bool,
    /// Why what is written cannot be used, as found when it was last left or sent.
    pub problem: Option<SafeText>,
}

impl Field {
    /// An empty field.
    pub fn new(label: &'static str, longest: usize) -> Self {
        let label = SafeText::fixed(label);
        Self { label, input: Input::default(), longest, secret: false, problem: None }
    }

    /// With a text in it, the cursor at its end.
    #[must_use]
    pub fn with(self, text: &str) -> Self {
        let mut field = self;
        field.edit(pasted(text));
        field
    }

    /// What is written, without blanks around it.
    pub fn text(&self) -> &str {
        self.input.value().trim()
    }

    /// Writes, deletes or moves; what was wrong may be right now.
    pub fn edit(&mut self, requests: impl IntoIterator<Item = InputRequest>) {
        let before = self.input.value().to_owned();
        edit(&mut self.input, self.longest, requests);
        if self.input.value() != before {
            self.problem = None;
        }
    }
}

/// Edits a text within a number of characters. What could steer a terminal is not taken, however it is typed.
pub fn edit(input: &mut Input, longest: usize, requests: impl IntoIterator<Item = InputRequest>) {
    let mut room = longest.saturating_sub(input.value().chars().count());
    for request in requests {
        match request {
            InputRequest::InsertChar(letter) if room == 0 || !is_writable(letter) => continue,
            InputRequest::InsertChar(_) => room -= 1,
            _ => {}
        }
        input.handle(request);
        if !matches!(request, InputRequest::InsertChar(_)) {
            room = longest.saturating_sub(input.value().chars().count());
        }
    }
}

/// A pasted text as it is written into a line: blanks for all white space.
pub fn pasted(text: &str) -> impl Iterator<Item = InputRequest> {
    let letters = text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter });
    letters.map(InputRequest::InsertChar)
}

/// Whether a character can be written as it is.
fn is_writable(letter: char) -> bool {
    let text = letter.to_string();
    letter == '\n' || SafeText::line(&text).to_string() == text
}
