//! Spans: how long a request, each of its reads and writes, and a background job took, for the collector that the setting
//! `traces.endpoint` names. Without one, and without the feature `otlp`, none is made.
//!
//! A span says what kind of thing was done, never to whom or with what: no path, query, address, credential or body.

#[cfg(feature = "otlp")]
mod context;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use hyper::HeaderMap;
use tracing::{Span, field::Empty, info_span};

/// Tells our spans from those of libraries: these go to the collector alone, and all else to the log alone.
pub const TARGET: &str = "campuszon::traces";

static COLLECTED: AtomicBool = AtomicBool::new(false);

/// From now on there is somebody to take spans.
#[cfg(feature = "otlp")]
pub(crate) fn begin() {
    COLLECTED.store(true, Ordering::Relaxed);
}

fn is_collected() -> bool {
    cfg!(feature = "otlp") && COLLECTED.load(Ordering::Relaxed)
}

/// The span of a request to `route`, as this program writes it. It belongs to the trace that a proxy of ours began in the
/// headers it `passed`, if it did: a client must not choose what is recorded.
pub fn request(method: &'static str, route: &str, request_id: &str, passed: Option<&HeaderMap>) -> Span {
    if !is_collected() {
        return Span::none();
    }
    let span = info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request_id,
    );
    #[cfg(feature = "otlp")]
    if let Some(headers) = passed {
        context::adopt(&span, headers);
    }
    #[cfg(not(feature = "otlp"))]
    let _ = passed;
    span
}

/// Notes what a request was answered.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        fail(span);
    }
}

/// The span of one try of a background job.
pub fn job(kind: &'static str, attempt: i64) -> Span {
    if !is_collected() {
        return Span::none();
    }
    info_span!(
        target: TARGET,
        parent: None,
        "job",
        otel.name = format!("job {kind}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        job.kind = kind,
        job.attempt = attempt,
    )
}

/// Notes that what `span` stands for failed.
pub fn fail(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// The span of a transaction, from its place in the queue to its end. Only those of a request or a job have one: what
/// the server asks of its own accord would be traces of nothing else.
pub struct Transaction(Option<Timed>);

struct Timed {
    span: Span,
    queued: Instant,
    ran: Duration,
    runs: i64,
}

impl Transaction {
    /// One that begins to wait now, to do what `operation` says.
    pub fn queued(operation: &'static str) -> Self {
        if !is_collected() {
            return Self(None);
        }
        let cause = Span::current();
        if cause.metadata().is_none_or(|metadata| metadata.target() != TARGET) {
            return Self(None);
        }
        let span = info_span!(
            target: TARGET,
            parent: &cause,
            "transaction",
            otel.name = format!("database {operation}"),
            otel.status_code = Empty,
            db.operation.name = operation,
            queued_ms = Empty,
            ran_ms = Empty,
            runs = Empty,
        );
        Self(Some(Timed { span, queued: Instant::now(), ran: Duration::ZERO, runs: 0 }))
    }

    /// Runs its work, perhaps once more, and counts the time.
    pub fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let Some(timed) = &mut self.0 else { return work() };
        let begun = Instant::now();
        if timed.runs == 0 {
            timed.span.record("queued_ms", millis(begun - timed.queued));
        }
        let result = work();
        timed.ran += begun.elapsed();
        timed.runs += 1;
        result
    }

    /// Ends it, now that it is committed or rolled back.
    pub fn end(self, failed: bool) {
        let Some(timed) = self.0 else { return };
        timed.span.record("ran_ms", millis(timed.ran));
        timed.span.record("runs", timed.runs);
        if failed {
            fail(&timed.span);
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
