//! The routes of maintenance.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    permission::Permission,
    wire::{
        maintenance::{BeginMaintenance, MaintenanceState},
        problem::Problem,
    },
};

use super::{node, service};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{Input, NoQuery},
    },
    platform::maintenance,
};

/// Whether there is maintenance.
#[utoipa::path(get, path = "/api/admin/maintenance", tag = "admin",
    responses((status = 200, body = MaintenanceState), (status = "4XX", body = Problem)))]
pub async fn show_maintenance(
    State(app): State<App>,
    who: Principal,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    who.require(Permission::Administer)?;
    let stored = app.read(maintenance::stored).await?;
    etag::json(&headers, &MaintenanceState::from(stored))
}

/// Begin maintenance, or say something else about it: nobody but administrators is served until it ends.
#[utoipa::path(put, path = "/api/admin/maintenance", tag = "admin", request_body = BeginMaintenance,
    responses((status = 200, body = MaintenanceState), (status = "4XX", body = Problem)))]
pub async fn begin_maintenance(
    State(app): State<App>,
    who: Principal,
    mut input: Input,
) -> Result<Json<MaintenanceState>, Error> {
    who.require(Permission::Administer)?;
    let message = service::read_message(&mut input.form);
    let message = input.form.finish(Some(message))?;
    let begun = app.write(move |tx| service::begin(tx, &who, message.clone())).await?;
    node::learn(&app).await?;
    Ok(Json(Some(begun).into()))
}

/// End maintenance.
#[utoipa::path(delete, path = "/api/admin/maintenance", tag = "admin",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn end_maintenance(State(app): State<App>, who: Principal, _: NoQuery) -> Result<StatusCode, Error> {
    who.require(Permission::Administer)?;
    app.write(move |tx| service::end(tx, &who)).await?;
    node::learn(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}
