//! Thousands of clients that send one byte a second, and some who mean it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    task::{JoinSet, block_in_place},
    time,
};

use super::{Campus, until};
use crate::support::PASSWORD;

/// How many dawdle, where the system lets a process have so many files.
const CLIENTS: u64 = 5_000;

/// What the tests that run beside this one may need.
const OTHERS: u64 = 1_000;

/// A request that never ends: half of them never get through its header, the others never through its body.
const REQUESTS: [&[u8]; 2] = [
    b"G",
    b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{",
];
const HEADER: &[u8] = b"ET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ";

#[derive(Default)]
struct Field {
    done: AtomicBool,
    standing: AtomicUsize,
    /// How often one was thrown out.
    thrown_out: AtomicUsize,
}

impl Field {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::SeqCst)
    }
}

/// Sends a byte a second, and comes back when it is thrown out.
async fn dawdle(number: usize, address: String, field: Arc<Field>) {
    while !field.is_done() {
        if let Ok(mut stream) = TcpStream::connect(&address).await {
            field.standing.fetch_add(1, Ordering::SeqCst);
            let mut sent = stream.write_all(REQUESTS[number % REQUESTS.len()]).await;
            let mut rest = HEADER.iter().copied().chain(std::iter::repeat(b'a'));
            while sent.is_ok() && !field.is_done() {
                time::sleep(Duration::from_secs(1)).await;
                sent = stream.write_u8(rest.next().unwrap_or(b'a')).await;
            }
            field.standing.fetch_sub(1, Ordering::SeqCst);
            field.thrown_out.fetch_add(1, Ordering::SeqCst);
        }
        time::sleep(Duration::from_secs(1)).await;
    }
}

/// The median and the longest time of so many requests, each of which must succeed, on a connection of its own.
fn ask(campus: &Campus) -> (Duration, Duration) {
    let mut spans: Vec<Duration> = (0..100)
        .map(|_| {
            let began = Instant::now();
            assert_eq!(campus.fetch("/api/meta").0, 200);
            began.elapsed()
        })
        .collect();
    spans.sort_unstable();
    (spans[spans.len() / 2], spans[spans.len() - 1])
}

/// As many as there may be.
fn wanted() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).expect("more files");
    CLIENTS.min(limit.maximum.unwrap_or(u64::MAX).saturating_sub(OTHERS))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_dawdle_hurt_nobody() {
    let wanted = usize::try_from(wanted()).expect("a number");
    assert!(wanted > 100, "the limit of open files is too small to try this");
    let campus = block_in_place(Campus::free);
    let ada = block_in_place(|| campus.sign_up("ada@uni.example", "Ada"));
    let before = block_in_place(|| ask(&campus));

    let (field, mut clients) = (Arc::<Field>::default(), JoinSet::new());
    let address = campus.url.trim_start_matches("http://").to_owned();
    for number in 0..wanted {
        clients.spawn(dawdle(number, address.clone(), Arc::clone(&field)));
    }
    let standing = || field.standing.load(Ordering::SeqCst);
    block_in_place(|| {
        until("most of them dawdle", || (standing() > wanted * 3 / 4).then_some(()));
        // Until as many were thrown out as never get through a header.
        let mut during = ask(&campus);
        while field.thrown_out.load(Ordering::SeqCst) < wanted / 2 {
            let next = ask(&campus);
            during = (during.0.max(next.0), during.1.max(next.1));
        }
        let login = ["auth", "login", "--email", "ada@uni.example", "--password-stdin"];
        campus.visitor().run_with(&login, PASSWORD).expect(0);
        ada.offer("A lamp", "5");
        assert!(standing() > wanted / 2, "they are still there");
        println!("{} dawdle: requests take {during:.1?} (median, longest), {before:.1?} without them", standing());
    });
    field.done.store(true, Ordering::SeqCst);
    clients.abort_all();
}
