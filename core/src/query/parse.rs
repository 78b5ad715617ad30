//! Reading a query: parts at blanks and quotes, each a filter when it parses as one, and words otherwise.

use super::{Filters, MAX_CHARS, MAX_TERMS, Pattern, Query, Term, value};
use crate::text;

/// Of so many characters of ASCII no more than [`MAX_CHARS`] are written: a term gets at most a sign, two quotes and a
/// blank, and each filter a few.
const CERTAIN_TO_FIT: usize = 100;

/// Reads a query; never fails. A filter whose key or value is unknown is read as words, a quote that is never closed as
/// a blank. Of two ends of a range given twice the later counts; lists given twice are joined.
pub fn parse(text: &str) -> Query {
    let mut query = Query::default();
    let mut rest = text.char_indices().nth(MAX_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text).trim_start();
    while !rest.is_empty() {
        let (part, after) = next_part(rest);
        query.add(&part);
        rest = after.trim_start();
    }
    if !(text.is_ascii() && text.len() <= CERTAIN_TO_FIT) {
        query.fit();
    }
    query
}

/// The keys of filters, and what each takes.
const KEYS: [(&str, &str); 7] = [
    ("category", "names of categories, such as books,art"),
    ("condition", "new, like_new, good, fair or poor"),
    ("listing", "sale, rent, free or wanted"),
    ("seller", "me or a user's id"),
    ("price", "an amount or two, such as <50 or 10..40"),
    ("posted", "an age or a day, such as <3d or >2026-01-31"),
    ("has", "image"),
];

/// The parts of a query that have the key of a filter but no value that it takes, each with what it takes. They are read
/// as words, which suits a box that is typed into; a script would take no results for an answer.
pub fn misread(text: &str) -> Vec<(String, &'static str)> {
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    while !rest.is_empty() {
        let (part, after) = next_part(rest);
        rest = after.trim_start();
        let Some((key, value)) = part.text.split_once(':').filter(|_| !part.quoted && !part.negated) else { continue };
        let known = KEYS.iter().find(|(known, _)| key.eq_ignore_ascii_case(known));
        if let Some((_, takes)) = known.filter(|_| Filters::default().set(key, value).is_none()) {
            found.push((part.text.to_owned(), *takes));
        }
    }
    found
}

/// A stretch of a query without blanks outside quotes.
struct Part<'a> {
    text: &'a str,
    quoted: bool,
    negated: bool,
}

/// The first part of `text` (which is not empty), and what comes after.
fn next_part(text: &str) -> (Part<'_>, &str) {
    let bare = text.trim_start_matches('-');
    let negated = bare.len() < text.len();
    let opened = bare.strip_prefix(is_quote);
    if let Some((inner, after)) = opened.and_then(|inner| inner.split_once(is_quote)) {
        return (Part { text: inner, quoted: true, negated }, after);
    }
    let bare = opened.unwrap_or(bare);
    let end = bare.find(|char: char| char.is_whitespace() || is_quote(char)).unwrap_or(bare.len());
    let (text, after) = bare.split_at(end);
    (Part { text, quoted: false, negated }, after)
}

/// Typographic quotes come with pasted text and with phones.
fn is_quote(char: char) -> bool {
    matches!(char, '"' | '“' | '”' | '„')
}

impl Query {
    fn add(&mut self, part: &Part<'_>) {
        if part.quoted {
            return self.push(Pattern::Phrase(text::tokens(part.text)), part.negated);
        }
        let filter = part.text.split_once(':').filter(|_| !part.negated);
        if filter.is_some_and(|(key, value)| self.filters.set(key, value).is_some()) {
            return;
        }
        for mut run in text::runs(part.text) {
            // A run of several tokens is writing without blanks: its characters mean something in this order only.
            let pattern = match run.pop() {
                Some(word) if run.is_empty() => Pattern::Word(word),
                last => Pattern::Phrase(run.into_iter().chain(last).collect()),
            };
            self.push(pattern, part.negated);
        }
    }

    fn push(&mut self, pattern: Pattern, negated: bool) {
        let is_empty = matches!(&pattern, Pattern::Phrase(tokens) if tokens.is_empty());
        let term = Term { pattern, negated };
        if !is_empty && self.words.len() < MAX_TERMS && !self.words.contains(&term) {
            self.words.push(term);
        }
    }

    /// Drops last terms until what is written is no longer than what is read: a single character may fold to many.
    fn fit(&mut self) {
        while self.to_string().chars().count() > MAX_CHARS
            && (self.words.pop().is_some() || self.filters.categories.pop().is_some())
        {}
    }
}

impl Filters {
    /// Takes `value` for `key`; nothing, and nothing changed, when it is no filter.
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match key.to_ascii_lowercase().as_str() {
            "category" => join(&mut self.categories, value::list(value, value::category)?),
            "condition" => join(&mut self.conditions, value::list(value, value::word)?),
            "listing" => join(&mut self.listings, value::list(value, value::word)?),
            "seller" => self.seller = Some(value::seller(value)?),
            "price" => self.price = value::span(self.price, value, value::price)?,
            "posted" => self.posted = value::span(self.posted, value, value::posted)?,
            "has" => self.has_image = value.eq_ignore_ascii_case("image").then_some(true)?,
            _ => return None,
        }
        Some(())
    }
}

fn join<T: PartialEq>(values: &mut Vec<T>, more: Vec<T>) {
    for value in more {
        if values.len() < MAX_TERMS && !values.contains(&value) {
            values.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{ops::Bound::*, time::Duration};

    use super::*;
    use crate::{
        Id, Timestamp, UserId,
        item::{Condition, Listing},
        query::{Span, When},
    };

    fn written(text: &str) -> String {
        parse(text).to_string()
    }

    #[test]
    fn what_looks_like_a_filter_and_is_none_is_told() {
        let parts = |text: &str| misread(text).into_iter().map(|(part, _)| part).collect::<Vec<_>>();
        assert_eq!(parts("lamp condition:brokn PRICE:x -price:y \"has:nothing\" a:b"), ["condition:brokn", "PRICE:x"]);
        assert_eq!(parts("lamp condition:good,new price:<5 posted:<3d has:image seller:me category:books"), [""; 0]);
        // Every key there is has its line, and none is told that is no key.
        assert_eq!(parts(&KEYS.map(|(key, _)| format!("{key}:§")).join(" ")).len(), KEYS.len());
    }

    #[test]
    fn words_phrases_and_what_to_leave_out() {
        let query = parse(r#"Calculus -"solution manual" "Bücher" -Stewart"#);
        let shown: Vec<_> = query.words.iter().map(|term| (&term.pattern, term.negated)).collect();
        let (word, phrase) = (
            |word: &str| Pattern::Word(word.into()),
            |words: &[&str]| Pattern::Phrase(words.iter().map(ToString::to_string).collect()),
        );
        let expected = [
            (&word("calculus"), false),
            (&phrase(&["solution", "manual"]), true),
            (&phrase(&["bucher"]), false),
            (&word("stewart"), true),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn writing_without_blanks_is_a_phrase() {
        assert_eq!(written("微积分 wi-fi"), r#""微 积 分" wi fi"#);
    }

    #[test]
    fn broken_quotes_and_lone_signs_are_blanks() {
        assert_eq!(written(r#"red "desk la"#), "red desk la");
        assert_eq!(written(r#"-"desk lamp"#), "-desk lamp");
        assert_eq!(written(r#"- -- "" " : "#), "");
        assert_eq!(written("“desk lamp”"), r#""desk lamp""#);
    }

    #[test]
    fn what_is_no_filter_is_words() {
        let pairs = [
            ("foo:bar", "foo bar"),
            ("price:cheap", "price cheap"),
            ("price:5..x", "price 5 x"),
            ("price:..", "price"),
            ("category:", "category"),
            ("condition:good,shiny", "condition good shiny"),
            ("seller:bob has:wheels", "seller bob has wheels"),
            ("posted:2026-02-30", "posted 2026 02 30"),
            ("-category:books", "-category -books"),
        ];
        for (text, words) in pairs {
            assert_eq!(written(text), words);
            assert_eq!(parse(text).filters, Filters::default());
        }
    }

    #[test]
    fn lists_are_joined() {
        let filters =
            parse("Category:Books,electronics, category:books,art condition:like-new listing:rent,free").filters;
        assert_eq!(filters.categories, ["books", "electronics", "art"]);
        assert_eq!(filters.conditions, [Condition::LikeNew]);
        assert_eq!(filters.listings, [Listing::Rent, Listing::Free]);
    }

    #[test]
    fn sellers_and_pictures() {
        let user = UserId::from_bits(7).to_string();
        let query = parse(&format!("seller:me has:image seller:{user}"));
        assert_eq!((query.filters.seller.as_deref(), query.filters.has_image), (Some(user.as_str()), true));
    }

    #[test]
    fn prices_have_two_ends() {
        let price = |text: &str| parse(text).filters.price;
        let euros = |text: &str| text.parse().expect("a decimal");
        assert_eq!(price("price:<50"), Span { from: Unbounded, to: Excluded(euros("50")) });
        assert_eq!(price("price:10..20.50"), Span { from: Included(euros("10")), to: Included(euros("20.5")) });
        assert_eq!(price("price:5"), Span { from: Included(euros("5")), to: Included(euros("5")) });
        assert_eq!(price("price:>10 price:<=20"), Span { from: Excluded(euros("10")), to: Included(euros("20")) });
        assert_eq!(price("price:..20"), price("price:<=20"));
    }

    #[test]
    fn days_are_whole_and_ages_run_backwards() {
        let posted = |text: &str| parse(text).filters.posted;
        let at = |text: &str| When::At(text.parse::<Timestamp>().expect("a time"));
        let (start, end) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        let ago = |days: u64| When::Ago(Duration::from_secs(days * 86_400));
        assert_eq!(posted("posted:>2026-01-01"), Span { from: Included(end), to: Unbounded });
        assert_eq!(posted("posted:<=2026-01-01"), Span { from: Unbounded, to: Excluded(end) });
        assert_eq!(posted("posted:2026-01-01"), Span { from: Included(start), to: Excluded(end) });
        assert_eq!(posted("posted:>2026-01-01T00:00:00Z"), Span { from: Excluded(start), to: Unbounded });
        assert_eq!(posted("posted:<3d"), Span { from: Excluded(ago(3)), to: Unbounded });
        assert_eq!(posted("posted:3d"), Span { from: Included(ago(3)), to: Unbounded });
        assert_eq!(posted("posted:3d..7d"), Span { from: Included(ago(7)), to: Included(ago(3)) });
    }

    #[test]
    fn input_is_bounded() {
        let many: Vec<_> = (0..40).map(|number| number.to_string()).collect();
        assert_eq!(parse(&many.join(" ")).words.len(), MAX_TERMS);
        assert_eq!(parse(&format!("{} late", " ".repeat(MAX_CHARS))), Query::default());
    }
}
