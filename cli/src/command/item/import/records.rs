//! The records of an import, from CSV, JSON lines or a JSON array, with the places of their fields.

use std::{fmt::Display, str::FromStr};

use campuszon_core::{Fault, Faults, fault::nearest, wire::item::CreateItem};
use serde_json::{Map, Value};

use crate::command::shapes;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Csv,
    JsonLines,
    JsonArray,
}

impl Syntax {
    /// What the name of a file and its first character say.
    pub(super) fn of(file: &str, text: &str) -> Self {
        let name = file.to_lowercase();
        let is_json = [".jsonl", ".ndjson", ".json"].iter().any(|end| name.ends_with(end));
        let is_csv = name.ends_with(".csv");
        match text.trim_start().chars().next() {
            _ if is_csv => Self::Csv,
            Some('[') => Self::JsonArray,
            Some('{') => Self::JsonLines,
            _ if is_json => Self::JsonLines,
            _ => Self::Csv,
        }
    }
}

/// The fields of a listing that are read.
const FIELDS: [&str; 11] = [
    "title",
    "description",
    "price",
    "currency",
    "listing",
    "rent_period",
    "category",
    "condition",
    "pickup",
    "draft",
    "image",
];

/// What stands for one listing.
#[derive(Debug)]
pub(super) struct Record {
    /// The line it begins on.
    pub(super) line: u64,
    /// Each field's name, its column where columns count, and its value.
    fields: Vec<(String, Option<usize>, String)>,
    /// What is wrong with it.
    pub(super) faults: Faults,
}

/// Reads all records.
///
/// # Errors
/// The first place where the file is not what it is meant to be.
pub(super) fn read(text: &str, syntax: Syntax) -> Result<Vec<Record>, Fault> {
    let mut records = match syntax {
        Syntax::Csv => csv(text)?,
        Syntax::JsonLines => json_lines(text)?,
        Syntax::JsonArray => json_array(text)?,
    };
    records.iter_mut().for_each(Record::check_names);
    Ok(records)
}

fn csv(text: &str) -> Result<Vec<Record>, Fault> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| malformed(&error))?.clone();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| malformed(&error))?;
        let fields = headers.iter().zip(&record).enumerate().filter(|(_, (_, value))| !value.trim().is_empty());
        records.push(Record {
            line: record.position().map_or(0, csv::Position::line),
            fields: fields.map(|(at, (name, value))| (name.to_owned(), Some(at + 1), unguarded(value))).collect(),
            faults: Vec::new(),
        });
    }
    Ok(records)
}

fn malformed(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    Fault::new(format!("line {line}"), "malformed", error.to_string())
}

/// A cell without the mark that keeps a spreadsheet from taking it for a formula.
fn unguarded(cell: &str) -> String {
    let guarded = cell.strip_prefix('\'').filter(|rest| rest.trim_start().starts_with(['=', '+', '-', '@', '|', '%']));
    guarded.unwrap_or(cell).trim().to_owned()
}

fn json_lines(text: &str) -> Result<Vec<Record>, Fault> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| json_line(number, line)).collect()
}

fn json_line(number: u64, line: &str) -> Result<Record, Fault> {
    let object: Map<String, Value> = serde_json::from_str(line).map_err(|error| {
        let place = format!("line {number}, column {}", error.column());
        Fault::new(place, "malformed", "is no JSON object: write one on each line")
    })?;
    Ok(record(number, object))
}

/// The objects between brackets, however they are laid out.
fn json_array(text: &str) -> Result<Vec<Record>, Fault> {
    let mut records = Vec::new();
    let mut rest = text.trim_start().strip_prefix('[').unwrap_or_default().trim_start();
    while !rest.starts_with(']') || !records.is_empty() {
        let mut objects = serde_json::Deserializer::from_str(rest).into_iter::<Map<String, Value>>();
        let object = match objects.next() {
            Some(Ok(object)) => object,
            Some(Err(error)) => return Err(no_object(text, rest, error.line(), error.column())),
            None => return Err(no_object(text, rest, 1, 1)),
        };
        records.push(record(place(text, rest).0, object));
        rest = rest.get(objects.byte_offset()..).unwrap_or_default().trim_start();
        let Some(next) = rest.strip_prefix(',') else { break };
        rest = next.trim_start();
    }
    match rest.strip_prefix(']').map(str::trim_start) {
        Some("") => Ok(records),
        Some(beyond) => Err(no_object(text, beyond, 1, 1)),
        None => Err(no_object(text, rest, 1, 1)),
    }
}

/// The line and the column at which the rest of a text begins.
fn place(text: &str, rest: &str) -> (u64, usize) {
    let before = text.get(..text.len() - rest.len()).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() as u64 + 1, line.chars().count() + 1)
}

/// The fault at this line and column of the rest of a text.
fn no_object(text: &str, rest: &str, line: usize, column: usize) -> Fault {
    let (first, indent) = place(text, rest);
    let column = if line <= 1 { indent + column.saturating_sub(1) } else { column };
    let place = format!("line {}, column {column}", first + (line as u64).saturating_sub(1));
    Fault::new(place, "malformed", "is not as JSON has it: objects in an array, parted by commas")
}

fn record(line: u64, object: Map<String, Value>) -> Record {
    let mut record = Record { line, fields: Vec::new(), faults: Vec::new() };
    for (name, value) in object {
        match value {
            Value::Null => {}
            Value::String(text) => record.fields.push((name, None, text)),
            Value::Number(_) | Value::Bool(_) => record.fields.push((name, None, value.to_string())),
            // An item's own fields, such as its seller, may be anything: they are not read.
            _ if !FIELDS.contains(&name.as_str()) => record.fields.push((name, None, String::new())),
            _ => record.fault(&name, "type", "has to be a text".to_owned()),
        }
    }
    record
}

impl Record {
    /// Notes what is wrong with a field.
    pub(super) fn fault(&mut self, name: &str, code: &str, message: String) {
        let column = self.fields.iter().find(|(known, ..)| known == name).and_then(|(_, column, _)| *column);
        let place = match column {
            Some(column) => format!("line {}, column {column} ({name})", self.line),
            None => format!("line {}, {name}", self.line),
        };
        self.faults.push(Fault::new(place, code, message));
    }

    /// Fields of an item that a listing does not begin with, such as its id, may be there, as in an export.
    fn check_names(&mut self) {
        let known = |name: &str| FIELDS.contains(&name) || shapes::ITEM.fields.contains(&name);
        let strangers: Vec<String> =
            self.fields.iter().filter(|(name, ..)| !known(name)).map(|(name, ..)| name.clone()).collect();
        for name in strangers {
            let near = nearest(&name, FIELDS).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            self.fault(&name, "unknown_field", format!("there is no such field{near}"));
        }
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(known, ..)| known == name).map(|(.., value)| value.clone())
    }

    fn required(&mut self, name: &str) -> Option<String> {
        let text = self.text(name);
        if text.is_none() {
            self.fault(name, "required", "is required".to_owned());
        }
        text
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, "invalid", error.to_string());
                None
            }
        }
    }

    /// The listing without its pictures; `None` where something is wrong.
    pub(super) fn item(&mut self) -> Option<CreateItem> {
        let (title, category) = (self.required("title"), self.required("category"));
        let condition = self.required("condition").and_then(|_| self.parsed("condition"));
        let (price, listing, rent_period) = (self.parsed("price"), self.parsed("listing"), self.parsed("rent_period"));
        let draft = self.parsed("draft");
        Some(CreateItem {
            title: title?,
            description: self.text("description"),
            price,
            currency: self.text("currency"),
            listing,
            rent_period,
            category: category?,
            condition: condition?,
            pickup: self.text("pickup"),
            images: Vec::new(),
            draft,
        })
    }
}
