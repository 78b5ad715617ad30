//! A typo forgiven: the word that was probably meant by one that matches nothing.

use std::cmp::Reverse;

/// Shorter words have too many neighbours to guess from.
const MIN_LETTERS: usize = 4;

/// The word of `vocabulary` (folded words, each with the number of its uses) that is one typo away from the folded
/// `word`: a letter too many, missing or wrong, or two neighbours swapped (Damerau's distance 1).
///
/// A whole word comes before one that `word` is only the beginning of, as it is while one types; then the most used,
/// then the first of the alphabet. Words under four letters and words with digits in them (another number is another
/// thing) are never corrected.
pub fn correct<'a>(word: &str, vocabulary: impl IntoIterator<Item = (&'a str, u64)>) -> Option<&'a str> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < MIN_LETTERS || letters.iter().any(|letter| letter.is_numeric()) {
        return None;
    }
    let mut meant = Vec::new();
    vocabulary
        .into_iter()
        .filter_map(|(candidate, uses)| {
            // Two letters more than typed tell a word one letter longer from one that goes on.
            meant.clear();
            meant.extend(candidate.chars().take(letters.len() + 2));
            Some((closeness(&letters, &meant)?, uses, candidate))
        })
        .max_by_key(|(closeness, uses, candidate)| (*closeness, *uses, Reverse(*candidate)))
        .map(|(.., candidate)| candidate)
}

/// What one typo turned into the word that was typed; the greater the closer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Beginning,
    Whole,
}

fn closeness(typed: &[char], meant: &[char]) -> Option<Closeness> {
    let shared = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (typed.get(shared..)?, meant.get(shared..)?);
    if typed.is_empty() {
        // The same word, or one that begins with what was typed: no typo.
        return None;
    }
    swapped(typed, meant).into_iter().chain(one_letter(typed, meant)).filter_map(|rest| rest.closeness()).max()
}

/// What is left to compare once a typo is undone.
struct Rest<'a> {
    typed: &'a [char],
    meant: &'a [char],
    /// Whether the typo itself shows what was meant, without letters after it that agree.
    is_sure: bool,
}

fn swapped<'a>(typed: &'a [char], meant: &'a [char]) -> Option<Rest<'a>> {
    match (typed, meant) {
        ([a, b, typed @ ..], [c, d, meant @ ..]) if a == d && b == c => Some(Rest { typed, meant, is_sure: true }),
        _ => None,
    }
}

/// One letter wrong, too many or missing.
fn one_letter<'a>(typed: &'a [char], meant: &'a [char]) -> impl Iterator<Item = Rest<'a>> {
    let (typed_after, meant_after) = (typed.get(1..), meant.get(1..));
    [(typed_after, meant_after), (typed_after, Some(meant)), (Some(typed), meant_after)]
        .into_iter()
        .filter_map(|(typed, meant)| Some(Rest { typed: typed?, meant: meant?, is_sure: false }))
}

impl Rest<'_> {
    fn closeness(&self) -> Option<Closeness> {
        if self.typed == self.meant {
            return Some(Closeness::Whole);
        }
        let agrees = self.is_sure || !self.typed.is_empty();
        (agrees && self.meant.starts_with(self.typed)).then_some(Closeness::Beginning)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [(&str, u64); 8] = [
        ("calculus", 9),
        ("calculator", 20),
        ("lamp", 3),
        ("lamps", 1),
        ("lame", 2),
        ("desk", 5),
        ("bike", 4),
        ("iphone12", 3),
    ];

    #[test]
    fn one_typo_is_forgiven() {
        let pairs = [
            ("calclus", "calculus"),
            ("calcculus", "calculus"),
            ("calculos", "calculus"),
            ("claculus", "calculus"),
            ("dsek", "desk"),
            ("xdesk", "desk"),
            ("lamb", "lamp"),
            ("lampss", "lamps"),
        ];
        for (wrong, right) in pairs {
            assert_eq!(correct(wrong, WORDS), Some(right), "{wrong}");
        }
    }

    #[test]
    fn a_word_being_typed_too() {
        assert_eq!(correct("claculu", WORDS), Some("calculus"));
        assert_eq!(correct("cakcu", WORDS), Some("calculator"), "the most used");
        assert_eq!(correct("calcx", WORDS), None, "nothing after the typo agrees");
    }

    #[test]
    fn some_words_are_left_alone() {
        for word in ["bke", "desk", "calc", "dekss", "iphone13", "", "zzzzz"] {
            assert_eq!(correct(word, WORDS), None, "{word}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_distance(word in "[a-c]{4,7}", candidate in "[a-c]{1,8}") {
            let corrected = correct(&word, [(candidate.as_str(), 1)]);
            if strsim::osa_distance(&word, &candidate) == 1 && !candidate.starts_with(&word) {
                prop_assert_eq!(corrected, Some(candidate.as_str()));
            }
            let prefixes = (0..=candidate.len()).filter_map(|end| candidate.get(..end));
            let nearest = prefixes.map(|prefix| strsim::osa_distance(&word, prefix)).min();
            prop_assert!(corrected.is_none() || nearest.is_some_and(|distance| distance <= 1));
        }
    }
}
