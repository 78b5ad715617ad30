//! What a single setting may be: how it reads from TOML and from an environment variable, and how it is written.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use campuszon_core::{Currency, time::parse_duration};
use ipnet::IpNet;
use serde::Deserialize;
use toml::Value;

use super::Campus;

/// A type of settings. Reading answers `None` for anything else, and [`EXPECTED`](Self::EXPECTED) says what would do.
pub trait Setting: Sized {
    /// What is accepted, with its article: `a duration such as 48h or 15m`.
    const EXPECTED: &'static str;

    /// Reads a value of the file.
    fn from_value(value: &Value) -> Option<Self>;

    /// Reads an environment variable.
    fn from_text(text: &str) -> Option<Self> {
        Self::from_value(&Value::String(text.to_owned()))
    }

    /// Writes it as one would give it.
    fn to_text(&self) -> String;
}

/// So many times in each span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often.
    pub count: u32,
    /// In which span; whole seconds, from one to [`LONGEST_SPAN`].
    pub per: Duration,
}

/// Windows are counted in memory: those of years would only fill it.
const LONGEST_SPAN: Duration = Duration::from_hours(366 * 24);

impl FromStr for Rate {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts =
            text.split_once('/').and_then(|(count, per)| Some((count.trim().parse().ok()?, parse_duration(per).ok()?)));
        match parts {
            Some((count @ 1.., per)) if per.as_secs() > 0 && per.subsec_nanos() == 0 && per <= LONGEST_SPAN => {
                Ok(Self { count, per })
            }
            _ => Err("not a rate, such as 10/15m: a number from 1 on, a slash, and whole seconds, up to 366d"),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, duration_text(self.per))
    }
}

/// A number of bytes, written as `20MB`; units count in thousands (`MB`) or in 1,024s (`MiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

const BYTE_UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = BYTE_UNITS.iter().find(|(_, unit)| self.0 >= *unit && self.0.is_multiple_of(*unit));
        let (name, unit) = exact.unwrap_or(&("B", 1));
        write!(f, "{}{name}", self.0 / unit)
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_bool()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            const EXPECTED: &'static str = "a whole number";

            fn from_value(value: &Value) -> Option<Self> {
                value.as_integer()?.try_into().ok()
            }

            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn to_text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

whole_numbers!(u32, u64, usize);

impl Setting for f64 {
    const EXPECTED: &'static str = "a number";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_float().or_else(|| value.as_integer().map(|whole| whole as Self))
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    const EXPECTED: &'static str = "a text";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

impl Setting for Vec<String> {
    const EXPECTED: &'static str = "a list of texts such as [\"a\", \"b\"]";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(String::from_value).collect()
    }

    /// Separated by commas.
    fn from_text(text: &str) -> Option<Self> {
        Some(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    fn to_text(&self) -> String {
        self.join(",")
    }
}

impl Setting for Vec<IpNet> {
    const EXPECTED: &'static str = "a list of networks such as [\"127.0.0.0/8\", \"10.1.2.3\"]";

    fn from_value(value: &Value) -> Option<Self> {
        Vec::<String>::from_value(value)?.iter().map(|network| self::network(network)).collect()
    }

    /// Separated by commas.
    fn from_text(text: &str) -> Option<Self> {
        Vec::<String>::from_text(text)?.iter().map(|network| self::network(network)).collect()
    }

    fn to_text(&self) -> String {
        self.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

/// A network, or a single address.
fn network(text: &str) -> Option<IpNet> {
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()
}

impl Setting for Duration {
    const EXPECTED: &'static str = "a duration such as 48h, 15m or 2s";

    fn from_value(value: &Value) -> Option<Self> {
        parse_duration(value.as_str()?).ok()
    }

    fn to_text(&self) -> String {
        duration_text(*self)
    }
}

impl Setting for Option<Duration> {
    const EXPECTED: &'static str = "a duration such as 24h, or off";

    fn from_value(value: &Value) -> Option<Self> {
        match value.as_str()?.trim() {
            "off" => Some(None),
            duration => parse_duration(duration).ok().map(Some),
        }
    }

    fn to_text(&self) -> String {
        self.map_or_else(|| "off".to_owned(), duration_text)
    }
}

impl Setting for Option<Rate> {
    const EXPECTED: &'static str = "a rate such as 10/15m, or off";

    fn from_value(value: &Value) -> Option<Self> {
        match value.as_str()?.trim() {
            "off" => Some(None),
            rate => rate.parse().ok().map(Some),
        }
    }

    fn to_text(&self) -> String {
        self.map_or_else(|| "off".to_owned(), |rate| rate.to_string())
    }
}

impl Setting for ByteSize {
    const EXPECTED: &'static str = "a size such as 20MB or 500kB";

    fn from_value(value: &Value) -> Option<Self> {
        if let Some(bytes) = value.as_integer() {
            return bytes.try_into().ok().map(Self);
        }
        let text = value.as_str()?.trim();
        let digits = text.trim_end_matches(|end: char| end.is_ascii_alphabetic());
        let unit = text.get(digits.len()..)?.trim();
        let (_, factor) = BYTE_UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
        digits.trim().parse::<u64>().ok()?.checked_mul(*factor).map(Self)
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl Setting for Currency {
    const EXPECTED: &'static str = "a currency code of three capital letters such as EUR";

    fn from_value(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl Setting for Vec<Campus> {
    const EXPECTED: &'static str = "a list such as [{ name = \"Uni\", domains = [\"uni.example\"] }]";

    fn from_value(value: &Value) -> Option<Self> {
        value.clone().try_into().ok()
    }

    /// Written as in the file.
    fn from_text(text: &str) -> Option<Self> {
        Self::deserialize(toml::de::ValueDeserializer::parse(text).ok()?).ok()
    }

    fn to_text(&self) -> String {
        self.iter()
            .map(|campus| format!("{} ({})", campus.name, campus.domains.join(", ")))
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// A duration in the largest unit that divides it: `15m`, `36h`, `1500ms`.
fn duration_text(duration: Duration) -> String {
    const UNITS: [(&str, u128); 4] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let millis = duration.as_millis();
    let exact = UNITS.iter().find(|(_, unit)| millis >= *unit && millis.is_multiple_of(*unit));
    match exact {
        Some((name, unit)) => format!("{}{name}", millis / unit),
        None if millis == 0 => "0s".to_owned(),
        None => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<T: Setting>(text: &str) -> Option<String> {
        T::from_text(text).map(|value| value.to_text())
    }

    #[test]
    fn values_are_written_as_they_are_read() {
        for rate in ["10/15m", "600/1m", "200/10s", "1/1d", "off"] {
            assert_eq!(text::<Option<Rate>>(rate).as_deref(), Some(rate));
        }
        for duration in ["48h", "15m", "2s", "60d", "1500ms", "0s"] {
            let written = text::<Duration>(duration).unwrap();
            assert_eq!(text::<Duration>(&written), Some(written));
        }
        for interval in ["off", "36h"] {
            assert_eq!(text::<Option<Duration>>(interval).as_deref(), Some(interval));
        }
        for size in ["20MB", "500kB", "1GiB", "17B", "0B"] {
            assert_eq!(text::<ByteSize>(size).as_deref(), Some(size));
        }
        assert_eq!(text::<ByteSize>("20 mb").as_deref(), Some("20MB"));
        assert_eq!(text::<Vec<IpNet>>("10.0.0.0/8, ::1").as_deref(), Some("10.0.0.0/8,::1/128"));
        assert_eq!(text::<Vec<String>>("a, b,").as_deref(), Some("a,b"));
    }

    #[test]
    fn anything_else_is_refused() {
        for rate in ["", "10", "0/1m", "-1/1m", "10/0s", "10/500ms", "10/", "/1m", "ten/1m", "10/15", "1/367d", "never"]
        {
            assert_eq!(text::<Option<Rate>>(rate), None, "{rate}");
        }
        for size in ["", "MB", "20XB", "-1MB", "1.5MB", "20", "99999999999GB"] {
            assert_eq!(text::<ByteSize>(size), None, "{size}");
        }
        assert_eq!(text::<Vec<IpNet>>("10.0.0.0/33"), None);
        assert_eq!(text::<Duration>("15"), None);
        assert_eq!(text::<bool>("yes"), None);
        assert_eq!(text::<u32>("-1"), None);
        assert_eq!(text::<Vec<Campus>>("Uni"), None);
    }
}
