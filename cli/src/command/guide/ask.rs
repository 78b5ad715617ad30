//! How the guide asks and tells, and runs commands as if they were typed.

use std::{iter, pin::Pin};

use campuszon_core::safe::SafeText;
use clap::Parser;

use super::{
    Guide,
    answer::{self, Answer},
};
use crate::{
    client::{Client, ClientError, Page, PageRequest, follow},
    command::{Cli, missing},
    failure::{Exit, Failure},
};

/// How much of a list is said at once.
const PAGE: usize = 10;

/// Goes on with a list, where there is more of it.
const NEXT: &str = "n";

/// Why a conversation goes no further.
#[derive(Debug)]
pub enum End {
    /// Its user leaves.
    Quit,
    /// Something went wrong.
    Failed(Failure),
}

/// What most of the guide comes to.
pub type Outcome<T = ()> = Result<T, End>;

impl<E: Into<Failure>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What was chosen of a list.
#[derive(Debug)]
pub enum Picked<T> {
    Row(T),
    Word(&'static str),
}

/// What can be typed besides a number, and what it does.
pub type Word = (&'static str, &'static str);

/// A list: what to say of none, and its words.
pub struct List<'a> {
    pub empty: &'a str,
    pub words: &'a [Word],
}

impl List<'_> {
    fn words_of<T>(&self, page: &Page<T>) -> Vec<Word> {
        let next = page.next_cursor.as_ref().map(|_| (NEXT, "the next ones"));
        next.into_iter().chain(self.words.iter().copied()).collect()
    }
}

impl Guide {
    /// Says a sentence.
    pub fn say(&self, sentence: &str) {
        self.context.output.notice(sentence);
    }

    /// What somebody types; the end of the input cancels what it was asked for.
    pub fn asked(&self, question: &str) -> Outcome<String> {
        let mut ask = self.context.prompt.ask();
        let answer = ask.text("an answer", question, None);
        ask.finish()?;
        Ok(answer.trim().to_owned())
    }

    /// The same where Enter alone leaves it out. So does a dash, which commands would take for their input.
    pub fn optional(&self, question: &str) -> Outcome<Option<String>> {
        Ok(Some(self.asked(question)?).filter(|answer| !answer.is_empty() && answer != "-"))
    }

    /// The arguments that answers make; each can be left out.
    pub fn arguments(&self, questions: &[(&str, &str)]) -> Outcome<Vec<String>> {
        let argument =
            |(flag, question): &(&str, &str)| Ok(self.optional(question)?.map(|answer| format!("{flag}={answer}")));
        questions.iter().filter_map(|question| argument(question).transpose()).collect()
    }

    /// Says numbered choices and asks for one; `None` goes back.
    pub fn choose<L: AsRef<str>, T: Copy>(&self, choices: &[(L, T)]) -> Outcome<Option<T>> {
        let rows: Vec<SafeText> = choices.iter().map(|(label, _)| SafeText::line(label.as_ref())).collect();
        // What was just said is not said again.
        if self.choices.replace(rows.clone()) != rows {
            self.say_choices(&rows, 0, &[])?;
        }
        match self.answer(&rows, 0, &[])? {
            Answer::Row(row) => Ok(choices.get(row).map(|(_, choice)| *choice)),
            _ => Ok(None),
        }
    }

    fn say_choices(&self, rows: &[SafeText], from: usize, words: &[Word]) -> Outcome {
        for (number, row) in (1..).zip(rows).skip(from) {
            self.context.output.line(&SafeText::line(&format!("{number}: {row}")))?;
        }
        for (word, meaning) in words {
            self.context.output.line(&SafeText::line(&format!("{word}: {meaning}")))?;
        }
        Ok(())
    }

    /// Asks until the answer is a good one.
    fn answer(&self, rows: &[SafeText], from: usize, words: &[Word]) -> Outcome<Answer> {
        let labels: Vec<&str> = rows.iter().map(SafeText::as_str).collect();
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        loop {
            let line = match self.asked("Your choice:") {
                Err(End::Failed(failure)) if failure.exit() == Some(Exit::Cancelled) => return Err(End::Quit),
                line => line?,
            };
            match answer::read(&line, &labels, &names) {
                Ok(Answer::Quit) => return Err(End::Quit),
                Ok(Answer::Again) => self.say_choices(rows, from, words)?,
                Ok(answer) => return Ok(answer),
                Err(sentence) => self.context.output.insist(&sentence),
            }
        }
    }

    /// Says a list page by page and asks for one of its rows. `seen` is how many were said before, for coming back.
    pub async fn pick<T, P: Into<Page<T>>>(
        &self,
        list: &List<'_>,
        seen: &mut usize,
        line: impl Fn(&T) -> SafeText,
        mut fetch: impl AsyncFnMut(PageRequest) -> Result<P, ClientError>,
    ) -> Outcome<Option<Picked<T>>> {
        let mut page = follow(None, Some((*seen).max(PAGE)), &mut fetch).await?;
        self.reached();
        if page.rows.is_empty() {
            self.say(list.empty);
        }
        let mut from = page.rows.len().saturating_sub(1) / PAGE * PAGE;
        loop {
            *seen = page.rows.len();
            let rows: Vec<SafeText> = page.rows.iter().map(&line).collect();
            match self.answer_of(&rows, from, &list.words_of(&page))? {
                Some(Picked::Row(row)) if row < *seen => return Ok(Some(Picked::Row(page.rows.swap_remove(row)))),
                Some(Picked::Word(NEXT)) => {
                    from = *seen;
                    let more = follow(page.next_cursor.take(), Some(PAGE), &mut fetch).await?;
                    page.rows.extend(more.rows);
                    page.next_cursor = more.next_cursor;
                }
                Some(Picked::Word(word)) => return Ok(Some(Picked::Word(word))),
                _ => return Ok(None),
            }
        }
    }

    /// Says the rows from one on and the words, and asks for one of them all, where there are any.
    fn answer_of(&self, rows: &[SafeText], from: usize, words: &[Word]) -> Outcome<Option<Picked<usize>>> {
        if rows.is_empty() && words.is_empty() {
            return Ok(None);
        }
        self.choices.take();
        self.say_choices(rows, from, words)?;
        Ok(match self.answer(rows, from, words)? {
            Answer::Row(row) => Some(Picked::Row(row)),
            Answer::Word(word) => words.get(word).map(|(word, _)| Picked::Word(word)),
            _ => None,
        })
    }

    /// A client for the server in use.
    pub fn client(&self) -> Outcome<Client> {
        Ok(self.context.client()?)
    }

    /// Runs a command as if it were typed.
    pub async fn run<W: AsRef<str>>(&self, words: &[W]) -> Outcome {
        let words = iter::once("campuszon").chain(words.iter().map(AsRef::as_ref));
        let cli = Cli::try_parse_from(words)
            .map_err(|error| Failure::new(Exit::Usage, "usage", missing::complaint(&error)))?;
        if let Some(command) = cli.command {
            // The guide is a command itself: its size must not hold itself.
            let work: Pin<Box<dyn Future<Output = Result<(), Failure>> + '_>> = Box::pin(command.run(&self.context));
            work.await?;
        }
        self.reached();
        Ok(())
    }

    /// Says what went wrong, after which one goes on; what ends everything is handed on.
    pub fn attempt(&self, outcome: Outcome) -> Outcome {
        let Err(End::Failed(failure)) = outcome else { return outcome };
        let Failure::Told(report) = &failure else { return Err(failure.into()) };
        match report.exit {
            Exit::Unreachable => self.lost(&report.message),
            Exit::Interrupted => return Err(failure.into()),
            // Nothing can be asked any more.
            Exit::Unexpected if report.code == "terminal" || report.code == "output" => return Err(failure.into()),
            _ => self.context.output.insist(&sentence(&report.message)),
        }
        for fault in &report.fields {
            self.context.output.insist(&format!("{}: {}", fault.field, fault.message));
        }
        // One that names a command is for those who type commands.
        if let Some(hint) = report.hint.as_ref().filter(|hint| !hint.contains('`')) {
            self.context.output.insist(&sentence(hint));
        }
        Ok(())
    }

    /// The server cannot be reached: why is said once.
    pub fn lost(&self, why: &str) {
        let is_new = !self.is_offline.replace(true);
        let told = if is_new { sentence(why) } else { "There is still no connection.".to_owned() };
        self.context.output.insist(&told);
    }

    /// The server answers: that is said where it did not before.
    pub fn reached(&self) {
        if self.is_offline.replace(false) {
            self.say("The connection is back.");
        }
    }
}

/// A message as a sentence.
fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|char| char.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
