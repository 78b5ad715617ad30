//! Pages for browsers: the protocol of the live connection, and what to type where a link of this server is opened. They
//! are the same for every link, and so disclose nothing of what it leads to.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use campuszon_core::ItemId;

use crate::{App, Error};

/// The protocol of the live connection, for those who write a client.
const PROTOCOL: &str = include_str!("../../../assets/protocol.html");

/// Allows the page its own style and nothing else, from here or elsewhere.
const OWN_STYLE_ONLY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How to speak with the live connection.
pub(super) async fn protocol() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, OWN_STYLE_ONLY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PROTOCOL).into_response()
}

/// What to do with the link that makes the first administrator.
pub(super) async fn setup(State(app): State<App>) -> Response {
    let text = format!(
        "{}\n\nThis link makes you the administrator of this server, once. Where campuszon is installed, run\n\n    \
         campuszon admin init LINK --email you@your-university.example\n\nwith the whole address of this page in place of LINK.\n",
        app.settings.name
    );
    instructions(text)
}

/// How to see the item that somebody shared a link to. Whether there is one, only its campus is told.
pub(super) async fn item(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Error> {
    let id: ItemId = id.parse().map_err(|_| Error::NotFound("item"))?;
    let (name, address) = (&app.settings.name, &app.public_url);
    Ok(instructions(format!(
        "{name}\n\nThis link leads to an item, which members of its campus can see. Where campuszon is installed, run\n\n    \
         campuszon --server {address} tui --item {id}\n\nor, for its data alone,\n\n    \
         campuszon --server {address} item show {id}\n"
    )))
}

fn instructions(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}
