//! Where a picture's files lie, in the storage and on the web. Both are made of its key: 64 hexadecimal digits that
//! follow from campus and content and can be guessed from neither.

use campuszon_core::picture::{Size, Variants};

use crate::{
    Error,
    platform::blobs::{BlobError, BlobKey, Blobs},
};

/// What the upload is called, as it came, while it waits.
const ORIGINAL: &str = "original";

/// What the name of a variant's file ends with.
const EXTENSION: &str = ".webp";

/// The blob called `name` of the picture with `key`: `abcdef…` and `large.webp` lie at `ab/cdef…/large.webp`.
///
/// # Errors
/// `key` or `name` is none: a fault of ours.
pub(super) fn blob_key(key: &str, name: &str) -> Result<BlobKey, Error> {
    let bad = || Error::Internal(format!("{key:?} and {name:?} make no blob key"));
    let (shard, rest) = key.split_at_checked(2).ok_or_else(bad)?;
    format!("{shard}/{rest}/{name}").parse().map_err(|_| bad())
}

/// The blob of the upload itself.
///
/// # Errors
/// `key` is none: a fault of ours.
pub fn original(key: &str) -> Result<BlobKey, Error> {
    blob_key(key, ORIGINAL)
}

/// The blob of a variant.
///
/// # Errors
/// See [`blob_key`].
pub fn variant(key: &str, size: Size) -> Result<BlobKey, Error> {
    blob_key(key, &file_name(size))
}

/// The blobs of all variants.
///
/// # Errors
/// See [`original`].
pub fn variants(key: &str) -> Result<Vec<BlobKey>, Error> {
    Size::ALL.iter().map(|&size| variant(key, size)).collect()
}

/// Whether a blob is an upload itself.
pub(super) fn is_original(blob: &str) -> bool {
    blob.rsplit('/').next() == Some(ORIGINAL)
}

/// The key of the picture that a blob belongs to: `ab/cdef…/large.webp` to `abcdef…`.
pub fn picture_of(blob: &str) -> String {
    blob.split('/').take(2).collect()
}

/// The address of a variant, absolute and immutable.
pub fn address(public_url: &str, key: &str, size: Size) -> String {
    format!("{public_url}/images/{key}/{}", file_name(size))
}

fn file_name(size: Size) -> String {
    format!("{size}{EXTENSION}")
}

/// The variant that a file's name stands for.
pub(super) fn size_of(file: &str) -> Option<Size> {
    file.strip_suffix(EXTENSION)?.parse().ok()
}

/// Whether a text has the form of a picture's key.
pub(super) fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Stores every variant; blocks.
///
/// # Errors
/// The storage failed.
pub(super) fn put_variants(blobs: &dyn Blobs, key: &str, variants: &Variants) -> Result<(), Error> {
    Size::ALL
        .iter()
        .try_for_each(|&size| blobs.put(&variant(key, size)?, &variants.get(size).bytes).map_err(storage_failed))
}

/// What a client hears of a failing storage; paths and causes are for the log.
pub fn storage_failed(error: BlobError) -> Error {
    tracing::error!(%error, "the storage of pictures failed");
    Error::Unavailable("pictures cannot be stored or read at the moment: try again later".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        format!("ab{}", "0c".repeat(31))
    }

    #[test]
    fn blobs_are_spread_by_the_first_two_digits() {
        let key = key();
        let rest = &key[2..];
        assert_eq!(original(&key).unwrap().as_str(), format!("ab/{rest}/original"));
        assert!(is_original(original(&key).unwrap().as_str()));
        assert!(!is_original(variant(&key, Size::Large).unwrap().as_str()));
        assert_eq!(variant(&key, Size::Medium).unwrap().as_str(), format!("ab/{rest}/medium.webp"));
        for bad in ["", "a", "é", "zz00", "ab"] {
            assert!(original(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_and_names_read_back() {
        let address = address("https://market.example", &key(), Size::Large);
        assert_eq!(address, format!("https://market.example/images/{}/large.webp", key()));
        assert!(Size::ALL.iter().all(|&size| size_of(&file_name(size)) == Some(size)));
        for bad in ["large", "original", "original.webp", "LARGE.webp", ".webp", "large.webp.webp", ""] {
            assert_eq!(size_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_are_64_lower_case_hexadecimal_digits() {
        assert!(is_key(&key()));
        for bad in ["", "ab", &key().to_uppercase(), &key().replace('0', "g"), &format!("{}0", key())] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
