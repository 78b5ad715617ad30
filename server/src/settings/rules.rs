//! What a value must be beyond its type: each rule with the words for it.

use std::{collections::HashSet, time::Duration};

use campuszon_core::account::is_domain;
use url::Url;

use super::Campus;

pub(super) const COLLECTOR: &str = "the base URL of an OpenTelemetry collector such as http://127.0.0.1:4318, or off";
pub(super) const DISPLAY_NAME: &str = "one line of 1 to 80 characters";
pub(super) const TIMEZONE: &str = "a time zone such as UTC or Europe/Berlin";
pub(super) const CAMPUSES: &str = "a list such as [{ name = \"Uni\", domains = [\"uni.example\"] }]: names and \
                                   lower-case domains, none of them twice";
pub(super) const DOMAINS: &str = "a list of lower-case domains such as [\"uni.example\"]";
pub(super) const INTERVAL: &str = "a duration from 1s to 365d such as 24h or 7d, or off";
pub(super) const ORIGINS: &str = "a list of origins such as [\"https://market.uni.example\"], without a path";
pub(super) const WORDS: &str =
    "a list of different words of lower-case letters, digits and _, such as [\"books\", \"other\"]";

/// What stands for no address.
pub(super) const OFF: &str = "off";

/// Without a secret: it is shown with the other settings.
pub(super) fn is_collector(url: &str) -> bool {
    url == OFF
        || Url::parse(url).is_ok_and(|url| {
            ["http", "https"].contains(&url.scheme())
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        })
}

pub(super) fn is_display_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= 80 && !name.contains(char::is_control)
}

/// By its form only.
pub(super) fn is_timezone(name: &str) -> bool {
    campuszon_core::time::is_timezone(name)
}

pub(super) fn are_campuses(campuses: &[Campus]) -> bool {
    let domains = || campuses.iter().flat_map(|campus| &campus.domains);
    campuses.iter().all(|campus| is_display_name(&campus.name) && !campus.domains.is_empty())
        && domains().all(|domain| is_domain(domain))
        && are_distinct(domains())
        && are_distinct(campuses.iter().map(|campus| &campus.name))
}

pub(super) fn are_domains(domains: &[String]) -> bool {
    domains.iter().all(|domain| is_domain(domain))
}

pub(super) fn are_origins(origins: &[String]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
    origins.iter().all(|origin| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed))
    })
}

/// How long from one time to the next, if there is a next.
pub(super) fn is_interval(every: &Option<Duration>) -> bool {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    every.is_none_or(|every| (Duration::from_secs(1)..=DAY * 365).contains(&every))
}

/// At least one word.
pub(super) fn are_words(words: &[String]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_word = |word: &String| (1..=40).contains(&word.len()) && word.bytes().all(allowed);
    !words.is_empty() && are_distinct(words) && words.iter().all(is_word)
}

fn are_distinct<'a>(texts: impl IntoIterator<Item = &'a String>) -> bool {
    let mut seen = HashSet::new();
    texts.into_iter().all(|text| seen.insert(text))
}
