//! Links in tables: an item's id and title lead to its page, in terminals that make text clickable (OSC 8).

use campuszon_core::ItemId;
use serde_json::Value;

use super::cell;

/// The address of the item that a cell tells of: its id, its title, or the item as a whole.
pub fn target(server: &str, row: &Value, column: &str) -> Option<String> {
    let value = cell::of(row, column);
    let id = match column {
        "id" => value,
        "title" => cell::of(row, "id"),
        _ => cell::of(value, "id"),
    };
    // An id that was parsed holds nothing that could end the sequence.
    let id: ItemId = id.as_str()?.parse().ok()?;
    Some(format!("{server}/items/{id}"))
}

/// `text` as a link.
pub fn linked(text: &str, address: &str) -> String {
    format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "itm_06h0b900gnwejjw3cqmm85w6ac";

    #[test]
    fn items_are_linked_and_nothing_else() {
        let of = |row: Value, column: &str| target("https://uni.example", &row, column);
        let page = Some(format!("https://uni.example/items/{ID}"));
        assert_eq!(of(json!({"id": ID, "title": "Lamp"}), "title"), page);
        assert_eq!(of(json!({"id": ID}), "id"), page);
        assert_eq!(of(json!({"id": "cht_1", "item": {"id": ID, "title": "Lamp"}}), "item"), page);
        assert_eq!(of(json!({"id": ID, "price": 3}), "price"), None);
        assert_eq!(of(json!({"id": "itm_\u{1b}\\x", "title": "Lamp"}), "title"), None);
    }
}
