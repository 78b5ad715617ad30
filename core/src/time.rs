//! Points in time, in milliseconds since 1970 UTC, written as RFC 3339 with milliseconds; and durations as people
//! write them (`48h`, `15m`, `3d`).

use std::{fmt, str::FromStr, time::Duration};

/// A point in time with millisecond resolution, within the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// The text is no RFC 3339 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time: expected RFC 3339, such as 2027-01-31T09:30:00Z")]
pub struct InvalidTime;

impl Timestamp {
    /// The time `millis` after 1970 began in UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 began in UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 began in UTC.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long after `earlier` this is; zero when it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Reads a time as the clocks of `timezone` show it, such as `2027-01-31 09:30`; or one in RFC 3339.
    ///
    /// # Errors
    /// The text is neither.
    pub fn read_local(text: &str, timezone: &str) -> Result<Self, InvalidTime> {
        if let Ok(time) = text.parse() {
            return Ok(time);
        }
        // A day alone would be read as its midnight.
        let local = text.parse::<jiff::civil::DateTime>().ok().filter(|_| text.contains(':')).ok_or(InvalidTime)?;
        let zoned = local.to_zoned(zone(timezone)).map_err(|_| InvalidTime)?;
        Ok(Self(zoned.timestamp().as_millisecond()))
    }

    /// The time as the clocks of `timezone` show it, to the minute; what [`Timestamp::read_local`] reads.
    pub fn local(self, timezone: &str) -> String {
        let instant = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        instant.to_zoned(zone(timezone)).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{time:.3}")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let time: jiff::Timestamp = text.parse().map_err(|_| InvalidTime)?;
        Ok(Self(time.as_millisecond()))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

/// A day of the calendar, counted from 1970-01-01; written as `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

/// The text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day: expected YYYY-MM-DD, such as 2027-01-31")]
pub struct InvalidDay;

impl Day {
    /// The day so many days after 1970-01-01.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The day that `time` falls on in `timezone`; in UTC where there is no such time zone.
    pub fn of(time: Timestamp, timezone: &str) -> Self {
        let instant = jiff::Timestamp::from_millisecond(time.millis()).unwrap_or_default();
        Self::of_date(instant.to_zoned(zone(timezone)).date())
    }

    fn of_date(date: jiff::civil::Date) -> Self {
        let since = date.duration_since(jiff::civil::Date::constant(1970, 1, 1));
        Self(since.as_hours().div_euclid(24))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = jiff::Span::new().try_days(self.0).map_err(|_| fmt::Error)?;
        let date = jiff::civil::Date::constant(1970, 1, 1).checked_add(span).map_err(|_| fmt::Error)?;
        write!(f, "{date}")
    }
}

impl FromStr for Day {
    type Err = InvalidDay;
    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        // The parser takes further forms; one is enough.
        let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = text.parse().ok().filter(|_| is_plain).ok_or(InvalidDay)?;
        Ok(Self::of_date(date))
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Day {}

/// The minute of the day that the clocks of `timezone` show; those of UTC where there is no such time zone.
pub fn minute_of_day(time: Timestamp, timezone: &str) -> u16 {
    let clock = jiff::Timestamp::from_millisecond(time.millis()).unwrap_or_default().to_zoned(zone(timezone)).time();
    u16::try_from(i16::from(clock.hour()) * 60 + i16::from(clock.minute())).unwrap_or_default()
}

/// The time zone of this name; UTC where there is none.
fn zone(name: &str) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC)
}

/// Whether the database of time zones that comes with the program knows this name.
pub fn is_timezone(name: &str) -> bool {
    jiff::tz::TimeZone::get(name).is_ok()
}

/// A duration as people write it: `48h`, `15m`, `2s`, `60d`, `1h 30m`.
///
/// # Errors
/// A sentence on what is wrong with the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|error| format!("{error}; write it as in 48h, 15m or 3d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_utc_with_milliseconds() {
        assert_eq!(Timestamp::from_millis(1_700_000_000_042).to_string(), "2023-11-14T22:13:20.042Z");
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn reads_any_offset() {
        assert_eq!("2023-11-14T23:13:20.042+01:00".parse(), Ok(Timestamp::from_millis(1_700_000_000_042)));
        assert_eq!("yesterday".parse::<Timestamp>(), Err(InvalidTime));
    }

    #[test]
    fn days_read_and_print_and_follow_the_time_zone() {
        assert_eq!("1970-01-02".parse(), Ok(Day::from_number(1)));
        assert_eq!("2024-02-29".parse::<Day>().expect("a day").to_string(), "2024-02-29");
        for bad in ["2023-02-29", "2024-1-01", "20240101", "2024-01-01T00:00", ""] {
            assert_eq!(bad.parse::<Day>(), Err(InvalidDay), "{bad}");
        }
        let new_year: Timestamp = "2024-01-01T04:00:00Z".parse().expect("a time");
        assert_eq!(Day::of(new_year, "UTC").to_string(), "2024-01-01");
        assert_eq!(Day::of(new_year, "America/New_York").to_string(), "2023-12-31");
    }

    #[test]
    fn times_read_as_clocks_show_them() {
        let read = |text: &str| Timestamp::read_local(text, "Europe/Berlin");
        let time = read("2027-01-31 09:30").expect("a time");
        assert_eq!(time.to_string(), "2027-01-31T08:30:00.000Z");
        assert_eq!(time.local("Europe/Berlin"), "2027-01-31 09:30");
        assert_eq!(read("2027-01-31T08:30:00Z"), Ok(time));
        for bad in ["2027-01-31", "tomorrow at nine", "2027-02-30 09:30", ""] {
            assert_eq!(read(bad), Err(InvalidTime), "{bad}");
        }
    }

    #[test]
    fn differences_never_go_below_zero() {
        assert_eq!(Timestamp::from_millis(5).since(Timestamp::from_millis(9)), Duration::ZERO);
    }
}
