//! Reading an untrusted JSON object or query string field by field, so that every fault is named at once: missing
//! fields, wrong types, values out of range and fields nobody asked for.

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::{Decimal, Fault, Faults, Timestamp, fault::nearest};

/// An object being read. Every accessor takes its field out and notes what is wrong with it; [`Form::finish`] then
/// answers with all faults, those of unknown fields included.
#[derive(Debug)]
pub struct Form {
    fields: Map<String, Value>,
    /// Query strings carry numbers and booleans as text.
    lenient: bool,
    known: Vec<&'static str>,
    faults: Faults,
}

/// What a `PATCH` says of a field: nothing, `null`, or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch<T> {
    /// The field was absent: leave it as it is.
    Keep,
    /// The field was `null`: clear it.
    Clear,
    /// The field has a new value.
    Set(T),
}

impl<T> Patch<T> {
    /// The field's value after this patch, given the one before.
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl Form {
    /// A form over a JSON object.
    pub fn json(fields: Map<String, Value>) -> Self {
        Self { fields, lenient: false, known: Vec::new(), faults: Vec::new() }
    }

    /// A form over the pairs of a query string; a repeated name becomes a list.
    pub fn query(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut fields = Map::new();
        for (name, value) in pairs {
            match fields.get_mut(&name) {
                Some(Value::Array(values)) => values.push(Value::String(value)),
                Some(first) => *first = Value::Array(vec![first.take(), Value::String(value)]),
                None => {
                    fields.insert(name, Value::String(value));
                }
            }
        }
        Self { fields, lenient: true, known: Vec::new(), faults: Vec::new() }
    }

    /// Notes a fault found outside of this form's own accessors.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Unwraps a checked value, or notes its fault.
    pub fn check<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// Whether the field is there at all, `null` included.
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Whether the field is absent; `null` counts as absent, and is taken out.
    pub fn is_absent(&mut self, field: &'static str) -> bool {
        if self.is_null(field) {
            self.take(field);
        }
        !self.has(field)
    }

    /// What is left in the form as one text: equal for equal fields, in whatever order they came.
    pub fn canonical(&self) -> String {
        let mut fields: Vec<String> = self.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        fields.sort();
        fields.join("&")
    }

    /// The text of a field, left where it is.
    pub fn peek(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Whether the field is there and `null`.
    pub fn is_null(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(Value::is_null)
    }

    /// Ends the reading: `value` when nothing was wrong and no field is left over.
    ///
    /// # Errors
    /// Every fault of the form.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Faults> {
        for field in self.fields.keys() {
            let message = match nearest(field, self.known.iter().copied()) {
                Some(near) => format!("unknown field; did you mean {near}?"),
                None if self.known.is_empty() => "unknown field; none is expected here".to_owned(),
                None => format!("unknown field; known ones are {}", self.known.join(", ")),
            };
            self.faults.push(Fault::new(field.as_str(), "unknown_field", message));
        }
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }

    fn take(&mut self, field: &'static str) -> Option<Value> {
        self.known.push(field);
        self.fields.remove(field)
    }

    fn typed<T>(
        &mut self,
        field: &'static str,
        value: Value,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let found = read(&value);
        if found.is_none() {
            self.faults.push(Fault::new(field, "wrong_type", format!("must be {expected}")));
        }
        found
    }

    /// Requires a field: notes `required` when `value` is absent and nothing else was noted of it.
    pub fn require<T>(&mut self, field: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.faults.iter().any(|fault| fault.field == field) {
            self.faults.push(Fault::new(field, "required", "is required"));
        }
        value
    }

    /// The text of an optional field, unchecked; `null` counts as absent.
    pub fn text(&mut self, field: &'static str) -> Option<String> {
        match self.take(field)? {
            Value::Null => None,
            value => self.typed(field, value, "a text", |value| value.as_str().map(str::to_owned)),
        }
    }

    /// The text of a required field, unchecked.
    pub fn required_text(&mut self, field: &'static str) -> Option<String> {
        let text = self.text(field);
        self.require(field, text)
    }

    /// What a patch says of a text field, checked by `check`.
    pub fn patch_text<T>(&mut self, field: &'static str, check: impl Fn(&str) -> Result<T, Fault>) -> Patch<T> {
        if self.is_null(field) {
            self.take(field);
            return Patch::Clear;
        }
        let Some(text) = self.text(field) else { return Patch::Keep };
        match check(&text) {
            Ok(value) => Patch::Set(value),
            Err(fault) => {
                self.faults.push(fault);
                Patch::Keep
            }
        }
    }

    /// An optional field that parses from its text, such as an id, a time or one word of a set.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, field: &'static str) -> Option<T> {
        let text = self.text(field)?;
        self.parse_one(field, &text)
    }

    fn parse_one<T: FromStr<Err: std::fmt::Display>>(&mut self, at: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults.push(Fault::new(at, "invalid", error.to_string()));
                None
            }
        }
    }

    /// A list of texts that parse; absent gives `None`. In query strings also comma-separated.
    pub fn parsed_list<T: FromStr<Err: std::fmt::Display>>(&mut self, field: &'static str) -> Option<Vec<T>> {
        let texts: Vec<String> = match self.take(field)? {
            Value::Null => return None,
            Value::String(text) if self.lenient => split(&text),
            value => self.typed(field, value, "a list of texts", |value| {
                value.as_array()?.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
            })?,
        };
        let texts = if self.lenient { texts.iter().flat_map(|text| split(text)).collect() } else { texts };
        let many = texts.len();
        let values: Vec<T> = texts
            .iter()
            .enumerate()
            .filter_map(|(index, text)| {
                let at = if self.lenient { field.to_owned() } else { format!("{field}[{index}]") };
                self.parse_one(&at, text)
            })
            .collect();
        (values.len() == many).then_some(values)
    }

    /// An optional boolean.
    pub fn boolean(&mut self, field: &'static str) -> Option<bool> {
        let lenient = self.lenient;
        match self.take(field)? {
            Value::Null => None,
            value => self.typed(field, value, "true or false", |value| match value {
                Value::String(text) if lenient => text.parse().ok(),
                value => value.as_bool(),
            }),
        }
    }

    /// An optional whole number within `range`.
    pub fn integer(&mut self, field: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let lenient = self.lenient;
        let value = match self.take(field)? {
            Value::Null => return None,
            value => self.typed(field, value, "a whole number", |value| match value {
                Value::String(text) if lenient => text.parse().ok(),
                value => value.as_i64(),
            })?,
        };
        if !range.contains(&value) {
            let message = format!("must be between {} and {}", range.start(), range.end());
            self.faults.push(Fault::new(field, "out_of_range", message));
            return None;
        }
        Some(value)
    }

    /// An optional object whose names parse and whose values are whole numbers from 0 on, at most `most` of them.
    pub fn numbers<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        field: &'static str,
        most: usize,
    ) -> Option<Vec<(T, i64)>> {
        let value = self.take(field)?;
        let fields = self.typed(field, value, "an object of whole numbers", |value| value.as_object().cloned())?;
        if fields.len() > most {
            self.faults.push(Fault::new(field, "too_many", format!("at most {most} are allowed")));
            return None;
        }
        let mut pairs = Vec::new();
        for (name, value) in &fields {
            let at = format!("{field}.{name}");
            let parsed = self.parse_one(&at, name)?;
            match value.as_i64().filter(|number| *number >= 0) {
                Some(number) => pairs.push((parsed, number)),
                None => {
                    self.faults.push(Fault::new(at, "wrong_type", "must be a whole number from 0 on"));
                    return None;
                }
            }
        }
        Some(pairs)
    }

    /// An optional decimal number.
    pub fn decimal(&mut self, field: &'static str) -> Option<Decimal> {
        let lenient = self.lenient;
        match self.take(field)? {
            Value::Null => None,
            value => self.typed(field, value, "a decimal number, such as 45 or 45.5", |value| match value {
                Value::String(text) if lenient => text.parse().ok(),
                Value::Number(number) => Decimal::try_from(number).ok(),
                _ => None,
            }),
        }
    }

    /// An optional time.
    pub fn time(&mut self, field: &'static str) -> Option<Timestamp> {
        self.parsed(field)
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(json: Value) -> Form {
        Form::json(json.as_object().expect("an object").clone())
    }

    #[test]
    fn names_every_fault_at_once() {
        let mut form = form(serde_json::json!({"title": 7, "titel": "x", "age": 200}));
        form.required_text("title");
        form.required_text("name");
        form.integer("age", 0..=150);
        let faults = form.finish(Some(())).expect_err("faults");
        let found: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [("title", "wrong_type"), ("name", "required"), ("age", "out_of_range"), ("titel", "unknown_field")]
        );
        assert!(faults.last().is_some_and(|fault| fault.message.contains("did you mean title")));
    }

    #[test]
    fn query_strings_repeat_and_split() {
        let pairs = [("c", "a,b"), ("c", "d"), ("n", "5"), ("b", "true")];
        let mut form = Form::query(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(form.parsed_list::<String>("c"), Some(vec!["a".into(), "b".into(), "d".into()]));
        assert_eq!(form.integer("n", 1..=9), Some(5));
        assert_eq!(form.boolean("b"), Some(true));
        assert!(form.finish(Some(())).is_ok());
    }

    #[test]
    fn patches_tell_absent_null_and_value_apart() {
        let mut form = form(serde_json::json!({"a": null, "b": "x"}));
        let take = |text: &str| Ok(text.to_owned());
        assert_eq!(form.patch_text("a", take), Patch::Clear);
        assert_eq!(form.patch_text("b", take), Patch::Set("x".to_owned()));
        assert_eq!(form.patch_text("c", take), Patch::Keep);
    }
}
