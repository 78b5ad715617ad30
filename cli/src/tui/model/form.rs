//! A form: named fields that are checked by the rules of the server itself, when one is left and when all is sent.

mod booking;
mod listing;
mod review;

pub use listing::{KeptPhoto, ListingDraft};

use campuszon_core::{BookingId, Decimal, Fault, ItemId, Timestamp, item::Listing, safe::SafeText};
use serde_json::{Map, Value};
use tui_input::InputRequest;

use super::{Composer, Field, Rules, Upload};
use crate::tui::message::Ticket;

/// How something is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Line,
    /// Several lines.
    Block,
    /// One of these words.
    Choice(Vec<String>),
    /// The pictures of a listing, which are not text.
    Photos,
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As the API spells it.
    pub name: &'static str,
    pub kind: Kind,
    pub field: Field,
    /// What may be written, said while it has the focus.
    pub hint: SafeText,
}

impl Entry {
    pub(super) fn new(name: &'static str, label: &'static str, kind: Kind, longest: usize) -> Self {
        Self { name, kind, field: Field::new(label, longest), hint: SafeText::default() }
    }

    pub(super) fn hint(self, hint: &str) -> Self {
        Self { hint: SafeText::line(hint), ..self }
    }

    /// What is written, as it is sent: texts of several lines keep the blanks at their ends.
    pub fn text(&self) -> &str {
        self.field.text()
    }

    /// Chooses the word so many places on.
    pub fn choose(&mut self, step: isize) {
        let Kind::Choice(words) = &self.kind else { return };
        let last = words.len().saturating_sub(1);
        let next = match words.iter().position(|word| word == self.field.text()) {
            Some(index) => index.saturating_add_signed(step).min(last),
            None if step < 0 => last,
            None => 0,
        };
        self.set_word(words.get(next).cloned());
    }

    /// Chooses the next word that begins with a letter.
    pub fn choose_by(&mut self, letter: char) {
        let Kind::Choice(words) = &self.kind else { return };
        let begins = |word: &&String| word.to_lowercase().starts_with(letter.to_ascii_lowercase());
        let at = words.iter().position(|word| word == self.field.text()).map_or(0, |index| index + 1);
        let word = words.iter().cycle().skip(at).take(words.len()).find(begins).cloned();
        self.set_word(word);
    }

    fn set_word(&mut self, word: Option<String>) {
        if let Some(word) = word {
            self.field.input = word.as_str().into();
            self.field.problem = None;
        }
    }

    /// Puts another text in place of what is written.
    pub fn set(&mut self, text: &str) {
        self.field.input = tui_input::Input::default();
        self.field.edit(text.chars().map(InputRequest::InsertChar));
    }

    /// What is written as lines in a column, and where the cursor is in them.
    pub fn composer(&self) -> Composer {
        Composer { input: self.field.input.clone(), ..Composer::default() }
    }
}

/// What a form is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Ask for an item.
    Booking { item: ItemId, listing: Listing },
    /// Rate the other side of a deal.
    Review { booking: BookingId },
    /// List an item, or change one as it was at that version.
    Listing { item: Option<ItemId>, etag: Option<String> },
}

/// A form while it is filled in.
#[derive(Clone, Debug)]
pub struct Form {
    pub purpose: Purpose,
    pub title: SafeText,
    pub entries: Vec<Entry>,
    /// Which of the fields that are shown has the keys.
    pub focus: usize,
    /// Why all of it cannot be sent.
    pub problem: Option<SafeText>,
    /// Whether an answer to it is awaited.
    pub is_sent: bool,
    /// What was sent last, and the key under which the server takes it once.
    pub sent: Option<(Map<String, Value>, String)>,
    /// Whether there is something in it that would be lost.
    pub is_written: bool,
    /// The number of the form, so that an answer finds it.
    pub ticket: Ticket,
    /// The pictures of a listing, in their order, and which of them is selected.
    pub photos: Vec<Upload>,
    pub photo: usize,
    /// Whether it is to be sent as soon as its pictures are there.
    pub awaits_photos: bool,
    /// What was in it at first.
    before: Map<String, Value>,
}

impl Form {
    pub(super) fn new(purpose: Purpose, title: SafeText, entries: Vec<Entry>, ticket: Ticket) -> Self {
        Self {
            purpose,
            title,
            entries,
            focus: 0,
            problem: None,
            is_sent: false,
            sent: None,
            is_written: false,
            ticket,
            photos: Vec::new(),
            photo: 0,
            awaits_photos: false,
            before: Map::new(),
        }
    }

    /// The fields that are to be filled in, as things stand.
    pub fn shown(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| self.is_shown(entry.name))
    }

    fn is_shown(&self, name: &str) -> bool {
        let offered = self.entry("listing").map(Entry::text);
        match name {
            "price" => offered != Some(Listing::Free.as_str()),
            "rent_period" => offered == Some(Listing::Rent.as_str()),
            _ => true,
        }
    }

    /// Whether the pictures have the keys.
    pub fn is_at_photos(&self) -> bool {
        self.focused().is_some_and(|entry| entry.kind == Kind::Photos)
    }

    /// The field that has the keys.
    pub fn focused(&self) -> Option<&Entry> {
        self.shown().nth(self.focus)
    }

    /// The field that has the keys, to be changed.
    pub fn focused_mut(&mut self) -> Option<&mut Entry> {
        let name = self.focused()?.name;
        self.entry_mut(name)
    }

    /// The field of a name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The field of a name, to be changed.
    pub fn entry_mut(&mut self, name: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.name == name)
    }

    /// What is written, as the API takes it.
    pub fn body(&self, rules: Option<&Rules>) -> Map<String, Value> {
        let written = self.shown().filter(|entry| !entry.text().is_empty() && entry.name != "draft");
        let mut body: Map<String, Value> = written.map(|entry| (entry.name.to_owned(), value(entry, rules))).collect();
        if self.entry("draft").is_some_and(|entry| entry.text() == listing::WHEN[1]) {
            body.insert("draft".to_owned(), Value::Bool(true));
        }
        let images = self.images();
        if !images.is_empty() {
            body.insert("images".to_owned(), serde_json::json!(images));
        }
        body
    }

    /// What is wrong with it, by the rules of the server. Nothing while those are not known: the server says it then.
    pub fn faults(&self, rules: Option<&Rules>, now: Timestamp) -> Vec<Fault> {
        let Some(rules) = rules else { return Vec::new() };
        let body = self.body(Some(rules));
        match &self.purpose {
            Purpose::Booking { listing, .. } => booking::faults(body, rules, *listing, now),
            Purpose::Review { .. } => review::faults(body),
            Purpose::Listing { .. } => listing::faults(body, rules, &self.photos),
        }
    }

    /// Says of a field what is wrong with it, if anything.
    pub fn check(&mut self, name: &str, faults: &[Fault]) {
        if let Some(entry) = self.entry_mut(name) {
            entry.field.problem = faults.iter().find(|fault| concerns(fault, name)).map(said);
        }
    }

    /// Says of every field what is wrong with it, and goes to the first that cannot be used. Tells whether there is one.
    pub fn refuse(&mut self, faults: &[Fault]) -> bool {
        let names: Vec<&'static str> = self.shown().map(|entry| entry.name).collect();
        names.iter().for_each(|name| self.check(name, faults));
        let first = self.shown().position(|entry| entry.field.problem.is_some());
        self.focus = first.unwrap_or(self.focus);
        let of_none = faults.iter().find(|fault| !names.iter().any(|name| concerns(fault, name)));
        self.problem = of_none.map(|fault| SafeText::line(&format!("{}: {}", fault.field, fault.message)));
        !faults.is_empty()
    }
}

/// Whether a fault is one of a field.
fn concerns(fault: &Fault, name: &str) -> bool {
    fault.field == name || fault.field.strip_prefix(name).is_some_and(|rest| rest.starts_with('['))
}

fn said(fault: &Fault) -> SafeText {
    SafeText::line(&fault.message)
}

/// What is written in a field, as the API takes it. What is no number or time stays as it is: the rules refuse it then.
fn value(entry: &Entry, rules: Option<&Rules>) -> Value {
    let text = entry.text();
    let as_written = || Value::String(text.to_owned());
    match entry.name {
        "price" | "offered_price" => {
            text.replace(',', ".").parse::<Decimal>().map_or_else(|_| as_written(), |price| serde_json::json!(price))
        }
        "rating" => text.chars().next().and_then(|digit| digit.to_digit(10)).map_or_else(as_written, Value::from),
        "meet_at" => {
            let timezone = rules.map_or("UTC", |rules| rules.timezone.as_str());
            Timestamp::read_local(text, timezone).map_or_else(|_| as_written(), |time| Value::String(time.to_string()))
        }
        _ => as_written(),
    }
}
