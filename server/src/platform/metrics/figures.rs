//! The same counters as numbers for people, for `admin stats`: nothing is counted twice.

use campuszon_core::{
    Timestamp,
    wire::server::{Care, CheckStats, Count, DatabaseStats, JobStats, RouteStats, Timing},
};
use prometheus::{
    IntCounterVec, IntGauge, IntGaugeVec,
    core::Collector,
    proto::{self, Metric},
};

use super::Metrics;

/// How many routes are told of.
const ROUTES: usize = 10;

impl Metrics {
    /// All requests.
    pub fn all_requests(&self) -> Timing {
        let metrics = metrics_of(&self.request_seconds);
        timing(&metrics.iter().map(Metric::get_histogram).collect::<Vec<_>>())
    }

    /// How many requests were answered with each class of status.
    pub fn statuses(&self) -> Vec<Count> {
        counts(&self.requests, "status")
    }

    /// The routes that were asked most.
    pub fn busiest_routes(&self) -> Vec<RouteStats> {
        let route = |metric: &Metric| RouteStats {
            method: label(metric, "method"),
            route: label(metric, "route"),
            timing: timing(&[metric.get_histogram()]),
        };
        let mut routes: Vec<RouteStats> = metrics_of(&self.request_seconds).iter().map(route).collect();
        routes.sort_by(|one, other| {
            let key = |route: &RouteStats| (-route.timing.count, route.route.clone(), route.method.clone());
            key(one).cmp(&key(other))
        });
        routes.truncate(ROUTES);
        routes
    }

    /// The database.
    pub fn database(&self) -> DatabaseStats {
        let waiting = |pool| self.database_queue.with_label_values(&[pool]).get();
        let (commits, sum) = (self.batch_size.get_sample_count(), self.batch_size.get_sample_sum());
        DatabaseStats {
            bytes: self.database_bytes.get(),
            writes_waiting: waiting("writer"),
            reads_waiting: waiting("reader"),
            commits: whole(commits),
            batch_size: (commits > 0).then(|| rounded(sum / commits as f64)),
        }
    }

    /// From a commit to the sockets.
    pub fn fan_out(&self) -> Timing {
        let metrics = metrics_of(&self.fan_out_seconds);
        timing(&metrics.iter().map(Metric::get_histogram).collect::<Vec<_>>())
    }

    /// The jobs of pictures.
    pub fn images(&self) -> JobStats {
        jobs(&self.image_jobs)
    }

    /// The jobs of mails.
    pub fn mails(&self) -> JobStats {
        jobs(&self.mail_jobs)
    }

    /// How many requests and frames each budget refused.
    pub fn refusals(&self) -> Vec<Count> {
        counts(&self.rate_limited, "budget")
    }

    /// The backups.
    pub fn backup(&self) -> Care {
        Care { last: moment(&self.backup_seconds), every_s: interval(&self.backup_interval_seconds) }
    }

    /// The checks.
    pub fn check(&self) -> CheckStats {
        CheckStats {
            last: moment(&self.checked_seconds),
            faults: self.check_faults.get(),
            every_s: interval(&self.check_interval_seconds),
        }
    }
}

fn metrics_of(collector: &impl Collector) -> Vec<Metric> {
    collector.collect().into_iter().flat_map(|mut family| family.take_metric()).collect()
}

fn label(metric: &Metric, name: &str) -> String {
    let pair = metric.get_label().iter().find(|pair| pair.name() == name);
    pair.map(|pair| pair.value().to_owned()).unwrap_or_default()
}

/// A counter, added up by one of its labels.
fn counts(counters: &IntCounterVec, name: &str) -> Vec<Count> {
    let mut sums = std::collections::BTreeMap::<String, i64>::new();
    for metric in metrics_of(counters) {
        *sums.entry(label(&metric, name)).or_default() += metric.get_counter().get_value() as i64;
    }
    sums.into_iter().map(|(name, count)| Count { name, count }).collect()
}

fn jobs(gauges: &IntGaugeVec) -> JobStats {
    let of = |state| gauges.with_label_values(&[state]).get();
    JobStats { waiting: of("waiting"), active: of("active"), dead: of("dead") }
}

fn moment(gauge: &IntGauge) -> Option<Timestamp> {
    Some(gauge.get()).filter(|seconds| *seconds > 0).map(|seconds| Timestamp::from_millis(seconds * 1_000))
}

fn interval(gauge: &IntGauge) -> Option<i64> {
    Some(gauge.get()).filter(|seconds| *seconds > 0)
}

/// Histograms with the same buckets as one.
fn timing(histograms: &[&proto::Histogram]) -> Timing {
    let count: u64 = histograms.iter().map(|histogram| histogram.get_sample_count()).sum();
    let bounds = histograms.first().map_or(&[][..], |histogram| histogram.get_bucket());
    let below = |number: usize| -> u64 {
        let buckets = histograms.iter().filter_map(|histogram| histogram.get_bucket().get(number));
        buckets.map(proto::Bucket::cumulative_count).sum()
    };
    let buckets: Vec<(f64, u64)> =
        bounds.iter().enumerate().map(|(number, bucket)| (bucket.upper_bound(), below(number))).collect();
    let quantile = |part| quantile(&buckets, count, part).map(|seconds| rounded(seconds * 1_000.0));
    Timing { count: whole(count), p50_ms: quantile(0.5), p99_ms: quantile(0.99) }
}

/// The value below which `part` of all lie, as if they were spread evenly in their bucket. What is above all bounds counts as
/// the highest of them.
fn quantile(buckets: &[(f64, u64)], count: u64, part: f64) -> Option<f64> {
    if count == 0 {
        return None;
    }
    let rank = part * count as f64;
    let (mut lower, mut before) = (0.0, 0);
    for (upper, below) in buckets.iter().copied().filter(|(upper, _)| upper.is_finite()) {
        if below as f64 >= rank {
            let inside = (below - before) as f64;
            return Some(if inside > 0.0 { lower + (upper - lower) * (rank - before as f64) / inside } else { upper });
        }
        (lower, before) = (upper, below);
    }
    Some(lower)
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_within_their_bucket() {
        let buckets = [(0.01, 50), (0.1, 90), (1.0, 99)];
        assert_eq!(quantile(&buckets, 0, 0.5), None);
        assert_eq!(quantile(&buckets, 100, 0.5), Some(0.01));
        assert_eq!(quantile(&buckets, 100, 0.25), Some(0.005));
        assert_eq!(quantile(&buckets, 100, 0.7).map(rounded), Some(0.06));
        assert_eq!(quantile(&buckets, 100, 0.999), Some(1.0), "the slowest of all is beyond what is measured");
    }

    #[test]
    fn all_routes_are_one_timing() {
        let metrics = Metrics::new(0).unwrap();
        for (route, seconds) in [("/a", 0.0005), ("/a", 0.0005), ("/b", 0.2)] {
            metrics.request_seconds.with_label_values(&["GET", route]).observe(seconds);
        }
        let all = metrics.all_requests();
        assert_eq!((all.count, all.p50_ms), (3, Some(0.75)));
        assert!(all.p99_ms.is_some_and(|p99| (100.0..=250.0).contains(&p99)));
        let routes: Vec<_> =
            metrics.busiest_routes().into_iter().map(|route| (route.route, route.timing.count)).collect();
        assert_eq!(routes, [("/a".to_owned(), 2), ("/b".to_owned(), 1)]);
    }
}
