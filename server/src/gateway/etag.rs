//! Entity tags: strong, made of the thing's version and a hash of the answer's bytes, as in `"7-3f9a…"`. The version
//! decides `If-Match`, so that a view counted in between does not spoil an edit; the hash decides `If-None-Match`.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Error;

/// Bytes of an answer that need not be grown: more than one thing takes, and half of a page of a list.
const USUAL: usize = 4096;

/// A JSON answer with an entity tag, or 304 when the client has it already.
///
/// # Errors
/// The value does not serialize.
pub fn reply<T: Serialize>(request: &HeaderMap, version: &str, value: &T) -> Result<Response, Error> {
    let body = written(value)?;
    let tag = format!("\"{version}-{}\"", hex(&body));
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(|error| Error::Internal(error.to_string()))?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if none_match(request, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok((headers, body).into_response())
}

fn written<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let mut body = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut body, value).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(body)
}

/// The same for what has no version of its own.
///
/// # Errors
/// The value does not serialize.
pub fn json<T: Serialize>(request: &HeaderMap, value: &T) -> Result<Response, Error> {
    reply(request, "0", value)
}

/// A version for what has no number of its own: a hash of what an edit would change.
pub fn digest<T: Serialize>(value: &T) -> String {
    hex(&serde_json::to_vec(value).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(Sha256::digest(bytes).get(..8).unwrap_or_default())
}

/// Whether `If-None-Match` names `tag`; weak comparison, as RFC 9110 asks.
pub fn none_match(request: &HeaderMap, tag: &str) -> bool {
    let Some(value) = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    value.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}
