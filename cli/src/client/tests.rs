//! The client against a scripted server on a socket of this machine.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use campuszon_core::{Id, UserId, wire::live::ServerFrame};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request as Handshake, Response as Upgrade},
    },
};

use super::{
    Client, ClientError, CredentialStore, Credentials, LiveEvent, Options, PageRequest, Server, SessionStore,
    StoredSession, StoredUser,
};
use crate::{
    clock,
    files::{self, Access},
};

struct Asked {
    line: String,
    headers: String,
    body: String,
}

impl Asked {
    fn has(&self, header: &str) -> bool {
        self.headers.to_lowercase().contains(&header.to_lowercase())
    }
}

/// Answers each request as `answer` says: a status line with further headers, and a JSON body.
async fn serve(answer: impl Fn(Asked) -> (String, Value) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let asked = read(&mut stream).await;
                let (head, body) = answer(asked);
                let body = body.to_string();
                let text =
                    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(text.as_bytes()).await.expect("written");
            });
        }
    });
    address
}

async fn read(stream: &mut BufReader<TcpStream>) -> Asked {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).await.expect("a line") > 0 {}
    let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.expect("a body");
    let (line, headers) = head.split_once("\r\n").expect("a request line");
    Asked { line: line.to_owned(), headers: headers.to_owned(), body: String::from_utf8(body).expect("text") }
}

fn client(server: &str, credentials: Credentials) -> Client {
    let server = Server::parse(server, false).expect("an address");
    Client::new(Options { server, credentials, timeout: Duration::from_secs(5), trace: None })
}

fn with_token(server: &str) -> Client {
    client(server, Credentials::Token("token".into()))
}

fn session(number: usize) -> Value {
    json!({
        "access_token": format!("access{number}"), "token_type": "Bearer", "expires_in": 900,
        "refresh_token": format!("refresh{number}"),
        "user": {
            "id": UserId::from_bits(1), "email": "ada@uni.example", "name": "Ada", "campus": "uni.example",
            "role": "student", "status": "active", "tokens": 2, "review_count": 0, "hide_presence": false,
            "joined": "2027-01-31T09:30:00.000Z", "unread_messages": 0, "unread_notifications": 0,
        },
    })
}

/// A client whose access token has ended.
fn with_stale_session(server: &str, directory: &Path) -> Client {
    let user = StoredUser { id: UserId::from_bits(1), email: "ada@uni.example".into(), name: "Ada".into() };
    let stale = StoredSession {
        access_token: "access0".into(),
        refresh_token: Some("refresh0".into()),
        expires_at: Some(clock::now()),
        user,
    };
    let content = json!({ "sessions": { server: stale } }).to_string();
    files::replace(&directory.join("credentials.json"), content.as_bytes(), Access::Private).expect("written");
    client(server, Credentials::Store(SessionStore::new(directory, server, CredentialStore::File)))
}

fn problem(status: u16, code: &str) -> Value {
    json!({
        "type": "about:blank", "title": "No", "status": status, "detail": "no", "instance": "/", "code": code,
        "request_id": "1",
    })
}

#[tokio::test]
async fn two_programs_refresh_one_session_once() {
    let refreshes = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&refreshes);
    let server = serve(move |asked| {
        if asked.line.starts_with("POST /api/auth/refresh") {
            assert!(asked.body.contains("refresh0"), "{}", asked.body);
            return ("200 OK".into(), session(counted.fetch_add(1, Ordering::SeqCst) + 1));
        }
        assert!(asked.has("authorization: bearer access1"), "{}", asked.headers);
        ("200 OK".into(), json!({ "items": [], "next_cursor": null }))
    });
    let server = server.await;
    let directory = tempfile::tempdir().expect("a directory");
    // Two clients share nothing but the file, as two processes do.
    let (one, two) = (with_stale_session(&server, directory.path()), with_stale_session(&server, directory.path()));
    let query = super::ItemQuery::default();
    let (a, b) = tokio::join!(one.items(&query, PageRequest::default()), two.items(&query, PageRequest::default()));
    assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_ended_session_is_forgotten() {
    let server = serve(|_| ("401 Unauthorized".into(), problem(401, "unauthenticated"))).await;
    let directory = tempfile::tempdir().expect("a directory");
    let client = with_stale_session(&server, directory.path());
    assert!(matches!(client.me().await, Err(ClientError::SessionEnded(_))));
    assert_eq!(client.stored_session().await.expect("readable"), None);
    assert!(matches!(client.me().await, Err(ClientError::NotSignedIn(_))));
}

#[tokio::test]
async fn reads_are_repeated_and_unkeyed_changes_are_not() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = serve(move |asked| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        if number == 0 || asked.line.starts_with("DELETE") {
            return ("503 Busy\r\nretry-after: 0".into(), problem(503, "unavailable"));
        }
        ("200 OK".into(), session(1).get("user").expect("a user").clone())
    });
    let client = with_token(&server.await);
    assert!(client.me().await.is_ok());
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let refused = client.revoke_token(Id::from_bits(1)).await.expect_err("refused");
    assert_eq!((refused.status(), count.load(Ordering::SeqCst)), (Some(503), 3));
}

#[tokio::test]
async fn a_redirect_to_another_host_gets_no_credentials() {
    let elsewhere = serve(|asked| {
        assert!(!asked.has("authorization"), "{}", asked.headers);
        ("200 OK".into(), json!({ "items": [], "next_cursor": null }))
    });
    let target = format!("307 Moved\r\nlocation: {}/api/items", elsewhere.await);
    let client = with_token(&serve(move |_| (target.clone(), Value::Null)).await);
    assert!(client.items(&super::ItemQuery::default(), PageRequest::default()).await.is_ok());
    // A change is not repeated there at all: its body may hold secrets.
    assert!(matches!(client.login("a@b.c", "secret", None).await, Err(ClientError::Redirected(_))));
}

#[tokio::test]
async fn dry_runs_send_no_change() {
    let server = serve(|asked| panic!("{}", asked.line)).await;
    let client = with_token(&server).dry_run();
    assert!(matches!(client.login("a@b.c", "secret", None).await, Err(ClientError::DryRun)));
    let planned = client.planned();
    assert_eq!(
        planned.first().map(|call| (call.method.as_str(), call.path.as_str())),
        Some(("POST", "/api/auth/login"))
    );
    assert!(!format!("{planned:?}").contains("secret"));
}

/// A live server that breaks off after three frames, of which one is lost, and replays on the second connection.
async fn serve_live() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let ready = |since: i64| {
            json!({
                "type": "ready", "user_id": UserId::from_bits(1), "session_id": null, "epoch": "e", "since": since,
                "server_time": "2027-01-31T09:30:00.000Z", "heartbeat_ms": 25000,
                "limits": { "max_frame": 65536, "max_body": 4000 },
            })
        };
        let receipt = |since: i64| {
            json!({
                "type": "receipt", "chat_id": "cht_00000000000000000000000000", "user_id": UserId::from_bits(2),
                "seq": since, "since": since,
            })
        };
        let mut first = accept(&listener).await;
        for frame in [ready(4), receipt(5), json!({ "type": "future", "since": 6 })] {
            first.send(Message::text(frame.to_string())).await.expect("sent");
        }
        drop(first);
        let mut second = accept(&listener).await;
        second.send(Message::text(ready(8).to_string())).await.expect("sent");
        let asked = second.next().await.expect("a frame").expect("no error").into_text().expect("text");
        assert_eq!(
            serde_json::from_str::<Value>(&asked).ok(),
            Some(json!({ "type": "resume", "since": 6, "epoch": "e" }))
        );
        for frame in [receipt(9), receipt(7), receipt(8), json!({ "type": "resumed", "since": 8 }), receipt(9)] {
            second.send(Message::text(frame.to_string())).await.expect("sent");
        }
        let stop =
            tokio_tungstenite::tungstenite::protocol::CloseFrame { code: 4403.into(), reason: "suspended".into() };
        second.close(Some(stop)).await.expect("closed");
    });
    address
}

async fn accept(listener: &TcpListener) -> tokio_tungstenite::WebSocketStream<TcpStream> {
    let (stream, _) = listener.accept().await.expect("a connection");
    #[expect(clippy::result_large_err, reason = "the signature is the library's")]
    let check = |request: &Handshake, mut response: Upgrade| -> Result<Upgrade, ErrorResponse> {
        assert_eq!(request.headers().get("authorization").map(|value| value.as_bytes()), Some(&b"Bearer token"[..]));
        let protocol = request.headers().get("sec-websocket-protocol").expect("a protocol").clone();
        response.headers_mut().insert("sec-websocket-protocol", protocol);
        Ok(response)
    };
    accept_hdr_async(stream, check).await.expect("a WebSocket")
}

#[tokio::test]
async fn the_live_connection_comes_back_and_misses_nothing() {
    let client = with_token(&serve_live().await);
    let mut live = client.live();
    let mut seen = Vec::new();
    let mut told = Vec::new();
    while let Some(event) = live.next().await {
        match event {
            LiveEvent::Frame(ServerFrame::Receipt { since, .. }) => seen.push(since),
            LiveEvent::Up => told.push("up"),
            LiveEvent::Down { .. } => told.push("down"),
            LiveEvent::Ended(ClientError::LiveClosed { code, .. }) => {
                assert_eq!(code, 4403);
                told.push("ended");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [5, 7, 8, 9]);
    assert_eq!(told, ["up", "down", "up", "ended"]);
}

#[tokio::test]
async fn an_upload_tells_how_far_it_is() {
    let picture = "p".repeat(40_000);
    let expected = picture.clone();
    let server = serve(move |asked| {
        assert_eq!((asked.line.as_str(), asked.body == expected), ("POST /api/images HTTP/1.1", true));
        assert!(asked.has("content-type: image/jpeg") && asked.has("idempotency-key: lamp-2"), "{}", asked.headers);
        let id = campuszon_core::ImageId::from_bits(7);
        ("202 Accepted".to_owned(), json!({"id": id, "status": "pending"}))
    });
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = told.clone();
    let progress = Arc::new(move |bytes| note.lock().expect("no panic").push(bytes));
    let client = with_token(&server.await);
    let uploaded =
        client.upload_image_telling(picture.into_bytes().into(), "image/jpeg", Some("lamp-2"), progress).await;
    assert_eq!(uploaded.expect("taken").id, campuszon_core::ImageId::from_bits(7));
    assert_eq!(*told.lock().expect("no panic"), [16_384, 32_768, 40_000]);
}
