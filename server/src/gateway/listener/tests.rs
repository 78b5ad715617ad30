//! Real sockets against the accept loop.

use std::{net::SocketAddr, time::Instant};

use axum::{Extension, http::StatusCode, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;

use super::*;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);
const CAPS: Caps = Caps { connections: 100, half_open: 100, per_address: 1, header_timeout: LONG };

struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    running: JoinHandle<usize>,
}

impl Server {
    async fn start(caps: Caps, grace: Duration) -> Self {
        Self::on(Listener::bind("127.0.0.1:0").await.unwrap(), caps, grace)
    }

    fn on(listener: Listener, caps: Caps, grace: Duration) -> Self {
        let address = listener.local_addr().unwrap();
        let (stop, shutdown) = watch::channel(false);
        let running = tokio::spawn(serve(vec![listener], app(), caps, shutdown, grace));
        Self { address, stop, running }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Asks for `path` and keeps the connection open.
    async fn ask(&self, path: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        stream
    }

    async fn stop(self) -> usize {
        self.stop.send(true).unwrap();
        self.running.await.unwrap()
    }
}

fn app() -> Router {
    Router::new()
        .route("/", get(|Extension(PeerAddress(peer)): Extension<PeerAddress>| async move { peer.to_string() }))
        .route("/slow", get(|| async { tokio::time::sleep(SHORT).await }))
        .route("/never", get(std::future::pending::<()>))
        .route("/panic", get(|| async { assert_eq!(1, 2, "a handler panics") }))
        .route("/upgrade", get(upgrade))
}

/// Echoes one byte over the upgraded socket, then closes it.
async fn upgrade(request: Request) -> (StatusCode, [(&'static str, &'static str); 2]) {
    tokio::spawn(async move {
        let mut socket = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
        let byte = socket.read_u8().await.unwrap();
        socket.write_u8(byte).await.unwrap();
    });
    (StatusCode::SWITCHING_PROTOCOLS, [("connection", "upgrade"), ("upgrade", "echo")])
}

/// What arrives up to the end of the connection, or of the first answer.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let read = timeout(LONG, stream.read(&mut bytes)).await.unwrap().unwrap_or(0);
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    answer(stream).await.is_empty()
}

#[tokio::test]
async fn serves_with_the_address_of_the_peer_and_stops() {
    let server = Server::start(CAPS, LONG).await;
    let mut stream = server.ask("/").await;
    let answered = answer(&mut stream).await;
    assert!(answered.starts_with("HTTP/1.1 200") && answered.ends_with("127.0.0.1"), "{answered}");
    let began = Instant::now();
    assert_eq!(server.stop().await, 0);
    assert!(is_closed(&mut stream).await && began.elapsed() < LONG / 2, "idle connections are not waited for");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let first = Listener::bind("127.0.0.1:0").await.unwrap();
    let address = first.local_addr().unwrap().to_string();
    let refused = Listener::bind(&address).await.unwrap_err().to_string();
    assert!(refused.contains(&address) && refused.contains("--listen"), "{refused}");
}

#[tokio::test]
async fn slow_and_silent_clients_are_closed() {
    let server = Server::start(Caps { header_timeout: SHORT, ..CAPS }, LONG).await;
    for header in ["", "GET / HTTP/1.1\r\nx-slow: 12345678901234567890123456789", "PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let mut stream = server.connect().await;
        let began = Instant::now();
        for byte in header.bytes() {
            // Once it is closed, writing fails.
            if stream.write_u8(byte).await.is_err() {
                break;
            }
            tokio::time::sleep(SHORT / 20).await;
        }
        assert!(is_closed(&mut stream).await, "{header}");
        assert!(began.elapsed() < LONG / 2, "{header}");
    }
    let mut idle = server.ask("/").await;
    assert!(!is_closed(&mut idle).await);
    idle.write_all(b"GET / HT").await.unwrap();
    assert!(is_closed(&mut idle).await, "a later header has its time-out too");
}

#[tokio::test]
async fn http_2_is_understood() {
    let server = Server::start(CAPS, LONG).await;
    let mut stream = server.connect().await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "settings come first");
}

#[tokio::test]
async fn half_open_connections_cannot_keep_others_out() {
    let server = Server::start(Caps { half_open: 5, ..CAPS }, LONG).await;
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(server.connect().await);
    }
    assert!(!is_closed(&mut server.ask("/").await).await);
    assert!(is_closed(&mut silent[0]).await);
}

#[tokio::test]
async fn more_than_all_are_turned_away_until_one_leaves() {
    let server = Server::start(Caps { connections: 1, ..CAPS }, LONG).await;
    let mut first = server.ask("/").await;
    assert!(!is_closed(&mut first).await);
    assert!(is_closed(&mut server.ask("/").await).await);
    drop(first);
    while is_closed(&mut server.ask("/").await).await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_panic_ends_its_connection_alone() {
    let server = Server::start(CAPS, LONG).await;
    assert!(is_closed(&mut server.ask("/panic").await).await);
    assert!(!is_closed(&mut server.ask("/").await).await);
    assert_eq!(server.stop().await, 0);
}

#[tokio::test]
async fn requests_finish_after_the_shutdown_began() {
    let server = Server::start(CAPS, LONG).await;
    let mut stream = server.ask("/slow").await;
    tokio::time::sleep(SHORT / 3).await;
    let address = server.address;
    let stopping = tokio::spawn(server.stop());
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    assert_eq!(stopping.await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn requests_that_never_finish_are_cut_off() {
    let server = Server::start(CAPS, SHORT).await;
    let mut stream = server.ask("/never").await;
    tokio::time::sleep(SHORT / 3).await;
    assert_eq!(server.stop().await, 1);
    assert!(is_closed(&mut stream).await);
}

#[tokio::test]
async fn upgraded_sockets_are_counted_and_waited_for() {
    let server = Server::start(Caps { connections: 1, header_timeout: SHORT, ..CAPS }, LONG).await;
    let mut socket = server.connect().await;
    socket
        .write_all(b"GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n")
        .await
        .unwrap();
    assert!(answer(&mut socket).await.starts_with("HTTP/1.1 101"));
    assert!(is_closed(&mut server.ask("/").await).await, "the socket holds its slot");

    let stopping = tokio::spawn(server.stop());
    tokio::time::sleep(SHORT * 2).await;
    assert!(!stopping.is_finished());
    socket.write_u8(7).await.unwrap();
    assert_eq!(socket.read_u8().await.unwrap(), 7);
    assert_eq!(stopping.await.unwrap(), 0);
}

/// A door with TLS, and how to open it from outside.
async fn secured() -> (Listener, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let certificates = Arc::new(tls::Certificates::default());
    let provider = rustls::crypto::ring::default_provider();
    let chain = vec![made.cert.der().clone()];
    certificates.set(rustls::sign::CertifiedKey::from_der(chain, key, &provider).unwrap());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let mut client = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec()];
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    (listener.secured(Some(&certificates.configuration().unwrap())), TlsConnector::from(Arc::new(client)))
}

#[tokio::test]
async fn http_2_is_agreed_on_in_the_handshake() {
    let (listener, connector) = secured().await;
    assert!(listener.url().unwrap().starts_with("https://127.0.0.1:"));
    let server = Server::on(listener, CAPS, LONG);
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, server.connect().await).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "settings come first");
}

#[tokio::test]
async fn who_is_slow_to_shake_hands_is_closed() {
    let (listener, _) = secured().await;
    let server = Server::on(listener, Caps { header_timeout: SHORT, ..CAPS }, LONG);
    // Nothing, the beginning of a handshake, and none at all.
    for hello in [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let mut stream = server.connect().await;
        stream.write_all(hello).await.unwrap();
        let began = Instant::now();
        let mut all = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut all)).await.unwrap();
        assert!(!all.starts_with(b"HTTP") && began.elapsed() < LONG / 2, "{all:?}");
    }
}

#[tokio::test]
async fn half_open_handshakes_cannot_keep_others_out() {
    let (listener, connector) = secured().await;
    let server = Server::on(listener, Caps { half_open: 5, ..CAPS }, LONG);
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(server.connect().await);
    }
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    connector.connect(name, server.connect().await).await.unwrap();
    assert!(is_closed(&mut silent[0]).await);
}

#[tokio::test]
async fn a_request_that_is_on_its_way_when_stopping_begins_is_served() {
    let server = Server::start(CAPS, LONG).await;
    let (mut fresh, mut idle) = (server.connect().await, server.ask("/").await);
    assert!(!is_closed(&mut idle).await, "both have been taken in");
    let stopping = tokio::spawn(server.stop());
    for stream in [&mut idle, &mut fresh] {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let answered = answer(stream).await;
        assert!(answered.starts_with("HTTP/1.1 200") && answered.contains("connection: close"), "{answered}");
        assert!(is_closed(stream).await);
    }
    assert_eq!(stopping.await.unwrap(), 0);
}
