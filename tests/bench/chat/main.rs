//! The live connection: durable sends beside a bare group-commit writer in the same run, fan-out, and what idle sockets
//! and their return cost. The server is in this process, its clients are in another.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so and ends"
)]

mod bare;
mod clients;
#[path = "../embedded.rs"]
mod embedded;
mod stage;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use campuszon_core::{ChatId, UserId};

use self::{
    clients::{Clients, Part},
    stage::{Person, Stage},
};

/// Clients that send at the same time.
const SENDERS: usize = 64;

/// How long each measurement lasts.
const SPAN: Duration = Duration::from_secs(5);

/// The most connections one user may have.
const PER_USER: usize = 20;

/// Messages a second while fan-out is measured: each is heard by 40 devices.
const PACES: [u32; 2] = [250, 1_500];

const BODY: &str = "Is the lamp still there? I could come by tomorrow at noon.";

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match args.iter().position(|arg| arg == "--clients") {
        Some(at) => runtime.block_on(clients::run(&args[at + 1], &args[at + 2], Path::new(&args[at + 3]))),
        None => {
            let sockets = args.iter().filter_map(|arg| arg.parse().ok()).next().unwrap_or(10_000);
            runtime.block_on(run(sockets));
        }
    }
}

async fn run(sockets: usize) {
    let stage = Stage::new(sockets.div_ceil(PER_USER).max(SENDERS + 1)).await;
    println!("{:34} {:>10} {:>10} {:>7}", "", "ours", "reference", "ratio");
    // First, while the process holds nothing else.
    idle(&stage, sockets).await;
    durable_sends(&stage).await;
    for pace in PACES {
        fan_out(&stage, pace);
    }
}

/// Writes down who connects, and the chat each talks in.
fn seats<'a>(stage: &Stage, seats: impl Iterator<Item = (&'a Person, ChatId)>) -> PathBuf {
    let path = stage.folder.path().join("seats");
    let lines: Vec<String> = seats.map(|(person, chat)| format!("{} {chat}", person.token)).collect();
    std::fs::write(&path, lines.join("\n")).expect("a file");
    path
}

/// Sends that are acknowledged once durable, from many sockets, beside a writer that does nothing but commit.
async fn durable_sends(stage: &Stage) {
    let buyers = &stage.people[1..=SENDERS];
    let seats = seats(stage, buyers.iter().zip(stage.chats.iter().copied()));
    let cpu = busy();
    let [ours, p50, p99] = Clients::start(Part::Send, &stage.url(), &seats).next();
    let cpu = busy() - cpu;
    let buyers: Vec<UserId> = buyers.iter().map(|buyer| buyer.id).collect();
    let database = stage.folder.path().join("data/campuszon.db");
    let bare = rate(bare::messages(&database, &stage.chats, &buyers, stage.people[0].id).await);
    println!("{:34} {ours:>10.0} {bare:>10.0} {:>7.2}", "durable sends/s, 64 clients", ours / bare);
    println!("{:34} {p50:>10.1} {p99:>10.1}", "  p50, p99 ms");
    println!("{:34} {:>10.0}", "  processor µs of the server each", cpu * 1e6 / ours / SPAN.as_secs_f64());
}

/// One chat whose two members have as many devices as they may: deliveries, and how long after the acknowledgement the
/// last device has it.
fn fan_out(stage: &Stage, pace: u32) {
    // The seller and the last buyer, whose places are free: they sent nothing before.
    let chat = stage.chats[stage.chats.len() - 1];
    let members = [&stage.people[0], &stage.people[stage.people.len() - 1]];
    let seats = seats(stage, (0..2 * PER_USER).map(|number| (members[number % 2], chat)));
    let cpu = busy();
    let [deliveries, p50, p99] = Clients::start(Part::Hear { pace }, &stage.url(), &seats).next();
    let cpu = busy() - cpu;
    println!("{:34} {deliveries:>10.0}", format!("deliveries/s, {pace} messages/s to 40"));
    println!("{:34} {p50:>10.1} {p99:>10.1}", "  acknowledged → last, p50, p99 ms");
    println!("{:34} {:>10.1}", "  processor µs of the server each", cpu * 1e6 / deliveries / SPAN.as_secs_f64());
}

/// What many sockets cost that say nothing, and how soon they are back when all are gone at once.
async fn idle(stage: &Stage, sockets: usize) {
    let chat = stage.chats[0];
    let seats = seats(stage, (0..sockets).map(|number| (&stage.people[number / PER_USER], chat)));
    let before = resident();
    let mut clients = Clients::start(Part::Idle, &stage.url(), &seats);
    let [opened] = clients.next();
    let after = resident();
    let cpu = busy();
    tokio::time::sleep(SPAN).await;
    let idle = (busy() - cpu) / SPAN.as_secs_f64() * 100.0;
    clients.go_on();
    let [back] = clients.next();
    let grown = after - before;
    println!("{:34} {:>10}", "idle sockets", stage.app.hub.connections());
    println!("{:34} {:>10.1} {:>10.1}", "  MiB in all, KiB each", grown / 1024.0, grown / sockets as f64);
    println!("{:34} {idle:>10.1}", "  % of a core");
    println!("{:34} {opened:>10.1} {back:>10.1}", "  s to open, to come back");
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn rate(count: usize) -> f64 {
    count as f64 / SPAN.as_secs_f64()
}

fn millis(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

/// Resident memory of this process in KiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

/// Seconds of processor time that this process has used.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
    let ticks: f64 = [11, 12].iter().map(|at| fields[*at].parse::<f64>().expect("a number")).sum();
    // Linux counts in hundredths of a second on every platform it is built for.
    ticks / 100.0
}
