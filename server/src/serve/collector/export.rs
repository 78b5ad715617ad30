//! The way of spans to the collector: sampled where they begin, queued, and sent in batches by a thread of their own.
//! Nothing waits for that: what finds the queue full is dropped.

use std::{collections::HashMap, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use percent_encoding::percent_decode_str;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::{super::StartError, sender::Sender};
use crate::{
    platform::traces::{self, TARGET},
    settings::secret,
};

/// How many spans may wait. One takes about a kilobyte.
const QUEUE: usize = 4096;

/// How many are sent at once, and how long the first of them may wait for the others.
const BATCH: usize = 512;
const DELAY: Duration = Duration::from_secs(1);

/// How long the collector may take for a batch, with all tries.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long stopping may take because of what still waits.
const LAST_CALL: Duration = Duration::from_secs(2);

/// What is to be sent along, such as a key: the variable that all programs know which send traces.
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";

pub(super) struct Export(SdkTracerProvider);

impl Export {
    /// Sends this share of the traces that begin here to `/v1/traces` below `endpoint`.
    pub(super) fn open(endpoint: &str, share: f64) -> Result<Self, StartError> {
        let bad = |error: String| StartError::Other(format!("traces.endpoint: {error}"));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(endpoint.starts_with("https:")).map_err(bad)?)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_protocol(Protocol::HttpBinary)
            .with_headers(headers()?)
            .with_timeout(PATIENCE)
            .with_retry_policy(RetryPolicy::recommended())
            .build()
            .map_err(|error| bad(error.to_string()))?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(resource())
            .build();
        traces::begin();
        Ok(Self(provider))
    }

    pub(super) fn layer<S>(&self) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let spans = tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("campuszon"))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        // Neither events, which say more than a span may, nor spans of libraries.
        spans.with_filter(Targets::new().with_target(TARGET, LevelFilter::INFO)).boxed()
    }

    pub(super) async fn close(self) {
        let closing = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_CALL));
        if let Ok(Err(error)) = closing.await {
            tracing::debug!(%error, "some traces were not sent");
        }
    }
}

/// Who the spans come from. `OTEL_RESOURCE_ATTRIBUTES` can say more, such as which node it is.
fn resource() -> Resource {
    Resource::builder()
        .with_service_name("campuszon")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

fn headers() -> Result<HashMap<String, String>, StartError> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let found = secret::find(HEADERS, None, variable(HEADERS), &variable)?.unwrap_or_default();
    // It may be a secret: the message does not repeat it.
    let bad = || StartError::Other(format!("{HEADERS}: give name=value, and further ones behind commas"));
    parse(&found).ok_or_else(bad)
}

/// Headers as `name=value,name=value`, their values percent-encoded where needed.
fn parse(text: &str) -> Option<HashMap<String, String>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
            axum::http::HeaderValue::from_str(&value).ok()?;
            let name = axum::http::HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.into_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_pairs_behind_commas() {
        let parsed = parse("authorization=Bearer%20a%3Db, x-team = market ,").unwrap();
        assert_eq!(parsed["authorization"], "Bearer a=b");
        assert_eq!(parsed["x-team"], "market");
        assert_eq!(parsed.len(), 2);
        assert_eq!(parse("").unwrap(), HashMap::new());
        for bad in ["key", "a b=c", "=c", "a=%0a", "a=%ff"] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
