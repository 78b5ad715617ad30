//! Keyed hashes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn keyed(secret: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC fills a short key up with zeros to the hash's block of 64 bytes; done here, nothing can fail.
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(secret) {
        *to = *from;
    }
    Hmac::new(&block.into())
}

/// HMAC-SHA-256 of `parts` under `secret`, each preceded by its length so that no two lists of parts run together.
pub fn of_parts(secret: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(secret);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
