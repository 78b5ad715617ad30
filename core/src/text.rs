//! Text that people write: what may be stored, and how it is folded for search. Pure; the one place that decides which
//! characters are harmless is [`class`], shared with [`crate::safe`].
//!
//! The rules come from the product's page on text: stored in NFC; controls, bidirectional controls, tag characters,
//! invisible characters and heaps of combining marks are refused.

pub(crate) mod class;
mod fold;

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization;

pub(crate) use self::fold::runs;
pub use self::fold::{MAX_TOKEN, fold, tokens};

use self::class::{Class, MAX_MARKS, classify};
use crate::Fault;

/// A name, title or place as it is stored: one line in NFC without blank at its ends, `length` characters long.
///
/// # Errors
/// `required` where there is nothing but blank, `too_short`, `too_long`, `forbidden_character`.
pub fn line(field: &str, raw: &str, length: RangeInclusive<usize>) -> Result<String, Fault> {
    let text: String = raw.nfc().collect();
    let text = text.trim_matches(is_blank);
    if let Some((_, position)) = text.chars().zip(1..).find(|(char, _)| *char == '\n') {
        return Err(Fault::new(field, FORBIDDEN, format!("must be a single line; breaks off at character {position}")));
    }
    check(field, text, length)
}

/// A body or description as it is stored: NFC, lines parted by LF (CRLF and CR become one), without blank lines before
/// or blank after, `length` characters long.
///
/// Tabs are refused as all of C0 is but newlines: how wide one is depends on the reader, and making it a space would
/// quietly change what was written.
///
/// # Errors
/// As [`line()`].
pub fn block(field: &str, raw: &str, length: RangeInclusive<usize>) -> Result<String, Fault> {
    let text: String = raw.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    check(field, text.trim_end_matches(is_blank).trim_start_matches('\n'), length)
}

const FORBIDDEN: &str = "forbidden_character";

/// A number of things: `1 token`, `2 tokens`.
pub fn count(number: i64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {}", plural(noun)) }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with('s') || noun.ends_with("ch") => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// Blank that may be cut from the ends. Other controls that count as white space are refused like all controls.
fn is_blank(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r') || (char.is_whitespace() && class::is_harmless(char))
}

fn check(field: &str, text: &str, length: RangeInclusive<usize>) -> Result<String, Fault> {
    let (least, most) = length.into_inner();
    if text.is_empty() && least > 0 {
        return Err(Fault::new(field, "required", "must not be empty"));
    }
    let count = text.chars().count();
    if count < least {
        return Err(Fault::new(field, "too_short", format!("must have at least {least} characters, has {count}")));
    }
    if count > most {
        return Err(Fault::new(field, "too_long", format!("must have at most {most} characters, has {count}")));
    }
    match forbidden(text) {
        Some(message) => Err(Fault::new(field, FORBIDDEN, message)),
        None => Ok(text.to_owned()),
    }
}

/// What is wrong with the first character that may not be stored, counted from 1.
fn forbidden(text: &str) -> Option<String> {
    classify(text).zip(1..).find_map(|((char, class), position)| {
        let code = u32::from(char);
        match class {
            Class::Plain | Class::Newline => None,
            Class::Forbidden => Some(format!("must not contain U+{code:04X} (character {position})")),
            Class::Stacked => Some(format!(
                "must not pile more than {MAX_MARKS} combining marks on a letter (U+{code:04X}, character {position})"
            )),
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(result: Result<String, Fault>) -> String {
        result.map_or_else(|fault| fault.code, |text| format!("stored {text:?}"))
    }

    #[test]
    fn several_are_told_in_the_plural() {
        let told = ["item", "entry", "day", "campus", "search"].map(|noun| count(2, noun));
        assert_eq!(told, ["2 items", "2 entries", "2 days", "2 campuses", "2 searches"]);
        assert_eq!(count(1, "entry"), "1 entry");
    }

    #[test]
    fn a_line_is_trimmed_and_composed() {
        assert_eq!(line("title", " \u{a0}Cafe\u{301} \r\n", 3..=120), Ok("Café".to_owned()));
    }

    #[test]
    fn lengths_count_characters() {
        assert_eq!(code(line("title", " \t ", 1..=3)), "required");
        assert_eq!(code(line("title", "ab", 3..=4)), "too_short");
        assert_eq!(code(line("title", "äöüß€", 3..=4)), "too_long");
        assert_eq!(code(line("title", "äöüß", 3..=4)), r#"stored "äöüß""#);
        assert_eq!(code(block("description", "", 0..=4)), r#"stored """#);
    }

    #[test]
    fn the_message_names_the_character() {
        let fault = line("name", "ab\u{202e}c", 1..=80).unwrap_err();
        assert_eq!((fault.field.as_str(), fault.code.as_str()), ("name", "forbidden_character"));
        assert_eq!(fault.message, "must not contain U+202E (character 3)");
        assert!(line("name", "ab\ncd", 1..=80).unwrap_err().message.contains("single line"));
    }

    #[test]
    fn a_block_keeps_lines() {
        assert_eq!(block("body", "\r\na\r\nb\rc \n\n", 1..=9), Ok("a\nb\nc".to_owned()));
        assert_eq!(code(block("body", "a\tb", 1..=9)), "forbidden_character");
    }

    proptest! {
        #[test]
        fn what_is_stored_is_composed_and_stored_again_unchanged(raw in "\\PC{0,40}|(?s:.{0,40})") {
            for check in [line, block] {
                if let Ok(text) = check("f", &raw, 0..=200) {
                    prop_assert!(unicode_normalization::is_nfc(&text));
                    prop_assert_eq!(check("f", &text, 0..=200), Ok(text));
                }
            }
        }
    }
}
