//! Whether the process lives, and whether it can serve.

use std::sync::atomic::Ordering;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;

use crate::{App, Error, images::files, platform::inbox};

/// `GET /healthz`: the process answers.
pub(super) async fn process() -> impl IntoResponse {
    Json(json!({"status": "ok"}))
}

/// `GET /readyz`: database and blobs answer too. So they do under maintenance: the process is well, administrators are served,
/// and a load balancer that took all nodes away would keep them out too. It does not once the server is to stop, for a load
/// balancer to send what comes elsewhere.
pub(super) async fn ready(State(app): State<App>) -> Result<impl IntoResponse, Error> {
    if app.stopping.load(Ordering::Relaxed) {
        return Err(Error::Unavailable("the server is about to stop".to_owned()));
    }
    app.read(|tx| Ok(inbox::epoch(tx)?)).await?;
    let checking = tokio::task::spawn_blocking(move || app.blobs.check());
    checking.await.map_err(|error| Error::Internal(error.to_string()))?.map_err(files::storage_failed)?;
    Ok((StatusCode::OK, Json(json!({"status": "ready"}))))
}
