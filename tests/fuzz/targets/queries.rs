//! The query grammar: any text is read, within bounds, and what is written reads back as the same.

use campuszon_core::{
    Id, Timestamp, UserId,
    item::ItemFilter,
    query::{MAX_CHARS, MAX_TERMS, Pattern, Term, matches, misread, parse, score},
    text,
};

/// The first line is a query, what follows the title of a listing.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (asked, title) = text.split_once('\n').unwrap_or((&text, ""));
    let query = parse(asked);
    let written = query.to_string();
    assert!(written.chars().count() <= MAX_CHARS, "{asked:?} is written as {written:?}");
    assert_eq!(parse(&written), query, "{asked:?} is written as {written:?}");
    let filters = &query.filters;
    let longest = [query.words.len(), filters.categories.len(), filters.conditions.len(), filters.listings.len()];
    assert!(longest.into_iter().all(|length| length <= MAX_TERMS));
    assert!(misread(asked).iter().all(|(part, _)| asked.contains(part)));

    let title = text::tokens(title);
    assert!(title.iter().all(|token| token.chars().count() <= text::MAX_TOKEN), "{title:?}");
    for term in &query.words {
        let (mut found, mut absent) = (term.clone(), term.clone());
        (found.negated, absent.negated) = (false, true);
        assert_ne!(matches(&[found], &title, &[]), matches(&[absent], &title, &[]));
    }
    let whole = Term { pattern: Pattern::Phrase(title.clone()), negated: false };
    assert!(title.is_empty() || matches(&[whole], &title, &[]), "a title has all of its own words");
    assert!(score(&query.words, &title, &[], 0.5).is_finite());
    let currency = "EUR".parse().expect("a currency");
    ItemFilter::of_query(query, currency, UserId::from_bits(1), Timestamp::from_millis(1_790_000_000_000));
}
