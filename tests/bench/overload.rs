//! What is left of the peak when four times as much is asked: a crowd of clients who ask for a list of items at fixed times,
//! give up after a second, and come back, beside the most that patient clients got in the same run.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so and ends"
)]

#[path = "campus.rs"]
mod campus;
#[path = "client.rs"]
mod client;
#[path = "embedded.rs"]
mod embedded;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use campuszon_server::{
    gateway::{
        self,
        listener::{self, Caps, Listener},
    },
    platform::entropy::{Clock, ManualClock, SystemClock},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

/// How many patient clients ask at the same time, to find the peak.
const PATIENT: [u32; 3] = [16, 64, 256];

/// How many times the peak is asked for.
const OVERLOAD: f64 = 4.0;

/// How long an impatient client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long each measurement lasts, and how long the crowd gathers before it counts.
const SPAN: Duration = Duration::from_secs(10);
const GATHERING: Duration = Duration::from_secs(3);

fn main() {
    let count = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(20_000);
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(count));
}

async fn run(count: usize) {
    let settings = "[limits]\nitems_read = \"off\"\nitems_write = \"off\"\n[items]\nrequire_image = false\n";
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::new(now));
    let folder = tempfile::tempdir().expect("a folder");
    let opened = embedded::open(folder.path(), settings, None, clock.clone()).await;
    let token = campus::fill(&opened.app, &clock, now, count).await;
    let listener = Listener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let (caps, router) = (Caps::from(&opened.app.settings.limits), gateway::router(opened.app.clone()));
    let (_stop, stopping) = watch::channel(false);
    tokio::spawn(listener::serve(vec![listener], router, caps, stopping, SPAN));

    println!(
        "{:10} {:>9} {:>9} {:>7} {:>9} {:>9} {:>9}",
        "", "peak/s", "asked/s", "good/s", "kept", "refused", "too late"
    );
    for (name, path) in [("list", "/api/items"), ("search", "/api/items?q=calc")] {
        let request: Arc<str> = client::get(path, &token).into();
        let mut peak = 0.0_f64;
        for clients in PATIENT {
            let told = crowd(address, &request, clients, None).await;
            peak = peak.max(told.good);
        }
        let told = crowd(address, &request, size(peak), Some(peak * OVERLOAD)).await;
        println!(
            "{name:10} {peak:>9.0} {:>9.0} {:>7.0} {:>8.0}% {:>9.0} {:>9.0}",
            peak * OVERLOAD,
            told.good,
            told.good / peak * 100.0,
            told.refused,
            told.late
        );
    }
}

/// Enough clients that each of them asks four times a second.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand")]
fn size(peak: f64) -> u32 {
    (peak * OVERLOAD / 4.0) as u32
}

/// What the clients got, a second.
#[derive(Clone, Copy, Default)]
struct Told {
    good: f64,
    refused: f64,
    late: f64,
}

/// So many clients, who ask so often in all, or without a pause.
async fn crowd(address: SocketAddr, request: &Arc<str>, clients: u32, rate: Option<f64>) -> Told {
    let counted = Instant::now() + GATHERING;
    let mut asking = JoinSet::new();
    for number in 0..clients {
        let request = Arc::clone(request);
        let every = rate.map(|rate| Duration::from_secs_f64(f64::from(clients) / rate));
        asking.spawn(async move {
            // Not all in step.
            let start = every.unwrap_or_default() * number / clients;
            tokio::time::sleep(start).await;
            one(address, &request, every, counted).await
        });
    }
    let sum = asking.join_all().await.into_iter().fold([0_u32; 3], |sum, told| {
        let [good, refused, late] = told;
        [sum[0] + good, sum[1] + refused, sum[2] + late]
    });
    let [good, refused, late] = sum.map(|count| f64::from(count) / SPAN.as_secs_f64());
    Told { good, refused, late }
}

/// Good answers, refusals, and answers that came too late or not at all, as one client counts them.
async fn one(address: SocketAddr, request: &str, every: Option<Duration>, counted: Instant) -> [u32; 3] {
    let mut told = [0; 3];
    let mut stream = None;
    let mut ticks = interval(every.unwrap_or(Duration::from_secs(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while Instant::now() < counted + SPAN {
        if every.is_some() {
            ticks.tick().await;
        }
        let status = timeout(PATIENCE, client::ask(address, request, &mut stream)).await;
        let kind = match status {
            Ok(Some((200, _))) => 0,
            Ok(Some(_)) => 1,
            Ok(None) | Err(_) => {
                stream = None;
                2
            }
        };
        if let Some(count) = told.get_mut(kind).filter(|_| Instant::now() >= counted) {
            *count += 1;
        }
    }
    told
}
