//! The first and last thing every request meets: request id, authentication, budgets, problem documents, and the end
//! of any panic.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{authentication, extract::Authenticated, limits, listener::PeerAddress, metrics::Place, problem};
use crate::{
    App, Error,
    platform::{
        limiter::Verdict,
        metrics::Metrics,
        traces,
        turns::{Turn, Turns},
    },
};

const REQUEST_ID: &str = "x-request-id";

/// The middleware around all routes.
pub(super) async fn front(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let place = Place::of(&request);
    let request_id = request_id(&app, request.headers());
    let span = place.span(&request, &request_id);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let address = request.extensions().get::<PeerAddress>().map(|peer| tracing::field::display(peer.0));
    let render = |response: Response| problem::render(response, &path, &request_id);
    let answering = AssertUnwindSafe(async {
        let _turn = match turn(&app, takes_turns(&request)).await {
            Ok(turn) => turn,
            Err(error) => return (render(error.into_response()), None),
        };
        let verdict = admit(&app, &mut request).await;
        let response = match refusal(&app, &request, verdict) {
            Some(error) => error.into_response(),
            None => next.run(request).await,
        };
        (render(response), verdict)
    });
    let (mut response, verdict) = answering
        .catch_unwind()
        .instrument(span.clone())
        .await
        .unwrap_or_else(|_| (render(Error::Internal("answering it panicked".to_owned()).into_response()), None));
    decorate(response.headers_mut(), &request_id, verdict.as_ref());
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    place.count(&app, response.status(), started.elapsed());
    traces::answered(&span, status);
    tracing::debug!(%request_id, address, %method, path = for_log(&path), status, ?elapsed, "request");
    response
}

/// Where the rest of a path is a secret.
const SECRETS: [&str; 2] = ["/setup/", "/api/admin/vouchers/"];

/// As much of a path as the log may have.
pub(super) fn for_log(path: &str) -> &str {
    SECRETS.into_iter().find(|start| path.starts_with(start)).unwrap_or(path)
}

/// How many reads go on at the same time: enough that every thread of the database finds the next one when it is done with one.
const TOGETHER: usize = 64;

/// The turns that reads take.
pub(crate) fn turns(metrics: &Metrics) -> Turns {
    Turns::new(TOGETHER, metrics.requests_waiting.clone())
}

/// Waits until a request may go on.
async fn turn(app: &App, waits: bool) -> Result<Option<Turn<'_>>, Error> {
    if !waits {
        return Ok(None);
    }
    app.turns.take().await.map(Some).ok_or(Error::Overloaded)
}

/// What does not wait for others: pictures, which their storage may be slow with, and live connections, of which many come at
/// once after a restart.
const WITHOUT_TURNS: [&str; 2] = ["/api/images/", "/api/ws"];

/// Whether a request waits until others are answered. Nothing that writes does: others would wait for the disk with it, and for
/// whoever sends a body slowly.
fn takes_turns(request: &Request) -> bool {
    let path = request.uri().path();
    request.method().is_safe()
        && path.starts_with("/api/")
        && !WITHOUT_TURNS.iter().any(|start| path.starts_with(start))
}

/// Authenticates the caller, if there is a credential, and counts the request against the budget of its route.
async fn admit(app: &App, request: &mut Request) -> Option<Verdict> {
    let token = authentication::bearer(request.headers())?;
    let result = authentication::authenticate(app, token).await;
    let verdict = match (&result, limits::budget(&app.settings.limits, request.method(), request.uri().path())) {
        (Ok(who), Some(policy)) => Some(app.limiter.check(policy, &who.user.to_string(), app.clock.now())),
        _ => None,
    };
    request.extensions_mut().insert(Authenticated(Arc::new(result)));
    verdict
}

/// Why a request does not reach its handler.
fn refusal(app: &App, request: &Request, verdict: Option<Verdict>) -> Option<Error> {
    let exhausted = verdict.filter(|verdict| !verdict.allowed).map(Error::RateLimited);
    exhausted.or_else(|| maintenance(app, request))
}

/// What stays open under maintenance: it lets administrators in, or says that there is maintenance.
const ALWAYS_OPEN: [&str; 5] =
    ["/api/auth/login", "/api/auth/refresh", "/api/auth/logout", "/api/meta", "/api/openapi.json"];

/// Keeps everybody but administrators from the API while there is maintenance.
fn maintenance(app: &App, request: &Request) -> Option<Error> {
    let path = request.uri().path();
    let is_page = !path.starts_with("/api/") && request.method().is_safe();
    if is_page || ALWAYS_OPEN.contains(&path) {
        return None;
    }
    let caller = request.extensions().get::<Authenticated>().map(|authenticated| &*authenticated.0);
    let role = caller.and_then(|caller| caller.as_ref().ok()).map(|who| who.role);
    let refusal = app.maintenance.refusal(role)?;
    match caller {
        // It may be an administrator's.
        Some(Err(Error::TokenExpired)) => Some(Error::TokenExpired),
        _ => Some(refusal),
    }
}

/// The client's request id when it is a sane one, a new one otherwise.
fn request_id(app: &App, headers: &HeaderMap) -> String {
    let is_sane = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(is_sane);
    given.map_or_else(|| app.entropy.token(12), str::to_owned)
}

fn decorate(headers: &mut HeaderMap, request_id: &str, verdict: Option<&Verdict>) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(verdict) = verdict {
        limits::headers(verdict, headers);
    }
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
}
