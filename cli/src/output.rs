//! The one way to stdout and stderr. Data goes to stdout in the format asked for; everything said to people goes to
//! stderr. Whatever a peer wrote passes [`SafeText`] on its way, so that it cannot steer a terminal.

pub mod cell;
pub mod csv;
pub mod dashboard;
pub mod field;
pub mod format;
pub mod jq;
pub mod json;
pub mod labelled;
pub mod link;
pub mod pager;
pub mod progress;
pub mod table;
pub mod terminal;
#[cfg(test)]
mod tests;

use std::{
    io::{self, Write},
    sync::{Mutex, OnceLock},
};

use campuszon_core::safe::SafeText;
use serde::Serialize;
use serde_json::Value;

pub use self::{
    field::{Fields, Shape},
    format::Format,
    terminal::Terminal,
};
use crate::suggestions::Suggestions;

/// Why something could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The reader has gone, as `head` does; nothing to complain about.
    #[error("the reader closed the pipe")]
    Closed,
    /// The data went nowhere.
    #[error("cannot write the output: {0}")]
    Write(io::Error),
    /// A field that the data does not have.
    #[error("there is no field {name}; there are {known}")]
    UnknownField {
        /// As asked for.
        name: String,
        /// The nearest one there is.
        near: Option<String>,
        /// All there are.
        known: String,
    },
    /// The jq expression fails on this data.
    #[error("jq: {0}")]
    Jq(String),
    /// The data cannot be put into the format.
    #[error("cannot print this as {0}")]
    Format(&'static str),
}

impl From<String> for OutputError {
    fn from(complaint: String) -> Self {
        Self::Jq(complaint)
    }
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Write(error) }
    }
}

/// Tells of an exchange with the server, for `--verbose`.
pub fn trace(line: &str) {
    say(&format!("* {}", SafeText::line(line)));
}

/// A line on stderr. What cannot be said is lost: there is nowhere left to complain.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// How this run prints.
#[derive(Debug)]
pub struct Output {
    /// The format asked for, or the one that fits where stdout leads.
    pub format: Format,
    /// What is at the other ends.
    pub terminal: Terminal,
    fields: Option<Fields>,
    /// What is made of JSON before it is printed.
    jq: Option<String>,
    quiet: bool,
    /// Notices of a run in a machine format: they are said at its good end, or never, since an error is to be the
    /// only line on stderr.
    held: Mutex<Vec<SafeText>>,
    /// Where what is printed comes from, once that is known.
    source: OnceLock<Source>,
}

/// A server whose things are printed.
#[derive(Debug)]
struct Source {
    address: String,
    /// What people may want to complete afterwards.
    suggestions: Suggestions,
}

impl Output {
    /// Output in `format` (where `None`, a table at a terminal and tab-separated rows elsewhere) with only `fields`.
    pub fn new(format: Option<Format>, fields: Option<Fields>, terminal: Terminal, quiet: bool) -> Self {
        let usual = if terminal.stdout { Format::Table } else { Format::Rows };
        Self {
            format: format.unwrap_or(usual),
            terminal,
            fields,
            jq: None,
            quiet,
            held: Mutex::default(),
            source: OnceLock::new(),
        }
    }

    /// The same way out without colours and links, and before anything is known of where things come from.
    #[must_use]
    pub fn plain(&self) -> Self {
        let terminal = Terminal { colour: false, stderr_colour: false, links: false, ..self.terminal };
        Self::new(Some(self.format), None, terminal, self.quiet)
    }

    /// With a jq expression over all JSON.
    #[must_use]
    pub fn with_jq(self, expression: Option<String>) -> Self {
        Self { jq: expression, ..self }
    }

    /// Says from which server the things come that are printed from now on.
    pub fn comes_from(&self, address: &str, suggestions: Suggestions) {
        // A run has one server; where it asks another one too, that is an exception.
        let _ = self.source.set(Source { address: address.to_owned(), suggestions });
    }

    /// Whether stderr is for programs: errors are one line of JSON.
    pub fn is_for_machines(&self) -> bool {
        self.format.is_for_machines()
    }

    /// Whether particular fields were asked for.
    pub fn has_fields(&self) -> bool {
        self.fields.is_some()
    }

    /// Checks the fields asked for, before anything is fetched.
    ///
    /// # Errors
    /// [`OutputError::UnknownField`].
    pub fn check(&self, shape: &Shape) -> Result<(), OutputError> {
        self.fields.as_ref().map_or(Ok(()), |fields| fields.check(shape))
    }

    /// Prints a collection.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn list(&self, shape: &Shape, rows: &[impl Serialize]) -> Result<(), OutputError> {
        if self.jq.is_some() {
            return self.through_jq(&Value::Array(self.prepared(shape, rows)?));
        }
        self.remember(rows);
        self.write_long(&self.list_text(shape, rows)?)
    }

    fn list_text(&self, shape: &Shape, rows: &[impl Serialize]) -> Result<String, OutputError> {
        let rows = self.prepared(shape, rows)?;
        match self.format {
            Format::Json => Ok(json::document(&Value::Array(rows), self.terminal.stdout)),
            Format::Jsonl => Ok(rows.iter().map(json::line).collect()),
            _ => self.flat(shape, &rows, true),
        }
    }

    /// Prints one thing.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn one(&self, shape: &Shape, thing: &impl Serialize) -> Result<(), OutputError> {
        if self.jq.is_some() {
            return self.prepared(shape, &[thing])?.iter().try_for_each(|row| self.through_jq(row));
        }
        self.remember(std::slice::from_ref(thing));
        self.write_long(&self.one_text(shape, thing)?)
    }

    fn one_text(&self, shape: &Shape, thing: &impl Serialize) -> Result<String, OutputError> {
        let rows = self.prepared(shape, std::slice::from_ref(thing))?;
        match (self.format, rows.first()) {
            (Format::Json, Some(row)) => Ok(json::document(row, self.terminal.stdout)),
            (Format::Jsonl, Some(row)) => Ok(json::line(row)),
            (Format::Table, Some(row)) if self.terminal.accessible => Ok(labelled::card(row, self.has_fields())),
            (Format::Table, Some(row)) => Ok(table::card(row, self.has_fields(), &self.terminal)),
            _ => self.flat(shape, &rows, true),
        }
    }

    /// Whoever sits at a terminal may complete what they saw.
    fn remember(&self, rows: &[impl Serialize]) {
        let is_seen = self.format == Format::Table && self.terminal.stdout;
        if let Some(source) = self.source.get().filter(|_| is_seen) {
            let rows: Vec<Value> = rows.iter().filter_map(|row| serde_json::to_value(row).ok()).collect();
            source.suggestions.remember(&rows);
        }
    }

    /// Prints what a change led to: at a terminal the sentence `done` says enough, and elsewhere data follows.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn changed(&self, shape: &Shape, thing: &impl Serialize, done: &str) -> Result<(), OutputError> {
        self.notice(done);
        if self.format == Format::Table { Ok(()) } else { self.one(shape, thing) }
    }

    /// Prints one thing of a stream, at once.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn event(&self, shape: &Shape, thing: &impl Serialize) -> Result<(), OutputError> {
        if self.jq.is_some() {
            return self.prepared(shape, &[thing])?.iter().try_for_each(|row| self.through_jq(row));
        }
        self.write(&self.event_text(shape, thing)?)
    }

    fn event_text(&self, shape: &Shape, thing: &impl Serialize) -> Result<String, OutputError> {
        let rows = self.prepared(shape, std::slice::from_ref(thing))?;
        match self.format {
            Format::Json | Format::Jsonl => Ok(rows.iter().map(json::line).collect()),
            Format::Table if self.terminal.accessible => {
                Ok(rows.iter().map(|row| labelled::event(&self.columns(shape), row)).collect())
            }
            // The widths of rows to come are not known.
            Format::Table => Ok(cell::tab_separated(&self.columns(shape), &rows)),
            _ => self.flat(shape, &rows, false),
        }
    }

    /// Prints one thing of a stream whose things differ too much for columns: as JSON in every format, at once.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn json_event(&self, shape: &Shape, thing: &Value) -> Result<(), OutputError> {
        let thing = shape.complete(thing.clone());
        let Some(fields) = &self.fields else { return self.json_line(&thing) };
        self.json_line(&fields.select(&thing)?)
    }

    /// Prints a JSON value of no known shape.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn json(&self, value: &Value) -> Result<(), OutputError> {
        if self.jq.is_some() {
            self.through_jq(value)
        } else {
            self.write(&json::document(value, self.terminal.stdout))
        }
    }

    fn json_line(&self, value: &Value) -> Result<(), OutputError> {
        if self.jq.is_some() { self.through_jq(value) } else { self.write(&json::line(value)) }
    }

    fn through_jq(&self, value: &Value) -> Result<(), OutputError> {
        let program = jq::Program::parse(self.jq.as_deref().unwrap_or("."))?;
        program.run(value, self.terminal.stdout, |line| self.write(line))
    }

    /// Prints a line made of safe text.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn line(&self, line: &SafeText) -> Result<(), OutputError> {
        self.write_long(&format!("{line}\n"))
    }

    /// Prints a collection of which each thing makes a sentence.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn sentences(&self, shape: &Shape, sentences: &[SafeText]) -> Result<(), OutputError> {
        let count = if self.terminal.accessible { labelled::count(sentences.len(), shape.noun) } else { String::new() };
        self.write_long(&sentences.iter().fold(count, |text, sentence| format!("{text}{sentence}\n")))
    }

    /// Prints bytes as they are: scripts of this program's own, and files asked for. Never to a terminal what a peer
    /// may have written.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), OutputError> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Says something to people; dropped by `--quiet`.
    pub fn notice(&self, text: &str) {
        if self.quiet {
            return;
        }
        let text = SafeText::block(text);
        if !self.is_for_machines() {
            return say(text.as_str());
        }
        if let Ok(mut held) = self.held.lock() {
            held.push(text);
        }
    }

    /// Says the notices held back. For the good end of a run.
    pub fn release(&self) {
        let held = self.held.lock().map(|mut held| std::mem::take(&mut *held)).unwrap_or_default();
        held.iter().for_each(|text| say(text.as_str()));
    }

    /// Says something that `--quiet` does not drop.
    pub fn insist(&self, text: &str) {
        say(SafeText::block(text).as_str());
    }

    /// Says `text` with a coloured word before it, such as `error:`.
    pub fn insist_with(&self, style: anstyle::Style, label: &'static str, text: &str) {
        let label = terminal::painted(style, label, self.terminal.stderr_colour);
        say(&format!("{label} {}", SafeText::block(text)));
    }

    fn prepared(&self, shape: &Shape, rows: &[impl Serialize]) -> Result<Vec<Value>, OutputError> {
        let to_value = |row| serde_json::to_value(row).map_err(|_| OutputError::Format("JSON"));
        let values: Vec<Value> = rows.iter().map(to_value).collect::<Result<_, _>>()?;
        let complete = values.into_iter().map(|value| shape.complete(value));
        match &self.fields {
            None => Ok(complete.collect()),
            Some(fields) => {
                fields.check(shape)?;
                complete.map(|value| fields.select(&value)).collect()
            }
        }
    }

    /// Rows of cells: tables, csv, tsv, ids.
    fn flat(&self, shape: &Shape, rows: &[Value], header: bool) -> Result<String, OutputError> {
        let columns = self.columns(shape);
        match self.format {
            Format::Ids => Ok(rows.iter().map(|row| format!("{}\n", shape.id(row))).collect()),
            Format::Csv => csv::rows(&columns, rows, header),
            Format::Table => Ok(self.for_people(shape, &columns, rows)),
            Format::Rows | Format::Tsv | Format::Json | Format::Jsonl => Ok(cell::tab_separated(&columns, rows)),
        }
    }

    /// A table, where its reader can see one and it fits.
    fn for_people(&self, shape: &Shape, columns: &[String], rows: &[Value]) -> String {
        let server = self.source.get().map(|source| source.address.as_str()).filter(|_| self.terminal.links);
        let table = if self.terminal.accessible { None } else { table::rows(columns, rows, &self.terminal, server) };
        table.unwrap_or_else(|| labelled::rows(columns, rows, shape.noun))
    }

    fn columns(&self, shape: &Shape) -> Vec<String> {
        self.fields.as_ref().map_or_else(|| shape.usual_columns(self.format), Fields::names)
    }

    /// Prints what may be longer than the terminal; whoever sits there pages through it.
    fn write_long(&self, text: &str) -> Result<(), OutputError> {
        let is_long = self.terminal.height.is_some_and(|height| text.lines().count() >= height);
        if self.format == Format::Table && is_long && pager::show(text, std::env::var("PAGER").ok().as_deref())? {
            return Ok(());
        }
        self.write(text)
    }

    fn write(&self, text: &str) -> Result<(), OutputError> {
        self.bytes(text.as_bytes())
    }
}
