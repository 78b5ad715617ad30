//! The server as it is run: size of the program, time to be ready, memory, lists and searches over campuses of several
//! sizes beside a bare axum handler that returns the same bytes, what a flood of sign-ins does to lists, and what backups do to
//! writes; or, asked for `overload`, what is left when too much is asked. Every server is a process of its own, its clients are
//! in this one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so and ends"
)]

#[path = "../campus.rs"]
mod campus;
mod client;
mod crowd;
#[path = "../embedded.rs"]
mod embedded;
mod overload;
mod process;

use std::{
    collections::HashMap,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use campuszon_server::platform::entropy::{Clock, ManualClock, SystemClock};
use serde_json::Value;
use tokio::{runtime::Runtime, task::JoinHandle};

use self::{crowd::Told, process::Server};

/// Connections that ask at the same time, and how often they ask in all when at a pace.
const CLIENTS: u32 = 16;
const PACE: u32 = 1_000;

/// Clients that try passwords, and how often lists are asked for meanwhile.
const GUESSERS: u32 = 64;
const FLOOD_PACE: u32 = 100;

/// How often somebody writes while backups are made.
const WRITE_PACE: u32 = 200;

/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(2);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let count = |text: &str| text.parse().expect("a count");
    match args.as_slice() {
        ["bare", path] => runtime().block_on(process::serve_bare(Path::new(path))),
        ["fill", folder, items] => println!("{}", runtime().block_on(fill(Path::new(folder), count(items)))),
        ["overload", items] => overload::run(count(items)),
        counts => runtime().block_on(run(counts.iter().copied().map(count))),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// Fills the data below `folder`; the token of somebody who reads it.
async fn fill(folder: &Path, count: usize) -> String {
    let settings = "[items]\nrequire_image = false\n[sessions]\naccess_lifetime = \"1d\"\n";
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::new(now));
    let server = embedded::open(folder, settings, None, clock.clone()).await;
    campus::fill(&server.app, &clock, now, count).await
}

async fn run(counts: impl Iterator<Item = usize>) {
    size();
    let mut before = HashMap::new();
    for (at, count) in counts.enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let began = Instant::now();
        let token = process::fill(folder.path(), count);
        println!("\n{count} items, written in {:.1} s", began.elapsed().as_secs_f64());
        start(&data).await;
        let server = Server::program(&data);
        tokio::time::sleep(REST).await;
        println!("{:40} {:>9.1}", "  resident when idle, MiB (goal 24)", server.resident());
        reads(&server, folder.path(), &token, &mut before).await;
        println!("{:40} {:>9.1}", "  resident after it, MiB", server.resident());
        if at == 0 {
            flood(&server, &token).await;
            backups(&server, folder.path(), &token).await;
        }
    }
}

/// The size of the program without its symbols.
fn size() {
    let folder = tempfile::tempdir().expect("a folder");
    let stripped = folder.path().join("campuszon");
    let program = env!("CARGO_BIN_EXE_campuszon");
    let done = Command::new("strip").arg("-o").arg(&stripped).arg(program).status().expect("strip");
    assert!(done.success());
    #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
    let size = std::fs::metadata(&stripped).expect("a file").len() as f64 / 1_048_576.0;
    println!("{:40} {size:>9.1}", "size of the program, MiB (goal 30)");
}

/// From the start of the process to the first answer of `/readyz`.
async fn start(data: &Path) {
    let mut spans = Vec::new();
    for _ in 0..11 {
        spans.push(process::ready(data).await);
    }
    spans.sort_unstable();
    let millis = |at: usize| spans[at].as_secs_f64() * 1000.0;
    println!("{:40} {:>9.1}", "  ready after, ms, middle of 11 (goal 80)", millis(5));
    println!("{:40} {:>9.1}", "  ready after, ms, slowest of 11", millis(10));
}

/// Every kind of read beside a bare handler of the same bytes; `before` holds the p99 of the first campus.
async fn reads(server: &Server, folder: &Path, token: &str, before: &mut HashMap<String, f64>) {
    let cases = [
        ("list", "/api/items".to_owned()),
        ("page 1,000 of it", page(server, token, 1_000).await),
        ("filtered", "/api/items?category=books&max_price=40".to_owned()),
        ("search, every third item", "/api/items?q=polished".to_owned()),
        ("search, two words", "/api/items?q=calculus%20lamp".to_owned()),
        ("search, one item", "/api/items?q=31337".to_owned()),
        ("one item", format!("/api/items/{}", first_item(server, token).await)),
    ];
    println!(
        "  {:26} {:>8} {:>8} {:>6} {:>8} {:>8} {:>7} {:>8} {:>8} {:>8}",
        "", "req/s", "bare", "ratio", "µs cpu", "bare", "bytes", "p50 ms", "p99 ms", "× first"
    );
    for (name, path) in cases {
        let request = client::get(&path, token);
        let body = fetch(server, &path, token).await;
        let bare = Server::bare(folder, &body);
        let (ours, cpu) = eager(server, &request).await;
        let (reference, bare_cpu) = eager(&bare, &client::get("/", token)).await;
        let paced = at_pace(server, &request).await;
        let p99 = paced.millis(0.99);
        println!(
            "  {name:26} {:>8.0} {:>8.0} {:>6.2} {cpu:>8.0} {bare_cpu:>8.0} {:>7} {:>8.2} {p99:>8.2} {:>8.1}",
            ours.rate,
            reference.rate,
            ours.rate / reference.rate,
            body.len(),
            paced.millis(0.5),
            p99 / before.entry(name.to_owned()).or_insert(p99).to_owned(),
        );
    }
    println!(
        "  p50 and p99 are at {PACE} requests a second, the middle of three times (goal: 10 ms, and twice that of the \
         first campus)"
    );
}

/// How often what is told by its 99th percentile is measured.
const TIMES: usize = 3;

/// The middle of several measurements at [`PACE`].
async fn at_pace(server: &Server, request: &str) -> Told {
    let mut told = Vec::new();
    for _ in 0..TIMES {
        told.push(crowd::paced(server.address, request, CLIENTS, PACE).await);
    }
    middle(told)
}

/// The middle one: a hiccup of the machine in one of them says nothing.
fn middle(mut told: Vec<Told>) -> Told {
    told.sort_by(|one, other| one.millis(0.99).total_cmp(&other.millis(0.99)));
    told.swap_remove(told.len() / 2)
}

/// As often as they can; and the processor time of the server for each answer, in microseconds.
async fn eager(server: &Server, request: &str) -> (Told, f64) {
    let (cpu, began) = (server.busy(), Instant::now());
    let told = crowd::eager(server.address, request, CLIENTS).await;
    let answers = told.rate * began.elapsed().as_secs_f64();
    let cpu = (server.busy() - cpu) * 1e6 / answers;
    (told, cpu)
}

async fn fetch(server: &Server, path: &str, token: &str) -> Vec<u8> {
    let answer = client::ask(server.address, &client::get(path, token), &mut None).await.expect("an answer");
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.body
}

async fn list(server: &Server, path: &str, token: &str) -> Value {
    serde_json::from_slice(&fetch(server, path, token).await).expect("JSON")
}

async fn first_item(server: &Server, token: &str) -> String {
    list(server, "/api/items?limit=1", token).await["items"][0]["id"].as_str().expect("an id").to_owned()
}

/// The path of a page of the list, found by turning the pages before it; of the last one where there are fewer.
async fn page(server: &Server, token: &str, number: usize) -> String {
    let mut path = "/api/items".to_owned();
    for _ in 1..number {
        let page = list(server, &path, token).await;
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/api/items?cursor={next}");
    }
    path
}

/// Lists alone, and while passwords are tried without a pause.
async fn flood(server: &Server, token: &str) {
    let request = client::get("/api/items", token);
    let body = r#"{"email":"nobody@bench.example","password":"correct horse battery staple"}"#;
    let guess = format!(
        "POST /api/auth/login HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (mut alone, mut beside, mut refused) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..TIMES {
        alone.push(crowd::paced(server.address, &request, CLIENTS, FLOOD_PACE).await);
        let (lists, guesses) = tokio::join!(
            crowd::paced(server.address, &request, CLIENTS, FLOOD_PACE),
            crowd::eager(server.address, &guess, GUESSERS),
        );
        beside.push(lists);
        refused = guesses.refused;
    }
    println!("  {GUESSERS} clients that try passwords: {refused:.0} answers a second");
    compare("  lists, p99 ms: alone, beside (goal 2×)", alone, beside);
}

/// A small write.
fn change_profile(token: &str) -> String {
    with_body("PATCH /api/users/me", token, r#"{"residence":"Hall 4"}"#)
}

/// A request with a body of JSON, as [`client::get`] makes one without.
fn with_body(what: &str, token: &str, body: &str) -> String {
    format!(
        "{what} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Writes alone, and while one backup is made after another.
async fn backups(server: &Server, folder: &Path, token: &str) {
    let write = change_profile(token);
    let (mut alone, mut beside, mut made) = (Vec::new(), Vec::new(), 0);
    for _ in 0..TIMES {
        alone.push(crowd::paced(server.address, &write, CLIENTS, WRITE_PACE).await);
        let making = Making::start(folder);
        beside.push(crowd::paced(server.address, &write, CLIENTS, WRITE_PACE).await);
        made += making.end().await;
    }
    let size = std::fs::metadata(folder.join(BACKUP)).expect("a backup").len() / 1_048_576;
    println!("  {made} backups of {size} MiB, one after another");
    compare("  writes, p99 ms: alone, beside (goal 2×)", alone, beside);
}

const BACKUP: &str = "backup.tar";

/// Makes one backup after another until it is told to end.
struct Making {
    goes_on: Arc<AtomicBool>,
    made: JoinHandle<u32>,
}

impl Making {
    fn start(folder: &Path) -> Self {
        let mut backup = Command::new(env!("CARGO_BIN_EXE_campuszon"));
        backup.args(["admin", "backup"]).arg(folder.join(BACKUP)).arg("--data").arg(folder.join("data"));
        let goes_on = Arc::new(AtomicBool::new(true));
        let until = Arc::clone(&goes_on);
        let made = tokio::task::spawn_blocking(move || {
            let mut made = 0;
            while until.load(Ordering::Relaxed) {
                assert!(backup.output().expect("a process").status.success());
                made += 1;
            }
            made
        });
        Self { goes_on, made }
    }

    /// How many it made.
    async fn end(self) -> u32 {
        self.goes_on.store(false, Ordering::Relaxed);
        self.made.await.expect("backups")
    }
}

fn compare(what: &str, alone: Vec<Told>, beside: Vec<Told>) {
    let (alone, beside) = (middle(alone).millis(0.99), middle(beside).millis(0.99));
    println!("{what:40} {alone:>9.2} {beside:>9.2} {:>6.1}×", beside / alone);
}
