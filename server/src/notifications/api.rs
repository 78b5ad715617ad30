//! The routes of the notification service.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    NotificationId,
    wire::{
        notification::{EditPreferences, MarkNotifications, Notifications, Preferences},
        problem::Problem,
    },
};

use super::service::{self, Marked, PreferencesPatch};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{Input, NoQuery, Params, PathId},
    },
    if_match::IfMatch,
};

/// One's notifications, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications",
    params(
        ("unread" = Option<bool>, Query, description = "true for unread ones only"),
        ("limit" = Option<u32>, Query, description = "1–100, 20 by default"), ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = Notifications), (status = "4XX", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let limit = params.form.integer("limit", 1..=100).unwrap_or(20);
    let cursor = params.form.text("cursor");
    let unread = params.form.boolean("unread").unwrap_or(false);
    params.form.finish(Some(()))?;
    let scope = format!("notifications {} {unread}", who.user);
    let before: Option<NotificationId> = cursor.map(|cursor| app.cursors.open(&scope, &cursor)).transpose()?;
    let limit = usize::try_from(limit).unwrap_or(20);
    let mut notifications = app.read(move |tx| service::list(tx, &who, unread, before, limit + 1)).await?;
    let more = notifications.len() > limit;
    notifications.truncate(limit);
    let last = notifications.last().filter(|_| more);
    let next_cursor = last.map(|last| app.cursors.seal(&scope, &last.id)).transpose()?;
    etag::json(&headers, &Notifications { notifications, next_cursor })
}

/// Mark some notifications as read, or all.
#[utoipa::path(post, path = "/api/notifications/read", tag = "notifications", request_body = MarkNotifications,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn mark(State(app): State<App>, who: Principal, input: Input) -> Result<StatusCode, Error> {
    let marked = Marked::read(input.form)?;
    app.write(move |tx| service::mark(tx, &who, &marked)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete a notification.
#[utoipa::path(delete, path = "/api/notifications/{id}", tag = "notifications", params(("id" = NotificationId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<NotificationId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::delete(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete all notifications.
#[utoipa::path(delete, path = "/api/notifications", tag = "notifications",
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn clear(State(app): State<App>, who: Principal, _: NoQuery) -> Result<StatusCode, Error> {
    app.write(move |tx| service::clear(tx, &who)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What one wants to be told of.
#[utoipa::path(get, path = "/api/notifications/preferences", tag = "notifications",
    responses((status = 200, body = Preferences), (status = "4XX", body = Problem)))]
pub async fn show_preferences(
    State(app): State<App>,
    who: Principal,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let preferences = app.read(move |tx| service::preferences(tx, &who)).await?;
    etag::reply(&headers, &etag::digest(&preferences), &preferences)
}

/// Change what one wants to be told of.
#[utoipa::path(patch, path = "/api/notifications/preferences", tag = "notifications", params(IfMatch), request_body = EditPreferences,
    responses((status = 200, body = Preferences), (status = "4XX", body = Problem)))]
pub async fn edit_preferences(
    State(app): State<App>,
    who: Principal,
    if_match: Option<IfMatch>,
    mut headers: HeaderMap,
    input: Input,
) -> Result<Response, Error> {
    let patch = PreferencesPatch::read(input.form)?;
    let preferences = app
        .write(move |tx| {
            IfMatch::check(if_match.as_ref(), &etag::digest(&service::preferences(tx, &who)?))?;
            service::set_preferences(tx, &who, &patch)
        })
        .await?;
    // 304 is for what was not changed.
    headers.remove(axum::http::header::IF_NONE_MATCH);
    etag::reply(&headers, &etag::digest(&preferences), &preferences)
}
