//! One HTTP exchange over a connection that is kept, as the benchmarks ask: cheap, so that the server is what is measured.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The words of a request for `path` by whom `token` names.
pub fn get(path: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n")
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// When to come again.
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
}

/// An answer, which has a content length; `None` where the connection broke. `kept` is the
/// connection, made where there is none.
pub async fn ask(address: SocketAddr, request: &str, kept: &mut Option<TcpStream>) -> Option<Answer> {
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => TcpStream::connect(address).await.ok()?,
    };
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut bytes = Vec::with_capacity(16 * 1024);
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let header = |name| head.lines().find_map(|line| line.strip_prefix(name));
        if bytes.len() >= end + 4 + header("content-length: ")?.parse::<usize>().ok()? {
            let status = head.get(9..12)?.parse().ok()?;
            let retry_after = header("retry-after: ").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
            *kept = Some(stream);
            return Some(Answer { status, retry_after, body: bytes.split_off(end + 4) });
        }
    }
}
