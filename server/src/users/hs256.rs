//! HMAC with SHA-256 for `jsonwebtoken`: the one algorithm of our access tokens. The cryptography that comes with the library
//! has all others too, RSA among them, which leaks its keys by how long it takes (RUSTSEC-2023-0071).

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Signer, Verifier},
};
use sha2::Sha256;

/// What `jsonwebtoken` signs and verifies with.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?)),
    // For key sets, of which we read and serve none.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes it the algorithm of this process; once is enough.
pub fn install() {
    // The only refusal is that it is there already.
    let _ = PROVIDER.install_default();
}

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Hmac::new_from_slice(secret).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }

    fn of(&self, message: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(message)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.of(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.of(message).verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use jsonwebtoken::{DecodingKey, EncodingKey, crypto};

    use super::*;

    /// The example of RFC 7515, appendix A.1.
    #[test]
    fn signs_as_the_standard_does() {
        const KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        const SIGNED: &[u8] = b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        install();
        install();
        let secret = BASE64URL_NOPAD.decode(KEY.as_bytes()).expect("a key");
        let (signs, verifies) = (EncodingKey::from_secret(&secret), DecodingKey::from_secret(&secret));
        assert_eq!(crypto::sign(SIGNED, &signs, Algorithm::HS256).expect("a signature"), SIGNATURE);
        assert_eq!(crypto::verify(SIGNATURE, SIGNED, &verifies, Algorithm::HS256), Ok(true));
        assert_eq!(crypto::verify(SIGNATURE, b"another", &verifies, Algorithm::HS256), Ok(false));
        assert_eq!(crypto::verify(&SIGNATURE[..40], SIGNED, &verifies, Algorithm::HS256), Ok(false));
        for other in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            assert!(crypto::sign(SIGNED, &signs, other).is_err(), "{other:?}");
            assert!(crypto::verify(SIGNATURE, SIGNED, &verifies, other).is_err(), "{other:?}");
        }
    }
}
