//! How well a listing answers a query.

use super::{Pattern, Term};

/// What a match weighs. Steps are halves or more, so that age decides between equals only.
struct Weights {
    whole: f64,
    prefix: f64,
    phrase: f64,
    /// For all words side by side, in the order asked.
    adjacent: f64,
}

const TITLE: Weights = Weights { whole: 10.0, prefix: 8.0, phrase: 12.0, adjacent: 1.0 };
const BODY: Weights = Weights { whole: 3.0, prefix: 2.0, phrase: 4.0, adjacent: 0.5 };

/// Less than the smallest step between weights.
const RECENCY: f64 = 0.25;

/// How well a listing with these tokens in its title and body answers `terms`; greater is better.
///
/// For each term its better match counts: title above body, whole words above prefixes, phrases above both; words that
/// stand side by side as asked add to it. `recency`, 0 (old) to 1 (new), decides between equals. Negated terms do not
/// count, and whether all terms match is not asked here.
pub fn score<T: AsRef<str>>(terms: &[Term], title: &[T], body: &[T], recency: f64) -> f64 {
    let patterns = || terms.iter().filter(|term| !term.negated).map(|term| &term.pattern);
    let matches: f64 = patterns().map(|pattern| weigh(pattern, title, &TITLE).max(weigh(pattern, body, &BODY))).sum();
    let words: Vec<&str> = patterns().filter_map(Pattern::as_word).collect();
    let adjacent = if stands_together(&words, title) {
        TITLE.adjacent
    } else if stands_together(&words, body) {
        BODY.adjacent
    } else {
        0.0
    };
    // `clamp` leaves what is no number as it is; `max` makes it 0.
    matches + adjacent + RECENCY * recency.clamp(0.0, 1.0).max(0.0)
}

impl Pattern {
    fn as_word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Phrase(_) => None,
        }
    }
}

fn weigh<T: AsRef<str>>(pattern: &Pattern, tokens: &[T], weights: &Weights) -> f64 {
    match pattern {
        Pattern::Word(word) if tokens.iter().any(|token| token.as_ref() == word) => weights.whole,
        Pattern::Word(word) if tokens.iter().any(|token| token.as_ref().starts_with(word)) => weights.prefix,
        Pattern::Phrase(phrase) if contains(tokens, phrase) => weights.phrase,
        _ => 0.0,
    }
}

/// Whether `tokens` hold this phrase, whole and in its order.
pub(super) fn contains<T: AsRef<str>>(tokens: &[T], phrase: &[String]) -> bool {
    let is_at = |window: &[T]| window.iter().map(AsRef::as_ref).eq(phrase.iter().map(String::as_str));
    !phrase.is_empty() && tokens.windows(phrase.len()).any(is_at)
}

/// Whether two or more `words` stand in a row; the last may still be being typed.
fn stands_together<T: AsRef<str>>(words: &[&str], tokens: &[T]) -> bool {
    let Some((last, first)) = words.split_last().filter(|(_, first)| !first.is_empty()) else { return false };
    let is_at = |window: &[T]| match window.split_last() {
        Some((end, start)) => {
            end.as_ref().starts_with(last) && start.iter().map(AsRef::as_ref).eq(first.iter().copied())
        }
        None => false,
    };
    tokens.windows(words.len()).any(is_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{query::parse, text::tokens};

    fn rank(query: &str, title: &str, body: &str, recency: f64) -> f64 {
        score(&parse(query).words, &tokens(title), &tokens(body), recency)
    }

    #[test]
    fn better_matches_come_first() {
        let order = [
            rank("desk lamp", "Desk lamp", "", 0.0),
            rank("desk lamp", "Lamp for a desk", "", 1.0),
            rank("desk lamp", "Lampshade for a desk", "", 1.0),
            rank("desk lamp", "Lampshade", "for any desk", 1.0),
            rank("desk lamp", "For sale", "a desk lamp", 1.0),
            rank("desk lamp", "For sale", "a lamp for the desk", 1.0),
            rank("desk lamp", "For sale", "a lampshade for the desktop", 1.0),
        ];
        assert!(order.is_sorted_by(|better, worse| better > worse), "{order:?}");
    }

    #[test]
    fn phrases_count_as_a_whole() {
        assert!(rank("\"desk lamp\"", "Old desk lamp", "", 0.0) > rank("\"desk lamp\"", "Lamp", "desk lamp", 1.0));
        assert!(rank("\"desk lamp\"", "desk lamps", "", 0.0) < 1.0);
    }

    #[test]
    fn newer_above_older_between_equals_only() {
        assert!(rank("lamp", "Lamp", "", 0.9) > rank("lamp", "Lamp", "", 0.1));
        assert!(rank("lamp", "Lamp", "", 0.0) > rank("lamp", "Lamps", "", 1.0));
        assert!(rank("lamp", "Lamp", "", f64::NAN).is_finite());
        assert!(rank("-lamp", "Lamp", "", 0.0) < 1.0);
    }
}
