//! Keyed requests: the first result is stored with the change itself and answered again for a day.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::extract::IdempotencyKey;
use crate::{
    App, Error, Principal,
    platform::{
        database::Tx,
        replies::{self, Reply, Request},
    },
};

/// How long a key is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

/// What a creating request answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    status: u16,
    location: Option<String>,
    body: Vec<u8>,
}

impl Created {
    /// The answer with this status and body.
    ///
    /// # Errors
    /// The body does not serialize.
    pub fn new<T: Serialize>(status: StatusCode, location: Option<String>, body: &T) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { status: status.as_u16(), location, body })
    }

    /// The answer with its body replaced.
    ///
    /// # Errors
    /// The body is not what was stored.
    pub fn map<A: DeserializeOwned, B: Serialize>(self, change: impl FnOnce(A) -> B) -> Result<Self, Error> {
        let before = serde_json::from_slice(&self.body).map_err(|error| Error::Internal(error.to_string()))?;
        let body = serde_json::to_vec(&change(before)).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { body, ..self })
    }

    fn to_reply(&self, request_hash: &[u8]) -> Reply {
        let Self { status, location, body } = self.clone();
        Reply { request_hash: request_hash.to_vec(), status, location, body }
    }
}

impl From<Reply> for Created {
    fn from(reply: Reply) -> Self {
        Self { status: reply.status, location: reply.location, body: reply.body }
    }
}

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = (status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}

/// Runs `create` in a transaction, once per key of this caller and route.
///
/// # Errors
/// What `create` answers, or that the key was used with another body.
pub async fn once(
    app: &App,
    who: &Principal,
    route: &'static str,
    key: Option<IdempotencyKey>,
    body: &[u8],
    mut create: impl FnMut(&mut Tx<'_>, &Principal) -> Result<Created, Error> + Send + 'static,
) -> Result<Created, Error> {
    let who = who.clone();
    let Some(IdempotencyKey(key)) = key else {
        return app.write(move |tx| create(tx, &who)).await;
    };
    let hash = Sha256::digest(body).to_vec();
    app.write(move |tx| {
        let request = Request { campus: who.campus, user: who.user, route, key: &key };
        if let Some(first) = replies::find(tx, &request, tx.now() - REMEMBERED)? {
            return if first.request_hash == hash { Ok(first.into()) } else { Err(reused()) };
        }
        let created = create(tx, &who)?;
        replies::remember(tx, &request, &created.to_reply(&hash))?;
        Ok(created)
    })
    .await
}

fn reused() -> Error {
    Error::invalid("Idempotency-Key", "reused", "was used with another body: take a new key for a new request")
}

/// Forgets what is older than a day.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), Error> {
    Ok(replies::forget(tx, tx.now() - REMEMBERED)?)
}
