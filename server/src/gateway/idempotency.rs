//! Keyed requests: the first result is stored with the change itself and answered again for a day.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::extract::IdempotencyKey;
use crate::{App, Error, Principal, params, platform::database::Tx};

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
        if let Some((first_hash, first)) = find(tx, &who, route, &key)? {
            return if first_hash == hash { Ok(first) } else { Err(reused()) };
        }
        let created = create(tx, &who)?;
        remember(tx, &who, route, &key, &hash, &created)?;
        Ok(created)
    })
    .await
}

fn reused() -> Error {
    Error::invalid("Idempotency-Key", "reused", "was used with another body: take a new key for a new request")
}

fn find(
    tx: &mut Tx<'_>,
    who: &Principal,
    route: &str,
    key: &str,
) -> Result<Option<(Vec<u8>, Created)>, Error> {
    let oldest = tx.now() - REMEMBERED;
    Ok(tx.first(
        "SELECT body_hash, status, location, answer FROM idempotency
         WHERE campus_id = ?1 AND user_id = ?2 AND route = ?3 AND key = ?4 AND created_at > ?5",
        params![who.campus, who.user, route, key, oldest],
        |row| {
            let status = u16::try_from(row.get::<i64>(1)?).unwrap_or(200);
            Ok((row.get(0)?, Created { status, location: row.get(2)?, body: row.get(3)? }))
        },
    )?)
}

fn remember(
    tx: &mut Tx<'_>,
    who: &Principal,
    route: &str,
    key: &str,
    hash: &[u8],
    created: &Created,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO idempotency (campus_id, user_id, route, key, body_hash, status, location, answer, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (campus_id, user_id, route, key) DO UPDATE SET
             body_hash = excluded.body_hash, status = excluded.status, location = excluded.location,
             answer = excluded.answer, created_at = excluded.created_at",
        params![
            who.campus, who.user, route, key, hash, i64::from(created.status), created.location, created.body, tx.now()
        ],
    )?;
    Ok(())
}

/// Forgets what is older than a day.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.execute("DELETE FROM idempotency WHERE created_at <= ?1", params![tx.now() - REMEMBERED])?;
    Ok(())
}
