//! What users carry to prove who they are: signed access tokens, refresh tokens, personal access tokens, mailed codes.
//! Pure: keys, times and randomness come in, texts and facts go out.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use campuszon_core::{CampusId, Id, SessionId, Timestamp, TokenId, UserId, permission::Role};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::hs256;
use crate::{Error, platform::mac};

/// A key that signs access tokens. The newest signs; older ones verify until what they signed has ended.
#[derive(Clone, Serialize, Deserialize)]
pub struct SigningKey {
    /// Names the key in a token's header.
    pub kid: String,
    /// 32 random bytes, in URL-safe base 64.
    pub secret: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// The tenant.
    pub campus: CampusId,
    /// The role when it was issued; what counts is the one in the database.
    pub role: Role,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Makes every token its own.
    pub jti: String,
}

/// Why an access token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadToken {
    /// Not a token of ours.
    Invalid,
    /// It has ended.
    Expired,
}

/// What a refresh token says, once its signature was checked against the session's salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshClaims {
    /// The tenant.
    pub campus: CampusId,
    /// The session.
    pub session: SessionId,
    /// How often it was rotated before.
    pub generation: i64,
}

const REFRESH_PREFIX: &str = "czr_";
/// What personal access tokens begin with, so that they are told from access tokens and found by secret scanners.
pub const PERSONAL_PREFIX: &str = "czp_";

/// The server's keys.
#[derive(Clone)]
pub struct Keys {
    /// The newest first.
    signing: Arc<RwLock<Vec<Signer>>>,
    secret: [u8; 32],
}

/// A signing key as it is used.
struct Signer {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl From<SigningKey> for Signer {
    fn from(key: SigningKey) -> Self {
        let secret = key.secret.as_bytes();
        Self { kid: key.kid, encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret) }
    }
}

fn signers(mut keys: Vec<SigningKey>) -> Vec<Signer> {
    keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
    keys.into_iter().map(Signer::from).collect()
}

/// One algorithm, whatever a token's header says; the time is ours to compare.
static VALIDATION: LazyLock<Validation> = LazyLock::new(|| {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
});

impl Keys {
    /// Keys that sign with the newest of `signing` and derive everything else from `secret`.
    pub fn new(signing: Vec<SigningKey>, secret: [u8; 32]) -> Self {
        hs256::install();
        Self { signing: Arc::new(RwLock::new(signers(signing))), secret }
    }

    /// Replaces the signing keys, after a rotation.
    pub fn set_signing(&self, signing: Vec<SigningKey>) {
        *self.signing.write().unwrap_or_else(PoisonError::into_inner) = signers(signing);
    }

    /// A secret of its own for one purpose.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.mac(&[purpose.as_bytes()])
    }

    /// A signed access token.
    ///
    /// # Errors
    /// There is no key.
    pub fn sign(&self, claims: &Claims) -> Result<String, Error> {
        let keys = self.signing.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.first().ok_or_else(|| Error::Internal("there is no signing key".to_owned()))?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, claims, &key.encoding).map_err(|error| Error::Internal(error.to_string()))
    }

    /// What an access token says, when one of our keys signed it and it has not ended.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, BadToken> {
        let kid = decode_header(token).map_err(|_| BadToken::Invalid)?.kid.ok_or(BadToken::Invalid)?;
        let keys = self.signing.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.iter().find(|key| key.kid == kid).ok_or(BadToken::Invalid)?;
        let claims = decode::<Claims>(token, &key.decoding, &VALIDATION).map_err(|_| BadToken::Invalid)?.claims;
        if claims.exp <= now.seconds() { Err(BadToken::Expired) } else { Ok(claims) }
    }

    /// The refresh token of a session's generation. It is derived, so that the same generation always gives the same
    /// text: two commands that refresh at once get the same successor.
    pub fn refresh_token(&self, claims: RefreshClaims, salt: &[u8]) -> String {
        let mut bytes = refresh_head(claims);
        bytes.extend(self.refresh_mac(claims, salt));
        format!("{REFRESH_PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }

    /// What a refresh token says, not yet verified: its session's salt is needed for that.
    pub fn read_refresh_token(&self, token: &str) -> Option<RefreshClaims> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix(REFRESH_PREFIX)?.as_bytes()).ok()?;
        if bytes.len() != 16 + 16 + 8 + 16 {
            return None;
        }
        Some(RefreshClaims {
            campus: CampusId::from_bits(u128::from_be_bytes(bytes.get(..16)?.try_into().ok()?)),
            session: SessionId::from_bits(u128::from_be_bytes(bytes.get(16..32)?.try_into().ok()?)),
            generation: i64::from_be_bytes(bytes.get(32..40)?.try_into().ok()?),
        })
    }

    /// Whether `token` is the one of this generation and salt.
    pub fn is_refresh_token(&self, token: &str, claims: RefreshClaims, salt: &[u8]) -> bool {
        self.refresh_token(claims, salt).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// The personal access token with this id. It is derived, so that a repeated request can show it again although
    /// nothing but its hash is stored.
    pub fn personal_token(&self, campus: CampusId, id: TokenId) -> PersonalToken {
        let secret = self.mac(&[b"personal", &bits(campus), &bits(id)]);
        PersonalToken { campus, id, secret: secret.to_vec() }
    }

    /// The stored form of a mailed code: keyed, since a million codes are quickly tried against a plain hash.
    pub fn code_hash(&self, user: UserId, purpose: &str, code: &str) -> Vec<u8> {
        self.mac(&[b"code", user.to_string().as_bytes(), purpose.as_bytes(), code.as_bytes()]).to_vec()
    }

    /// The stored form of the token of a set-up link.
    pub fn setup_hash(&self, token: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.mac(&[b"setup", token.as_bytes()]))
    }

    /// The stored form of a canonical address: keyed, so that it tells nobody the address.
    pub fn address_hash(&self, canonical: &str) -> Vec<u8> {
        self.mac(&[b"address", canonical.as_bytes()]).to_vec()
    }

    /// The address of a picture's blobs: from its content and its campus, and not to be guessed from either.
    pub fn image_key(&self, campus: CampusId, content: &[u8]) -> String {
        let digest = Sha256::digest(content);
        data_encoding::HEXLOWER.encode(&self.mac(&[b"image", campus.to_string().as_bytes(), &digest]))
    }

    fn refresh_mac(&self, claims: RefreshClaims, salt: &[u8]) -> Vec<u8> {
        let mac = self.mac(&[b"refresh", &refresh_head(claims), salt]);
        mac.iter().take(16).copied().collect()
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac::of_parts(&self.secret, parts)
    }
}

fn refresh_head(claims: RefreshClaims) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(56);
    bytes.extend(bits(claims.campus));
    bytes.extend(bits(claims.session));
    bytes.extend(claims.generation.to_be_bytes());
    bytes
}

fn bits<T: Id>(id: T) -> [u8; 16] {
    id.bits().to_be_bytes()
}

/// A personal access token: where its row is, and a secret of which the row has the hash.
pub struct PersonalToken {
    /// The tenant.
    pub campus: CampusId,
    /// The token.
    pub id: TokenId,
    secret: Vec<u8>,
}

impl PersonalToken {
    /// Reads a token's text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PERSONAL_PREFIX)?.as_bytes()).ok()?;
        if bytes.len() != 16 + 16 + 32 {
            return None;
        }
        Some(Self {
            campus: CampusId::from_bits(u128::from_be_bytes(bytes.get(..16)?.try_into().ok()?)),
            id: TokenId::from_bits(u128::from_be_bytes(bytes.get(16..32)?.try_into().ok()?)),
            secret: bytes.get(32..)?.to_vec(),
        })
    }

    /// The text shown once.
    pub fn text(&self) -> String {
        let bytes = [&bits(self.campus)[..], &bits(self.id)[..], &self.secret].concat();
        format!("{PERSONAL_PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
    }

    /// What the database keeps: 256 secret bits need no slow hash.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.secret).to_vec()
    }

    /// Whether the database's hash is this token's.
    pub fn matches(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Sha384, Sha512};

    use super::*;

    /// A token that `M` signed.
    fn forge<M: Mac + KeyInit>(header: &Header, secret: &[u8]) -> String {
        let encoded = |bytes: serde_json::Result<Vec<u8>>| BASE64URL_NOPAD.encode(&bytes.expect("JSON"));
        let message = format!("{}.{}", encoded(serde_json::to_vec(header)), encoded(serde_json::to_vec(&claims())));
        let mac = <M as KeyInit>::new_from_slice(secret).expect("a key").chain_update(&message);
        format!("{message}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
    }

    fn keys() -> Keys {
        let key = |kid: &str, created: i64| SigningKey {
            kid: kid.to_owned(),
            secret: format!("secret of {kid}"),
            created_at: Timestamp::from_millis(created),
        };
        Keys::new(vec![key("old", 1), key("new", 2)], [9; 32])
    }

    fn claims() -> Claims {
        Claims {
            sub: UserId::from_bits(1),
            sid: SessionId::from_bits(2),
            campus: CampusId::from_bits(3),
            role: Role::Student,
            iat: 1_000,
            exp: 2_000,
            jti: "one".to_owned(),
        }
    }

    #[test]
    fn access_tokens_hold_until_they_end_and_across_rotation() {
        let keys = keys();
        let token = keys.sign(&claims()).expect("a token");
        assert_eq!(decode_header(&token).expect("a header").kid.as_deref(), Some("new"));
        assert_eq!(keys.verify(&token, Timestamp::from_millis(1_999_999)), Ok(claims()));
        assert_eq!(keys.verify(&token, Timestamp::from_millis(2_000_000)), Err(BadToken::Expired));
    }

    #[test]
    fn forged_access_tokens_are_refused() {
        let keys = keys();
        let now = Timestamp::from_millis(0);
        let with_kid = |algorithm, kid: Option<&str>| Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
        let none = format!(
            "{}.{}.",
            BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT","kid":"new"}"#),
            BASE64URL_NOPAD.encode(&serde_json::to_vec(&claims()).expect("json")),
        );
        let forged = [
            forge::<Hmac<Sha256>>(&with_kid(Algorithm::HS256, None), b"secret of new"),
            forge::<Hmac<Sha256>>(&with_kid(Algorithm::HS256, Some("other")), b"secret of new"),
            forge::<Hmac<Sha256>>(&with_kid(Algorithm::HS256, Some("new")), b"another secret"),
            forge::<Hmac<Sha256>>(&with_kid(Algorithm::HS384, Some("new")), b"secret of new"),
            forge::<Hmac<Sha384>>(&with_kid(Algorithm::HS384, Some("new")), b"secret of new"),
            forge::<Hmac<Sha512>>(&with_kid(Algorithm::HS512, Some("new")), b"secret of new"),
            none,
            "a.b.c".to_owned(),
            String::new(),
        ];
        let genuine = forge::<Hmac<Sha256>>(&with_kid(Algorithm::HS256, Some("new")), b"secret of new");
        assert_eq!(keys.verify(&genuine, now), Ok(claims()));
        for token in forged {
            assert_eq!(keys.verify(&token, now), Err(BadToken::Invalid), "{token}");
        }
    }

    #[test]
    fn refresh_tokens_are_derived_and_bound_to_salt_and_generation() {
        let keys = keys();
        let claims = RefreshClaims { campus: CampusId::from_bits(1), session: SessionId::from_bits(2), generation: 3 };
        let token = keys.refresh_token(claims, b"salt");
        assert_eq!(keys.read_refresh_token(&token), Some(claims));
        assert!(keys.is_refresh_token(&token, claims, b"salt"));
        assert!(!keys.is_refresh_token(&token, claims, b"other"));
        assert!(!keys.is_refresh_token(&token, RefreshClaims { generation: 4, ..claims }, b"salt"));
    }

    #[test]
    fn personal_tokens_read_back() {
        let token = keys().personal_token(CampusId::from_bits(1), TokenId::from_bits(2));
        let read = PersonalToken::parse(&token.text()).expect("a token");
        assert!(read.matches(&token.hash()) && read.id == token.id);
        assert!(PersonalToken::parse("czp_AAAA").is_none());
    }
}
