//! The doors: TCP addresses, Unix sockets, and sockets that the service manager hands over.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs},
    os::fd::AsFd,
    sync::Arc,
};

use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;
use rustls::ServerConfig;
use tokio::net::{TcpListener, UnixListener};

use super::{
    proxies::{Peer, TrustedProxies},
    stream::Stream,
    unix::{self, SocketFile},
};

/// What the address of a Unix socket begins with.
const UNIX: &str = "unix:";

/// The server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The system refuses.
    #[error("cannot listen on {address}: {source}; {}", advice(source))]
    Refused {
        /// Where.
        address: String,
        /// What the system answered.
        source: io::Error,
    },
    /// What was given is no address.
    #[error(
        "cannot listen on {address:?}: {source}; give --listen an address and a port, such as 127.0.0.1:8080 or [::1]:8080, \
         or unix:PATH"
    )]
    NoAddress {
        /// What was given.
        address: String,
        /// What the system answered.
        source: io::Error,
    },
    /// A process answers at a Unix socket.
    #[error("cannot listen on unix:{0}: another process listens there; stop it, or choose another path with --listen")]
    InUse(String),
    /// Something else is where a Unix socket is to be.
    #[error("cannot listen on unix:{0}: that file is no socket; remove it, or choose another path with --listen")]
    NoSocket(String),
    /// What the service manager hands over is of no use.
    #[error(
        "cannot use socket {number} that the service manager hands over: {source}; it must be a TCP or Unix socket that \
         listens for streams"
    )]
    HandedOver {
        /// Its place among them, from 0.
        number: usize,
        /// What is wrong with it.
        source: io::Error,
    },
}

fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "make the folder first, or choose another one with --listen",
        io::ErrorKind::InvalidInput => "choose a shorter path with --listen",
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 and folders of others take a privilege: choose another address with --listen, or let \
             systemd hand the socket over"
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address: choose one of its own with --listen",
        _ => "is another server running there? Choose another address with --listen",
    }
}

/// What `HOST:PORT` means. It blocks where a name has to be looked up: a server does nothing else yet.
fn resolve(address: &str) -> Result<Vec<SocketAddr>, ListenError> {
    if address.contains('/') {
        // Such as a URL, whose beginning would be looked up as a name.
        return Err(no_address(address, io::ErrorKind::InvalidInput.into()));
    }
    let found = address.to_socket_addrs().map(Iterator::collect);
    found.map_err(|source| no_address(address, source))
}

fn no_address(address: &str, source: io::Error) -> ListenError {
    ListenError::NoAddress { address: address.to_owned(), source }
}

/// An open door: connections wait behind it until [`serve`](super::serve) takes them in.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    proxies: Arc<TrustedProxies>,
    tls: Option<Arc<ServerConfig>>,
}

/// A connection that was just accepted.
pub(super) struct Arrival {
    pub(super) stream: Box<dyn Stream>,
    pub(super) peer: Peer,
    /// What has to be agreed on first.
    pub(super) tls: Option<Arc<ServerConfig>>,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix {
        /// Removed first, so that nobody finds a socket where nobody listens. Not ours where it was handed over.
        _file: Option<SocketFile>,
        listener: UnixListener,
        path: String,
    },
}

impl Socket {
    /// The handed over socket of this number.
    fn take(sockets: &mut ListenFd, number: usize) -> io::Result<Self> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        if let Ok(tcp) = sockets.take_tcp_listener(number) {
            let listener = listening(tcp.ok_or_else(missing)?)?;
            listener.set_nonblocking(true)?;
            return TcpListener::from_std(listener).map(Self::Tcp);
        }
        let listener = listening(sockets.take_unix_listener(number)?.ok_or_else(missing)?)?;
        listener.set_nonblocking(true)?;
        let path = listener.local_addr()?.as_pathname().map(|path| path.display().to_string());
        let path = path.unwrap_or_else(|| "(no path)".to_owned());
        Ok(Self::Unix { _file: None, listener: UnixListener::from_std(listener)?, path })
    }
}

fn listening<S: AsFd>(socket: S) -> io::Result<S> {
    if socket_acceptconn(&socket)? { Ok(socket) } else { Err(io::Error::other("it does not listen")) }
}

impl From<Socket> for Listener {
    fn from(socket: Socket) -> Self {
        Self { socket, proxies: Arc::default(), tls: None }
    }
}

impl Listener {
    /// Opens `address`, such as `127.0.0.1:8080` or `unix:/run/campuszon/socket`; port 0 takes any free one.
    ///
    /// # Errors
    /// The address is none, is taken, or may not be used.
    pub async fn bind(address: &str) -> Result<Self, ListenError> {
        let socket = match address.strip_prefix(UNIX) {
            Some(path) => {
                let (listener, file) = unix::bind(path).await?;
                Socket::Unix { _file: Some(file), listener, path: path.to_owned() }
            }
            None => Socket::Tcp(
                TcpListener::bind(&*resolve(address)?)
                    .await
                    .map_err(|source| ListenError::Refused { address: address.to_owned(), source })?,
            ),
        };
        Ok(socket.into())
    }

    /// Proves such an address: nothing is opened. Blocks where a name has to be looked up.
    ///
    /// # Errors
    /// It is none.
    pub fn validate(address: &str) -> Result<(), ListenError> {
        match address.strip_prefix(UNIX) {
            Some("") => Err(no_address(address, io::ErrorKind::InvalidInput.into())),
            Some(_) => Ok(()),
            None => resolve(address).map(drop),
        }
    }

    /// The sockets that the service manager hands over to this process, in its order: `LISTEN_FDS` says how many, and
    /// `LISTEN_PID` whether they are meant for this process.
    ///
    /// # Errors
    /// One is not a socket that listens for streams.
    pub fn handed_over() -> Result<Vec<Self>, ListenError> {
        let mut sockets = ListenFd::from_env();
        let count = sockets.len();
        let take = |number| {
            let socket = Socket::take(&mut sockets, number);
            socket.map(Self::from).map_err(|source| ListenError::HandedOver { number, source })
        };
        (0..count).map(take).collect()
    }

    /// The same, believing these proxies.
    #[must_use]
    pub fn behind(self, proxies: &Arc<TrustedProxies>) -> Self {
        Self { proxies: Arc::clone(proxies), ..self }
    }

    /// The same with TLS, where it is no Unix socket: those are for a proxy in front.
    #[must_use]
    pub fn secured(self, tls: Option<&Arc<ServerConfig>>) -> Self {
        let tls = tls.filter(|_| matches!(self.socket, Socket::Tcp(_))).cloned();
        Self { tls, ..self }
    }

    /// The address with its real port.
    ///
    /// # Errors
    /// What the system answered, or that this is a Unix socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.socket {
            Socket::Tcp(listener) => listener.local_addr(),
            Socket::Unix { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// What clients on this machine open to get here: a URL, or `unix:PATH`.
    ///
    /// # Errors
    /// What the system answered.
    pub fn url(&self) -> io::Result<String> {
        if let Socket::Unix { path, .. } = &self.socket {
            return Ok(format!("{UNIX}{path}"));
        }
        let mut address = self.local_addr()?;
        if address.ip().is_unspecified() {
            // Nobody can open 0.0.0.0; on this machine the loopback address leads there.
            let loopback = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
            address.set_ip(loopback);
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        Ok(format!("{scheme}://{address}"))
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<Arrival> {
        let (stream, peer): (Box<dyn Stream>, Peer) = match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Answers go out whole; waiting to fill a packet would only delay them. Failing that, they are later.
                let _ = stream.set_nodelay(true);
                (Box::new(stream), Peer::new(peer.ip(), &self.proxies))
            }
            Socket::Unix { listener, .. } => (Box::new(listener.accept().await?.0), Peer::local(&self.proxies)),
        };
        Ok(Arrival { stream, peer, tls: self.tls.clone() })
    }
}
