//! Positions in lists: opaque, signed, and bound to the list they came from, so that a tampered or foreign cursor is
//! refused instead of reaching a query.

use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, platform::mac};

/// Bytes of signature in a cursor: guessing 64 bits over the network is hopeless.
const SIGNATURE: usize = 8;

/// Signs and reads cursors.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl CursorKey {
    /// The key made from a secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The cursor for `position` in the list that `scope` describes: its path, its filters, its reader.
    ///
    /// # Errors
    /// The position does not serialize.
    pub fn seal<T: Serialize>(&self, scope: &str, position: &T) -> Result<String, Error> {
        let mut bytes = serde_json::to_vec(position).map_err(|error| Error::Internal(error.to_string()))?;
        let signature = self.sign(scope, &bytes);
        bytes.extend(signature.iter().take(SIGNATURE));
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The position that `cursor` holds, when it came from the list that `scope` describes.
    ///
    /// # Errors
    /// A fault of the field `cursor`.
    pub fn open<T: DeserializeOwned>(&self, scope: &str, cursor: &str) -> Result<T, Error> {
        self.try_open(scope, cursor)
            .ok_or_else(|| Error::invalid("cursor", "invalid", "is not a cursor of this list: start again without it"))
    }

    fn try_open<T: DeserializeOwned>(&self, scope: &str, cursor: &str) -> Option<T> {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (position, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        let expected = self.sign(scope, position);
        let genuine = subtle::ConstantTimeEq::ct_eq(expected.get(..SIGNATURE)?, signature);
        if !bool::from(genuine) {
            return None;
        }
        serde_json::from_slice(position).ok()
    }

    fn sign(&self, scope: &str, position: &[u8]) -> [u8; 32] {
        mac::of_parts(&self.0, &[scope.as_bytes(), position])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list_and_nothing_of_it_may_change() {
        let key = CursorKey::new([7; 32]);
        let cursor = key.seal("items?a", &(5_i64, "x")).expect("a cursor");
        assert_eq!(key.open::<(i64, String)>("items?a", &cursor).expect("a position"), (5, "x".to_owned()));
        assert!(key.open::<(i64, String)>("items?b", &cursor).is_err());
        for index in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let tampered = String::from_utf8(bytes).expect("text");
            assert!(tampered == cursor || key.open::<(i64, String)>("items?a", &tampered).is_err());
        }
        assert!(key.open::<(i64, String)>("items?a", "").is_err());
    }
}
