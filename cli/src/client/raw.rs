//! Calls that this program has no name for: `campuszon api`.

use bytes::Bytes;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::Value;

use super::{Client, ClientError, call::Call};

/// The body of a raw call.
#[derive(Clone, Debug)]
pub enum RawBody {
    /// None.
    Empty,
    /// Sent as JSON.
    Json(Value),
    /// Sent as it is, with this content type.
    Bytes(Bytes, String),
}

/// The answer to a raw call.
#[derive(Clone, Debug)]
pub struct RawReply {
    /// 200–299.
    pub status: u16,
    /// Of the body.
    pub content_type: Option<String>,
    /// As it came.
    pub body: Bytes,
}

impl RawReply {
    /// The body as JSON, if it is.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl Client {
    /// An authenticated call of `method` (in capitals) on `path` (with its query).
    ///
    /// # Errors
    /// [`ClientError::Answer`] for a word that is no method; otherwise as every call.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        body: RawBody,
        key: Option<&str>,
    ) -> Result<RawReply, ClientError> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| ClientError::Answer(format!("{method} is not an HTTP method")))?;
        let creates = method == Method::POST;
        let call = Call::new(method, path);
        let call = match body {
            RawBody::Empty => call,
            RawBody::Json(value) => call.json(&value)?,
            RawBody::Bytes(bytes, content_type) => call.bytes(bytes, &content_type),
        };
        let call = if creates { call.keyed(key) } else { call };
        let reply = self.send(&call).await?;
        Ok(RawReply { status: reply.status, content_type: reply.header(&CONTENT_TYPE), body: reply.body })
    }
}
