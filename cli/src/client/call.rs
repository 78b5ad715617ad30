//! One request, as data: what it asks, whether it may be repeated, and how a dry run shows it.

use std::{convert::Infallible, fmt, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::ClientError;
use crate::random;

/// A request that was not sent, because of a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// `POST`, `PATCH`, `PUT` or `DELETE`.
    pub method: String,
    /// The path, with its query.
    pub path: String,
    /// The JSON body with secrets struck out; for files their type and size.
    pub body: Value,
}

/// Whether a call carries the user's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// It must.
    Required,
    /// It is open to everybody.
    Open,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Body>,
    pub(super) auth: Auth,
    pub(super) idempotency_key: Option<String>,
    pub(super) if_match: Option<String>,
    repeatable: bool,
}

/// The body of a request.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    pub(super) content_type: String,
    /// Told how many bytes are on their way.
    pub(super) progress: Option<Progress>,
}

/// Told how many bytes of a body are on their way; anew with each attempt.
pub(super) type Progress = Arc<dyn Fn(u64) + Send + Sync>;

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.described().to_string())
    }
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let repeatable = method == Method::GET;
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: None,
            auth: Auth::Required,
            idempotency_key: None,
            if_match: None,
            repeatable,
        }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub(super) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(super) fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Needs nobody to be signed in.
    pub(super) fn open(self) -> Self {
        Self { auth: Auth::Open, ..self }
    }

    pub(super) fn query(mut self, pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.query.extend(pairs);
        self
    }

    /// With a JSON body.
    pub(super) fn json(self, body: &impl Serialize) -> Result<Self, ClientError> {
        let bytes = serde_json::to_vec(body).map_err(|error| ClientError::Answer(error.to_string()))?;
        Ok(self.bytes(bytes, "application/json"))
    }

    /// With the body as it is.
    pub(super) fn bytes(self, bytes: impl Into<Bytes>, content_type: &str) -> Self {
        Self { body: Some(Body { bytes: bytes.into(), content_type: content_type.to_owned(), progress: None }), ..self }
    }

    /// Tells how much of the body is on its way.
    pub(super) fn telling(mut self, progress: Progress) -> Self {
        if let Some(body) = &mut self.body {
            body.progress = Some(progress);
        }
        self
    }

    /// Creates something: carries `key`, or a new one, and so may be repeated.
    pub(super) fn keyed(self, key: Option<&str>) -> Self {
        let key = key.map_or_else(random::key, str::to_owned);
        Self { idempotency_key: Some(key), repeatable: true, ..self }
    }

    /// Has the same effect however often it arrives.
    pub(super) fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    /// Only if the thing is still as `etag` says.
    pub(super) fn if_match(self, etag: Option<&str>) -> Self {
        Self { if_match: etag.map(str::to_owned), ..self }
    }

    pub(super) fn may_repeat(&self) -> bool {
        self.repeatable
    }

    /// Whether it asks for a change.
    pub(super) fn changes(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD
    }

    /// What a dry run shows.
    pub(super) fn planned(&self) -> Planned {
        let body = self.body.as_ref().map_or(Value::Null, |body| {
            serde_json::from_slice(&body.bytes).map_or_else(|_| body.described(), redacted)
        });
        Planned { method: self.method.to_string(), path: self.path.clone(), body }
    }
}

impl Body {
    /// The bytes, in parts where somebody wants to know how far they are.
    pub(super) fn to_send(&self) -> reqwest::Body {
        const PART: usize = 16 * 1024;
        let Some(progress) = self.progress.clone() else { return self.bytes.clone().into() };
        let (mut rest, mut sent) = (self.bytes.clone(), 0);
        let parts = std::iter::from_fn(move || {
            let part = rest.split_to(rest.len().min(PART));
            sent += part.len() as u64;
            progress(sent);
            (!part.is_empty()).then_some(Ok::<_, Infallible>(part))
        });
        reqwest::Body::wrap_stream(stream::iter(parts))
    }

    fn described(&self) -> Value {
        Value::String(format!("{} bytes of {}", self.bytes.len(), self.content_type))
    }
}

/// `body` with the values of secret fields struck out.
fn redacted(mut body: Value) -> Value {
    const SECRETS: [&str; 6] = ["password", "current", "new", "code", "refresh_token", "token"];
    if let Value::Object(fields) = &mut body {
        for (name, value) in fields.iter_mut() {
            if SECRETS.contains(&name.as_str()) {
                *value = Value::String("***".to_owned());
            }
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_show_no_secrets() {
        let body = serde_json::json!({"email": "ada@uni.example", "password": "correct horse"});
        let planned = Call::post("/api/auth/login").json(&body).expect("a call").planned();
        assert_eq!(planned.body, serde_json::json!({"email": "ada@uni.example", "password": "***"}));
        let planned = Call::post("/api/images").bytes(vec![0_u8; 7], "image/jpeg").planned();
        assert_eq!(planned.body, serde_json::json!("7 bytes of image/jpeg"));
    }

    #[test]
    fn only_reads_and_keyed_calls_repeat() {
        assert!(Call::get("/").may_repeat());
        assert!(!Call::post("/").may_repeat());
        assert!(Call::post("/").keyed(None).may_repeat());
    }
}
