//! Money, ages and counts as the screen writes them.

use std::time::Duration;

use campuszon_core::{
    Currency, Decimal, Timestamp,
    item::{Listing, RentPeriod},
    wire::item::ItemSummary,
};

/// The price of an item as the list shows it: `12.50`, `free`, `4.00/day`.
pub fn price(item: &ItemSummary) -> String {
    let amount = amount(item.price, &item.currency);
    match (item.listing, item.rent_period) {
        (Listing::Free, _) => "free".to_owned(),
        (Listing::Rent, Some(period)) => format!("{amount}/{}", short_period(period)),
        _ => amount,
    }
}

fn short_period(period: RentPeriod) -> &'static str {
    match period {
        RentPeriod::Day => "day",
        RentPeriod::Week => "wk",
        RentPeriod::Month => "mo",
        RentPeriod::Semester => "sem",
    }
}

/// An amount with all the decimals of its currency.
pub fn amount(price: Decimal, currency: &str) -> String {
    let text = price.to_string();
    let decimals = currency.parse().map_or(0, decimals);
    let written = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    if written >= decimals {
        return text;
    }
    let point = if written == 0 { "." } else { "" };
    format!("{text}{point}{}", "0".repeat(decimals - written))
}

fn decimals(currency: Currency) -> usize {
    let one = "1".parse::<Decimal>().and_then(|one| one.to_minor(currency)).unwrap_or(1);
    usize::try_from(one.checked_ilog10().unwrap_or(0)).unwrap_or(0)
}

/// How long ago something was, in one number and one unit: `now`, `5m`, `3h`, `2d`, `6w`, `2y`.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.since(then).as_secs();
    match span(seconds) {
        Some((count, unit)) => format!("{count}{}", unit.short),
        None => "now".to_owned(),
    }
}

/// How long ago something was, in words: `just now`, `5 min ago`.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    match span(now.since(then).as_secs()) {
        Some((count, unit)) => format!("{count} {} ago", unit.long),
        None => "just now".to_owned(),
    }
}

/// How far ahead something is, in words: `in 5 d`.
pub fn ahead(now: Timestamp, then: Timestamp) -> String {
    match span(then.since(now).as_secs()) {
        Some((count, unit)) => format!("in {count} {}", unit.long),
        None => "now".to_owned(),
    }
}

/// How long there is until something, in one number and one unit: `5 min`, `3 h`.
pub fn left(now: Timestamp, end: Timestamp) -> String {
    match span(end.since(now).as_secs()) {
        Some((count, unit)) => format!("{count} {}", unit.long),
        None => "no time".to_owned(),
    }
}

/// After how long [`left`] says something else; never again where it says that there is no time.
pub fn steady_for(now: Timestamp, end: Timestamp) -> Option<Duration> {
    let rest = end.since(now);
    let (count, unit) = span(rest.as_secs())?;
    Some(rest.saturating_sub(Duration::from_secs(count * unit.seconds)) + Duration::from_millis(1))
}

struct Unit {
    seconds: u64,
    short: &'static str,
    long: &'static str,
}

/// From the coarsest to the finest. Weeks only once days get long.
const UNITS: [Unit; 5] = [
    Unit { seconds: 365 * 86_400, short: "y", long: "y" },
    Unit { seconds: 7 * 86_400, short: "w", long: "wk" },
    Unit { seconds: 86_400, short: "d", long: "d" },
    Unit { seconds: 3_600, short: "h", long: "h" },
    Unit { seconds: 60, short: "m", long: "min" },
];

fn span(seconds: u64) -> Option<(u64, &'static Unit)> {
    let fits = |unit: &&Unit| seconds >= unit.seconds && !(unit.short == "w" && seconds < 2 * unit.seconds);
    UNITS.iter().find(fits).map(|unit| (seconds / unit.seconds, unit))
}

/// `1 view`, `2 views`.
pub fn count(number: i64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (number, currency, text) in [
            ("12.5", "EUR", "12.50"),
            ("12", "EUR", "12.00"),
            ("12.34", "EUR", "12.34"),
            ("900", "JPY", "900"),
            ("3", "?", "3"),
        ] {
            assert_eq!(amount(number.parse().expect("a number"), currency), text);
        }
    }

    #[test]
    fn countdowns_are_steady_until_they_read_otherwise() {
        let end = Timestamp::from_millis(400 * 86_400_000);
        let mut now = Timestamp::from_millis(0);
        let mut readings = 0;
        while let Some(wait) = steady_for(now, end) {
            let next = now + wait;
            assert_eq!(left(now, end), left(next - Duration::from_millis(1), end));
            assert_ne!(left(now, end), left(next, end));
            now = next;
            readings += 1;
        }
        assert_eq!((left(now, end).as_str(), readings), ("no time", 1 + 51 + 13 + 23 + 59));
    }

    #[test]
    fn ages_have_one_unit() {
        let age = |seconds: i64| age(Timestamp::from_millis(seconds * 1000), Timestamp::from_millis(0));
        assert_eq!(age(59), "now");
        assert_eq!(age(60), "1m");
        assert_eq!(age(7_200), "2h");
        assert_eq!(age(8 * 86_400), "8d");
        assert_eq!(age(21 * 86_400), "3w");
        assert_eq!(age(800 * 86_400), "2y");
        assert_eq!(age(-5), "now");
    }
}
