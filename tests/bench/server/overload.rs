//! What is left of the peak when four times as much is asked: crowds of clients who ask at fixed times, give up after a
//! second, and come back, beside the most that a few patient clients got in the same run and beside what as many patient ones
//! get, since connections cost any server something; a bare handler shows how much of its own peak. The server has one half
//! of the cores and its clients have the other, as if they were somewhere else.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    client,
    process::{self, Server},
    with_body,
};

/// How many patient clients ask at the same time, to find the peak.
const PATIENT: [u32; 3] = [16, 64, 256];

/// How many times the peak is asked for.
const OVERLOAD: f64 = 4.0;

/// How many clients ask for that: a few hasty ones, and many.
const CROWDS: [u32; 3] = [256, 1_024, 4_096];

/// How long an impatient client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of a page of a list.
const A_LIST: usize = 8_600;

/// What a new item is, which nobody sees yet.
const ITEM: &str = r#"{"title":"Desk lamp","description":"Bright.","price":12,"category":"electronics","condition":"good","draft":true}"#;

/// How long each measurement lasts, and how long the crowd gathers before it counts.
const SPAN: Duration = Duration::from_secs(8);
const GATHERING: Duration = Duration::from_secs(4);

/// Measures at `count` items.
pub fn run(count: usize) {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let folder = tempfile::tempdir().expect("a folder");
    let token = process::fill(folder.path(), count);
    let [first, second] = halves();
    // Children and threads are bound to the cores of the thread that starts them.
    sched_setaffinity(None, &first).expect("an affinity");
    let server = Server::program(&folder.path().join("data"));
    let bare = Server::bare(folder.path(), &[b'x'; A_LIST]);
    sched_setaffinity(None, &second).expect("an affinity");
    crate::runtime().block_on(measure(&server, &bare, &token));
}

/// The cores in two halves; both are all of them where there is one.
fn halves() -> [CpuSet; 2] {
    let all = sched_getaffinity(None).expect("an affinity");
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
    let (first, second) = cores.split_at(cores.len() / 2);
    [first, second].map(|half| {
        let mut set = CpuSet::new();
        (if half.is_empty() { &cores } else { half }).iter().for_each(|core| set.set(*core));
        set
    })
}

async fn measure(server: &Server, bare: &Server, token: &str) {
    println!(
        "{:10} {:>7} {:18} {:>9} {:>9} {:>7} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "", "clients", "who", "peak/s", "asked/s", "good/s", "of peak", "of theirs", "refused", "late", "p99 ms"
    );
    let cases = [
        ("list", client::get("/api/items", token)),
        ("search", client::get("/api/items?q=calc", token)),
        ("new item", with_body("POST /api/items", token, ITEM)),
    ];
    for (name, request) in cases {
        let request: Arc<str> = request.into();
        let peak = peak(server, &request).await;
        let asked = peak * OVERLOAD;
        for clients in CROWDS {
            // As many who ask for no more than they get show what their connections alone cost.
            let patient = crowd(server.address, &request, clients, None).await;
            let kept = Kept { peak, theirs: patient.good };
            patient.print(name, clients, "wait for answers", f64::NAN, kept);
            for (manners, heeds) in [("come back at once", false), ("heed Retry-After", true)] {
                let told = crowd(server.address, &request, clients, Some(Pace { asked, heeds })).await;
                told.print(name, clients, manners, asked, kept);
            }
        }
    }
    let request: Arc<str> = client::get("/", token).into();
    let peak = peak(bare, &request).await;
    for clients in CROWDS {
        let told = crowd(bare.address, &request, clients, None).await;
        told.print("bare", clients, "wait for answers", f64::NAN, Kept { peak, theirs: told.good });
    }
}

/// The most that patient clients get in a second.
async fn peak(server: &Server, request: &Arc<str>) -> f64 {
    let mut peak = 0.0_f64;
    for clients in PATIENT {
        peak = peak.max(crowd(server.address, request, clients, None).await.good);
    }
    peak
}

/// What the clients got, a second, and what all but the slowest hundredth of good answers took at most.
struct Told {
    good: f64,
    refused: f64,
    late: f64,
    p99: Duration,
}

/// What the good answers of a crowd are measured by, a second: the most that a few patient clients got, and what as many
/// patient ones as the crowd has got.
#[derive(Clone, Copy)]
struct Kept {
    peak: f64,
    theirs: f64,
}

impl Told {
    fn print(&self, what: &str, clients: u32, manners: &str, asked: f64, Kept { peak, theirs }: Kept) {
        println!(
            "{what:10} {clients:>7} {manners:18} {peak:>9.0} {asked:>9.0} {:>7.0} {:>7.0}% {:>8.0}% {:>9.0} {:>9.0} {:>9.0}",
            self.good,
            self.good / peak * 100.0,
            self.good / theirs * 100.0,
            self.refused,
            self.late,
            self.p99.as_secs_f64() * 1000.0
        );
    }
}

/// What one client got: how long each good answer took, how often it was refused, and how often an answer came too late or
/// not at all.
#[derive(Default)]
struct Counted {
    good: Vec<Duration>,
    refused: u32,
    late: u32,
}

/// How impatient clients ask.
#[derive(Clone, Copy)]
struct Pace {
    /// How often in a second, all together.
    asked: f64,
    /// Whether who is refused stays away for as long as the server says.
    heeds: bool,
}

/// So many clients, who ask at a pace or as often as they are answered.
async fn crowd(address: SocketAddr, request: &Arc<str>, clients: u32, pace: Option<Pace>) -> Told {
    let from = Instant::now() + GATHERING;
    let mut asking = JoinSet::new();
    for number in 0..clients {
        let request = Arc::clone(request);
        let every = pace.map(|pace| Duration::from_secs_f64(f64::from(clients) / pace.asked));
        let heeds = pace.is_some_and(|pace| pace.heeds);
        asking.spawn(async move {
            // Not all in step.
            let start = every.unwrap_or_default() * number / clients;
            tokio::time::sleep(start).await;
            one(address, &request, every, heeds, from).await
        });
    }
    let mut sum = Counted::default();
    for told in asking.join_all().await {
        sum.good.extend(told.good);
        sum.refused += told.refused;
        sum.late += told.late;
    }
    sum.good.sort_unstable();
    let p99 = sum.good.get(sum.good.len() * 99 / 100).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let good = sum.good.len() as f64 / SPAN.as_secs_f64();
    let a_second = |count: u32| f64::from(count) / SPAN.as_secs_f64();
    Told { good, refused: a_second(sum.refused), late: a_second(sum.late), p99 }
}

async fn one(address: SocketAddr, request: &str, every: Option<Duration>, heeds: bool, from: Instant) -> Counted {
    let mut told = Counted::default();
    let mut stream = None;
    let mut ticks = interval(every.unwrap_or(PATIENCE));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while Instant::now() < from + SPAN {
        if every.is_some() {
            ticks.tick().await;
        }
        let asked = Instant::now();
        let answer = timeout(PATIENCE, client::ask(address, request, &mut stream)).await;
        let counts = asked >= from;
        match answer {
            Ok(Some(answer)) if answer.status < 300 => {
                if counts {
                    told.good.push(asked.elapsed());
                }
            }
            Ok(Some(answer)) => {
                told.refused += u32::from(counts);
                tokio::time::sleep(answer.retry_after.filter(|_| heeds).unwrap_or_default()).await;
            }
            Ok(None) | Err(_) => {
                stream = None;
                told.late += u32::from(counts);
            }
        }
    }
    told
}
