//! How arguments are read that are more than text.

use campuszon_core::{Timestamp, time::parse_duration};

use crate::{clock, output::jq::Program};

/// A parser for one of a closed set of words, which help and completion then name.
macro_rules! one_of {
    ($set:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$set>::ALL.iter().map(|word| word.as_str())),
            |word| word.parse::<$set>(),
        )
    };
}
pub(super) use one_of;

/// `--idempotency-key`: what a header can carry.
pub fn key(text: &str) -> Result<String, String> {
    let is_fine = (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_fine { Ok(text.to_owned()) } else { Err("must be 1 to 100 visible ASCII characters".to_owned()) }
}

/// `--jq`: an expression that can be run.
pub fn jq(text: &str) -> Result<String, String> {
    Program::parse(text).map(|_| text.to_owned())
}

/// A time, or how long ago: `2027-01-31T09:30:00Z`, `3d`, `12h`.
pub fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let expected = |_| "must be a time such as 2027-01-31T09:30:00Z, or how long ago, such as 3d or 12h".to_owned();
    parse_duration(text).map(|ago| clock::now() - ago).map_err(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_absolute_or_ago() {
        assert_eq!(since("1970-01-01T00:00:01Z"), Ok(Timestamp::from_millis(1000)));
        assert!(since("3d").is_ok_and(|time| clock::now().since(time).as_secs() >= 3 * 86_400));
        assert!(since("yesterday").is_err());
    }

    #[test]
    fn keys_fit_into_a_header() {
        assert!(key("run-17").is_ok());
        assert!(key("").is_err() && key("a b").is_err() && key("ä").is_err());
    }
}
