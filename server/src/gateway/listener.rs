//! The accept loop: takes connections in within their caps, gives each a bounded time to send its first request, and on
//! shutdown lets them finish.
//!
//! The loop is our own since the ready-made one of axum sets no time-outs, has no caps and forgets upgraded sockets.

mod admission;
pub mod proxies;
mod socket;
mod stream;
pub mod tls;
mod unix;

use std::{io, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, Version, header},
    response::Response,
};
use futures_util::{TryFutureExt, future::join_all};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

use self::{
    admission::{Admission, Opening, Slot},
    socket::Arrival,
    stream::Held,
};
pub use self::{
    proxies::{BadNetwork, TrustedProxies},
    socket::{ListenError, Listener},
};
use crate::settings::Limits;

/// The address a request came from, as the socket knows it, or as a trusted proxy tells: an extension of every request.
/// IPv4 stays IPv4, on sockets that take both kinds too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Marks a request that a proxy of ours passed on, whose word counts.
#[derive(Clone, Copy, Debug)]
pub struct Passed;

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
        last_call: LAST_CALL.min(grace / 2),
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
    last_call: Duration,
}

/// How long an idle connection may still bring a request after stopping began.
const LAST_CALL: Duration = Duration::from_millis(500);

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
            accepted = listener.accept() => match accepted {
                Ok(arrival) => {
                    if let Some((slot, opening)) = door.admission.admit(&arrival.peer) {
                        connections.spawn(Arc::clone(door).receive(arrival, slot, opening, shutdown.clone()));
                    }
                }
                Err(error) => recover(&error).await,
            },
        }
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
    sleep(Duration::from_millis(200)).await;
}

impl Door {
    /// Serves one connection to its end, or to the upgrade that takes it over together with its slot. Until its first
    /// request is there, it is half open: it has to hurry, and gives way where too many are.
    async fn receive(
        self: Arc<Self>,
        arrival: Arrival,
        slot: Slot,
        mut opening: Opening,
        shutdown: watch::Receiver<bool>,
    ) {
        let requested = Arc::new(Notify::new());
        let mut conversation = pin!(self.converse(arrival, slot, &requested, shutdown));
        // The protocol's own time-out begins only once it knows which protocol it is.
        tokio::select! {
            () = conversation.as_mut() => return,
            in_time = timeout(self.header_timeout, requested.notified()) => if in_time.is_err() { return },
            () = opening.evicted() => return,
        }
        drop(opening);
        conversation.await;
    }

    async fn converse(&self, arrival: Arrival, slot: Slot, requested: &Notify, mut shutdown: watch::Receiver<bool>) {
        let Arrival { stream, peer, tls } = arrival;
        let stream = tokio::select! {
            secured = tls::secure(stream, tls) => secured,
            () = self.last_call(&mut shutdown) => return,
        };
        let Ok(stream) = stream else { return };
        let stopping = shutdown.clone();
        let service = service_fn(|mut request: hyper::Request<hyper::body::Incoming>| {
            requested.notify_one();
            let client = PeerAddress(peer.client(request.headers()));
            request.extensions_mut().insert(client);
            if peer.is_proxy() {
                request.extensions_mut().insert(Passed);
            }
            let (version, stopping) = (request.version(), stopping.clone());
            let answer = self.app.clone().oneshot(request.map(axum::body::Body::new) as Request);
            answer.map_ok(move |response| if *stopping.borrow() { last(response, version) } else { response })
        });
        let io = TokioIo::new(Held::new(stream, slot));
        let mut connection = pin!(self.protocol.serve_connection_with_upgrades(io, service));
        tokio::select! {
            _ = connection.as_mut() => return,
            () = self.last_call(&mut shutdown) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }

    /// Returns when a connection that is idle has to go. A request that is on its way to us when stopping begins would
    /// be lost with its connection, and nobody could tell whether it was served.
    async fn last_call(&self, shutdown: &mut watch::Receiver<bool>) {
        stopped(shutdown).await;
        sleep(self.last_call).await;
    }
}

/// Tells the client that no further request is taken on its connection, where there is a way to say so. HTTP/2 has its own.
fn last(mut response: Response, version: Version) -> Response {
    if version <= Version::HTTP_11 && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests;
