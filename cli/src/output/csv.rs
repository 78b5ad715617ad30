//! Comma-separated values that a spreadsheet can open without running anything.

use campuszon_core::safe::SafeText;
use serde_json::Value;

use super::{OutputError, cell};

/// Rows, after a header of field names where asked for.
///
/// # Errors
/// [`OutputError::Format`] when the rows cannot be encoded.
pub fn rows(columns: &[String], rows: &[Value], header: bool) -> Result<String, OutputError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |_| OutputError::Format("csv");
    if header {
        writer.write_record(columns).map_err(failed)?;
    }
    for row in rows {
        writer.write_record(columns.iter().map(|column| guarded(cell::of(row, column)))).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|_| OutputError::Format("csv"))?;
    String::from_utf8(bytes).map_err(|_| OutputError::Format("csv"))
}

/// What a formula begins with, in full width too: some spreadsheets take that for the same.
const FORMULA: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '|', '%', '＝', '＋', '－', '＠'];

/// A cell that no spreadsheet takes for a formula. Numbers are left alone.
fn guarded(value: &Value) -> String {
    let text = SafeText::block(&cell::plain(value)).to_string();
    let is_text = !matches!(value, Value::Number(_));
    if is_text && text.trim_start().starts_with(FORMULA) {
        return format!("'{text}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        assert_eq!(guarded(&json!("=HYPERLINK(\"x\")")), "'=HYPERLINK(\"x\")");
        for start in ["+1", "-1", "@SUM(1)", " =1", "＝1"] {
            assert!(guarded(&json!(start)).starts_with('\''), "{start}");
        }
        assert_eq!(guarded(&json!(-5)), "-5");
        assert_eq!(guarded(&json!("Lamp = good")), "Lamp = good");
    }

    #[test]
    fn quotes_what_needs_it() {
        let columns = ["title".to_owned(), "price".to_owned()];
        let text = rows(&columns, &[json!({"title": "a, \"b\"\nc", "price": 4.5})], true).expect("csv");
        assert_eq!(text, "title,price\n\"a, \"\"b\"\"\nc\",4.5\n");
    }
}
