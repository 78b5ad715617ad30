//! The routes by which students report.

use axum::{extract::State, http::StatusCode};
use campuszon_core::{
    ChatId, ItemId, MessageId, UserId,
    wire::{
        problem::Problem,
        trust::{CreateReport, Report},
    },
};

use super::service::{self, NewReport};
use crate::{
    App, Error, Principal,
    gateway::{
        extract::{IdempotencyKey, Input, PathId},
        idempotency::{self, Created},
    },
    platform::database::Tx,
};

/// Report an item to the moderators of the campus.
#[utoipa::path(post, path = "/api/items/{id}/report", tag = "trust", params(("id" = ItemId, Path), IdempotencyKey),
    request_body = CreateReport, responses((status = 201, body = Report), (status = "4XX", body = Problem)))]
pub async fn report_item(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    let report = move |tx: &mut Tx<'_>, who: &Principal, new: &NewReport| service::report_item(tx, who, id, new);
    create(&app, &who, key, &id.to_string(), input, report).await
}

/// Report a user to the moderators of the campus.
#[utoipa::path(post, path = "/api/users/{id}/report", tag = "trust", params(("id" = UserId, Path), IdempotencyKey),
    request_body = CreateReport, responses((status = 201, body = Report), (status = "4XX", body = Problem)))]
pub async fn report_user(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    let report = move |tx: &mut Tx<'_>, who: &Principal, new: &NewReport| service::report_user(tx, who, id, new);
    create(&app, &who, key, &id.to_string(), input, report).await
}

/// Report a message of one of one's conversations.
#[utoipa::path(post, path = "/api/chats/{id}/messages/{msg}/report", tag = "trust",
    params(("id" = ChatId, Path), ("msg" = MessageId, Path), IdempotencyKey), request_body = CreateReport,
    responses((status = 201, body = Report), (status = "4XX", body = Problem)))]
pub async fn report_message(
    State(app): State<App>,
    who: Principal,
    PathId(chat): PathId<ChatId>,
    PathId(id): PathId<MessageId>,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    let report =
        move |tx: &mut Tx<'_>, who: &Principal, new: &NewReport| service::report_message(tx, who, chat, id, new);
    create(&app, &who, key, &id.to_string(), input, report).await
}

async fn create(
    app: &App,
    who: &Principal,
    key: Option<IdempotencyKey>,
    target: &str,
    mut input: Input,
    mut report: impl FnMut(&mut Tx<'_>, &Principal, &NewReport) -> Result<Report, Error> + Send + 'static,
) -> Result<Created, Error> {
    let new = NewReport::read(&mut input.form);
    let new = input.form.finish(new)?;
    // A key belongs to one thing, and the body does not name it.
    let content = [target.as_bytes(), &input.bytes].concat();
    idempotency::once(app, who, "reports", key, &content, move |tx, who| {
        Created::new(StatusCode::CREATED, None, &report(tx, who, &new)?)
    })
    .await
}
