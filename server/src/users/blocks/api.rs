//! The routes of blocks.

use axum::{extract::State, http::StatusCode};
use campuszon_core::{UserId, wire::problem::Problem};

use super::service;
use crate::{
    App, Error, Principal,
    gateway::extract::{NoQuery, PathId},
};

/// Block a user: they can neither write to you nor have anything of yours, and are not told.
#[utoipa::path(put, path = "/api/users/{id}/block", tag = "users", params(("id" = UserId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn block(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::block(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a block away; it is fine if there is none.
#[utoipa::path(delete, path = "/api/users/{id}/block", tag = "users", params(("id" = UserId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn unblock(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::unblock(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
