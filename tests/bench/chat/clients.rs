//! The clients of a measurement, in a process of their own, so that what they cost is not counted as the server's. Each
//! prints a line of numbers when it has them.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt, future::join_all};
use serde::Deserialize;
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{BODY, SENDERS, SPAN, millis, rate};

/// After so much silence nothing is on its way any more.
const SILENCE: Duration = Duration::from_secs(1);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the clients do.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Each sends to its chat, one message after the other's acknowledgement.
    Send,
    /// All hear one chat, in which each writes now and then: `PACE` messages a second in all.
    Hear { pace: u32 },
    /// They say nothing, and come back when told to.
    Idle,
}

/// The process of the clients, seen from the server's.
pub struct Clients {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Clients {
    /// Starts one client for each pair of a token and the chat it is to talk in.
    pub fn start(part: Part, url: &str, seats: &Path) -> Self {
        let part = match part {
            Part::Send => "send".to_owned(),
            Part::Hear { pace } => pace.to_string(),
            Part::Idle => "idle".to_owned(),
        };
        let program = std::env::current_exe().expect("a program");
        let mut child = Command::new(program)
            .args(["--clients", &part, url])
            .arg(seats)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("clients");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        Self { child, lines }
    }

    /// The next line of numbers.
    pub fn next<const COUNT: usize>(&mut self) -> [f64; COUNT] {
        let line = tokio::task::block_in_place(|| self.lines.next().expect("a line").expect("text"));
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
        numbers.try_into().expect("so many")
    }

    /// Lets them do the next step.
    pub fn go_on(&mut self) {
        self.child.stdin.as_mut().expect("stdin").write_all(b"\n").expect("a reader");
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the other process does.
pub async fn run(part: &str, url: &str, seats: &Path) {
    let seats = std::fs::read_to_string(seats).expect("a file");
    let seats: Vec<(String, String)> = seats
        .lines()
        .map(|line| line.split_once(' ').expect("a token and a chat"))
        .map(|(token, chat)| (token.to_owned(), chat.to_owned()))
        .collect();
    match part {
        "send" => send(url, &seats).await,
        "idle" => idle(url, &seats).await,
        pace => hear(url, &seats, pace.parse().expect("a pace")).await,
    }
}

async fn connect(url: &str, token: &str) -> Option<Stream> {
    let mut request = url.into_client_request().ok()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().ok()?);
    let (mut stream, _) = connect_async(request).await.ok()?;
    // `ready` says that the server has taken it in; a first frame, that events may flow.
    stream.next().await?.ok()?;
    stream.send(Message::text(r#"{"type":"ping"}"#)).await.ok()?;
    stream.next().await?.ok()?;
    Some(stream)
}

/// The fields of a frame that are measured.
#[derive(Deserialize)]
struct Frame<'a> {
    r#type: &'a str,
    message: Option<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    seq: i64,
}

impl Frame<'_> {
    fn seq(&self) -> i64 {
        self.message.as_ref().expect("a message").seq
    }
}

fn message(chat: &str, client_id: &str) -> Message {
    Message::text(json!({"type": "send", "chat_id": chat, "client_id": client_id, "body": BODY}).to_string())
}

/// Prints how many sends were acknowledged a second, and half and 99 of a hundred of their times.
async fn send(url: &str, seats: &[(String, String)]) {
    let streams = join_all(seats.iter().map(|(token, _)| connect(url, token))).await;
    let before = Instant::now();
    let clients = streams.into_iter().zip(seats).enumerate().map(|(number, (stream, (_, chat)))| {
        let (mut stream, chat) = (stream.expect("a connection"), chat.clone());
        tokio::spawn(async move {
            let mut times = Vec::new();
            while before.elapsed() < SPAN {
                let began = Instant::now();
                stream.send(message(&chat, &format!("s{number}-{}", times.len()))).await.expect("an open connection");
                until_acknowledged(&mut stream).await;
                times.push(began.elapsed());
            }
            times
        })
    });
    let mut times: Vec<Duration> =
        join_all(clients).await.into_iter().flat_map(|times| times.expect("no panic")).collect();
    times.sort_unstable();
    println!("{} {} {}", rate(times.len()), millis(&times, 50), millis(&times, 99));
}

async fn until_acknowledged(stream: &mut Stream) {
    loop {
        let next = stream.next().await.expect("an open connection").expect("a frame");
        let Message::Text(text) = next else { continue };
        if serde_json::from_str::<Frame<'_>>(&text).expect("a frame").r#type == "sent" {
            return;
        }
    }
}

/// What a device heard, and when: the numbers of messages, and which of them were its own, acknowledged.
#[derive(Default)]
struct Heard {
    messages: Vec<(i64, Instant)>,
    acknowledged: Vec<(i64, Instant)>,
}

/// Prints how many messages reached devices a second, and half and 99 of a hundred of the times from the acknowledgement
/// to the last device.
async fn hear(url: &str, seats: &[(String, String)], pace: u32) {
    let devices = u32::try_from(seats.len()).expect("few");
    let streams = join_all(seats.iter().map(|(token, _)| connect(url, token))).await;
    let start = tokio::time::Instant::now();
    let listening = streams.into_iter().zip(seats).enumerate().map(|(number, (stream, (_, chat)))| {
        let number = u32::try_from(number).expect("few");
        let mut ticks =
            tokio::time::interval_at(start + SPAN * number / (devices * 50), Duration::from_secs(1) * devices / pace);
        let (mut stream, chat) = (stream.expect("a connection"), chat.clone());
        tokio::spawn(async move {
            let (mut heard, mut sent) = (Heard::default(), 0);
            while start.elapsed() < SPAN {
                tokio::select! {
                    _ = ticks.tick() => {
                        sent += 1;
                        stream.send(message(&chat, &format!("p{pace}-{number}-{sent}"))).await.expect("an open connection");
                    }
                    next = stream.next() => heard.take(&next.expect("an open connection").expect("a frame")),
                }
            }
            // What is on its way still counts for how late it is.
            while let Ok(Some(Ok(next))) = timeout(SILENCE, stream.next()).await {
                heard.take(&next);
            }
            heard
        })
    });
    let heard: Vec<Heard> = join_all(listening).await.into_iter().map(|heard| heard.expect("no panic")).collect();
    let mut last: HashMap<i64, (usize, Instant)> = HashMap::new();
    let end = start.into_std() + SPAN;
    for (seq, at) in heard.iter().flat_map(|heard| &heard.messages) {
        let latest = last.entry(*seq).or_insert((0, *at));
        *latest = (latest.0 + 1, latest.1.max(*at));
    }
    let mut lags: Vec<Duration> = Vec::new();
    for (seq, at) in heard.iter().flat_map(|heard| &heard.acknowledged) {
        let (count, latest) = last.get(seq).copied().unwrap_or((0, *at));
        assert_eq!(count, seats.len(), "a device did not hear message {seq}");
        lags.push(latest.saturating_duration_since(*at));
    }
    lags.sort_unstable();
    let in_time = heard.iter().flat_map(|heard| &heard.messages).filter(|(_, at)| *at <= end).count();
    println!("{} {} {}", rate(in_time), millis(&lags, 50), millis(&lags, 99));
}

impl Heard {
    fn take(&mut self, next: &Message) {
        let Message::Text(text) = next else { return };
        let frame: Frame<'_> = serde_json::from_str(text).expect("a frame");
        match frame.r#type {
            "message" => self.messages.push((frame.seq(), Instant::now())),
            "sent" => self.acknowledged.push((frame.seq(), Instant::now())),
            _ => {}
        }
    }
}

/// Opens all sockets, prints how many seconds that took, and does it all again when told to.
async fn idle(url: &str, seats: &[(String, String)]) {
    let mut open = Vec::new();
    for _ in 0..2 {
        drop(std::mem::take(&mut open));
        let began = Instant::now();
        let tokens = seats.iter().map(|(token, _)| token.clone()).collect();
        let waiting: Arc<Mutex<Vec<String>>> = Arc::new(Mutex::new(tokens));
        let workers = (0..SENDERS).map(|_| {
            let (waiting, url) = (waiting.clone(), url.to_owned());
            tokio::spawn(async move {
                let mut opened = Vec::new();
                loop {
                    let next = waiting.lock().expect("no panic").pop();
                    let Some(token) = next else { return opened };
                    match connect(&url, &token).await {
                        Some(stream) => opened.push(stream),
                        // The place of the connection before is not free yet.
                        None => waiting.lock().expect("no panic").push(token),
                    }
                }
            })
        });
        for opened in join_all(workers).await {
            open.extend(opened.expect("no panic"));
        }
        println!("{}", began.elapsed().as_secs_f64());
        tokio::task::block_in_place(|| std::io::stdin().read_line(&mut String::new())).expect("a line");
    }
}
