//! The live connection, `GET /api/ws`: who may open one, and where its parts are.
//!
//! `hub` knows the connections of this node and hands announcements to them. `connection` is the life of one: `pass`
//! says who is at the other end, `cursor` keeps its events in order, `frames` reads what the client says, `watch`
//! which new items it asked for, `presence`
//! tells others that somebody came, went or writes, `timers` and `conduct` decide when it has to end, and `socket` is the wire.

mod conduct;
mod connection;
mod cursor;
pub mod frames;
mod hub;
mod pass;
mod presence;
mod socket;
mod timers;
mod watch;

use axum::{
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, header},
    response::Response,
};
use campuszon_core::wire::{
    live::{SUBPROTOCOL, close},
    problem::Problem,
};

pub use hub::Hub;

use self::{
    pass::Pass,
    socket::{End, Socket},
};
use crate::{
    App, Error,
    gateway::{authentication, extract::NoQuery},
};

/// The client speaks another version of the protocol.
const WRONG_VERSION: End = End::Close { code: close::WRONG_VERSION, reason: "this server speaks campuszon.v1" };

/// Open the live connection. Without an `Authorization` header the first frame must be `auth`, within 5 s.
#[utoipa::path(get, path = "/api/ws", tag = "chat",
    responses((status = 101, description = "the connection speaks campuszon.v1"), (status = "4XX", body = Problem)))]
pub async fn connect(
    State(app): State<App>,
    _: NoQuery,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    require_known_origin(&app, &headers)?;
    let pass = match authentication::bearer(&headers) {
        Some(token) => Some(Pass::check(&app, token).await?),
        None => None,
    };
    let upgrade = upgrade.map_err(|error| Error::Malformed(format!("connect with a WebSocket: {error}")))?;
    let upgrade = socket::limited(upgrade).protocols([SUBPROTOCOL]);
    // A client that names no protocol is taken to speak ours.
    let is_foreign = upgrade.selected_protocol().is_none() && upgrade.requested_protocols().next().is_some();
    Ok(upgrade.on_upgrade(move |websocket| async move {
        let socket = Socket::new(websocket);
        if is_foreign {
            return socket.close(WRONG_VERSION).await;
        }
        connection::converse(app, socket, pass).await;
    }))
}

/// Refuses browsers that show a page of somebody else, which would act with what their user has signed in to. Other
/// programs send no `Origin`.
fn require_known_origin(app: &App, headers: &HeaderMap) -> Result<(), Error> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let is_known = |origin: &str| {
        origin.eq_ignore_ascii_case(origin_of(&app.public_url))
            || app.settings.websocket.origins.iter().any(|known| known.eq_ignore_ascii_case(origin))
    };
    if origin.to_str().is_ok_and(is_known) {
        return Ok(());
    }
    Err(Error::Forbidden("pages of this origin may not connect; websocket.origins lists those that may".to_owned()))
}

/// Scheme, host and port of a URL, as browsers write an origin.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + "://".len());
    let end = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |path| host + path);
    url.get(..end).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_url_without_its_path() {
        assert_eq!(origin_of("https://market.example"), "https://market.example");
        assert_eq!(origin_of("http://127.0.0.1:8080/campus/zon"), "http://127.0.0.1:8080");
        assert_eq!(origin_of("market.example"), "market.example");
    }
}
