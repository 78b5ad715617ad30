//! One value as the text of one cell.

use campuszon_core::safe::SafeText;
use serde_json::Value;

/// The text of a value on one line, safe for a terminal.
pub fn text(value: &Value) -> SafeText {
    SafeText::line(&plain(value))
}

/// The text of a value as it is. Objects show what people call them by; lists their members.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(members) => members.iter().map(plain).collect::<Vec<_>>().join(", "),
        // A contact card is worth all that is on it.
        Value::Object(fields) if fields.contains_key("email") => {
            let known = ["name", "residence", "phone", "email"].iter().filter_map(|name| fields.get(*name));
            known.filter(|value| !value.is_null()).map(plain).collect::<Vec<_>>().join(", ")
        }
        Value::Object(fields) => {
            let called = ["name", "title", "body", "id"].iter().find_map(|name| fields.get(*name));
            called.map_or_else(|| value.to_string(), plain)
        }
    }
}

/// Rows for pipes: tab-separated, without a header, nothing cut.
pub fn tab_separated(columns: &[String], rows: &[Value]) -> String {
    let line = |row: &Value| {
        let cells: Vec<String> = columns.iter().map(|column| text(of(row, column)).to_string()).collect();
        format!("{}\n", cells.join("\t"))
    };
    rows.iter().map(line).collect()
}

/// The value of a column; `null` where the row has none.
pub fn of<'a>(row: &'a Value, column: &str) -> &'a Value {
    row.get(column).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_contact_card_shows_how_to_reach_somebody() {
        let card = json!({"name": "Ada", "residence": null, "phone": "+1 555", "email": "ada@uni.example"});
        assert_eq!(text(&card).to_string(), "Ada, +1 555, ada@uni.example");
    }

    #[test]
    fn cells_hold_neither_tabs_nor_escapes() {
        let row =
            json!({"id": "itm_1", "title": "a\tb\u{1b}[2J\nc", "seller": {"id": "usr_1", "name": "Ada"}, "n": null});
        let columns = ["id", "title", "seller", "n"].map(str::to_owned);
        assert_eq!(tab_separated(&columns, &[row]), "itm_1\ta\\tb\\u{1b}[2J\\nc\tAda\t\n");
    }
}
