//! The live connection: server frames in order, once each, across reconnections.

mod inbox;
mod socket;

use std::time::{Duration, Instant};

use campuszon_core::wire::live::{ClientFrame, ServerFrame, close};
use futures_util::{SinkExt, StreamExt};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_tungstenite::tungstenite::Message;

use self::{
    inbox::{Greeting, Inbox},
    socket::Socket,
};
use super::{Client, ClientError};
use crate::random;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A connection that stood this long was a good one: the next pause is a short one again.
const GOOD_CONNECTION: Duration = Duration::from_secs(10);
/// Silence beyond two heartbeats and this means that the connection is dead.
const SILENCE_GRACE: Duration = Duration::from_secs(5);
const BUFFERED_EVENTS: usize = 1024;

/// What a live connection tells.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most events are frames, so boxing them would only cost")]
pub enum LiveEvent {
    /// It stands. What was missed since the last time follows by itself.
    Up,
    /// A frame, in order and once.
    Frame(ServerFrame),
    /// Too much was missed, or the server was restored from a backup: fetch over HTTP what is on show.
    Missed,
    /// It broke and is built again after `retry_in`.
    Down {
        /// Why.
        reason: ClientError,
        /// How long from now.
        retry_in: Duration,
    },
    /// It is over for good; nothing follows.
    Ended(ClientError),
}

enum Order {
    Frame(ClientFrame),
    Reconnect,
}

/// Sends frames to the server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LiveSender(mpsc::UnboundedSender<Order>);

impl LiveSender {
    /// Sends a frame. While the connection is down it is lost: what must arrive goes over HTTP, or again after `Up`.
    pub fn send(&self, frame: ClientFrame) {
        // Fails only when the connection has ended, which its reader is told of.
        let _ = self.0.send(Order::Frame(frame));
    }

    /// Ends the pause before the next attempt to connect.
    pub fn reconnect_now(&self) {
        let _ = self.0.send(Order::Reconnect);
    }
}

/// A live connection. Dropping it ends it.
#[derive(Debug)]
pub struct Live {
    events: mpsc::Receiver<LiveEvent>,
    sender: LiveSender,
    task: JoinHandle<()>,
}

impl Live {
    /// The next event; `None` after [`LiveEvent::Ended`].
    pub async fn next(&mut self) -> Option<LiveEvent> {
        self.events.recv().await
    }

    /// For sending frames.
    pub fn sender(&self) -> LiveSender {
        self.sender.clone()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// Opens the live connection in a task of its own. Must be called within the runtime.
    pub fn live(&self) -> Live {
        let (told, events) = mpsc::channel(BUFFERED_EVENTS);
        let (sender, orders) = mpsc::unbounded_channel();
        let pump =
            Pump { client: self.clone(), told, orders, inbox: Inbox::default(), drain: None, token: String::new() };
        Live { events, sender: LiveSender(sender), task: tokio::spawn(pump.run()) }
    }
}

/// Why one connection ended.
enum End {
    /// Build it again.
    Broken(ClientError),
    /// It is over.
    Final(ClientError),
    /// Nobody listens any more.
    Unheard,
}

impl From<ClientError> for End {
    /// What no second attempt can heal ends it.
    fn from(error: ClientError) -> Self {
        let passing = match &error {
            ClientError::Network { .. } | ClientError::Timeout { .. } => true,
            ClientError::Refused(refusal) => refusal.problem.status == 429 || refusal.problem.status >= 500,
            _ => false,
        };
        if passing { Self::Broken(error) } else { Self::Final(error) }
    }
}

struct Pump {
    client: Client,
    told: mpsc::Sender<LiveEvent>,
    orders: mpsc::UnboundedReceiver<Order>,
    inbox: Inbox,
    /// The pause the server asked for before it closed.
    drain: Option<Duration>,
    /// The token that the connection was opened with, or renewed since.
    token: String,
}

impl Pump {
    async fn run(mut self) {
        let mut failures = 0;
        loop {
            let began = Instant::now();
            let reason = match self.connection().await {
                End::Broken(reason) => reason,
                End::Final(error) => {
                    let _ = self.told.send(LiveEvent::Ended(error)).await;
                    return;
                }
                End::Unheard => return,
            };
            self.client.leave_connections();
            failures = if began.elapsed() > GOOD_CONNECTION { 0 } else { failures + 1 };
            let retry_in = self.drain.take().unwrap_or_else(|| pause(failures)).min(LONGEST_PAUSE);
            if self.told.send(LiveEvent::Down { reason, retry_in }).await.is_err() {
                return;
            }
            self.wait(retry_in).await;
        }
    }

    /// Waits, or less when told to reconnect. Frames to send are lost meanwhile.
    async fn wait(&mut self, pause: Duration) {
        let told_to = async { while let Some(Order::Frame(_)) = self.orders.recv().await {} };
        let _ = tokio::time::timeout(pause, told_to).await;
    }

    async fn connection(&mut self) -> End {
        let mut socket = match socket::connect(&self.client).await {
            Ok((socket, token)) => {
                self.token = token;
                socket
            }
            Err(error) => return error.into(),
        };
        let mut silence = self.client.shared.options.timeout;
        loop {
            let outcome = tokio::select! {
                incoming = tokio::time::timeout(silence, socket.next()) => match incoming {
                    Ok(incoming) => self.incoming(&mut socket, incoming, &mut silence).await,
                    Err(_) => Err(End::Broken(self.broken("the server fell silent"))),
                },
                order = self.orders.recv() => match order {
                    Some(Order::Frame(frame)) => self.send(&mut socket, &frame).await,
                    Some(Order::Reconnect) => Ok(()),
                    None => Err(End::Unheard),
                },
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    async fn incoming(
        &mut self,
        socket: &mut Socket,
        incoming: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
        silence: &mut Duration,
    ) -> Result<(), End> {
        match incoming {
            Some(Ok(Message::Text(text))) => self.frame(socket, &text, silence).await,
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) = frame.map_or((1005, String::new()), |f| (f.code.into(), f.reason.to_string()));
                Err(self.closed(code, reason))
            }
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(End::Broken(self.broken(&error.to_string()))),
            None => Err(End::Broken(self.broken("the connection was closed"))),
        }
    }

    async fn frame(&mut self, socket: &mut Socket, text: &str, silence: &mut Duration) -> Result<(), End> {
        // A frame that this version cannot read is one that it does not know.
        let frame = serde_json::from_str(text).unwrap_or(ServerFrame::Unknown);
        match frame {
            ServerFrame::Ready { epoch, since, heartbeat_ms, .. } => {
                *silence = Duration::from_millis(heartbeat_ms.saturating_mul(2)) + SILENCE_GRACE;
                self.ready(socket, epoch, since).await
            }
            ServerFrame::Ping { since } => {
                self.send(socket, &ClientFrame::Pong {}).await?;
                self.inbox.saw(since);
                self.catch_up(socket).await
            }
            ServerFrame::Resumed { since, .. } => {
                let frames = self.inbox.resumed(since);
                self.tell_all(frames).await?;
                self.catch_up(socket).await
            }
            ServerFrame::Reset { .. } => {
                let frames = self.inbox.reset();
                self.tell(LiveEvent::Missed).await?;
                self.tell_all(frames).await
            }
            ServerFrame::Drain { retry_ms } => {
                self.drain = Some(Duration::from_millis(retry_ms));
                Ok(())
            }
            ServerFrame::AuthExpiring { .. } => self.renew(socket).await,
            ServerFrame::Pong { .. } => Ok(()),
            frame => match inbox::number(text) {
                None => self.tell(LiveEvent::Frame(frame)).await,
                Some(number) => {
                    let frames = self.inbox.accept(number, frame);
                    self.tell_all(frames).await?;
                    self.catch_up(socket).await
                }
            },
        }
    }

    async fn ready(&mut self, socket: &mut Socket, epoch: String, since: i64) -> Result<(), End> {
        let greeting = self.inbox.ready(epoch, since);
        self.tell(LiveEvent::Up).await?;
        if greeting == Greeting::OtherEpoch {
            self.tell(LiveEvent::Missed).await?;
        }
        self.catch_up(socket).await
    }

    /// Goes on with another token. Where there is none the server closes, and connecting again tells why.
    async fn renew(&mut self, socket: &mut Socket) -> Result<(), End> {
        if !self.client.renew(&self.token).await.unwrap_or(false) {
            return Ok(());
        }
        let Ok(token) = self.client.bearer().await else { return Ok(()) };
        self.token.clone_from(&token);
        self.send(socket, &ClientFrame::Auth { token }).await
    }

    /// Asks for what is missing, unless it is on its way already.
    async fn catch_up(&mut self, socket: &mut Socket) -> Result<(), End> {
        match self.inbox.request() {
            Some(resume) => self.send(socket, &resume).await,
            None => Ok(()),
        }
    }

    async fn send(&self, socket: &mut Socket, frame: &ClientFrame) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|error| End::Final(ClientError::Answer(error.to_string())))?;
        let sent = socket.send(Message::text(text)).await;
        sent.map_err(|error| End::Broken(self.broken(&error.to_string())))
    }

    async fn tell(&self, event: LiveEvent) -> Result<(), End> {
        if matches!(event, LiveEvent::Frame(ServerFrame::Unknown)) {
            return Ok(());
        }
        self.told.send(event).await.map_err(|_| End::Unheard)
    }

    async fn tell_all(&self, frames: Vec<ServerFrame>) -> Result<(), End> {
        for frame in frames {
            self.tell(LiveEvent::Frame(frame)).await?;
        }
        Ok(())
    }

    fn closed(&self, code: u16, reason: String) -> End {
        const STOP: [u16; 6] = [
            close::POLICY,
            close::TOO_BIG,
            close::BAD_FRAMES,
            close::SUSPENDED,
            close::WRONG_VERSION,
            close::TOO_MANY_SOCKETS,
        ];
        if STOP.contains(&code) {
            return End::Final(ClientError::LiveClosed { code, reason });
        }
        End::Broken(self.broken(&format!("closed by the server ({code}) {reason}")))
    }

    fn broken(&self, reason: &str) -> ClientError {
        ClientError::Network { server: self.client.server().to_string(), reason: reason.trim_end().to_owned() }
    }
}

/// The pause after so many failures in a row: 1 s, doubling up to 30 s, with jitter.
fn pause(failures: u32) -> Duration {
    random::jitter((FIRST_PAUSE * 2_u32.saturating_pow(failures.min(6))).min(LONGEST_PAUSE))
}
