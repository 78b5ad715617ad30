//! Money: whole minor units inside, decimal numbers outside (`45`, `45.5`), never a binary-float artefact.

use std::{fmt, str::FromStr};

/// The largest amount accepted, in minor units: ten billion in a currency with two decimals.
pub const MAX_MINOR: i64 = 1_000_000_000_000;

/// A currency of ISO 4217: its code and how many decimals it has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    code: [u8; 3],
    decimals: u32,
}

/// Currencies that do not have two decimals (ISO 4217, list one).
const ODD_DECIMALS: [(&str, u32); 20] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("VND", 0),
    ("XAF", 0),
];

/// Why an amount or a currency is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// No decimal number at all.
    #[error("not a decimal number, such as 45 or 45.5")]
    NotANumber,
    /// More decimals than the currency has.
    #[error("has more decimals than the currency's {0}")]
    TooManyDecimals(u32),
    /// Below zero, or beyond what is sensible.
    #[error("must be between 0 and ten billion")]
    OutOfRange,
    /// Not three capital letters.
    #[error("not a currency code of three capital letters, such as EUR")]
    BadCurrency,
}

impl Currency {
    /// The code, such as `EUR`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::BadCurrency)?;
        if !code.iter().all(u8::is_ascii_uppercase) {
            return Err(MoneyError::BadCurrency);
        }
        let decimals = ODD_DECIMALS.iter().find(|(odd, _)| *odd == text).map_or(2, |(_, decimals)| *decimals);
        Ok(Self { code, decimals })
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A decimal number as the API writes it, in the currency's major unit: `units` / 10^`scale`, with no trailing zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    units: i64,
    scale: u32,
}

impl Decimal {
    fn new(mut units: i64, mut scale: u32) -> Self {
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Self { units, scale }
    }

    /// The decimal for `minor` units of `currency`.
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self::new(minor, currency.decimals)
    }

    /// The whole number of minor units of `currency`, 0 to [`MAX_MINOR`].
    ///
    /// # Errors
    /// More decimals than the currency has, or out of range.
    pub fn to_minor(self, currency: Currency) -> Result<i64, MoneyError> {
        let missing =
            currency.decimals.checked_sub(self.scale).ok_or(MoneyError::TooManyDecimals(currency.decimals))?;
        10_i64
            .checked_pow(missing)
            .and_then(|factor| self.units.checked_mul(factor))
            .filter(|minor| (0..=MAX_MINOR).contains(minor))
            .ok_or(MoneyError::OutOfRange)
    }
}

impl FromStr for Decimal {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if digits.is_empty() || !is_number(digits) || !is_number(fraction) || text.ends_with('.') {
            return Err(MoneyError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        let scale = u32::try_from(fraction.len()).map_err(|_| MoneyError::OutOfRange)?;
        let units = format!("{whole}{fraction}").parse().map_err(|_| MoneyError::OutOfRange)?;
        Ok(Self::new(units, scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.units);
        }
        let sign = if self.units < 0 { "-" } else { "" };
        let width = self.scale as usize + 1;
        let digits = format!("{:0width$}", self.units.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.scale == 0 {
            return serializer.serialize_i64(self.units);
        }
        // Dividing two exact integers rounds to the nearest double, whose shortest text is the decimal again.
        #[expect(clippy::cast_precision_loss, reason = "amounts are bounded far below 2^53")]
        serializer.serialize_f64(self.units as f64 / 10_f64.powi(i32::try_from(self.scale).unwrap_or(i32::MAX)))
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Self::try_from(&number).map_err(serde::de::Error::custom)
    }
}

impl TryFrom<&serde_json::Number> for Decimal {
    type Error = MoneyError;
    fn try_from(number: &serde_json::Number) -> Result<Self, MoneyError> {
        if let Some(whole) = number.as_i64() {
            return Ok(Self::new(whole, 0));
        }
        // Rust prints the shortest digits that read back as the same double, and no exponent.
        number.as_f64().ok_or(MoneyError::OutOfRange)?.to_string().parse()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::Type;
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("A decimal in the currency's major unit, such as 45 or 45.5"))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Decimal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro() -> Currency {
        "EUR".parse().expect("a currency")
    }

    #[test]
    fn json_shows_no_float_artefacts() {
        for (minor, json) in [(4500, "45"), (4550, "45.5"), (10, "0.1"), (30, "0.3"), (1999, "19.99"), (0, "0")] {
            let decimal = Decimal::from_minor(minor, euro());
            assert_eq!(serde_json::to_string(&decimal).expect("json"), json);
            assert_eq!(serde_json::from_str::<Decimal>(json).expect("decimal").to_minor(euro()), Ok(minor));
            assert_eq!(decimal.to_string(), json);
        }
    }

    #[test]
    fn refuses_what_the_currency_cannot_hold() {
        let parse = |text: &str| text.parse::<Decimal>().and_then(|decimal| decimal.to_minor(euro()));
        assert_eq!(parse("1.005"), Err(MoneyError::TooManyDecimals(2)));
        assert_eq!(parse("-1"), Err(MoneyError::OutOfRange));
        assert_eq!(parse("99999999999999999999"), Err(MoneyError::OutOfRange));
        assert_eq!(parse("12,5"), Err(MoneyError::NotANumber));
        assert_eq!(parse("1."), Err(MoneyError::NotANumber));
        assert_eq!(parse("12.500"), Ok(1250));
        assert_eq!(
            "1.5".parse::<Decimal>().and_then(|d| d.to_minor("JPY".parse()?)),
            Err(MoneyError::TooManyDecimals(0))
        );
    }
}
