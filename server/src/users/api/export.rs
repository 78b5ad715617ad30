//! What the server holds on the caller.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use campuszon_core::wire::{export::Export, problem::Problem};

use crate::{App, Error, Principal, gateway::extract::NoQuery, views};

/// Everything the server holds on the caller, as one document.
#[utoipa::path(get, path = "/api/users/me/export", tag = "users",
    responses((status = 200, body = Export), (status = "4XX", body = Problem)))]
pub async fn export(
    State(app): State<App>,
    who: Principal,
    _: NoQuery,
) -> Result<([(HeaderName, &'static str); 1], Json<Export>), Error> {
    let parts = app.clone();
    let export = app.read(move |tx| views::export::all(tx, &parts, &who)).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(export)))
}
