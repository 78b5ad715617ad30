//! What people saw lately: ids with what they are called, which the shell's completion offers. A file in the cache for each
//! server, newest first, within a bound.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use campuszon_core::safe::SafeText;
use serde_json::Value;

use crate::{
    files::{self, Access},
    output::cell,
};

/// How many are kept.
const KEPT: usize = 500;

/// Cells of a label; titles are no longer.
const WIDTH: usize = 60;

/// An id and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The id, with its prefix.
    pub id: String,
    /// What people call it, safe for a terminal.
    pub label: String,
}

/// The suggestions for one server.
#[derive(Clone, Debug)]
pub struct Suggestions {
    path: PathBuf,
}

impl Suggestions {
    /// Those of the server at `address`, below the cache directory; the file does not need to exist.
    pub fn below(cache: &Path, address: &str) -> Self {
        Self { path: cache.join("completion").join(files::plain_name(address)) }
    }

    /// All of them, newest first.
    pub fn all(&self) -> Vec<Suggestion> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let parsed = |line: &str| {
            let (id, label) = line.split_once('\t')?;
            Some(Suggestion { id: known(id)?, label: SafeText::line(label).to_string() })
        };
        text.lines().filter_map(parsed).collect()
    }

    /// Remembers what is printed. That this cannot be done is no reason to complain: it is a convenience.
    pub fn remember(&self, rows: &[Value]) {
        let mut seen = HashSet::new();
        let fresh: Vec<Suggestion> = rows.iter().flat_map(found).collect();
        if fresh.is_empty() {
            return;
        }
        let all = fresh.into_iter().chain(self.all()).filter(|one| seen.insert(one.id.clone())).take(KEPT);
        let text: String = all.map(|one| format!("{}\t{}\n", one.id, one.label)).collect();
        let _ = files::replace(&self.path, text.as_bytes(), Access::Private);
    }
}

/// The thing a row tells of, and the others that it names.
fn found(row: &Value) -> Vec<Suggestion> {
    let nested = ["item", "peer", "seller"].map(|name| cell::of(row, name));
    std::iter::once(row).chain(nested).filter_map(suggestion).collect()
}

fn suggestion(thing: &Value) -> Option<Suggestion> {
    let id = known(thing.get("id")?.as_str()?)?;
    let called =
        ["title", "name", "item", "body"].iter().map(|name| cell::of(thing, name)).find(|name| !name.is_null());
    let label = called.map(cell::text).unwrap_or_default().truncate(WIDTH).to_string();
    Some(Suggestion { id, label })
}

/// An id, if it looks like one: a prefix of three letters and digits behind it.
fn known(text: &str) -> Option<String> {
    let (prefix, digits) = text.split_once('_')?;
    let is_id = prefix.len() == 3 && prefix.chars().all(|letter| letter.is_ascii_lowercase());
    (is_id && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_come_first_and_none_twice() {
        let cache = tempfile::tempdir().expect("a folder");
        let suggestions = Suggestions::below(cache.path(), "https://uni.example");
        assert_eq!(suggestions.all(), []);
        suggestions.remember(&[json!({"id": "itm_1", "title": "Lamp", "seller": {"id": "usr_1", "name": "Ada"}})]);
        suggestions.remember(&[json!({"id": "cht_1", "item": {"id": "itm_1", "title": "Lamp\u{1b}[2J\tx"}})]);
        let all: Vec<(String, String)> = suggestions.all().into_iter().map(|one| (one.id, one.label)).collect();
        let label = r"Lamp\u{1b}[2J\tx";
        let expected = [("cht_1", label), ("itm_1", label), ("usr_1", "Ada")];
        assert_eq!(all, expected.map(|(id, label)| (id.to_owned(), label.to_owned())));
    }

    #[test]
    fn their_number_is_bounded_and_nonsense_is_left_out() {
        let cache = tempfile::tempdir().expect("a folder");
        let suggestions = Suggestions::below(cache.path(), "https://uni.example");
        let rows: Vec<Value> = (0..KEPT + 10).map(|number| json!({"id": format!("itm_{number}")})).collect();
        suggestions.remember(&rows);
        suggestions.remember(&[json!({"id": "itm_\u{1b}[2J"}), json!({"id": 7}), json!("itm_9")]);
        assert_eq!(suggestions.all().len(), KEPT);
    }
}
