//! Mail by SMTP: what a mail server says, and what becomes of a mail then.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use campuszon_server::platform::jobs::{self, Counts, Kind};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::support::{Engine, PASSWORD, World};

const EMAIL: &str = "ana@uni.example";

/// A mail server of this machine, which does what it is told.
pub struct MailServer {
    pub address: SocketAddr,
    said: Arc<Said>,
}

/// What it was told to say, and what it was told.
#[derive(Default)]
struct Said {
    /// Answers to the next senders, one each; then all goes well.
    to_senders: Mutex<VecDeque<&'static str>>,
    /// Answers to the next recipients.
    to_recipients: Mutex<VecDeque<&'static str>>,
    /// Every line that came.
    heard: Mutex<Vec<String>>,
}

impl MailServer {
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0").await
    }

    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let (address, said) = (listener.local_addr().expect("an address"), Arc::<Said>::default());
        let shared = said.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, shared.clone()));
            }
        });
        Self { address, said }
    }

    /// A server whose mails go here.
    async fn world(&self, credentials: &str) -> World {
        mailing(&format!("smtp://{credentials}{}", self.address)).await
    }

    /// How many lines came that begin so.
    pub fn heard(&self, line: &str) -> usize {
        self.said.heard.lock().expect("no panic").iter().filter(|heard| heard.starts_with(line)).count()
    }

    /// The last code that came.
    fn code(&self) -> Option<String> {
        let is_code = |line: &&String| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        self.said.heard.lock().expect("no panic").iter().rev().find(is_code).cloned()
    }
}

async fn converse(stream: TcpStream, said: Arc<Said>) {
    let next = |answers: &Mutex<VecDeque<&'static str>>| answers.lock().expect("no panic").pop_front();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut answer, mut in_mail) = (Some("220 sink"), false);
    loop {
        if let Some(text) = answer.take() {
            let _ = write.write_all(format!("{text}\r\n").as_bytes()).await;
        }
        let Ok(Some(line)) = lines.next_line().await else { return };
        let word = line.split([' ', ':']).next().unwrap_or_default().to_owned();
        answer = match word.as_str() {
            _ if in_mail && line != "." => None,
            "EHLO" => Some("250-sink\r\n250 AUTH PLAIN"),
            "AUTH" => next(&said.to_senders).or(Some("235 welcome")),
            "RCPT" => next(&said.to_recipients).or(Some("250 ok")),
            "DATA" => Some("354 go on"),
            "QUIT" => Some("221 bye"),
            _ => Some("250 ok"),
        };
        in_mail = word == "DATA" || (in_mail && line != ".");
        said.heard.lock().expect("no panic").push(line);
    }
}

async fn mailing(url: &str) -> World {
    World::mailing(Engine::Sqlite, "", Some(url.to_owned())).await
}

/// Registers, which is answered at once whatever the mail server does.
async fn register(world: &World) {
    let began = Instant::now();
    let body = json!({"email": EMAIL, "password": PASSWORD, "name": "Ana"});
    world.call("", "POST", "/api/auth/register", body).await.expect(202);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

async fn counts(world: &World) -> (i64, i64) {
    let Counts { waiting, dead, .. } = world.app.read(|tx| Ok(jobs::counts(tx, Kind::Mail)?)).await.expect("a count");
    (waiting, dead)
}

/// Sends what is due, and waits for no second try.
async fn try_once(world: &World) {
    let _ = timeout(Duration::from_secs(2), world.drain(Kind::Mail)).await;
}

async fn reason(world: &World) -> String {
    world.app.read(|tx| Ok(tx.one("SELECT error FROM jobs", &[], |row| row.get(0))?)).await.expect("a reason")
}

#[tokio::test]
async fn a_code_comes_by_smtp() {
    let server = MailServer::start().await;
    let world = server.world("").await;
    register(&world).await;
    world.drain(Kind::Mail).await;
    assert_eq!(server.heard("MAIL FROM:<no-reply@campus.test>"), 1);
    assert_eq!(server.heard("RCPT TO:<ana@uni.example>"), 1);
    assert_eq!((server.heard("EHLO campus.test"), server.heard("AUTH")), (1, 0));
    let body = json!({"email": EMAIL, "code": server.code()});
    world.call("", "POST", "/api/auth/verify", body).await.expect(200);
    assert_eq!(counts(&world).await, (0, 0));
}

#[tokio::test]
async fn a_mail_server_may_ask_for_a_password() {
    let server = MailServer::start().await;
    server.said.to_senders.lock().expect("no panic").push_back("535 not this one");
    let world = server.world("ada:se%2Fcret@").await;
    register(&world).await;
    try_once(&world).await;
    // The self-hoster can mend it while the mail waits.
    assert_eq!(counts(&world).await, (1, 0));
    let reason = reason(&world).await;
    assert!(reason.contains("535") && !reason.contains("se/cret"), "{reason}");
    world.wait(Duration::from_secs(5));
    world.drain(Kind::Mail).await;
    assert_eq!((counts(&world).await, server.code().is_some()), ((0, 0), true));
}

#[tokio::test]
async fn a_mail_that_is_put_off_comes_later() {
    let server = MailServer::start().await;
    server.said.to_recipients.lock().expect("no panic").extend(["451 come back later", "421 too busy"]);
    let world = server.world("").await;
    register(&world).await;
    for (wait, code) in [(0, None), (5, None), (10, Some(()))] {
        world.wait(Duration::from_secs(wait));
        try_once(&world).await;
        assert_eq!(server.code().map(drop), code);
        assert_eq!(counts(&world).await, (i64::from(code.is_none()), 0));
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_is_not_sent_again() {
    let server = MailServer::start().await;
    server.said.to_recipients.lock().expect("no panic").push_back("550 no such student");
    let world = server.world("").await;
    register(&world).await;
    world.drain(Kind::Mail).await;
    assert_eq!(counts(&world).await, (0, 1));
    let reason = reason(&world).await;
    assert!(reason.contains("550") && reason.contains("no such student"), "{reason}");
    world.wait(Duration::from_secs(24 * 60 * 60));
    world.drain(Kind::Mail).await;
    assert_eq!((counts(&world).await, server.heard("RCPT")), ((0, 1), 1));
}

#[tokio::test]
async fn a_dead_mail_server_is_waited_for() {
    // Free again as soon as it is known.
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let world = mailing(&format!("smtp://{closed}")).await;
    register(&world).await;
    try_once(&world).await;
    assert_eq!(counts(&world).await, (1, 0));
    let server = MailServer::at(&closed.to_string()).await;
    world.wait(Duration::from_secs(5));
    world.drain(Kind::Mail).await;
    assert_eq!((counts(&world).await, server.code().is_some()), ((0, 0), true));
}

#[tokio::test]
async fn a_silent_mail_server_keeps_nobody_waiting() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let world = mailing(&format!("smtp://{}", silent.local_addr().expect("an address"))).await;
    register(&world).await;
    let sending = async { timeout(Duration::from_secs(3), world.drain(Kind::Mail)).await.is_err() };
    let (hangs, ()) = tokio::join!(sending, register(&world));
    assert!(hangs, "the mail is given ten seconds");
}
