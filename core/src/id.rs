//! Identifiers: a kind prefix and 128 bits, of which the first 48 are the time of making in milliseconds, so that ids
//! of a kind sort by age. Written as `itm_` and 26 characters of Crockford's base 32 in lower case.

use std::{fmt, str::FromStr, sync::LazyLock};

use data_encoding::{Encoding, Specification};

use crate::Timestamp;

/// Crockford's alphabet ascends, so the text sorts as the bits do.
static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.encoding().ok()
});

/// The text is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: expected `{prefix}_` and 26 letters and digits")]
pub struct InvalidId {
    /// The prefix of the kind that was expected.
    pub prefix: &'static str,
}

/// What all kinds of ids have in common.
pub trait Id: Copy + fmt::Display + FromStr<Err = InvalidId> {
    /// The kind's prefix, without the underscore.
    const PREFIX: &'static str;

    /// The id with these bits.
    fn from_bits(bits: u128) -> Self;

    /// The id's bits.
    fn bits(self) -> u128;

    /// The id made at `now` from 80 random bits (the low ones of `random`).
    fn new(now: Timestamp, random: u128) -> Self {
        let time = u128::from(now.millis().unsigned_abs()) << 80;
        Self::from_bits(time | (random & ((1 << 80) - 1)))
    }
}

fn write(prefix: &str, bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let encoding = BASE32.as_ref().ok_or(fmt::Error)?;
    let mut text = [0; 26];
    encoding.encode_mut(&bits.to_be_bytes(), &mut text);
    f.write_str(prefix)?;
    f.write_str("_")?;
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

fn parse(prefix: &'static str, text: &str) -> Option<u128> {
    let encoded = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let bytes = BASE32.as_ref()?.decode(encoded.as_bytes()).ok()?;
    Some(u128::from_be_bytes(bytes.try_into().ok()?))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_bits(bits: u128) -> Self {
                Self(bits)
            }
            fn bits(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write($prefix, self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self).ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    // Of the 130 bits that 26 characters hold, the last two are none of the id's.
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A campus: the tenant. Internal, never on the wire but inside tokens.
    CampusId = "cmp";
    /// A user.
    UserId = "usr";
    /// A listing.
    ItemId = "itm";
    /// An uploaded picture.
    ImageId = "img";
    /// A conversation.
    ChatId = "cht";
    /// A message of a conversation.
    MessageId = "msg";
    /// A booking.
    BookingId = "bkg";
    /// A notification.
    NotificationId = "ntf";
    /// A review.
    ReviewId = "rev";
    /// A report.
    ReportId = "rpt";
    /// A saved search.
    SearchId = "sch";
    /// A signed-in device.
    SessionId = "ses";
    /// A personal access token.
    TokenId = "pat";
    /// An unlock of an item. Internal, but for the ledger's references.
    UnlockId = "unl";
    /// An entry of the audit log.
    AuditId = "aud";
    /// A background job. Internal.
    JobId = "job";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = ItemId::new(Timestamp::from_millis(1_790_000_000_000), u128::MAX);
        assert_eq!(id.to_string().len(), 30);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn later_ids_sort_after_earlier_ones_as_text_too() {
        let early = ItemId::new(Timestamp::from_millis(1_000), u128::MAX);
        let late = ItemId::new(Timestamp::from_millis(1_001), 0);
        assert!(early < late && early.to_string() < late.to_string());
    }

    #[test]
    fn refuses_other_kinds_and_malformed_text() {
        let user = UserId::from_bits(7).to_string();
        assert!(user.parse::<ItemId>().is_err());
        for bad in ["", "itm", "itm_", "itm_zzz", "itm_0000000000000000000000000!", "itm_0000000000000000000000000z"] {
            assert!(bad.parse::<ItemId>().is_err(), "{bad}");
        }
    }
}
