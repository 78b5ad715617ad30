//! Parts of a file, as RFC 9110 has them: one range a request. Of several ranges the whole file is the answer, which the
//! standard allows and clients of pictures never ask for.

use std::ops::RangeInclusive;

use axum::http::{HeaderMap, header};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};

/// What a request wants of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes.
    Part(RangeInclusive<u64>),
    /// Bytes that it does not have.
    Nothing,
}

/// What `request` wants of a file of `length` bytes with the strong entity tag `tag`.
pub fn wanted(request: &HeaderMap, tag: &str, length: u64) -> Wanted {
    let text = |name| request.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let Some(range) = text(header::RANGE) else { return Wanted::Whole };
    // A date never matches: these files have none.
    if request.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(tag) {
        return Wanted::Whole;
    }
    match parse_range_header(range).and_then(|ranges| ranges.validate(length)).as_deref() {
        Ok([one]) => Wanted::Part(one.clone()),
        Err(RangeUnsatisfiableError::Unsatisfiable) => Wanted::Nothing,
        Ok(_) | Err(_) => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str, if_range: Option<&str>) -> Wanted {
        let mut request = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        request.extend(if_range.map(|tag| (header::IF_RANGE, tag.parse().unwrap())));
        wanted(&request, "\"tag\"", 100)
    }

    #[test]
    fn one_range_is_a_part() {
        assert_eq!(wanted(&HeaderMap::new(), "\"tag\"", 100), Wanted::Whole);
        assert_eq!(of("bytes=0-9", None), Wanted::Part(0..=9));
        assert_eq!(of("bytes=90-", None), Wanted::Part(90..=99));
        assert_eq!(of("bytes=-10", None), Wanted::Part(90..=99));
        assert_eq!(of("bytes=50-500", None), Wanted::Part(50..=99));
    }

    #[test]
    fn what_is_no_range_or_several_is_the_whole() {
        for range in ["", "bytes", "items=0-9", "bytes=9-0", "bytes=a-b", "bytes=0-1,5-6", "bytes=0-9;x"] {
            assert_eq!(of(range, None), Wanted::Whole, "{range}");
        }
    }

    #[test]
    fn a_range_behind_the_end_is_nothing() {
        for range in ["bytes=100-", "bytes=200-300", "bytes=-0"] {
            assert_eq!(of(range, None), Wanted::Nothing, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_version_is_not_asked_for() {
        assert_eq!(of("bytes=0-9", Some("\"tag\"")), Wanted::Part(0..=9));
        for other in ["\"other\"", "W/\"tag\"", "Tue, 15 Nov 1994 12:45:26 GMT"] {
            assert_eq!(of("bytes=0-9", Some(other)), Wanted::Whole, "{other}");
        }
    }
}
