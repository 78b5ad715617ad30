//! What a search box says: words, `"phrases"`, `-word` and keys such as `price:<50`. Reading never fails; what is no
//! filter is a word.

mod correct;
mod matching;
mod parse;
mod rank;
mod value;
mod write;

use std::{ops::Bound, time::Duration};

pub use self::{
    correct::correct,
    matching::matches,
    parse::{misread, parse},
    rank::score,
};

use crate::{
    Decimal, Timestamp,
    item::{Condition, Listing},
};

/// The most terms, and the most values of one filter; what comes after them is not looked at.
pub const MAX_TERMS: usize = 16;

/// The most characters, read and written.
pub const MAX_CHARS: usize = 512;

/// A search as it was read. `Display` writes it so that it reads back as the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What title or description must contain, or not; at most [`MAX_TERMS`].
    pub words: Vec<Term>,
    /// What else must hold.
    pub filters: Filters,
}

/// One thing that title or description must contain, or, when negated, must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What to look for.
    pub pattern: Pattern,
    /// Whether it must be absent.
    pub negated: bool,
}

/// What a term looks for, in the tokens of [`crate::text::tokens`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A token that begins with this.
    Word(String),
    /// These tokens, whole and in this order; never empty.
    Phrase(Vec<String>),
}

/// What a listing must be, besides its words. Values of one list are alternatives, and an empty list asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Any of these categories, in lower case; whether the campus has them is not known here.
    pub categories: Vec<String>,
    /// Any of these conditions.
    pub conditions: Vec<Condition>,
    /// Any of these kinds.
    pub listings: Vec<Listing>,
    /// `me`, or a user's id.
    pub seller: Option<String>,
    /// The price in the currency's major unit.
    pub price: Span<Decimal>,
    /// When it was posted, from the earlier to the later end.
    pub posted: Span<When>,
    /// Whether it must have a picture.
    pub has_image: bool,
}

/// All values between two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<T> {
    /// The lower or earlier end.
    pub from: Bound<T>,
    /// The higher or later end.
    pub to: Bound<T>,
}

/// A point in time as a query gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This instant.
    At(Timestamp),
    /// So long before now, in whole milliseconds.
    Ago(Duration),
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self { from: Bound::Unbounded, to: Bound::Unbounded }
    }
}

impl When {
    /// The instant meant, seen from `now`.
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(age) => now - age,
        }
    }
}

impl Query {
    /// Whether it asks for any word or phrase, so that there is something to rank by; absent words are nothing.
    pub fn has_words(&self) -> bool {
        self.words.iter().any(|term| !term.negated)
    }
}

impl Term {
    /// A word to find.
    pub fn word(word: impl Into<String>) -> Self {
        Self { pattern: Pattern::Word(word.into()), negated: false }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, string::string_regex};

    use super::*;

    #[test]
    fn only_words_to_find_rank() {
        assert!(parse("lamp").has_words());
        assert!(!parse("-lamp category:books").has_words());
    }

    /// Queries, nearly queries and noise.
    fn text() -> impl Strategy<Value = String> {
        let key = "(category|condition|LISTING|seller|price|posted|has|foo):";
        let number = "[0-9]{1,4}(\\.[0-9]{1,2})?|[0-9]{1,3}[dhmsw]";
        let time = "20[0-9]{2}-0[1-9]-1[0-9]|9999-12-31|2026-01-01T10:00:00Z";
        let value = format!("(<|<=|>|>=|)(books,good,sale|me|image|{number}|{time}|\\.\\.)");
        let (one, two) = (format!("{key}{value}"), format!("{key}{value}\\.\\.{value}"));
        let part = prop_oneof![
            Just(String::new()),
            "-?\"?[a-z ]{0,9}\"?",
            "\\PC{0,20}",
            "[\u{ac00}-\u{ac20}\u{0900}-\u{097f}日本語ﷺ]{0,80}",
            string_regex(&one).expect("a pattern"),
            string_regex(&two).expect("a pattern"),
        ];
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.join(" "))
    }

    proptest! {
        #[test]
        fn written_queries_read_back_as_the_same(text in text()) {
            let query = parse(&text);
            prop_assert!(query.words.len() <= MAX_TERMS && query.to_string().chars().count() <= MAX_CHARS);
            let written = query.to_string();
            prop_assert_eq!(parse(&written), query, "{}", written);
        }

        #[test]
        fn short_queries_stay_short(text in "[ -~]{0,100}") {
            prop_assert!(parse(&text).to_string().chars().count() <= MAX_CHARS);
        }

        #[test]
        fn reading_never_fails(text in any::<String>()) {
            parse(&text);
        }
    }
}
