//! Parameters and columns: the four types both databases store alike, and how the program's own types map to them.

use std::str::FromStr;

use campuszon_core::{
    BookingId, CampusId, ChatId, Day, ImageId, ItemId, MessageId, NotificationId, ReportId, ReviewId, SearchId,
    SessionId, Timestamp, TokenId, UserId,
    booking::{BookingStatus, Side},
    id::{AuditId, JobId, UnlockId},
    item::{Condition, ItemStatus, Listing, RentPeriod},
    permission::{Role, UserStatus},
    wire::{
        chat::MessageKind,
        image::ImageStatus,
        notification::NotificationKind,
        trust::{AuditAction, ReportStatus, TargetKind},
        wallet::TokenReason,
    },
};

use super::StoreError;

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL's `NULL`.
    Null,
    /// `BIGINT`
    Integer(i64),
    /// `DOUBLE PRECISION`
    Real(f64),
    /// `TEXT`
    Text(String),
    /// `BYTEA` or `BLOB`
    Bytes(Vec<u8>),
}

/// A column of a row, borrowed from the driver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Column<'a> {
    /// SQL's `NULL`.
    Null,
    /// `BIGINT`
    Integer(i64),
    /// `DOUBLE PRECISION`
    Real(f64),
    /// `TEXT`
    Text(&'a str),
    /// `BYTEA` or `BLOB`
    Bytes(&'a [u8]),
}

/// A row as its driver has it.
pub(super) trait RawRow {
    fn column(&self, index: usize) -> Result<Column<'_>, StoreError>;
}

/// A row of a result.
pub struct Row<'a>(pub(super) &'a dyn RawRow);

impl Row<'_> {
    /// The value of the column at `index`, from 0.
    ///
    /// # Errors
    /// The column holds something else.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        let column = self.0.column(index)?;
        T::from_column(column).ok_or_else(|| StoreError::Unexpected(format!("column {index} holds {column:?}")))
    }

    /// The text of the column at `index`, without a copy.
    ///
    /// # Errors
    /// The column holds something else.
    pub fn text(&self, index: usize) -> Result<&str, StoreError> {
        match self.0.column(index)? {
            Column::Text(text) => Ok(text),
            column => Err(StoreError::Unexpected(format!("column {index} holds {column:?}"))),
        }
    }
}

/// What can be a parameter.
pub trait ToValue {
    /// The parameter.
    fn to_value(&self) -> Value;
}

/// What can be read from a column.
pub trait FromColumn: Sized {
    /// The value, or `None` when the column holds something else.
    fn from_column(column: Column<'_>) -> Option<Self>;
}

/// The parameters of a statement, `?1` first.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::platform::database::ToValue::to_value(&$value)),*]
    };
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Null => Some(None),
            column => T::from_column(column).map(Some),
        }
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl ToValue for f64 {
    fn to_value(&self) -> Value {
        Value::Real(*self)
    }
}

impl FromColumn for f64 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Real(real) => Some(real),
            _ => None,
        }
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
}

impl FromColumn for bool {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Integer(0) => Some(false),
            Column::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value {
        Value::Integer(self.millis())
    }
}

impl FromColumn for Timestamp {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::from_millis)
    }
}

impl ToValue for Day {
    fn to_value(&self) -> Value {
        Value::Integer(self.number())
    }
}

impl FromColumn for Day {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::from_number)
    }
}

macro_rules! integer_columns {
    ($($kind:ty),*) => {$(
        impl ToValue for $kind {
            fn to_value(&self) -> Value {
                // What exceeds the column's range is refused by the bounds of the rules long before.
                Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }

        impl FromColumn for $kind {
            fn from_column(column: Column<'_>) -> Option<Self> {
                match column {
                    Column::Integer(integer) => integer.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

integer_columns!(i64, u64, u32, u16, usize);

macro_rules! text_columns {
    ($($kind:ty),* $(,)?) => {$(
        impl ToValue for $kind {
            fn to_value(&self) -> Value {
                Value::Text(self.to_string())
            }
        }

        impl FromColumn for $kind {
            fn from_column(column: Column<'_>) -> Option<Self> {
                match column {
                    Column::Text(text) => <$kind>::from_str(text).ok(),
                    _ => None,
                }
            }
        }
    )*};
}

text_columns!(
    AuditAction,
    AuditId,
    BookingId,
    BookingStatus,
    CampusId,
    ChatId,
    Condition,
    ImageId,
    ImageStatus,
    ItemId,
    ItemStatus,
    JobId,
    Listing,
    MessageId,
    MessageKind,
    NotificationId,
    NotificationKind,
    RentPeriod,
    ReportId,
    ReportStatus,
    ReviewId,
    Role,
    SearchId,
    SessionId,
    Side,
    TargetKind,
    TokenId,
    TokenReason,
    UnlockId,
    UserId,
    UserStatus,
);
