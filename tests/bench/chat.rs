//! The live connection: durable sends beside a bare group-commit writer in the same run, fan-out, and what idle sockets
//! and their return cost. The clients of the idle sockets run in a process of their own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on says so and ends"
)]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use campuszon_core::{
    ChatId, ItemId, UserId,
    item::{Condition, Listing, NewItem, Terms},
    permission::UserStatus,
};
use campuszon_server::{
    App, chat,
    gateway::{
        self,
        listener::{self, Caps, Listener},
    },
    items,
    platform::{directory::DataDirectory, entropy::SystemClock},
    serve::{self, Options},
    settings::Settings,
    users::{self, sessions},
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// Clients that send at the same time.
const SENDERS: usize = 64;

/// How long each measurement lasts.
const SPAN: Duration = Duration::from_secs(5);

/// The most connections one user may have.
const PER_USER: usize = 20;

/// Messages a second while fan-out is measured, a hundredth of them every 10 ms: more than devices can read lets them go, as it
/// should, and would measure nothing.
const PACE: usize = 300;

const BODY: &str = "Is the lamp still there? I could come by tomorrow at noon.";

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match args.iter().position(|arg| arg == "--clients") {
        Some(at) => runtime.block_on(clients(&args[at + 1], Path::new(&args[at + 2]))),
        None => {
            let sockets = args.iter().filter_map(|arg| arg.parse().ok()).next().unwrap_or(10_000);
            runtime.block_on(run(sockets));
        }
    }
}

/// A server that listens, and the people on it.
struct Stage {
    app: App,
    address: SocketAddr,
    folder: tempfile::TempDir,
    _data: DataDirectory,
    _stop: watch::Sender<bool>,
    people: Vec<(UserId, String)>,
    /// The chat of each person but the first, who sells.
    chats: Vec<ChatId>,
}

async fn run(sockets: usize) {
    let stage = Stage::new(sockets.div_ceil(PER_USER).max(SENDERS + 1)).await;
    println!("{:34} {:>10} {:>10} {:>7}", "", "ours", "reference", "ratio");
    durable_sends(&stage).await;
    fan_out(&stage).await;
    idle(&stage, sockets).await;
}

impl Stage {
    async fn new(people: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = DataDirectory::open(folder.path().join("data")).expect("a data directory");
        let off = ["auth", "items_read", "items_write", "chat"].map(|name| format!("{name} = \"off\"\n")).concat();
        let settings = Settings::load(Some(("bench", &format!("[limits]\n{off}"))), []).expect("settings");
        let options = Options {
            data: data.path().to_owned(),
            listen: Vec::new(),
            database: None,
            mail: "console:".to_owned(),
            public_url: None,
            config: None,
        };
        let url = "http://127.0.0.1".to_owned();
        let app = serve::open(&options, settings, &data, url, Arc::new(SystemClock)).await.expect("a server");
        let (people, chats) = fill(&app, people).await;
        let listener = Listener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopping) = watch::channel(false);
        let caps = Caps::from(&app.settings.limits);
        let router = gateway::router(app.clone());
        tokio::spawn(listener::serve(vec![listener], router, caps, stopping, Duration::from_secs(1)));
        Self { app, address, folder, _data: data, _stop: stop, people, chats }
    }

    async fn connect(&self, person: usize) -> Stream {
        connect(&format!("ws://{}/api/ws", self.address), &self.people[person].1).await.expect("a connection")
    }
}

/// A campus where one sells something and everybody else talks to them about it.
async fn fill(app: &App, people: usize) -> (Vec<(UserId, String)>, Vec<ChatId>) {
    let parts = app.clone();
    let filled = app.write(move |tx| {
        let campus = tx.new_id();
        users::store::insert_campus(tx, campus, "Bench")?;
        let mut enrolled = Vec::new();
        for number in 0..people {
            let id = tx.new_id();
            let email = format!("p{number}@bench.example");
            users::store::insert_user(tx, campus, id, &email, "Somebody", "", UserStatus::Active)?;
            let user = users::service::user(tx, campus, id)?;
            let tokens = sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, None)?;
            enrolled.push((id, tokens.access_token));
        }
        let (seller, item) = (enrolled[0].0, tx.new_id::<ItemId>());
        items::store::insert(tx, campus, item, 1, seller, &lamp())?;
        let mut chats = Vec::new();
        for (buyer, _) in &enrolled[1..] {
            let id = tx.new_id();
            chat::store::insert_chat(tx, campus, id, item, *buyer, seller)?;
            chats.push(id);
        }
        Ok((enrolled, chats))
    });
    filled.await.expect("a campus")
}

fn lamp() -> NewItem {
    NewItem {
        title: "A lamp".to_owned(),
        description: String::new(),
        terms: Terms { listing: Listing::Wanted, price: 500, rent_period: None },
        category: "other".to_owned(),
        condition: Condition::Good,
        pickup: None,
        images: Vec::new(),
        draft: true,
    }
}

async fn connect(url: &str, token: &str) -> Option<Stream> {
    let mut request = url.into_client_request().ok()?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().ok()?);
    let (mut stream, _) = connect_async(request).await.ok()?;
    // `ready` says that the server has taken it in.
    stream.next().await?.ok()?;
    Some(stream)
}

async fn say(stream: &mut Stream, frame: &Value) {
    stream.send(Message::text(frame.to_string())).await.expect("an open connection");
}

/// The next frame that is a text.
async fn hear(stream: &mut Stream) -> Value {
    loop {
        if let Message::Text(text) = stream.next().await.expect("an open connection").expect("a frame") {
            return serde_json::from_str(&text).expect("JSON");
        }
    }
}

/// Sends that are acknowledged once durable, from many sockets, beside a writer that does nothing but commit.
async fn durable_sends(stage: &Stage) {
    let before = Instant::now();
    let clients = (0..SENDERS).map(|number| async move {
        let mut stream = stage.connect(number + 1).await;
        let mut times = Vec::new();
        while before.elapsed() < SPAN {
            let (began, client_id) = (Instant::now(), format!("s{number}-{}", times.len()));
            say(
                &mut stream,
                &json!({"type": "send", "chat_id": stage.chats[number], "client_id": client_id, "body": BODY}),
            )
            .await;
            while hear(&mut stream).await["type"] != "sent" {}
            times.push(began.elapsed());
        }
        times
    });
    let mut times = join_all(clients).await.concat();
    times.sort_unstable();
    let ours = rate(times.len());
    let bare = rate(bare_writes(stage.folder.path()).await);
    println!("{:34} {ours:>10.0} {bare:>10.0} {:>7.2}", "durable sends/s, 64 clients", ours / bare);
    println!("{:34} {:>10.1} {:>10.1}", "  p50, p99 ms", millis(&times, 50), millis(&times, 99));
}

/// One thread that commits what waits together, as plainly as it can be done; how many rows it wrote.
async fn bare_writes(folder: &Path) -> usize {
    let path = folder.join("bare.db");
    let (sender, queue) = mpsc::channel::<oneshot::Sender<()>>();
    let writer = std::thread::spawn(move || {
        let connection = rusqlite::Connection::open(path).expect("a database");
        connection.pragma_update(None, "journal_mode", "wal").expect("WAL");
        connection.pragma_update(None, "synchronous", "full").expect("FULL");
        connection.execute_batch("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)").expect("a table");
        while let Ok(first) = queue.recv() {
            let waiting: Vec<oneshot::Sender<()>> = std::iter::once(first).chain(queue.try_iter().take(255)).collect();
            connection.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
            for _ in &waiting {
                let mut insert = connection.prepare_cached("INSERT INTO rows (body) VALUES (?1)").expect("a statement");
                insert.execute([BODY]).expect("a row");
            }
            connection.execute_batch("COMMIT").expect("a commit");
            for done in waiting {
                let _ = done.send(());
            }
        }
    });
    let before = Instant::now();
    let clients = (0..SENDERS).map(|_| {
        let sender = sender.clone();
        tokio::spawn(async move {
            let mut rows = 0;
            while before.elapsed() < SPAN {
                let (done, written) = oneshot::channel();
                sender.send(done).expect("a writer");
                written.await.expect("a commit");
                rows += 1;
            }
            rows
        })
    });
    let rows: usize = join_all(clients).await.into_iter().map(|rows| rows.expect("no panic")).sum();
    drop(sender);
    writer.join().expect("no panic");
    rows
}

/// One chat whose two members have as many devices as they may: deliveries, and how long after the acknowledgement the
/// last device has it.
async fn fan_out(stage: &Stage) {
    // The seller and the last buyer, whose places are free: they sent nothing before.
    let (devices, members) = (2 * PER_USER, [0, stage.chats.len()]);
    let chat = stage.chats[members[1] - 1];
    let (delivered, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let last: Arc<Mutex<HashMap<i64, Instant>>> = Arc::default();
    let mut listening = Vec::new();
    for number in 0..devices - 1 {
        let mut stream = stage.connect(members[number % 2]).await;
        let (delivered, last, stop) = (delivered.clone(), last.clone(), stop.clone());
        listening.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let Ok(next) = tokio::time::timeout(SPAN / 10, stream.next()).await else { continue };
                let Message::Text(text) = next.expect("an open connection").expect("a frame") else { continue };
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if let (Some("message"), Some(seq)) = (frame["type"].as_str(), frame["message"]["seq"].as_i64()) {
                    delivered.fetch_add(1, Ordering::Relaxed);
                    last.lock().expect("no panic").insert(seq, Instant::now());
                }
            }
        }));
    }
    let mut sender = stage.connect(members[1]).await;
    let (before, mut acknowledged, mut sent) = (Instant::now(), HashMap::new(), 0);
    let send =
        |number: usize| json!({"type": "send", "chat_id": chat, "client_id": format!("f{number}"), "body": BODY});
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    while before.elapsed() < SPAN {
        tokio::select! {
            _ = ticks.tick() => for _ in 0..PACE / 100 {
                say(&mut sender, &send(sent)).await;
                sent += 1;
            },
            frame = hear(&mut sender) => match frame["type"].as_str() {
                Some("sent") => {
                    acknowledged.insert(frame["message"]["seq"].as_i64().expect("a number"), Instant::now());
                }
                Some("message") => {
                    delivered.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            },
        }
    }
    let deliveries = delivered.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    join_all(listening).await;
    let last = last.lock().expect("no panic");
    let lag = |(seq, at): (&i64, &Instant)| Some(last.get(seq)?.saturating_duration_since(*at));
    let mut lags: Vec<Duration> = acknowledged.iter().filter_map(lag).collect();
    lags.sort_unstable();
    println!("{:34} {:>10.0}", "deliveries/s, 40 devices", rate(usize::try_from(deliveries).expect("few")));
    println!("{:34} {:>10.1} {:>10.1}", "  acknowledged → last, p50, p99 ms", millis(&lags, 50), millis(&lags, 99));
}

/// What many sockets cost that say nothing, and how soon they are back when all are gone at once.
async fn idle(stage: &Stage, sockets: usize) {
    let tokens = stage.folder.path().join("tokens");
    let lines: Vec<&str> = (0..sockets).map(|number| stage.people[number / PER_USER].1.as_str()).collect();
    std::fs::write(&tokens, lines.join("\n")).expect("a file");
    let before = resident();
    let mut clients = Clients::start(&format!("ws://{}/api/ws", stage.address), &tokens);
    let opened = clients.next();
    let after = resident();
    let cpu = busy();
    tokio::time::sleep(SPAN).await;
    let idle = (busy() - cpu) / SPAN.as_secs_f64() * 100.0;
    clients.go_on();
    let back = clients.next();
    println!("{:34} {:>10}", "idle sockets", stage.app.hub.connections());
    println!(
        "{:34} {:>10.1} {:>10.1}",
        "  MiB in all, KiB each",
        (after - before) / 1024.0,
        (after - before) / sockets as f64
    );
    println!("{:34} {:>10.1}", "  % of a core", idle);
    println!("{:34} {:>10.1} {:>10.1}", "  s to open, to come back", opened, back);
}

/// The process with the clients.
struct Clients {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Clients {
    fn start(url: &str, tokens: &Path) -> Self {
        let program = std::env::current_exe().expect("a program");
        let mut child = Command::new(program)
            .args(["--clients", url])
            .arg(tokens)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("clients");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        Self { child, lines }
    }

    /// How many seconds the next step took.
    fn next(&mut self) -> f64 {
        tokio::task::block_in_place(|| self.lines.next().expect("a line").expect("text").parse().expect("a number"))
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().expect("stdin").write_all(b"\n").expect("a reader");
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Opens a socket for each line of a file, says how long that took, and does it all again when told to.
async fn clients(url: &str, tokens: &Path) {
    let tokens = std::fs::read_to_string(tokens).expect("a file");
    let mut open = Vec::new();
    for _ in 0..2 {
        drop(std::mem::take(&mut open));
        let began = Instant::now();
        let waiting: Arc<Mutex<Vec<String>>> = Arc::new(Mutex::new(tokens.lines().map(str::to_owned).collect()));
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
