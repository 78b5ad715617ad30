//! Whether a listing answers a query, decided in memory as the full-text search decides it.

use super::{Pattern, Term, rank::contains};

/// Whether a listing with these tokens in its title and body has every term, and none that is negated.
pub fn matches<T: AsRef<str>>(terms: &[Term], title: &[T], body: &[T]) -> bool {
    terms.iter().all(|term| (term.pattern.is_in(title) || term.pattern.is_in(body)) != term.negated)
}

impl Pattern {
    fn is_in<T: AsRef<str>>(&self, tokens: &[T]) -> bool {
        match self {
            Self::Word(word) => tokens.iter().any(|token| token.as_ref().starts_with(word)),
            Self::Phrase(phrase) => contains(tokens, phrase),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{query::parse, text::tokens};

    #[test]
    fn every_term_decides() {
        let is_match = |query: &str| {
            matches(&parse(query).words, &tokens("Bücher: Calculus II"), &tokens("With the solution manual, 微积分"))
        };
        for query in ["", "calc", "CALCULUS bucher", "\"solution manual\" -physics", "-\"manual solution\"", "微积分"]
        {
            assert!(is_match(query), "{query}");
        }
        for query in ["alculus", "calc physics", "-calc", "\"solution man\"", "\"ii with\"", "积微"] {
            assert!(!is_match(query), "{query}");
        }
    }
}
