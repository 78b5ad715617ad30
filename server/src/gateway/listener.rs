//! The accept loop: takes connections in within their caps, gives each a bounded time to send its first request, and on
//! shutdown lets them finish.
//!
//! The loop is our own since the ready-made one of axum sets no time-outs, has no caps and forgets upgraded sockets.

mod admission;
mod held;
mod proxies;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::Request, http::HeaderMap};
use futures_util::future::join_all;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinSet,
    time::timeout,
};
use tower::ServiceExt;

pub use self::proxies::{BadNetwork, TrustedProxies};
use self::{
    admission::{Admission, Opening, Slot},
    held::Held,
};
use crate::settings::Limits;

/// The address a request came from, as the socket knows it, or as a trusted proxy tells: an extension of every request.
/// IPv4 stays IPv4, on sockets that take both kinds too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// The server cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; is another server running there? Choose another address with --listen")]
pub struct ListenError {
    /// Where.
    pub address: String,
    /// What the system answered.
    pub source: io::Error,
}

/// An open door: connections wait behind it until [`serve`] takes them in.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    proxies: Arc<TrustedProxies>,
}

impl Listener {
    /// Opens `address`, such as `127.0.0.1:8080`; port 0 takes any free one.
    ///
    /// # Errors
    /// The address is none, is taken, or may not be used.
    pub async fn bind(address: &str) -> Result<Self, ListenError> {
        let refused = |source| ListenError { address: address.to_owned(), source };
        let socket = TcpListener::bind(address).await.map_err(refused)?;
        Ok(Self { socket, proxies: Arc::default() })
    }

    /// The same, believing these proxies.
    #[must_use]
    pub fn behind(self, proxies: &Arc<TrustedProxies>) -> Self {
        Self { proxies: Arc::clone(proxies), ..self }
    }

    /// The address with its real port.
    ///
    /// # Errors
    /// What the system answered.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// How many connections, and how slow they may be.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// In all, upgraded sockets included; more are closed at once.
    pub connections: u32,
    /// Without a whole request header yet; one more closes the one that has taken longest.
    pub half_open: u32,
    /// Of one address; more are closed at once. Loopback and trusted proxies are exempt.
    pub per_address: u32,
    /// How long a client may take for a whole request header, or stay idle between requests.
    pub header_timeout: Duration,
}

impl From<&Limits> for Caps {
    fn from(limits: &Limits) -> Self {
        Self {
            connections: limits.connections,
            half_open: limits.half_open,
            per_address: limits.connections_per_address,
            header_timeout: limits.header_timeout,
        }
    }
}

/// Serves `app` on all `listeners`, over HTTP/1.1 and HTTP/2, until `shutdown` holds true or its sender is gone. Then it
/// accepts no more, lets requests finish and waits for upgraded sockets to close, for `grace` at most. Answers how many
/// connections it had to cut off.
///
/// Upgraded sockets must watch the shutdown themselves and close; they are waited for, not told.
pub async fn serve(
    listeners: Vec<Listener>,
    app: Router,
    caps: Caps,
    shutdown: watch::Receiver<bool>,
    grace: Duration,
) -> usize {
    let door = Arc::new(Door {
        app,
        protocol: protocol(caps.header_timeout),
        admission: Arc::new(Admission::new(&caps)),
        header_timeout: caps.header_timeout,
    });
    let accepting = listeners.into_iter().map(|listener| accept(listener, &door, shutdown.clone()));
    let connections: Vec<JoinSet<()>> = join_all(accepting).await;
    let unfinished = door.admission.wait_until_empty(grace).await;
    if unfinished > 0 {
        tracing::warn!(connections = unfinished, "cut off connections that did not finish in time");
    }
    drop(connections);
    unfinished
}

/// What all connections share.
struct Door {
    app: Router,
    protocol: auto::Builder<TokioExecutor>,
    admission: Arc<Admission>,
    header_timeout: Duration,
}

/// A header that is larger than this is refused.
const MAX_HEADER: usize = 64 * 1024;

/// How often a silent HTTP/2 client is asked whether it is still there, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

fn protocol(header_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(MAX_HEADER);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .max_concurrent_streams(100);
    protocol
}

/// Takes connections in until the shutdown; answers the tasks of those still open, which end when they are dropped.
async fn accept(listener: Listener, door: &Arc<Door>, mut shutdown: watch::Receiver<bool>) -> JoinSet<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut shutdown) => return connections,
            // Whatever a task ended with, a panic included, was its own affair.
            Some(_) = connections.join_next() => {}
            accepted = listener.socket.accept() => match accepted {
                Ok((stream, peer)) => {
                    let peer = Peer::new(peer.ip(), &listener.proxies);
                    if let Some((slot, opening)) = door.admission.admit(&peer) {
                        connections.spawn(Arc::clone(door).converse(stream, peer, slot, opening, shutdown.clone()));
                    }
                }
                Err(error) => recover(&error).await,
            },
        }
    }
}

/// Who is at the other end of a connection.
struct Peer {
    address: IpAddr,
    /// The proxies to believe; `None` where the peer is not one of them itself.
    proxies: Option<Arc<TrustedProxies>>,
}

impl Peer {
    fn new(address: IpAddr, proxies: &Arc<TrustedProxies>) -> Self {
        let address = address.to_canonical();
        Self { address, proxies: proxies.contains(address).then(|| Arc::clone(proxies)) }
    }

    /// Whether it stands for many clients, or is this machine.
    fn is_exempt(&self) -> bool {
        self.address.is_loopback() || self.proxies.is_some()
    }

    /// Where a request with these headers came from.
    fn client(&self, headers: &HeaderMap) -> IpAddr {
        self.proxies.as_ref().map_or(self.address, |proxies| proxies.client(self.address, headers))
    }
}

/// A gone sender stops the server as well: nobody could stop it any more.
async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

/// A connection that was given up before it was taken in concerns nobody. Other errors (no file descriptors left) last
/// for a while, and trying again at once would only burn the processor.
async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted) {
        return;
    }
    tracing::warn!(%error, "cannot accept connections; trying again in a moment");
    tokio::time::sleep(Duration::from_millis(200)).await;
}

impl Door {
    /// Serves one connection to its end, or to the upgrade that takes it over together with its slot.
    async fn converse(
        self: Arc<Self>,
        stream: TcpStream,
        peer: Peer,
        slot: Slot,
        mut opening: Opening,
        mut shutdown: watch::Receiver<bool>,
    ) {
        // Answers go out whole; waiting to fill a packet would only delay them. Failing that, they are merely later.
        let _ = stream.set_nodelay(true);
        let requested = Arc::new(Notify::new());
        let service = service_fn(|mut request: hyper::Request<hyper::body::Incoming>| {
            requested.notify_one();
            let client = PeerAddress(peer.client(request.headers()));
            request.extensions_mut().insert(client);
            self.app.clone().oneshot(request.map(axum::body::Body::new) as Request)
        });
        let io = TokioIo::new(Held::new(stream, slot));
        let mut connection = pin!(self.protocol.serve_connection_with_upgrades(io, service));

        // The protocol's own time-out begins only once it knows which protocol it is.
        tokio::select! {
            _ = connection.as_mut() => return,
            in_time = timeout(self.header_timeout, requested.notified()) => if in_time.is_err() { return },
            () = opening.evicted() => return,
            () = stopped(&mut shutdown) => {}
        }
        drop(opening);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stopped(&mut shutdown) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

#[cfg(test)]
mod tests;
