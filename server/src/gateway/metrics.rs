//! `GET /metrics`, and the counting of requests.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use campuszon_core::Timestamp;

use super::listener::PeerAddress;
use crate::{
    App, Error, check,
    platform::{
        database::Tx,
        jobs::{self, Counts, Kind},
        metrics::MEDIA_TYPE,
    },
};

/// What asks under a path of nobody's.
const UNMATCHED: &str = "unmatched";

/// Where a request is counted: its method and its route as this program writes it, never as the client did.
pub(super) struct Place {
    method: &'static str,
    route: Option<MatchedPath>,
}

impl Place {
    pub(super) fn of(request: &Request) -> Self {
        let method = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD]
            .iter()
            .zip(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
            .find(|(known, _)| *known == request.method());
        Self { method: method.map_or("other", |(_, name)| name), route: request.extensions().get().cloned() }
    }

    pub(super) fn count(&self, app: &App, status: StatusCode, took: Duration) {
        let route = self.route.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
        let class = ["1xx", "2xx", "3xx", "4xx", "5xx"].get(usize::from(status.as_u16() / 100).wrapping_sub(1));
        let class = class.copied().unwrap_or("5xx");
        app.metrics.requests.with_label_values(&[self.method, route, class]).inc();
        app.metrics.request_seconds.with_label_values(&[self.method, route]).observe(took.as_secs_f64());
    }
}

/// `GET /metrics`: what the server counts of itself, for the networks that may know.
pub(super) async fn metrics(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    headers: HeaderMap,
) -> Result<Response, Error> {
    admit(&app, address, &headers)?;
    look(&app).await;
    let text = app.metrics.text().map_err(|error| Error::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}

fn admit(app: &App, address: IpAddr, headers: &HeaderMap) -> Result<(), Error> {
    // A proxy that is not trusted hides who asks: behind one on this machine everybody would come from here.
    let is_hidden =
        address.is_loopback() && ["forwarded", "x-forwarded-for"].iter().any(|name| headers.contains_key(*name));
    if !is_hidden && app.settings.metrics.allow.iter().any(|network| network.contains(&address)) {
        return Ok(());
    }
    let reason = if is_hidden { "who asks through a proxy that is not trusted" } else { "this address" };
    Err(Error::Forbidden(format!("the metrics are not for {reason}: the setting metrics.allow names the networks")))
}

/// Looks at what is not counted as it happens.
async fn look(app: &App) {
    let metrics = &app.metrics;
    metrics.sockets.set(i64::try_from(app.hub.connections()).unwrap_or(i64::MAX));
    let looked = app.read(stored).await;
    metrics.database_up.set(i64::from(looked.is_ok()));
    match looked {
        Ok((images, bytes, checked)) => {
            for (state, count) in [("waiting", images.waiting), ("active", images.active), ("dead", images.dead)] {
                metrics.image_jobs.with_label_values(&[state]).set(count);
            }
            metrics.database_bytes.set(bytes);
            metrics.check_seconds.set(checked.map_or(0, Timestamp::seconds));
        }
        Err(error) => tracing::warn!(%error, "the metrics say what the database said last"),
    }
}

fn stored(tx: &mut Tx<'_>) -> Result<(Counts, i64, Option<Timestamp>), Error> {
    Ok((jobs::counts(tx, Kind::Image)?, tx.size()?, check::store::last_clean_check(tx)?))
}
