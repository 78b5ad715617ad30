//! Tables and cards for people: aligned, fitted to the width, coloured by meaning.

use anstyle::{AnsiColor, Style};
use campuszon_core::{Timestamp, safe::SafeText};
use serde_json::Value;

use super::{
    cell, link,
    terminal::{Terminal, painted},
};
use crate::clock;

const GAP: &str = "  ";
/// No column is made narrower than this to fit.
const NARROWEST: usize = 8;
const HEADER: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();

/// A table with a header, nothing at all for no rows; `None` where it cannot be made to fit. With the address of a `server`,
/// what it has pages for is linked.
pub fn rows(columns: &[String], rows: &[Value], terminal: &Terminal, server: Option<&str>) -> Option<String> {
    if rows.is_empty() {
        return Some(String::new());
    }
    let now = clock::now();
    let headers: Vec<SafeText> = columns.iter().map(|column| SafeText::line(&title(column))).collect();
    let cells: Vec<Vec<SafeText>> = rows
        .iter()
        .map(|row| columns.iter().map(|column| shown(column, cell::of(row, column), now)).collect())
        .collect();
    let widest = |index: usize| {
        let below = cells.iter().filter_map(|row| row.get(index)).map(SafeText::width).max().unwrap_or(0);
        below.max(headers.get(index).map_or(0, SafeText::width))
    };
    let widths: Vec<usize> = (0..columns.len()).map(widest).collect();
    let widths = fitted(widths, &columns.iter().map(|column| is_id(column)).collect::<Vec<_>>(), terminal.width)?;
    let numeric: Vec<bool> =
        columns.iter().map(|column| rows.iter().all(|row| is_number(cell::of(row, column)))).collect();
    let line = |cells: &[SafeText], style: &dyn Fn(&SafeText) -> Style, target: &dyn Fn(&str) -> Option<String>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(columns)
            .zip(widths.iter().zip(&numeric))
            .map(|((cell, column), (width, right))| {
                padded(cell, *width, *right, &|text| {
                    let text = painted(style(cell), text, terminal.colour);
                    target(column).map_or(text.clone(), |address| link::linked(&text, &address))
                })
            })
            .collect();
        format!("{}\n", padded.join(GAP).trim_end())
    };
    let mut text = line(&headers, &|_| HEADER, &|_| None);
    text.extend(
        cells.iter().zip(rows).map(|(cells, row)| {
            line(cells, &|cell| meaning(cell.as_str()), &|column| link::target(server?, row, column))
        }),
    );
    Some(text)
}

/// Fields that tell people nothing; a card shows them only when asked to.
const FOR_PROGRAMS: [&str; 5] = ["avatar", "client_id", "placeholder", "thumbnail", "viewer"];

/// One thing, a field a line: those that say something, or `all`.
pub fn card(thing: &Value, all: bool, terminal: &Terminal) -> String {
    let Value::Object(fields) = thing else { return format!("{}\n", cell::text(thing)) };
    let fields = fields.iter().filter(|(name, value)| all || is_for_people(name, value));
    let now = clock::now();
    let heading = |name: &str| SafeText::line(&title(name));
    let label_width = fields.clone().map(|(name, _)| heading(name).width()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in fields {
        let heading = heading(name);
        let lines = told(name, value, now);
        for (number, line) in lines.as_str().lines().enumerate() {
            let label = if number == 0 { heading.clone() } else { SafeText::default() };
            let label = padded(&label, label_width, false, &|text| painted(LABEL, text, terminal.colour));
            let value = painted(meaning(line), line, terminal.colour);
            text.push_str(format!("{label}{GAP}{value}").trim_end());
            text.push('\n');
        }
    }
    text
}

/// Whether a field tells people anything.
pub(super) fn is_for_people(field: &str, value: &Value) -> bool {
    !value.is_null() && !FOR_PROGRAMS.contains(&field)
}

/// The heading of a field.
fn title(field: &str) -> String {
    field.replace(['_', '.'], " ").to_uppercase()
}

/// A value where it may take several lines.
pub(super) fn told(field: &str, value: &Value, now: Timestamp) -> SafeText {
    match value.as_str() {
        Some(text) if !is_time(field) => SafeText::block(text),
        _ => shown(field, value, now),
    }
}

/// A value for people: times are relative, the rest is as it is.
fn shown(field: &str, value: &Value, now: Timestamp) -> SafeText {
    if let Some(time) = value.as_str().filter(|_| is_time(field)).and_then(|text| text.parse().ok()) {
        return SafeText::line(&relative(time, now));
    }
    cell::text(value)
}

fn is_time(field: &str) -> bool {
    field.ends_with("_at") || matches!(field, "joined" | "last_seen")
}

/// How long ago, or how soon, in the largest unit that fits.
pub fn relative(time: Timestamp, now: Timestamp) -> String {
    const UNITS: [(u64, &str); 6] =
        [(31_557_600, "y"), (2_629_800, "mo"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (distance, ahead) = (now.since(time).max(time.since(now)).as_secs(), time > now);
    let Some((unit, name)) = UNITS.iter().find(|(unit, _)| distance >= *unit) else { return "now".to_owned() };
    let count = distance / unit;
    if ahead { format!("in {count} {name}") } else { format!("{count} {name} ago") }
}

fn is_number(value: &Value) -> bool {
    value.is_number() || value.is_null()
}

fn padded(cell: &SafeText, width: usize, right: bool, dressed: &dyn Fn(&str) -> String) -> String {
    let cell = cell.truncate(width);
    let space = " ".repeat(width.saturating_sub(cell.width()));
    let text = dressed(cell.as_str());
    if right { format!("{space}{text}") } else { format!("{text}{space}") }
}

/// Half an id is of no use.
fn is_id(column: &str) -> bool {
    column == "id" || column.ends_with("_id")
}

/// The widths after narrowing the widest columns, but not `whole` ones, until the table fits; `None` if it does not.
fn fitted(mut widths: Vec<usize>, whole: &[bool], available: usize) -> Option<Vec<usize>> {
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > available {
        let narrowable = widths.iter_mut().zip(whole).filter(|(_, whole)| !**whole).map(|(width, _)| width);
        match narrowable.max() {
            Some(widest) if *widest > NARROWEST => *widest -= 1,
            _ => return None,
        }
    }
    Some(widths)
}

/// The colour of a word that says how something stands.
fn meaning(word: &str) -> Style {
    let colour = match word {
        "active" | "ready" | "online" => AnsiColor::Green,
        "reserved" | "pending" | "processing" | "unverified" => AnsiColor::Yellow,
        "failed" | "removed" | "suspended" => AnsiColor::Red,
        "draft" | "sold" | "withdrawn" | "expired" => return LABEL,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(colour.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TERMINAL: Terminal = Terminal {
        stdin: true,
        stdout: true,
        stderr: true,
        colour: false,
        stderr_colour: false,
        links: false,
        width: 30,
        height: None,
        accessible: false,
    };

    #[test]
    fn tables_fit_and_align() {
        let data = [
            json!({"id": "itm_1", "title": "Calculus, 8th edition, hardly used", "price": 30}),
            json!({"id": "itm_2", "title": "Lamp\u{1b}[2J", "price": 4.5}),
        ];
        let text = rows(&["id", "title", "price"].map(str::to_owned), &data, &TERMINAL, None);
        let expected =
            "ID     TITLE             PRICE\nitm_1  Calculus, 8th e…     30\nitm_2  Lamp\\u{1b}[2J       4.5\n";
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn what_cannot_fit_is_no_table() {
        let columns = ["id", "title", "description", "pickup"].map(str::to_owned);
        let data = [json!({"id": "itm_1234567890", "title": "Calculus"})];
        assert_eq!(rows(&columns, &data, &TERMINAL, None), None);
    }

    #[test]
    fn nothing_is_printed_for_no_rows() {
        assert_eq!(rows(&["id".to_owned()], &[], &TERMINAL, None).as_deref(), Some(""));
    }

    #[test]
    fn cards_keep_paragraphs() {
        let text = card(&json!({"title": "Lamp", "viewer": {}, "description": "one\ntwo\u{9b}"}), false, &TERMINAL);
        assert_eq!(text, "TITLE        Lamp\nDESCRIPTION  one\n             two\\u{9b}\n");
    }

    #[test]
    fn times_are_relative() {
        let now = Timestamp::from_millis(1_790_000_000_000);
        let at = |seconds: i64| relative(Timestamp::from_millis(now.millis() + seconds * 1000), now);
        assert_eq!(
            [at(0), at(-59), at(-120), at(-90_000), at(7_200)],
            ["now", "59 s ago", "2 min ago", "1 d ago", "in 2 h"]
        );
    }
}
