//! The hours in which no bell rings.

use std::{fmt, str::FromStr};

/// From one minute of the day to another, over midnight where the end is before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: u16,
    to: u16,
}

impl QuietHours {
    /// Whether a minute of the day is among them.
    pub fn contains(self, minute: u16) -> bool {
        if self.from <= self.to {
            return (self.from..self.to).contains(&minute);
        }
        minute >= self.from || minute < self.to
    }

    /// Reads a setting: `22:00-07:00`, or `off` for none.
    ///
    /// # Errors
    /// The text is neither.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidHours> {
        if text == "off" { Ok(None) } else { text.parse().map(Some) }
    }
}

/// The text is no pair of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hours such as 22:00-07:00, or off")]
pub struct InvalidHours;

impl FromStr for QuietHours {
    type Err = InvalidHours;

    fn from_str(text: &str) -> Result<Self, InvalidHours> {
        let (from, to) = text.split_once('-').ok_or(InvalidHours)?;
        Ok(Self { from: minute(from.trim())?, to: minute(to.trim())? })
    }
}

fn minute(text: &str) -> Result<u16, InvalidHours> {
    let (hours, minutes) = text.split_once(':').ok_or(InvalidHours)?;
    let number = |part: &str, bound: u16| {
        let is_plain = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u16>().ok().filter(|number| is_plain && *number < bound).ok_or(InvalidHours)
    };
    Ok(number(hours, 24)? * 60 + number(minutes, 60)?)
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_may_go_over_midnight() {
        let night: QuietHours = "22:00-7:30".parse().expect("hours");
        assert_eq!(night.to_string(), "22:00-07:30");
        for (minute, quiet) in [(22 * 60, true), (0, true), (7 * 60 + 29, true), (7 * 60 + 30, false), (12 * 60, false)]
        {
            assert_eq!(night.contains(minute), quiet, "{minute}");
        }
        let noon: QuietHours = "12:00-13:00".parse().expect("hours");
        assert!(noon.contains(12 * 60) && !noon.contains(13 * 60) && !noon.contains(0));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert_eq!(QuietHours::parse("off"), Ok(None));
        for bad in ["", "22", "22:00", "24:00-07:00", "22:60-07:00", "+1:00-07:00", "22:00-", "22:00-07:00-08:00"] {
            assert_eq!(QuietHours::parse(bad), Err(InvalidHours), "{bad}");
        }
    }
}
