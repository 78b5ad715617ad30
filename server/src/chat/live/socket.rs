//! The wire of a connection: text out, text in, everything bounded in size and time.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use campuszon_core::wire::live::{MAX_CLIENT_FRAME, ServerFrame, close};
use futures_util::SinkExt;
use tokio::time::timeout;

/// Enough for most frames of clients, and kept while a socket is idle: with tungstenite's 128 KiB, ten thousand of them
/// would take more than a gigabyte.
const READ_BUFFER: usize = 1024;

/// So much is gathered before it is written.
const WRITE_BUFFER: usize = 4 * 1024;

/// The most that waits to be written: the largest frame of ours, a message with an echoed `ref`, fits twice.
const MAX_WRITE_BUFFER: usize = 256 * 1024;

/// How long a client may take to read what is sent to it.
const WRITE_WITHIN: Duration = Duration::from_secs(8);

/// How long a client may take to confirm that a connection is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client is gone.
    Gone,
    /// We close it.
    Close {
        /// One of [`close`], or of RFC 6455.
        code: u16,
        /// For people.
        reason: &'static str,
    },
}

impl End {
    pub(super) const TOO_SLOW: Self = Self::Close { code: close::TOO_SLOW, reason: "the client reads too slowly" };
    const TOO_BIG: Self = Self::Close { code: close::TOO_BIG, reason: "the frame is too large" };
    const PROTOCOL: Self = Self::Close { code: 1002, reason: "that was no WebSocket frame" };
}

/// What a client sent.
#[derive(Debug)]
pub(super) enum Received {
    /// A text frame.
    Text(Utf8Bytes),
    /// A binary frame.
    Binary,
    /// A ping or pong of the WebSocket protocol itself, which is answered below.
    Control,
}

/// Sets the limits of a connection to be.
pub(super) fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(MAX_CLIENT_FRAME)
        .max_frame_size(MAX_CLIENT_FRAME)
}

/// An open WebSocket. Boxed, since every function that it is handed to keeps room for it as long as the connection lives.
pub(super) struct Socket(Box<WebSocket>);

impl Socket {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(Box::new(socket))
    }

    /// What the client sends next. May be dropped and called again.
    ///
    /// # Errors
    /// The connection is over, or has to end.
    pub(super) async fn receive(&mut self) -> Result<Received, End> {
        loop {
            return match self.0.recv().await {
                Some(Ok(Message::Text(text))) => Ok(Received::Text(text)),
                Some(Ok(Message::Binary(_))) => Ok(Received::Binary),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(Received::Control),
                // The next call confirms it and then finds the end.
                Some(Ok(Message::Close(_))) => continue,
                Some(Err(error)) if is_too_big(&error) => Err(End::TOO_BIG),
                Some(Err(_)) => Err(End::PROTOCOL),
                None => Err(End::Gone),
            };
        }
    }

    /// Queues a text; it leaves with the next [`flush`](Self::flush) at the latest.
    ///
    /// # Errors
    /// The client is gone or reads too slowly.
    pub(super) async fn feed(&mut self, text: Utf8Bytes) -> Result<(), End> {
        in_time(self.0.feed(Message::Text(text))).await
    }

    /// Queues a frame.
    ///
    /// # Errors
    /// As [`feed`](Self::feed).
    pub(super) async fn say(&mut self, frame: &ServerFrame) -> Result<(), End> {
        // Frames are plain structs with text keys: they always serialize.
        let text = serde_json::to_string(frame).unwrap_or_default();
        self.feed(text.into()).await
    }

    /// Sends what is queued.
    ///
    /// # Errors
    /// As [`feed`](Self::feed).
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        in_time(self.0.flush()).await
    }

    /// Ends the connection, and waits for the client's word that it has heard.
    pub(super) async fn close(mut self, end: End) {
        let End::Close { code, reason } = end else { return };
        let farewell = async {
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            if self.0.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.0.recv().await {}
            }
        };
        // A client that does not answer is cut off.
        let _ = timeout(CLOSE_WITHIN, farewell).await;
    }
}

async fn in_time(write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(WRITE_WITHIN, write).await {
        Ok(written) => written.map_err(|_| End::Gone),
        Err(_) => Err(End::TOO_SLOW),
    }
}

/// Whether a frame was over the limit. axum hides the type of the error, so its words have to tell.
fn is_too_big(error: &axum::Error) -> bool {
    error.to_string().starts_with("Space limit exceeded")
}
