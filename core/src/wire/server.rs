//! What a server counts of itself, as administrators are told.

use super::{maintenance::Maintenance, wire};
use crate::Timestamp;

wire! {
    /// The numbers of the node that answers, since it started.
    pub struct ServerStats {
        pub version: String,
        /// When this was counted, by the server's clock.
        pub time: Timestamp,
        pub started: Timestamp,
        pub maintenance: Option<Maintenance>,
        /// All requests.
        pub requests: Timing,
        /// How many of them were answered with `2xx`, `4xx` and so on.
        pub statuses: Vec<Count>,
        /// The ten routes that were asked most.
        pub routes: Vec<RouteStats>,
        pub database: DatabaseStats,
        /// Live connections.
        pub sockets: i64,
        /// From a commit until its live events are written to a socket.
        pub fan_out: Timing,
        pub images: JobStats,
        pub mails: JobStats,
        /// How many requests and frames were refused by each budget.
        pub refusals: Vec<Count>,
        /// The size of all files of pictures.
        pub blob_bytes: i64,
        pub backup: Care,
        pub check: CheckStats,
    }

    /// How often something happened.
    pub struct Count {
        pub name: String,
        pub count: i64,
    }

    /// How often something was done, and how long that took: estimates, absent where it was never done.
    pub struct Timing {
        pub count: i64,
        /// Half of all were faster.
        pub p50_ms: Option<f64>,
        /// 99 of a hundred were faster.
        pub p99_ms: Option<f64>,
    }

    /// A route, as this program writes it.
    pub struct RouteStats {
        pub method: String,
        pub route: String,
        #[serde(flatten)]
        pub timing: Timing,
    }

    /// The database.
    pub struct DatabaseStats {
        pub bytes: i64,
        /// Transactions that wait for the thread that writes.
        pub writes_waiting: i64,
        pub reads_waiting: i64,
        /// Where several transactions share a commit (SQLite).
        pub commits: i64,
        /// How many that were on average.
        pub batch_size: Option<f64>,
    }

    /// Work in the background.
    pub struct JobStats {
        pub waiting: i64,
        pub active: i64,
        /// Given up.
        pub dead: i64,
    }

    /// What the server does for itself every so often.
    pub struct Care {
        /// When it last went well.
        pub last: Option<Timestamp>,
        /// How often it is to be, in seconds.
        pub every_s: Option<i64>,
    }

    /// The check of everything stored.
    pub struct CheckStats {
        /// When there was one last.
        pub last: Option<Timestamp>,
        /// How many faults it found.
        pub faults: i64,
        /// How often it is to be, in seconds.
        pub every_s: Option<i64>,
    }
}
