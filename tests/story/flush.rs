//! Nothing is acknowledged that a power cut could take: the system calls of a server show that what an answer speaks of was
//! written to the log of the database, and the log flushed to the disk, before the answer left.

use std::{collections::HashMap, fs, process::Command};

use campuszon_core::{ChatId, wire::chat::SendMessage};

use super::{Campus, can, client, given_to};

/// Who write at once, so that some share a flush, and how often each.
const WRITERS: usize = 6;
const WRITES: usize = 20;

/// Names paths and sockets, and shows whole pages of the database.
const TRACE: &str = "trace=read,recvfrom,readv,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";
const OPTIONS: [&str; 10] = ["-D", "-f", "-ttt", "-y", "-s", "20000", "-e", TRACE, "-e", "signal=none"];

/// What becomes of one write, by lines of the trace.
#[derive(Debug, Default)]
struct Way {
    asked: Option<usize>,
    logged: Option<usize>,
    told: Option<usize>,
}

/// A trace in order: what was done with each key, and from which line to which one the log was flushed.
struct History {
    ways: HashMap<String, Way>,
    flushes: Vec<(usize, usize)>,
}

impl History {
    fn read(trace: &str, keys: impl Iterator<Item = String>) -> Self {
        let mut history = Self { ways: keys.map(|key| (key, Way::default())).collect(), flushes: Vec::new() };
        // Flushes that have begun, by thread.
        let mut begun: HashMap<&str, usize> = HashMap::new();
        for (number, line) in trace.lines().enumerate() {
            let (thread, call) = line.split_once(' ').expect("a thread");
            let call = call.trim_start().split_once(' ').expect("a time").1;
            if call.starts_with("fsync(") || call.starts_with("fdatasync(") {
                if call.contains("-wal>") {
                    begun.insert(thread, number);
                }
            } else if !call.contains("sync resumed>") {
                history.see(number, call);
                continue;
            }
            if call.trim_end().ends_with("= 0")
                && let Some(from) = begun.remove(thread)
            {
                history.flushes.push((from, number));
            }
        }
        history
    }

    /// Notes the first time that each thing is done with a key.
    fn see(&mut self, number: usize, call: &str) {
        for (_, way) in self.ways.iter_mut().filter(|(key, _)| call.contains(key.as_str())) {
            let is_read = ["read", "recv", "<... read", "<... recv"].iter().any(|name| call.starts_with(name));
            let place = match call {
                _ if is_read => &mut way.asked,
                _ if call.starts_with("pwrite") && call.contains("-wal>") => &mut way.logged,
                _ => &mut way.told,
            };
            place.get_or_insert(number);
        }
    }

    /// Why a write could be lost though somebody was told of it.
    fn fault(&self, key: &str) -> Option<String> {
        let way = &self.ways[key];
        let Way { asked: Some(asked), logged: Some(logged), told: Some(told) } = way else {
            return Some(format!("{key}: not to be followed: {way:?}"));
        };
        let is_flushed = self.flushes.iter().any(|(from, to)| logged < from && to < told);
        (asked > logged || !is_flushed).then(|| format!("{key}: told before it was flushed: {way:?}"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flush_comes_before_every_acknowledgement() {
    if !can("strace", Command::new("strace").args(["-D", "-f", "-o", "/dev/null", "true"])) {
        return;
    }
    let mut campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let chat: ChatId = ben.made(&["chat", "start", &ada.offer("A lamp", "5")]).parse().expect("an id");
    let token = ben.device_token();
    assert!(campus.stop().success());
    let path = campus.path("trace");
    let mut strace = Command::new("strace");
    strace.args(OPTIONS).arg("-o").arg(&path);
    campus.start_as(given_to(&mut strace, &campus.serve()));

    let key = |writer: usize, number: usize| format!("flushed-{writer}-{number}-");
    let writers = (0..WRITERS).map(|writer| {
        let client = client(&campus.url, &token);
        tokio::spawn(async move {
            for number in 0..WRITES {
                let message = SendMessage::text(key(writer, number), "Still there?".to_owned());
                client.send_message(chat, &message).await.expect("an acknowledgement");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    assert!(campus.stop().success(), "{}", campus.log());

    let keys = || (0..WRITERS).flat_map(|writer| (0..WRITES).map(move |number| key(writer, number)));
    let end = "+++ exited with 0 +++";
    let trace =
        super::until("the trace is whole", || fs::read_to_string(&path).ok().filter(|trace| trace.contains(end)));
    let history = History::read(&trace, keys());
    let faults: Vec<String> = keys().filter_map(|key| history.fault(&key)).collect();
    assert!(faults.is_empty(), "{} faults, the first: {}", faults.len(), faults[0]);
    println!("{} acknowledgements, each after one of {} flushes", WRITERS * WRITES, history.flushes.len());
}

/// The rule finds what breaks it.
#[test]
fn a_trace_with_an_early_answer_is_told_from_a_good_one() {
    let [ask, log, flush, tell] = [
        r#"7 1.0 recvfrom(9<socket:[1]>, "POST key-1", 9, 0, NULL, NULL) = 9"#,
        r#"8 1.1 pwrite64(4</data/a.db-wal>, "page key-1", 9, 0) = 9"#,
        "8 1.2 fdatasync(4</data/a.db-wal> <unfinished ...>\n7 1.2 read(3, \"x\", 1) = 1\n8 1.3 <... fdatasync resumed>) = 0",
        r#"7 1.4 writev(9<socket:[1]>, [{iov_base="201 key-1", iov_len=9}], 1) = 9"#,
    ];
    let failed = "8 1.2 fdatasync(4</data/a.db-wal>) = -1 EIO (Input/output error)";
    let elsewhere = "8 1.2 fdatasync(4</data/other>) = 0";
    let fault =
        |lines: &[&str]| History::read(&lines.join("\n"), std::iter::once("key-1".to_owned())).fault("key-1").is_some();
    assert!(!fault(&[ask, log, flush, tell]));
    for broken in [
        [ask, log, tell, flush],
        [ask, flush, log, tell],
        [ask, log, failed, tell],
        [ask, log, elsewhere, tell],
        [ask, tell, log, flush],
    ] {
        assert!(fault(&broken), "{broken:?}");
    }
    assert!(fault(&[ask, log, flush]), "an answer that cannot be found shows nothing");
}
