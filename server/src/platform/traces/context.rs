//! The trace that a request belongs to already, as the header `traceparent` of the W3C names it.

use hyper::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Puts `span` below the one that `headers` name. What they say about recording it is obeyed.
pub(super) fn adopt(span: &Span, headers: &HeaderMap) {
    let context = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Fails where nobody records the span, who needs no parent then.
    let _ = span.set_parent(context);
}
