//! `GET /metrics`, the same numbers for people, and the counting of requests.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use campuszon_core::{Timestamp, wire::server::ServerStats};
use tracing::Span;

use super::listener::{Passed, PeerAddress};
use crate::{
    App, Error, check,
    platform::{
        database::Tx,
        jobs::{self, Counts, Kind},
        metrics::{MEDIA_TYPE, Metrics},
        traces,
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

    fn route(&self) -> &str {
        self.route.as_ref().map_or(UNMATCHED, MatchedPath::as_str)
    }

    /// The span of the request there. A trace that a proxy of ours began goes on in it.
    pub(super) fn span(&self, request: &Request, request_id: &str) -> Span {
        let passed = request.extensions().get::<Passed>().map(|_| request.headers());
        traces::request(self.method, self.route(), request_id, passed)
    }

    pub(super) fn count(&self, app: &App, status: StatusCode, took: Duration) {
        let route = self.route();
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
    let looked = app.read(Looked::read).await;
    metrics.database_up.set(i64::from(looked.is_ok()));
    match looked {
        Ok(looked) => looked.enter(metrics),
        Err(error) => tracing::warn!(%error, "the metrics say what the database said last"),
    }
}

/// What the database says.
struct Looked {
    images: Counts,
    mails: Counts,
    bytes: i64,
    checked: Option<Timestamp>,
    clean: Option<Timestamp>,
    faults: i64,
}

impl Looked {
    fn read(tx: &mut Tx<'_>) -> Result<Self, Error> {
        Ok(Self {
            images: jobs::counts(tx, Kind::Image)?,
            mails: jobs::counts(tx, Kind::Mail)?,
            bytes: tx.size()?,
            checked: check::store::last_check(tx)?,
            clean: check::store::last_clean_check(tx)?,
            faults: check::store::last_faults(tx)?,
        })
    }

    fn enter(self, metrics: &Metrics) {
        for (gauges, counts) in [(&metrics.image_jobs, self.images), (&metrics.mail_jobs, self.mails)] {
            for (state, count) in [("waiting", counts.waiting), ("active", counts.active), ("dead", counts.dead)] {
                gauges.with_label_values(&[state]).set(count);
            }
        }
        let seconds = |moment: Option<Timestamp>| moment.map_or(0, Timestamp::seconds);
        metrics.database_bytes.set(self.bytes);
        metrics.checked_seconds.set(seconds(self.checked));
        metrics.check_seconds.set(seconds(self.clean));
        metrics.check_faults.set(self.faults);
    }
}

/// The same for people.
pub async fn figures(app: &App) -> ServerStats {
    look(app).await;
    let metrics = &app.metrics;
    ServerStats {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        time: app.clock.now(),
        started: Timestamp::from_millis(metrics.start_seconds.get().saturating_mul(1_000)),
        maintenance: app.maintenance.current().as_deref().cloned(),
        requests: metrics.all_requests(),
        statuses: metrics.statuses(),
        routes: metrics.busiest_routes(),
        database: metrics.database(),
        sockets: metrics.sockets.get(),
        fan_out: metrics.fan_out(),
        images: metrics.images(),
        mails: metrics.mails(),
        refusals: metrics.refusals(),
        blob_bytes: metrics.blob_bytes.get(),
        backup: metrics.backup(),
        check: metrics.check(),
    }
}
