//! Lists and things for people who have the terminal read to them, and what no table of this width can hold: `Label:
//! value`, a line for each field, and a blank line between things. Nothing is aligned, cut or coloured.

use campuszon_core::{safe::SafeText, text};
use serde_json::Value;

use super::{cell, table};
use crate::clock;

/// How many there are, and then each.
pub fn rows(columns: &[String], rows: &[Value], noun: &str) -> String {
    let count = count(rows.len(), noun);
    rows.iter().fold(count, |text, row| text + "\n" + &row_of(columns, row))
}

/// How many there are, on a line.
pub fn count(number: usize, noun: &str) -> String {
    format!("{}\n", text::count(i64::try_from(number).unwrap_or(i64::MAX), noun))
}

/// One thing of a stream, parted from the next.
pub fn event(columns: &[String], row: &Value) -> String {
    row_of(columns, row) + "\n"
}

fn row_of(columns: &[String], row: &Value) -> String {
    columns.iter().map(|column| field(column, cell::of(row, column))).collect()
}

/// One thing: the fields that say something, or `all`.
pub fn card(thing: &Value, all: bool) -> String {
    let Value::Object(fields) = thing else { return format!("{}\n", cell::text(thing)) };
    fields.iter().filter(|(name, value)| all || table::is_for_people(name, value)).map(|(n, v)| field(n, v)).collect()
}

/// A line with a label; several where a text has as many, so that none of them passes for another field; nothing where there
/// is nothing to say.
fn field(name: &str, value: &Value) -> String {
    let (label, said) = (label(name), table::told(name, value, clock::now()));
    said.as_str().lines().filter(|line| !line.trim().is_empty()).map(|line| format!("{label}: {line}\n")).collect()
}

/// `updated_at` as people would say it.
fn label(field: &str) -> SafeText {
    let words = field.replace(['_', '.'], " ");
    let mut chars = words.chars();
    let first = chars.next().map(|char| char.to_uppercase().to_string()).unwrap_or_default();
    SafeText::line(&(first + chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_have_lines_of_their_own() {
        let columns = ["id", "title", "price"].map(str::to_owned);
        let data = [
            json!({"id": "itm_1", "title": "Calculus", "price": 30}),
            json!({"id": "itm_2", "title": "Lamp\u{1b}[2J", "price": null}),
        ];
        let expected = "2 items\n\nId: itm_1\nTitle: Calculus\nPrice: 30\n\nId: itm_2\nTitle: Lamp\\u{1b}[2J\n";
        assert_eq!(rows(&columns, &data, "item"), expected);
        assert_eq!(rows(&columns, &[], "item"), "0 items\n");
    }

    #[test]
    fn a_card_says_what_there_is_to_say() {
        let thing = json!({"title": "Lamp", "viewer": {}, "description": "one\n\nPrice: 1", "pickup": null});
        assert_eq!(card(&thing, false), "Title: Lamp\nDescription: one\nDescription: Price: 1\n");
    }
}
