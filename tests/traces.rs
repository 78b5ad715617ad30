//! Traces: a server with a collector, which takes apart what it is sent. Built with the feature `otlp` only.
#![cfg(test)]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value as Any,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const EMAIL: &str = "ada@uni.example";
const PASSWORD: &str = "correct horse battery";

/// A trace that somebody else began, once to be recorded and once not.
const RECORDED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const UNRECORDED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// What came in one request to the collector.
struct Batch {
    headers: HeaderMap,
    request: ExportTraceServiceRequest,
}

/// Takes what servers send.
struct Collector {
    url: String,
    batches: UnboundedReceiver<Batch>,
}

impl Collector {
    async fn start() -> Self {
        let (sender, batches) = unbounded_channel();
        let routes = Router::new().route("/v1/traces", post(take)).with_state(sender);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { url, batches }
    }

    async fn batch(&mut self) -> Batch {
        timeout(PATIENCE, self.batches.recv()).await.expect("traces in time").expect("a collector")
    }

    /// Takes spans until `is_enough` says so.
    async fn spans_until(&mut self, is_enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        let mut spans = Vec::new();
        while !is_enough(&spans) {
            spans.extend(spans_of(self.batch().await.request));
        }
        spans
    }

    /// What has come and was not taken yet.
    fn rest(&mut self) -> Vec<Batch> {
        std::iter::from_fn(|| self.batches.try_recv().ok()).collect()
    }
}

async fn take(State(sender): State<UnboundedSender<Batch>>, headers: HeaderMap, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).expect("a request of traces");
    let _ = sender.send(Batch { headers, request });
}

fn spans_of(request: ExportTraceServiceRequest) -> Vec<Span> {
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// The first span of this name.
#[track_caller]
fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names = || spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} in {:?}", names()))
}

/// Those right below a span.
fn below<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a Span> {
    let is_child = |span: &&Span| span.parent_span_id == parent.span_id && span.trace_id == parent.trace_id;
    spans.iter().filter(is_child).collect()
}

/// What a span says, numbers as JSON does.
fn attributes(span: &Span) -> BTreeMap<&str, Value> {
    let value = |value: &Any| match value {
        Any::StringValue(text) => json!(text),
        Any::IntValue(number) => json!(number),
        Any::DoubleValue(number) => json!(number),
        other => panic!("an attribute is {other:?}"),
    };
    let of = |any: &Option<opentelemetry_proto::tonic::common::v1::AnyValue>| {
        any.as_ref().and_then(|any| any.value.as_ref()).map_or(Value::Null, value)
    };
    span.attributes.iter().map(|pair| (pair.key.as_str(), of(&pair.value))).collect()
}

fn failed(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code == StatusCode::Error as i32)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The program at a place of its own, untouched by the environment of the tests.
fn program(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campuszon"));
    command.env_clear().env("HOME", home.path()).env("CAMPUSZON_HOME", home.path()).current_dir(home.path());
    command
}

/// A server as `campuszon serve` runs it.
struct Server {
    child: Child,
    address: SocketAddr,
    lines: UnboundedReceiver<String>,
    home: TempDir,
}

/// What a request was answered.
struct Answer {
    status: u16,
    request_id: String,
    body: Value,
}

impl Server {
    /// Starts one with an administrator, that sends traces to `endpoint`.
    async fn start(endpoint: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let mut init = program(&home);
        init.args(["admin", "init", "--data", "data", "--email", EMAIL, "--password-stdin"]).stdin(Stdio::piped());
        let mut init = init.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        init.stdin.take().expect("stdin").write_all(PASSWORD.as_bytes()).expect("written");
        assert!(init.wait().expect("an end").success());

        let log = std::fs::File::create(home.path().join("log")).expect("a log");
        let mut serve = program(&home);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]).args(arguments);
        serve.args(["--log", "json"]).env("CAMPUSZON_TRACES__ENDPOINT", endpoint);
        serve.env("CAMPUSZON_MAIL_URL", "file:mail");
        serve.envs(["AUTH", "ITEMS_READ"].map(|limit| (format!("CAMPUSZON_LIMITS__{limit}"), "off")));
        serve.envs(environment.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = serve.spawn().expect("the program starts");
        let mut lines = lines(child.stdout.take().expect("stdout"));
        let line = timeout(PATIENCE, lines.recv()).await.expect("a line in time").unwrap_or_default();
        let address = line.strip_prefix("listening on http://").and_then(|address| address.parse().ok());
        Self { child, address: address.unwrap_or_else(|| panic!("it says {line}")), lines, home }
    }

    /// Sends a request over a connection of its own; `token` may be empty and `body` null.
    async fn ask(&self, method: &str, path: &str, token: &str, headers: &str, body: Value) -> Answer {
        timeout(PATIENCE, self.exchange(method, path, token, headers, body)).await.expect("an answer in time")
    }

    async fn exchange(&self, method: &str, path: &str, token: &str, headers: &str, body: Value) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}");
        if !token.is_empty() {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        if !body.is_empty() {
            head += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("headers");
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        Answer {
            status: head[9..12].parse().expect("a status"),
            request_id: header("x-request-id: "),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "", Value::Null).await
    }

    /// Signs the administrator in: the tokens for access and for the next one.
    async fn sign_in(&self) -> (String, String) {
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let session = self.ask("POST", "/api/auth/login", "", "", body).await.body;
        let text = |name: &str| session[name].as_str().unwrap_or_else(|| panic!("no {name}: {session}")).to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// Asks it to stop, and waits until it has: how long that took.
    async fn stop(&mut self) -> Duration {
        let begun = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM).expect("it runs");
        // Its output ends with it.
        while timeout(PATIENCE, self.lines.recv()).await.expect("an end in time").is_some() {}
        assert!(self.child.wait().expect("a state").success(), "{}", self.log());
        begun.elapsed()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process says, line by line.
fn lines(stdout: impl std::io::Read + Send + 'static) -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

/// A test on a runtime whose collector goes on while others wait.
macro_rules! story {
    ($($(#[$doc:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() $body
    )*};
}

story! {
    async fn a_request_and_what_it_asks_of_the_database_are_one_trace() {
        let mut collector = Collector::start().await;
        let server = Server::start(&collector.url, &[], &[]).await;
        let (token, _) = server.sign_in().await;
        let answer = server.ask("GET", "/api/items?q=lamp", &token, "", Value::Null).await;
        assert_eq!(answer.status, 200);
        let spans = collector.spans_until(|spans| spans.iter().any(|span| span.name == "GET /api/items")).await;

        let list = named(&spans, "GET /api/items");
        assert_eq!((list.kind, list.parent_span_id.len()), (SpanKind::Server as i32, 0));
        let said: BTreeMap<&str, Value> = [
            ("http.request.method", json!("GET")),
            ("http.route", json!("/api/items")),
            ("http.response.status_code", json!(200)),
            ("request_id", json!(answer.request_id)),
        ]
        .into();
        assert_eq!(attributes(list), said, "that and no more");
        assert!(!failed(list) && list.events.is_empty() && list.links.is_empty());
        let reads = below(&spans, list);
        assert!(!reads.is_empty() && reads.iter().all(|span| span.name == "database read"), "{reads:?}");
        for read in reads {
            let said = attributes(read);
            assert_eq!(said.keys().copied().collect::<Vec<_>>(), ["db.operation.name", "queued_ms", "ran_ms", "runs"]);
            let millis = |name: &str| said[name].as_f64().expect("a number");
            let whole = (read.end_time_unix_nano - read.start_time_unix_nano) as f64 / 1e6;
            assert!(millis("queued_ms") >= 0.0 && millis("ran_ms") > 0.0, "{said:?}");
            // Two clocks measured them.
            assert!(millis("queued_ms") + millis("ran_ms") <= whole + 5.0, "{said:?} of {whole} ms");
        }

        let login = named(&spans, "POST /api/auth/login");
        assert!(below(&spans, login).iter().any(|span| span.name == "database write"));
        assert_ne!(login.trace_id, list.trace_id);
    }

    async fn a_background_job_is_a_trace_of_its_own() {
        let mut collector = Collector::start().await;
        let server = Server::start(&collector.url, &[], &[]).await;
        let body = json!({ "email": "ben@uni.example", "password": PASSWORD, "name": "Ben" });
        assert_eq!(server.ask("POST", "/api/auth/register", "", "", body).await.status, 202);
        let spans = collector.spans_until(|spans| spans.iter().any(|span| span.name == "job mail")).await;
        let job = named(&spans, "job mail");
        assert_eq!((job.kind, job.parent_span_id.len(), failed(job)), (SpanKind::Consumer as i32, 0, false));
        assert_eq!(attributes(job), [("job.kind", json!("mail")), ("job.attempt", json!(1))].into());
        assert!(below(&spans, job).iter().any(|span| span.name == "database write"), "{spans:?}");
    }

    async fn a_job_that_fails_is_marked_and_its_line_in_the_log_is_what_it_was() {
        let mut collector = Collector::start().await;
        let mut server = Server::start(&collector.url, &[("CAMPUSZON_MAIL_URL", "smtp://127.0.0.1:1")], &[]).await;
        let body = json!({ "email": "ben@uni.example", "password": PASSWORD, "name": "Ben" });
        assert_eq!(server.ask("POST", "/api/auth/register", "", "", body).await.status, 202);
        let spans = collector.spans_until(|spans| spans.iter().any(|span| span.name == "job mail")).await;
        assert!(failed(named(&spans, "job mail")));
        server.stop().await;
        let log = server.log();
        let line = log.lines().find(|line| line.contains("a mail was not sent")).expect("a line");
        let line: serde_json::Map<String, Value> = serde_json::from_str(line).expect("JSON");
        assert_eq!(line.keys().collect::<Vec<_>>(), ["timestamp", "level", "fields"], "no span around it");
    }

    async fn what_the_server_could_not_do_is_marked() {
        let mut collector = Collector::start().await;
        let mut server = Server::start(&collector.url, &[], &[]).await;
        let (token, _) = server.sign_in().await;
        let body = json!({ "message": "Back at six" });
        assert_eq!(server.ask("PUT", "/api/admin/maintenance", &token, "", body).await.status, 200);
        assert_eq!(server.get("/api/items").await.status, 503);
        assert_eq!(server.get("/no/such/path").await.status, 404);
        server.stop().await;
        let spans: Vec<Span> = collector.rest().into_iter().flat_map(|batch| spans_of(batch.request)).collect();
        let closed = named(&spans, "GET /api/items");
        assert!(failed(closed));
        assert_eq!(attributes(closed)["http.response.status_code"], 503);
        assert!(!failed(named(&spans, "GET unmatched")), "no route, no path, and the client's fault");
    }

    async fn no_secret_is_in_what_is_sent() {
        let mut collector = Collector::start().await;
        let folder = tempfile::tempdir().expect("a folder");
        let key: PathBuf = folder.path().join("key");
        std::fs::write(&key, "authorization=Bearer%20key-of-the-collector\n").expect("written");
        let key = key.to_str().expect("a path");
        let environment = [("OTEL_EXPORTER_OTLP_HEADERS_FILE", key)];
        let mut server = Server::start(&collector.url, &environment, &["--log-level", "trace"]).await;
        let (token, refresh) = server.sign_in().await;
        let unknown = "itm_01hzzzzzzzzzzzzzzzzzzzzzzz";
        for path in ["/api/items?q=diary&cursor=crumb", "/api/me", &format!("/api/items/{unknown}"), "/s3cret"] {
            server.ask("GET", path, &token, "Cookie: biscuit\r\nX-Forwarded-For: 203.0.113.77\r\n", Value::Null).await;
        }
        let body = json!({ "refresh_token": refresh });
        server.ask("POST", "/api/auth/refresh", "", "", body).await;
        let body = json!({ "email": "ben@uni.example", "password": PASSWORD, "name": "Benedict" });
        server.ask("POST", "/api/auth/register", "", "", body).await;
        server.stop().await;

        let batches = collector.rest();
        assert!(batches.iter().all(|batch| batch.headers["authorization"] == "Bearer key-of-the-collector"));
        let sent: String = batches.iter().map(|batch| format!("{:?}", batch.request)).collect();
        assert!(sent.contains("POST /api/auth/refresh") && sent.contains("GET /api/items/{id}"), "{sent}");
        let typed = [PASSWORD, EMAIL, "ben@uni.example", "Benedict", "diary", "crumb", "biscuit", "s3cret", unknown];
        let held = [token.as_str(), &refresh, "key-of-the-collector", "203.0.113.77", "127.0.0.1"];
        for secret in typed.iter().chain(&held) {
            assert!(!sent.contains(secret), "{secret} is in {sent}");
        }
        let log = server.log();
        assert!(!log.contains("key-of-the-collector") && !log.contains(PASSWORD));
        let ours = log.lines().filter(|line| line.contains("campuszon::traces") || line.contains("otel."));
        assert_eq!(ours.count(), 0, "spans are not for the log");
        let request = log.lines().find(|line| line.contains("\"message\":\"request\"")).expect("a request");
        let request: Value = serde_json::from_str(request).expect("JSON");
        assert!(request["fields"]["request_id"].is_string() && request.get("span").is_none(), "{request}");
    }

    async fn a_client_does_not_decide_what_is_recorded() {
        let mut collector = Collector::start().await;
        let headers = format!("traceparent: {RECORDED}\r\n");
        let mut server = Server::start(&collector.url, &[("CAMPUSZON_TRACES__SAMPLE", "0")], &[]).await;
        server.ask("GET", "/api/meta", "", &headers, Value::Null).await;
        server.stop().await;
        assert_eq!(collector.rest().len(), 0, "a share of nothing is nothing");

        let mut server = Server::start(&collector.url, &[], &[]).await;
        server.ask("GET", "/api/meta", "", &headers, Value::Null).await;
        server.stop().await;
        let spans = collector.spans_until(|spans| !spans.is_empty()).await;
        let span = named(&spans, "GET /api/meta");
        assert_eq!(span.parent_span_id.len(), 0);
        assert!(!RECORDED.contains(&hex(&span.trace_id)), "nor which trace it belongs to");
    }

    async fn a_proxy_that_is_trusted_does() {
        let mut collector = Collector::start().await;
        let trusting = ["--trusted-proxy", "127.0.0.1"];
        let mut server = Server::start(&collector.url, &[("CAMPUSZON_TRACES__SAMPLE", "0")], &trusting).await;
        for headers in [format!("traceparent: {RECORDED}\r\n"), String::new(), "traceparent: 00-nonsense-01\r\n".into()] {
            server.ask("GET", "/api/meta", "", &headers, Value::Null).await;
        }
        server.stop().await;
        let spans = collector.spans_until(|spans| !spans.is_empty()).await;
        let requests: Vec<&Span> = spans.iter().filter(|span| span.kind == SpanKind::Server as i32).collect();
        assert_eq!(requests.len(), 1, "{requests:?}");
        let known = format!("00-{}-{}-01", hex(&requests[0].trace_id), hex(&requests[0].parent_span_id));
        assert_eq!(known, RECORDED);
        assert!(collector.rest().is_empty());

        let mut server = Server::start(&collector.url, &[], &trusting).await;
        server.ask("GET", "/api/meta", "", &format!("traceparent: {UNRECORDED}\r\n"), Value::Null).await;
        server.stop().await;
        assert!(collector.rest().is_empty());
    }

    /// The last moments of a server are the most interesting ones.
    async fn what_waits_is_sent_at_the_end() {
        let mut collector = Collector::start().await;
        let mut server = Server::start(&collector.url, &[], &[]).await;
        for _ in 0..700 {
            server.get("/api/meta").await;
        }
        server.stop().await;
        let spans: Vec<Span> = collector.rest().into_iter().flat_map(|batch| spans_of(batch.request)).collect();
        assert_eq!(spans.iter().filter(|span| span.name == "GET /api/meta").count(), 700);
    }

    async fn nobody_waits_for_a_collector_that_is_stuck() {
        let (listener, mut stuck) = (TcpListener::bind("127.0.0.1:0").await.expect("a port"), Vec::new());
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let mut server = Server::start(&endpoint, &[], &[]).await;
        let begun = Instant::now();
        server.get("/api/meta").await;
        // Now it holds a batch, and does nothing with it.
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.expect("in time").expect("a connection");
        stuck.push(stream);
        let mut slowest = Duration::ZERO;
        for _ in 0..100 {
            let asked = Instant::now();
            assert_eq!(server.get("/api/meta").await.status, 200);
            slowest = slowest.max(asked.elapsed());
        }
        // One try to send a batch takes 3 s: who waited for one would have waited for as long.
        assert!(slowest < Duration::from_secs(2), "{slowest:?} after {:?}", begun.elapsed());
        let stopped = server.stop().await;
        // Stopping gives idle connections half a second, and the collector two.
        assert!(stopped < Duration::from_secs(6), "{stopped:?}");
    }

    async fn a_collector_that_is_gone_is_told_of_once() {
        let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
        let mut server = Server::start(&format!("http://{closed}"), &[], &[]).await;
        for _ in 0..600 {
            assert_eq!(server.get("/api/meta").await.status, 200);
        }
        server.stop().await;
        let log = server.log();
        let lines = log.lines().filter(|line| line.contains("the collector takes no traces"));
        assert_eq!(lines.count(), 1, "{log}");
        assert!(log.contains("refused"), "{log}");
    }

    async fn headers_that_are_none_are_refused_without_being_repeated() {
        let home = tempfile::tempdir().expect("a folder");
        let mut serve = program(&home);
        serve.args(["serve", "--data", "data"]).env("CAMPUSZON_TRACES__ENDPOINT", "http://127.0.0.1:1");
        let output = serve.env("OTEL_EXPORTER_OTLP_HEADERS", "hush").output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(13), "{stderr}");
        assert!(stderr.contains("OTEL_EXPORTER_OTLP_HEADERS: give name=value") && !stderr.contains("hush"), "{stderr}");
    }
}
