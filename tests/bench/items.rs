//! `GET /api/items` with 100,000 items in a campus, beside a bare axum handler that returns the same bytes, in one run:
//! requests a second, latency and processor time a request of both, and their ratio.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so and ends"
)]

#[path = "campus.rs"]
mod campus;
#[path = "server.rs"]
mod server;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use campuszon_core::ItemId;
use campuszon_server::{
    App,
    gateway::{
        self,
        listener::{self, Caps, Listener},
    },
    platform::entropy::{Clock, ManualClock, SystemClock},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
};

/// Connections that ask at the same time.
const CLIENTS: usize = 16;

/// How long each measurement lasts.
const SPAN: Duration = Duration::from_secs(5);

fn main() {
    let count = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(count));
}

async fn run(count: usize) {
    let settings = "[limits]\nitems_read = \"off\"\nitems_write = \"off\"\n[items]\nrequire_image = false\n";
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::new(now));
    let folder = tempfile::tempdir().expect("a folder");
    let opened = server::open(folder.path(), settings, None, clock.clone()).await;
    let app = opened.app.clone();
    let started = Instant::now();
    let token = campus::fill(&app, &clock, now, count).await;
    println!("{count} items written in {:.1} s", started.elapsed().as_secs_f64());

    let (stop, stopping) = watch::channel(false);
    let server = spawn(gateway::router(app.clone()), &app, stopping.clone()).await;
    let cases = [
        ("list", "/api/items"),
        ("filtered", "/api/items?category=books&max_price=40"),
        ("search", "/api/items?q=calc"),
        ("item", &format!("/api/items/{}", first_item(server, &token).await)),
    ];
    println!(
        "{:10} {:>9} {:>9} {:>7} {:>9} {:>9} {:>9} {:>7}",
        "", "req/s", "bare", "ratio", "p50 ms", "p99 ms", "µs cpu", "bytes"
    );
    for (name, path) in cases {
        let body = fetch(server, path, &token).await;
        let bytes = body.len();
        let bare = spawn(Router::new().route("/", get(move || async move { body })), &app, stopping.clone()).await;
        let ours = measure(server, path, &token).await;
        let reference = measure(bare, "/", &token).await;
        println!(
            "{name:10} {:>9.0} {:>9.0} {:>7.2} {:>9.2} {:>9.2} {:>9.0} {bytes:>7}",
            ours.rate,
            reference.rate,
            ours.rate / reference.rate,
            ours.p50,
            ours.p99,
            ours.cpu,
        );
    }
    let _ = stop.send(true);
}

async fn spawn(router: Router, app: &App, stopping: watch::Receiver<bool>) -> SocketAddr {
    let listener = Listener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("an address");
    let caps = Caps::from(&app.settings.limits);
    tokio::spawn(listener::serve(vec![listener], router, caps, stopping, Duration::from_secs(1)));
    address
}

async fn first_item(server: SocketAddr, token: &str) -> ItemId {
    let list: serde_json::Value =
        serde_json::from_slice(&fetch(server, "/api/items?limit=1", token).await).expect("json");
    list["items"][0]["id"].as_str().and_then(|id| id.parse().ok()).expect("an item")
}

struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
    /// Processor time of the whole process, clients included, a request, in microseconds.
    cpu: f64,
}

async fn measure(address: SocketAddr, path: &str, token: &str) -> Measured {
    let request: Arc<str> = request(path, token).into();
    let (cpu, started) = (cpu_time(), Instant::now());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let request = Arc::clone(&request);
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                let mut spans = Vec::new();
                while started.elapsed() < SPAN {
                    let asked = Instant::now();
                    exchange(&mut stream, &request).await;
                    spans.push(asked.elapsed());
                }
                spans
            })
        })
        .collect();
    let mut spans = Vec::new();
    for client in clients {
        spans.extend(client.await.expect("a client"));
    }
    let elapsed = started.elapsed().as_secs_f64();
    spans.sort_unstable();
    let at = |share: f64| spans[((spans.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    Measured {
        rate: spans.len() as f64 / elapsed,
        p50: at(0.5),
        p99: at(0.99),
        cpu: (cpu_time() - cpu).as_secs_f64() * 1e6 / spans.len() as f64,
    }
}

fn request(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n")
}

async fn fetch(address: SocketAddr, path: &str, token: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    exchange(&mut stream, &request(path, token)).await
}

/// Sends a request and reads its answer: a status line of 200, a content length, a body.
async fn exchange(stream: &mut TcpStream, request: &str) -> Vec<u8> {
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let read = stream.read_buf(&mut buffer).await.expect("an answer");
        assert!(read > 0, "the server closed");
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).expect("a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.parse().ok())
            .expect("a length");
        if buffer.len() >= end + 4 + length {
            return buffer[end + 4..].to_vec();
        }
    }
}

/// Processor time of this process so far, from `/proc/self/stat` (clock ticks of a hundredth of a second).
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap_or(0) + fields[12].parse::<u64>().unwrap_or(0);
    Duration::from_millis(ticks * 10)
}
