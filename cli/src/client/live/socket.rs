//! Opening a WebSocket over the connections the HTTP library makes, so that proxies and certificates are the same.

use campuszon_core::wire::live::SUBPROTOCOL;
use reqwest::{
    StatusCode, Upgraded,
    header::{
        AUTHORIZATION, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Role, WebSocketConfig},
    },
};

use crate::client::{
    Client, ClientError,
    transport::{self, Failed},
};

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<Upgraded>;

const READ_BUFFER: usize = 16 * 1024;
const LARGEST_FRAME: usize = 4 << 20;

/// Connects as the signed-in user, renewing the session where needed. Also answers the token it was done with.
pub(super) async fn connect(client: &Client) -> Result<(Socket, String), ClientError> {
    let token = client.bearer().await?;
    let first = within_patience(client, &token).await;
    let refused = first.as_ref().is_err_and(|error| error.status() == Some(401));
    if !refused || !client.renew(&token).await? {
        return Ok((first?, token));
    }
    let token = client.bearer().await?;
    Ok((within_patience(client, &token).await?, token))
}

async fn within_patience(client: &Client, token: &str) -> Result<Socket, ClientError> {
    let after = client.shared.options.timeout;
    let timeout = |_| ClientError::Timeout { server: client.server().to_string(), after };
    tokio::time::timeout(after, open(client, token)).await.map_err(timeout)?
}

async fn open(client: &Client, token: &str) -> Result<Socket, ClientError> {
    let failed = |error| client.failed(Failed::Http(error));
    let key = generate_key();
    // Connections of HTTP/2 cannot be upgraded, and a live one is not shared anyway.
    let http = client.http_builder(client.server().is_plain()).http1_only().build().map_err(failed)?;
    let response = http
        .get(client.server().join("/api/ws", &[])?)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key)
        .header(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .send()
        .await
        .map_err(failed)?;
    client.trace(|| format!("GET /api/ws → {}", response.status()));
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let refused = transport::read(response).await.map_err(|refused| client.failed(refused));
        return Err(refused.err().unwrap_or_else(|| ClientError::Answer("no live connection".to_owned())));
    }
    let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT).map(|accept| accept.as_bytes().to_owned());
    if accepted != Some(derive_accept_key(key.as_bytes()).into_bytes()) {
        return Err(ClientError::Answer("no WebSocket".to_owned()));
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(LARGEST_FRAME))
        .max_frame_size(Some(LARGEST_FRAME));
    let upgraded = response.upgrade().await.map_err(failed)?;
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
}
