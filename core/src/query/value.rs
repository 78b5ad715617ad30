//! The values of filters: lists, ranges, prices, times.

use std::{
    ops::Bound::{self, Excluded, Included},
    str::FromStr,
    time::Duration,
};

use super::{Span, When};
use crate::{Decimal, Timestamp, UserId, time::parse_duration};

/// The values parted by commas; nothing when one of them does not parse or there is none.
pub fn list<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let values: Vec<T> = text.split(',').filter(|part| !part.is_empty()).map(parse).collect::<Option<_>>()?;
    (!values.is_empty()).then_some(values)
}

/// A category's name, which is the operator's to choose: letters, digits, `_` and `-`.
pub fn category(text: &str) -> Option<String> {
    let name = text.to_lowercase();
    name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-')).then_some(name)
}

/// A word of a closed set; `like-new` is `like_new`.
pub fn word<T: FromStr>(text: &str) -> Option<T> {
    text.to_ascii_lowercase().replace('-', "_").parse().ok()
}

/// `me`, or a user's id.
pub fn seller(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    (text == "me" || text.parse::<UserId>().is_ok()).then_some(text)
}

/// How a value bounds a range.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// `span` with its ends moved to those that `text` names: `5`, `<5`, `<=5`, `>5`, `>=5`, `5..10`, `5..`, `..10`.
///
/// `bounds` gives the ends for a relation and a value; an end that it does not name stays where it is.
pub fn span<T: Copy>(
    mut span: Span<T>,
    text: &str,
    bounds: impl Fn(Relation, &str) -> Option<Span<T>>,
) -> Option<Span<T>> {
    let ends = ends(text);
    if ends.is_empty() {
        return None;
    }
    for (relation, value) in ends {
        let Span { from, to } = bounds(relation, value)?;
        span.from = if is_open(&from) { span.from } else { from };
        span.to = if is_open(&to) { span.to } else { to };
    }
    Some(span)
}

fn is_open<T>(bound: &Bound<T>) -> bool {
    matches!(bound, Bound::Unbounded)
}

fn ends(text: &str) -> Vec<(Relation, &str)> {
    if let Some((low, high)) = text.split_once("..") {
        let ends = [(Relation::AtLeast, low), (Relation::AtMost, high)];
        return ends.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    }
    let signs = [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("<", Relation::Below),
        (">", Relation::Above),
        ("", Relation::Equal),
    ];
    signs.into_iter().find_map(|(sign, relation)| Some((relation, text.strip_prefix(sign)?))).into_iter().collect()
}

/// The ends of `value` itself, where nothing but the relation decides.
fn plain<T: Copy>(relation: Relation, value: T) -> Span<T> {
    let open = Span::default();
    match relation {
        Relation::Equal => Span { from: Included(value), to: Included(value) },
        Relation::Below => Span { to: Excluded(value), ..open },
        Relation::AtMost => Span { to: Included(value), ..open },
        Relation::Above => Span { from: Excluded(value), ..open },
        Relation::AtLeast => Span { from: Included(value), ..open },
    }
}

/// No price has as many digits; more would only make the query long.
const MAX_DIGITS: usize = 20;

/// The ends of a price in the major unit.
pub fn price(relation: Relation, text: &str) -> Option<Span<Decimal>> {
    let price = text.parse().ok().filter(|_| text.len() <= MAX_DIGITS)?;
    Some(plain(relation, price))
}

/// The ends of a time: an age (`3d`), a day in UTC (`2026-01-31`, the whole of it), or an instant in RFC 3339.
pub fn posted(relation: Relation, text: &str) -> Option<Span<When>> {
    if let Some(age) = age(text) {
        return Some(older(relation, When::Ago(age)));
    }
    let Some(start) = instant(&format!("{text}T00:00:00Z")) else {
        return Some(plain(relation, When::At(instant(text)?)));
    };
    let (start, end) = (When::At(start), When::At(start + DAY));
    let open = Span::default();
    Some(match relation {
        Relation::Equal => Span { from: Included(start), to: Excluded(end) },
        Relation::Below => Span { to: Excluded(start), ..open },
        Relation::AtMost => Span { to: Excluded(end), ..open },
        Relation::Above => Span { from: Included(end), ..open },
        Relation::AtLeast => Span { from: Included(start), ..open },
    })
}

/// The ends of an age: a greater age is an earlier time, and an age alone means no older than that.
fn older(relation: Relation, ago: When) -> Span<When> {
    match relation {
        Relation::Equal | Relation::AtMost => plain(Relation::AtLeast, ago),
        Relation::Below => plain(Relation::Above, ago),
        Relation::Above => plain(Relation::Below, ago),
        Relation::AtLeast => plain(Relation::AtMost, ago),
    }
}

const DAY: Duration = Duration::from_secs(86_400);

/// Nothing is older than a hundred years.
const MAX_AGE: Duration = Duration::from_secs(36_525 * 86_400);

fn age(text: &str) -> Option<Duration> {
    let age = parse_duration(text).ok().filter(|age| *age <= MAX_AGE)?;
    u64::try_from(age.as_millis()).ok().map(Duration::from_millis)
}

/// A time from 1970 to 9998, so that a day more still has a date of four digits.
fn instant(text: &str) -> Option<Timestamp> {
    const YEAR_9999: i64 = 253_370_764_800_000;
    text.parse().ok().filter(|time: &Timestamp| (0..YEAR_9999).contains(&time.millis()))
}
