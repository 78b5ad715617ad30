//! The routes of the chat service. The live connection is in [`super::live`].

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    ChatId, MessageId, text,
    wire::{
        chat::{Chat, Chats, EditChat, EditMessage, MarkRead, Message, Messages, SendMessage, StartChat},
        problem::Problem,
    },
};

use super::service::{self, MessageRange, NewMessage};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, NoQuery, Params, PathId},
        idempotency::{self, Created},
    },
    views,
};

const DEFAULT_CHATS: i64 = 20;
const DEFAULT_MESSAGES: i64 = 50;
const LARGEST_PAGE: i64 = 100;

/// One's conversations, newest activity first.
#[utoipa::path(get, path = "/api/chats", tag = "chat",
    params(("limit" = Option<i64>, Query, description = "1–100, 20 by default"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Chats), (status = "4XX", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let limit = params.form.integer("limit", 1..=LARGEST_PAGE).unwrap_or(DEFAULT_CHATS);
    let cursor = params.form.text("cursor");
    params.form.finish(Some(()))?;
    let parts = app.clone();
    let chats = app.read(move |tx| views::chat::list(tx, &parts, &who, cursor.as_deref(), limit)).await?;
    etag::json(&headers, &chats)
}

/// Start the conversation about an item, or find the one that exists.
#[utoipa::path(post, path = "/api/chats", tag = "chat", params(IdempotencyKey), request_body = StartChat,
    responses((status = 201, body = Chat), (status = 200, body = Chat), (status = "4XX", body = Problem)))]
pub async fn start(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    let item = input.form.parsed("item_id");
    let item = input.form.require("item_id", item);
    let item = input.form.finish(item)?;
    let parts = app.clone();
    idempotency::once(&app, &who, "chats", key, &input.bytes, move |tx, who| {
        let (id, created) = service::start(tx, who, item)?;
        let chat = views::chat::show(tx, &parts, who, id)?;
        if created {
            Created::new(StatusCode::CREATED, Some(format!("/api/chats/{id}")), &chat)
        } else {
            Created::new(StatusCode::OK, None, &chat)
        }
    })
    .await
}

/// One conversation.
#[utoipa::path(get, path = "/api/chats/{id}", tag = "chat", params(("id" = ChatId, Path)),
    responses((status = 200, body = Chat), (status = "4XX", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ChatId>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let parts = app.clone();
    let chat = app.read(move |tx| views::chat::show(tx, &parts, &who, id)).await?;
    etag::json(&headers, &chat)
}

/// Messages of a conversation, oldest first: the newest ones, or those around a sequence number.
#[utoipa::path(get, path = "/api/chats/{id}/messages", tag = "chat",
    params(
        ("id" = ChatId, Path),
        ("before" = Option<i64>, Query, minimum = 0, description = "only smaller sequence numbers"),
        ("after" = Option<i64>, Query, minimum = 0, description = "only larger sequence numbers, the next ones first"),
        ("limit" = Option<i64>, Query, description = "1–100, 50 by default")
    ),
    responses((status = 200, body = Messages), (status = "4XX", body = Problem)))]
pub async fn messages(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ChatId>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let range = MessageRange {
        before: params.form.integer("before", 0..=i64::MAX),
        after: params.form.integer("after", 0..=i64::MAX),
        limit: params.form.integer("limit", 1..=LARGEST_PAGE).unwrap_or(DEFAULT_MESSAGES),
    };
    params.form.finish(Some(()))?;
    let messages = app.read(move |tx| service::messages(tx, &who, id, range)).await?;
    etag::json(&headers, &Messages { messages, next_cursor: None })
}

/// Send a message; repeating its `client_id` answers the first one again.
#[utoipa::path(post, path = "/api/chats/{id}/messages", tag = "chat", params(("id" = ChatId, Path), IdempotencyKey),
    request_body = SendMessage,
    responses((status = 201, body = Message), (status = 200, body = Message), (status = "4XX", body = Problem)))]
pub async fn send(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ChatId>,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    let message = NewMessage::read(&mut input.form);
    let message = input.form.finish(message)?;
    // A key belongs to one conversation, and the body does not name it.
    let content = [id.to_string().as_bytes(), &input.bytes].concat();
    idempotency::once(&app, &who, "messages", key, &content, move |tx, who| {
        let (message, first) = service::send(tx, who, id, &message)?;
        let status = if first { StatusCode::CREATED } else { StatusCode::OK };
        Created::new(status, None, &message)
    })
    .await
}

/// Move one's reading position forward.
#[utoipa::path(post, path = "/api/chats/{id}/read", tag = "chat", params(("id" = ChatId, Path)), request_body = MarkRead,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn read(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ChatId>,
    mut input: Input,
) -> Result<StatusCode, Error> {
    let seq = input.form.integer("seq", 0..=i64::MAX);
    let seq = input.form.require("seq", seq);
    let seq = input.form.finish(seq)?;
    app.write(move |tx| service::read(tx, &who, id, seq)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change the text of a message of yours.
#[utoipa::path(patch, path = "/api/chats/{id}/messages/{msg}", tag = "chat",
    params(("id" = ChatId, Path), ("msg" = MessageId, Path)), request_body = EditMessage,
    responses((status = 200, body = Message), (status = "4XX", body = Problem)))]
pub async fn edit(
    State(app): State<App>,
    who: Principal,
    PathId(chat): PathId<ChatId>,
    PathId(message): PathId<MessageId>,
    mut input: Input,
) -> Result<Response, Error> {
    let body = input.form.required_text("body");
    let body = body.and_then(|raw| input.form.check(text::block("body", &raw, 1..=service::MAX_BODY)));
    let body = input.form.finish(body)?;
    let message = app.write(move |tx| service::edit(tx, &who, chat, message, &body)).await?;
    etag::json(&HeaderMap::new(), &message)
}

/// Delete a message of yours.
#[utoipa::path(delete, path = "/api/chats/{id}/messages/{msg}", tag = "chat",
    params(("id" = ChatId, Path), ("msg" = MessageId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    who: Principal,
    PathId(chat): PathId<ChatId>,
    PathId(message): PathId<MessageId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::delete(tx, &who, chat, message)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mute a conversation, or be told of it again.
#[utoipa::path(patch, path = "/api/chats/{id}", tag = "chat", params(("id" = ChatId, Path)), request_body = EditChat,
    responses((status = 200, body = Chat), (status = "4XX", body = Problem)))]
pub async fn mute(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ChatId>,
    mut input: Input,
) -> Result<Response, Error> {
    let muted = input.form.boolean("muted");
    let muted = input.form.require("muted", muted);
    let muted = input.form.finish(muted)?;
    let parts = app.clone();
    let chat = app
        .write(move |tx| {
            service::mute(tx, &who, id, muted)?;
            views::chat::show(tx, &parts, &who, id)
        })
        .await?;
    etag::json(&HeaderMap::new(), &chat)
}
