//! Writing a query in the one form that reads back as the same: terms first, then filters.

use std::{
    fmt::{self, Display},
    ops::Bound::{self, Excluded, Included, Unbounded},
    time::Duration,
};

use unicode_normalization::UnicodeNormalization;

use super::{Filters, Pattern, Query, Span, Term, When};
use crate::{Decimal, Timestamp};

impl Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.words.iter().map(ToString::to_string).chain(filters(&self.filters)).collect();
        f.write_str(&parts.join(" "))
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negated { "-" } else { "" })?;
        match &self.pattern {
            // Tokens are decomposed; people read and copy composed text.
            Pattern::Word(word) => write!(f, "{}", word.nfc()),
            Pattern::Phrase(tokens) => write!(f, "\"{}\"", tokens.join(" ").nfc()),
        }
    }
}

fn filters(filters: &Filters) -> Vec<String> {
    let words = |words: Vec<&str>| words.join(",");
    let lists = [
        ("category", filters.categories.join(",")),
        ("condition", words(filters.conditions.iter().map(|condition| condition.as_str()).collect())),
        ("listing", words(filters.listings.iter().map(|listing| listing.as_str()).collect())),
        ("seller", filters.seller.clone().unwrap_or_default()),
        ("has", String::from(if filters.has_image { "image" } else { "" })),
    ];
    let mut parts: Vec<String> =
        lists.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}:{value}")).collect();
    parts.extend(prices(filters.price));
    parts.extend(from(filters.posted.from).into_iter().chain(to(filters.posted.to)).map(|end| format!("posted:{end}")));
    parts
}

fn prices(span: Span<Decimal>) -> Vec<String> {
    let ends = match (span.from, span.to) {
        (Included(from), Included(to)) if from == to => vec![from.to_string()],
        (Included(from), Included(to)) => vec![format!("{from}..{to}")],
        (from, to) => [(">", from), ("<", to)].into_iter().filter_map(|(sign, end)| bound(sign, end)).collect(),
    };
    ends.into_iter().map(|end| format!("price:{end}")).collect()
}

fn bound<T: Display>(sign: &str, bound: Bound<T>) -> Option<String> {
    match bound {
        Unbounded => None,
        Included(value) => Some(format!("{sign}={value}")),
        Excluded(value) => Some(format!("{sign}{value}")),
    }
}

/// The earlier end: times after it, ages below it.
fn from(end: Bound<When>) -> Option<String> {
    match end {
        Unbounded => None,
        Included(When::At(time)) => Some(format!(">={}", day(time).unwrap_or_else(|| time.to_string()))),
        Excluded(When::At(time)) => Some(format!(">{time}")),
        Included(When::Ago(age)) => Some(format!("<={}", short(age))),
        Excluded(When::Ago(age)) => Some(format!("<{}", short(age))),
    }
}

/// The later end: times before it, ages above it.
fn to(end: Bound<When>) -> Option<String> {
    match end {
        Unbounded => None,
        Included(When::At(time)) => Some(format!("<={time}")),
        Excluded(When::At(time)) => Some(format!("<{}", day(time).unwrap_or_else(|| time.to_string()))),
        Included(When::Ago(age)) => Some(format!(">={}", short(age))),
        Excluded(When::Ago(age)) => Some(format!(">{}", short(age))),
    }
}

/// The date alone where a day begins. Only for ends that a date means as its first instant: `>=` and `<`.
fn day(time: Timestamp) -> Option<String> {
    time.to_string().strip_suffix("T00:00:00.000Z").map(str::to_owned)
}

/// An age in the largest unit that holds it whole; without blanks, unlike what people write.
fn short(age: Duration) -> String {
    const UNITS: [(u128, &str); 5] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
    let millis = age.as_millis();
    let unit = UNITS.iter().find(|(size, _)| millis.is_multiple_of(*size));
    unit.map_or_else(|| format!("{millis}ms"), |(size, name)| format!("{}{name}", millis / size))
}

#[cfg(test)]
mod tests {
    use crate::query::parse;

    #[test]
    fn one_form_for_all_ways_of_saying_it() {
        let pairs = [
            ("has:IMAGE  Lämp category:Books price:10..10", "lamp category:books has:image price:10"),
            ("price:<=20 price:>=10.50", "price:10.5..20"),
            ("price:>10 price:<20", "price:>10 price:<20"),
            ("posted:2026-01-01", "posted:>=2026-01-01 posted:<2026-01-02"),
            ("posted:>2026-01-01T00:00:00Z", "posted:>2026-01-01T00:00:00.000Z"),
            ("posted:<48h", "posted:<2d"),
            ("posted:90m..1w", "posted:<=7d posted:>=90m"),
            ("한국어 -\"Désk  lamp\"", "한국어 -\"desk lamp\""),
        ];
        for (text, written) in pairs {
            assert_eq!(parse(text).to_string(), written);
        }
    }
}
