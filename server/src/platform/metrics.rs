//! What a server counts of itself, in the form that Prometheus reads.
//!
//! Labels are names out of this program: routes as they are written there, methods, budgets, pools. What a client sent is
//! none, so that no flood makes more of them.

mod figures;

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

/// From a list out of the cache to a client that is about to give up.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How many transactions share a commit.
const BATCHES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// The metrics cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be set up: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// The counters of one server.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    /// When the server started, in seconds since 1970.
    pub start_seconds: IntGauge,
    /// Answers, by method, route and class of status.
    pub requests: IntCounterVec,
    /// How long they took, by method and route.
    pub request_seconds: HistogramVec,
    /// Requests that wait for their turn.
    pub requests_waiting: IntGauge,
    /// Requests and frames that were refused, by the budget that was used up.
    pub rate_limited: IntCounterVec,
    /// Transactions that wait for a thread, by pool.
    pub database_queue: IntGaugeVec,
    /// How many transactions shared a commit.
    pub batch_size: Histogram,
    /// From a commit until its events are written to a socket.
    pub fan_out_seconds: Histogram,
    /// Live connections.
    pub sockets: IntGauge,
    /// Jobs of pictures, by state.
    pub image_jobs: IntGaugeVec,
    /// Jobs of mails, by state.
    pub mail_jobs: IntGaugeVec,
    /// Whether administrators alone are served.
    pub maintenance: IntGauge,
    /// Whether the database answered when this was asked.
    pub database_up: IntGauge,
    /// The size of the database.
    pub database_bytes: IntGauge,
    /// The size of all files of pictures.
    pub blob_bytes: IntGauge,
    /// When the last scheduled backup was proved, in seconds since 1970; 0 for never.
    pub backup_seconds: IntGauge,
    /// How often there is to be one, in seconds; 0 for never.
    pub backup_interval_seconds: IntGauge,
    /// When everything was last checked without a fault, in seconds since 1970; 0 for never.
    pub check_seconds: IntGauge,
    /// When everything was last checked, in seconds since 1970; 0 for never.
    pub checked_seconds: IntGauge,
    /// How many faults that found.
    pub check_faults: IntGauge,
    /// How often there is to be a check, in seconds; 0 for never.
    pub check_interval_seconds: IntGauge,
}

/// Makes metrics and enters them in a registry.
struct Book(Registry);

impl Book {
    fn enter<T: prometheus::core::Collector + Clone + 'static>(&self, metric: T) -> Result<T, prometheus::Error> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
        self.enter(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, prometheus::Error> {
        self.enter(IntGauge::new(name, help)?)
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
        self.enter(IntGaugeVec::new(Opts::new(name, help), labels)?)
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, prometheus::Error> {
        self.enter(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?)
    }
}

impl Metrics {
    /// Nothing has happened yet, on a server that started `started` seconds after 1970 began.
    ///
    /// # Errors
    /// A name is used twice.
    pub fn new(started: i64) -> Result<Self, MetricsError> {
        let book = Book(Registry::new());
        let timing = HistogramOpts::new("campuszon_http_request_duration_seconds", "How long requests took.");
        let timing = HistogramVec::new(timing.buckets(SECONDS.to_vec()), &["method", "route"])?;
        let start = book.gauge("campuszon_start_time_seconds", "When the server started, in seconds since 1970.")?;
        start.set(started);
        let build = book.gauges("campuszon_build_info", "The version, as a label.", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(Self {
            start_seconds: start,
            requests: book.counters(
                "campuszon_http_requests_total",
                "Requests that were answered.",
                &["method", "route", "status"],
            )?,
            request_seconds: book.enter(timing)?,
            requests_waiting: book
                .gauge("campuszon_http_requests_waiting", "Requests that wait until others are answered.")?,
            rate_limited: book.counters(
                "campuszon_rate_limited_total",
                "Requests and frames that were refused because a budget was used up.",
                &["budget"],
            )?,
            database_queue: book.gauges(
                "campuszon_database_queue",
                "Transactions that wait for a thread of the database.",
                &["pool"],
            )?,
            batch_size: book.histogram(
                "campuszon_database_batch_size",
                "How many transactions shared one commit (SQLite).",
                &BATCHES,
            )?,
            fan_out_seconds: book.histogram(
                "campuszon_fan_out_seconds",
                "From a commit until its live events are written to a socket.",
                &SECONDS,
            )?,
            sockets: book.gauge("campuszon_sockets", "Live connections.")?,
            image_jobs: book.gauges("campuszon_image_jobs", "Jobs of pictures.", &["state"])?,
            mail_jobs: book.gauges("campuszon_mail_jobs", "Jobs of mails.", &["state"])?,
            maintenance: book.gauge("campuszon_maintenance", "Whether administrators alone are served.")?,
            database_up: book.gauge("campuszon_database_up", "Whether the database answers.")?,
            database_bytes: book.gauge("campuszon_database_bytes", "The size of the database.")?,
            blob_bytes: book.gauge(
                "campuszon_blob_bytes",
                "The size of all files of pictures, measured at the start and once a day.",
            )?,
            backup_seconds: book.gauge(
                "campuszon_backup_last_verified_timestamp_seconds",
                "When the last scheduled backup was proved, in seconds since 1970; 0 for never.",
            )?,
            backup_interval_seconds: book
                .gauge("campuszon_backup_interval_seconds", "How often there is to be a backup; 0 for never.")?,
            check_seconds: book.gauge(
                "campuszon_check_last_clean_timestamp_seconds",
                "When the scheduled check last found no fault, in seconds since 1970; 0 for never.",
            )?,
            checked_seconds: book.gauge(
                "campuszon_check_last_timestamp_seconds",
                "When everything was last checked, in seconds since 1970; 0 for never.",
            )?,
            check_faults: book.gauge("campuszon_check_faults", "How many faults the last check found.")?,
            check_interval_seconds: book
                .gauge("campuszon_check_interval_seconds", "How often there is to be a check; 0 for never.")?,
            registry: book.0,
        })
    }

    /// Everything, in Prometheus's text format 0.0.4.
    ///
    /// # Errors
    /// A metric is not consistent.
    pub fn text(&self) -> Result<String, MetricsError> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
