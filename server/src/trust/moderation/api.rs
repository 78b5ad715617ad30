//! The routes of moderators' and administrators' acts.

use axum::{Json, extract::State, http::StatusCode};
use campuszon_core::{
    ItemId, ReportId, UserId,
    permission::Permission,
    wire::{
        problem::Problem,
        trust::{Grant, ModeratedItem, ModeratedReport, ModeratedUser, Note, SetRole, Warn},
    },
};

use super::service;
use crate::{
    App, Error, Principal,
    gateway::{
        extract::{IdempotencyKey, Input, PathId},
        idempotency::{self, Created},
    },
};

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $path:literal ($id:ty) -> $answer:ty, $act:path;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "admin", params(("id" = $id, Path)), request_body = Note,
            responses((status = 200, body = $answer), (status = "4XX", body = Problem)))]
        pub async fn $name(
            State(app): State<App>,
            who: Principal,
            PathId(id): PathId<$id>,
            mut input: Input,
        ) -> Result<Json<$answer>, Error> {
            who.require(Permission::Moderate)?;
            let reason = service::read_reason(&mut input.form);
            let reason = input.form.finish(Some(reason))?;
            Ok(Json(app.write(move |tx| $act(tx, &who, id, reason.as_deref())).await?))
        }
    )*};
}

acts! {
    /// Suspend a user: shut them out at once.
    suspend "/api/admin/users/{id}/suspend" (UserId) -> ModeratedUser, service::suspend;
    /// Sign a user out everywhere: sessions, access tokens and live connections end.
    sign_out "/api/admin/users/{id}/sign-out" (UserId) -> ModeratedUser, service::sign_out;
    /// Let a suspended user in again.
    restore_user "/api/admin/users/{id}/restore" (UserId) -> ModeratedUser, service::restore_user;
    /// Take an item off.
    remove_item "/api/admin/items/{id}/remove" (ItemId) -> ModeratedItem, service::remove_item;
    /// Bring back an item that was taken off, or that reports hid.
    restore_item "/api/admin/items/{id}/restore" (ItemId) -> ModeratedItem, service::restore_item;
    /// Dismiss a report, with all other open ones on the same thing.
    dismiss "/api/admin/reports/{id}/dismiss" (ReportId) -> ModeratedReport, service::dismiss;
}

/// Warn a user.
#[utoipa::path(post, path = "/api/admin/users/{id}/warn", tag = "admin", params(("id" = UserId, Path)),
    request_body = Warn, responses((status = 200, body = ModeratedUser), (status = "4XX", body = Problem)))]
pub async fn warn(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    mut input: Input,
) -> Result<Json<ModeratedUser>, Error> {
    who.require(Permission::Moderate)?;
    let message = service::read_warning(&mut input.form);
    let message = input.form.finish(message)?;
    Ok(Json(app.write(move |tx| service::warn(tx, &who, id, &message)).await?))
}

/// Give a user marketplace tokens.
#[utoipa::path(post, path = "/api/admin/users/{id}/grant", tag = "admin", params(("id" = UserId, Path), IdempotencyKey),
    request_body = Grant, responses((status = 200, body = ModeratedUser), (status = "4XX", body = Problem)))]
pub async fn grant(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    who.require(Permission::Administer)?;
    let tokens = service::read_tokens(&mut input.form);
    let reason = service::read_reason(&mut input.form);
    let tokens = input.form.finish(tokens)?;
    // A key belongs to one user, and the body does not name them.
    let content = [id.to_string().as_bytes(), &input.bytes].concat();
    idempotency::once(&app, &who, "grants", key, &content, move |tx, who| {
        Created::new(StatusCode::OK, None, &service::grant(tx, who, id, tokens, reason.as_deref())?)
    })
    .await
}

/// Make a user a student, a moderator or an administrator.
#[utoipa::path(patch, path = "/api/admin/users/{id}", tag = "admin", params(("id" = UserId, Path)),
    request_body = SetRole, responses((status = 200, body = ModeratedUser), (status = "4XX", body = Problem)))]
pub async fn set_role(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    mut input: Input,
) -> Result<Json<ModeratedUser>, Error> {
    who.require(Permission::Administer)?;
    let role = input.form.parsed("role");
    let role = input.form.require("role", role);
    let role = input.form.finish(role)?;
    Ok(Json(app.write(move |tx| service::set_role(tx, &who, id, role)).await?))
}
