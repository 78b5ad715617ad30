//! Whether the process lives, and whether it can serve.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;

use crate::{
    App, Error,
    platform::{
        blobs::{self, BlobKey},
        inbox,
    },
};

/// `GET /healthz`: the process answers.
pub(super) async fn process() -> impl IntoResponse {
    Json(json!({"status": "ok"}))
}

/// `GET /readyz`: database and blobs answer too.
pub(super) async fn ready(State(app): State<App>) -> Result<impl IntoResponse, Error> {
    app.read(|tx| Ok(inbox::epoch(tx)?)).await?;
    blobs::read(app.blobs.clone(), BlobKey::of(b"")).await.map_err(|error| Error::Unavailable(error.to_string()))?;
    Ok((StatusCode::OK, Json(json!({"status": "ready"}))))
}
