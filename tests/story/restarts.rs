//! A server that is restarted again and again under load, with its socket kept by somebody else, as systemd does: no request
//! fails, and no message is lost.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{JoinSet, block_in_place},
    time::{self, MissedTickBehavior},
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{Campus, PATIENCE};

/// How often, and under what load. `CAMPUSZON_RESTARTS` asks for more restarts, under all of it.
struct Load {
    restarts: usize,
    /// Students, the first of whom sells to all others.
    students: usize,
    /// Live connections of each.
    sockets: usize,
    /// Connections that ask, ten times a second each.
    askers: usize,
}

impl Load {
    fn wanted() -> Self {
        match std::env::var("CAMPUSZON_RESTARTS").ok().and_then(|text| text.parse().ok()) {
            Some(restarts) => Self { restarts, students: 25, sockets: 20, askers: 50 },
            None => Self { restarts: 3, students: 4, sockets: 10, askers: 10 },
        }
    }
}

/// How long each connection pauses between its requests.
const EVERY: Duration = Duration::from_millis(100);

/// One request in so many is a message.
const A_MESSAGE: usize = 10;

/// What all tasks share.
struct Field {
    address: String,
    done: AtomicBool,
    /// Live connections that stand.
    standing: AtomicUsize,
    answered: AtomicUsize,
    slowest: Mutex<Duration>,
    /// The numbers of acknowledged messages, by chat.
    sent: Mutex<BTreeMap<String, BTreeSet<i64>>>,
    /// What went wrong, in words.
    faults: Mutex<Vec<String>>,
    /// How long clients were asked to stay away.
    pauses: Mutex<BTreeSet<u64>>,
}

impl Field {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::SeqCst)
    }

    fn fault(&self, fault: String) {
        self.faults.lock().expect("no panic").push(fault);
    }
}

/// Somebody's token, and the chats they are in.
#[derive(Clone)]
struct Member {
    token: String,
    chats: Vec<String>,
}

/// A connection that asks and asks, and is opened again when the server says so.
struct Asker {
    number: usize,
    member: Member,
    field: Arc<Field>,
    stream: Option<TcpStream>,
}

impl Asker {
    async fn run(mut self) {
        let mut ticks = time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut turn = self.number;
        while !self.field.is_done() {
            ticks.tick().await;
            turn += 1;
            let began = Instant::now();
            let asked = time::timeout(PATIENCE, self.ask(turn)).await;
            match asked {
                Ok(Ok(())) => drop(self.field.answered.fetch_add(1, Ordering::SeqCst)),
                Ok(Err(fault)) => {
                    self.stream = None;
                    self.field.fault(format!("request {turn} of {}: {fault}", self.number));
                }
                Err(_) => self.field.fault(format!("request {turn} of {} was not answered", self.number)),
            }
            let mut slowest = self.field.slowest.lock().expect("no panic");
            *slowest = began.elapsed().max(*slowest);
        }
    }

    async fn ask(&mut self, turn: usize) -> Result<(), String> {
        if !turn.is_multiple_of(A_MESSAGE) {
            return self.call("GET", "/api/items?limit=5", "").await?.expect(200).map(drop);
        }
        let chat = &self.member.chats[turn / A_MESSAGE % self.member.chats.len()].clone();
        let body = json!({"client_id": format!("{}-{turn}", self.number), "body": "still there?"}).to_string();
        let answer = self.call("POST", &format!("/api/chats/{chat}/messages"), &body).await?.expect(201)?;
        let seq = answer["seq"].as_i64().ok_or("a message without a number")?;
        self.field.sent.lock().expect("no panic").entry(chat.clone()).or_default().insert(seq);
        Ok(())
    }

    /// One request on the connection that stands; nothing is asked twice.
    async fn call(&mut self, method: &str, path: &str, body: &str) -> Result<Answer, String> {
        let text = |error: std::io::Error| error.to_string();
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(&self.field.address).await.map_err(text)?,
        };
        let (token, length) = (&self.member.token, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.map_err(text)?;
        let answer = Answer::read(&mut stream).await?;
        self.stream = (!answer.closes).then_some(stream);
        Ok(answer)
    }
}

struct Answer {
    status: u16,
    closes: bool,
    body: Vec<u8>,
}

impl Answer {
    async fn read(stream: &mut TcpStream) -> Result<Self, String> {
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = Self::parse(&bytes) {
                return Ok(answer);
            }
            let read = stream.read_buf(&mut bytes).await.map_err(|error| error.to_string())?;
            if read == 0 {
                return Err(format!("closed after {} bytes", bytes.len()));
            }
        }
    }

    /// `None` while it is not all there.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length: usize = head.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
        let body = bytes.get(end..end + length)?.to_vec();
        Some(Self { status: head.get(9..12)?.parse().ok()?, closes: head.contains("connection: close"), body })
    }

    fn expect(self, status: u16) -> Result<Value, String> {
        if self.status != status {
            return Err(format!("{}: {}", self.status, String::from_utf8_lossy(&self.body)));
        }
        serde_json::from_slice(&self.body).map_err(|error| error.to_string())
    }
}

/// A live connection that comes back, and what came through it.
struct Device {
    member: Member,
    field: Arc<Field>,
    /// Where it is in its inbox: number and epoch.
    place: Option<(i64, String)>,
    seen: HashMap<String, Vec<i64>>,
}

impl Device {
    async fn run(mut self) -> Self {
        while !self.is_complete() {
            let pause = self.converse().await;
            time::sleep(Duration::from_millis(pause)).await;
        }
        self
    }

    /// Whether it has all that was acknowledged, once nothing more is sent.
    fn is_complete(&self) -> bool {
        let sent = self.field.sent.lock().expect("no panic");
        let has = |chat: &String| {
            let seen: BTreeSet<i64> = self.seen.get(chat).into_iter().flatten().copied().collect();
            sent.get(chat).is_none_or(|sent| sent.is_subset(&seen))
        };
        self.field.is_done() && self.member.chats.iter().all(has)
    }

    /// Listens until the connection ends; answers for how many milliseconds to stay away.
    async fn converse(&mut self) -> u64 {
        let url = format!("ws://{}/api/ws", self.field.address);
        let mut request = url.into_client_request().expect("a request");
        let bearer = format!("Bearer {}", self.member.token).parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
        let mut stream = match connect_async(request).await {
            Ok((stream, _)) => stream,
            Err(error) => {
                self.field.fault(format!("no live connection: {error}"));
                return 100;
            }
        };
        let (mut pause, mut stands) = (250, false);
        loop {
            let message = match time::timeout(Duration::from_millis(500), stream.next()).await {
                Ok(Some(Ok(message))) => message,
                Err(_) if !self.is_complete() => continue,
                Err(_) => break,
                Ok(other) => {
                    self.field.fault(format!("a live connection broke: {other:?}"));
                    break;
                }
            };
            let answer = match message {
                Message::Close(frame) if frame.as_ref().is_some_and(|frame| u16::from(frame.code) == 1001) => break,
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if frame["type"] == "ready" {
                        self.field.standing.fetch_add(1, Ordering::SeqCst);
                        stands = true;
                    }
                    self.hear(&frame, &mut pause)
                }
                other => {
                    self.field.fault(format!("unexpected: {other:?}"));
                    break;
                }
            };
            if let Some(answer) = answer {
                let _ = stream.send(Message::text(answer.to_string())).await;
            }
        }
        self.field.standing.fetch_sub(usize::from(stands), Ordering::SeqCst);
        pause
    }

    /// Takes a frame in; what to answer, if anything.
    fn hear(&mut self, frame: &Value, pause: &mut u64) -> Option<Value> {
        if let (Some(since), Some((last, _))) = (frame["since"].as_i64(), &mut self.place)
            && frame["type"] != "ready"
        {
            *last = since.max(*last);
        }
        match frame["type"].as_str().unwrap_or_default() {
            "ready" => {
                let place = (frame["since"].as_i64()?, frame["epoch"].as_str()?.to_owned());
                let (since, epoch) = self.place.get_or_insert(place);
                Some(json!({"type": "resume", "since": since, "epoch": epoch}))
            }
            "message" => {
                let chat = frame["message"]["chat_id"].as_str()?.to_owned();
                self.seen.entry(chat).or_default().push(frame["message"]["seq"].as_i64()?);
                None
            }
            "drain" => {
                *pause = frame["retry_ms"].as_u64()?;
                self.field.pauses.lock().expect("no panic").insert(*pause);
                None
            }
            "ping" => Some(json!({"type": "pong"})),
            "reset" | "error" => {
                self.field.fault(format!("a live connection was told {frame}"));
                None
            }
            _ => None,
        }
    }
}

fn gather(campus: &Campus, students: usize) -> Vec<Member> {
    let enter = |number: usize| campus.sign_up(&format!("s{number}@uni.example"), "Student");
    let seller = enter(0);
    let item = seller.offer("A lamp", "5");
    let mut members = vec![Member { token: seller.device_token(), chats: Vec::new() }];
    for number in 1..students {
        let buyer = enter(number);
        let chat = buyer.made(&["chat", "start", &item]);
        members[0].chats.push(chat.clone());
        members.push(Member { token: buyer.device_token(), chats: vec![chat] });
    }
    members
}

async fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_a_restart() {
    let load = Load::wanted();
    let mut campus = block_in_place(Campus::free);
    let members = block_in_place(|| {
        campus.hand_over();
        gather(&campus, load.students)
    });
    let field = Arc::new(Field {
        address: campus.url.trim_start_matches("http://").to_owned(),
        done: AtomicBool::new(false),
        standing: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
        slowest: Mutex::default(),
        sent: Mutex::default(),
        faults: Mutex::default(),
        pauses: Mutex::default(),
    });
    let (mut devices, mut askers) = (JoinSet::new(), JoinSet::new());
    for member in members.iter().flat_map(|member| std::iter::repeat_n(member, load.sockets)) {
        let (member, field) = (member.clone(), Arc::clone(&field));
        devices.spawn(Device { member, field, place: None, seen: HashMap::new() }.run());
    }
    let all_stand = || field.standing.load(Ordering::SeqCst) == load.students * load.sockets;
    wait_for("all live connections", all_stand).await;
    for number in 0..load.askers {
        let (member, field) = (members[number % members.len()].clone(), Arc::clone(&field));
        askers.spawn(Asker { number, member, field, stream: None }.run());
    }
    let began = Instant::now();
    for _ in 0..load.restarts {
        let before = field.answered.load(Ordering::SeqCst);
        wait_for("requests", || field.answered.load(Ordering::SeqCst) > before + load.askers * 5).await;
        wait_for("all live connections again", all_stand).await;
        let stopped = block_in_place(|| {
            let status = campus.stop();
            campus.start();
            status
        });
        assert_eq!(stopped.code(), Some(0), "{}", campus.log());
    }
    wait_for("all live connections again", all_stand).await;
    field.done.store(true, Ordering::SeqCst);
    askers.join_all().await;
    let devices = time::timeout(PATIENCE, devices.join_all()).await.expect("all messages arrive");

    let faults = field.faults.lock().expect("no panic");
    assert!(faults.is_empty(), "{} faults, the first: {:#?}", faults.len(), &faults[..faults.len().min(10)]);
    for (chat, seen) in devices.iter().flat_map(|device| &device.seen) {
        let once: BTreeSet<&i64> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "a message of {chat} came twice");
    }
    assert!(field.pauses.lock().expect("no panic").len() > 1, "all are told to come back at once");
    let (answered, slowest) = (field.answered.load(Ordering::SeqCst), field.slowest.lock().expect("no panic"));
    let sent: usize = field.sent.lock().expect("no panic").values().map(BTreeSet::len).sum();
    println!(
        "{} restarts, {} live connections: {answered} requests in {:.1?} without a failure, the slowest in {slowest:.1?}; \
         {sent} messages, none lost",
        load.restarts,
        devices.len(),
        began.elapsed()
    );
}
