//! The routes of saved searches.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use campuszon_core::{
    SearchId,
    wire::{
        item::Items,
        notification::{CreateSearch, EditSearch, Search, Searches},
        problem::Problem,
    },
};

use super::service::{self, MatchPosition, NewSearch, SearchPatch, StoredSearch};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, NoQuery, Params, PathId},
        idempotency::{self, Created},
    },
    if_match::IfMatch,
    views,
};

fn wire(search: StoredSearch) -> Search {
    Search {
        id: search.id,
        name: search.name,
        query: search.query,
        digest: search.digest,
        matches: search.matches,
        created_at: search.created_at,
    }
}

/// What of a search its owner changes, as a version: what it finds does not spoil an edit.
fn version(search: &Search) -> String {
    etag::digest(&(&search.name, &search.query, search.digest))
}

/// One's saved searches, newest first.
#[utoipa::path(get, path = "/api/searches", tag = "searches",
    params(("limit" = Option<u32>, Query, description = "1–100, 20 by default"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Searches), (status = "4XX", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let limit = params.form.integer("limit", 1..=100).unwrap_or(20);
    let cursor = params.form.text("cursor");
    params.form.finish(Some(()))?;
    let scope = format!("searches {}", who.user);
    let before: Option<SearchId> = cursor.map(|cursor| app.cursors.open(&scope, &cursor)).transpose()?;
    let limit = usize::try_from(limit).unwrap_or(20);
    let mut searches = app.read(move |tx| service::list(tx, &who, before, limit + 1)).await?;
    let more = searches.len() > limit;
    searches.truncate(limit);
    let last = searches.last().filter(|_| more);
    let next_cursor = last.map(|last| app.cursors.seal(&scope, &last.id)).transpose()?;
    etag::json(&headers, &Searches { searches: searches.into_iter().map(wire).collect(), next_cursor })
}

/// Save a search.
#[utoipa::path(post, path = "/api/searches", tag = "searches", params(IdempotencyKey), request_body = CreateSearch,
    responses((status = 201, body = Search), (status = "4XX", body = Problem)))]
pub async fn create(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    let new = NewSearch::read(&mut input.form);
    let new = input.form.finish(new)?;
    idempotency::once(&app, &who, "searches", key, &input.bytes, move |tx, who| {
        let search = wire(service::create(tx, who, &new)?);
        Created::new(StatusCode::CREATED, None, &search)
    })
    .await
}

/// Change a saved search.
#[utoipa::path(patch, path = "/api/searches/{id}", tag = "searches", params(("id" = SearchId, Path), IfMatch),
    request_body = EditSearch, responses((status = 200, body = Search), (status = "4XX", body = Problem)))]
pub async fn edit(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<SearchId>,
    if_match: Option<IfMatch>,
    mut headers: HeaderMap,
    mut input: Input,
) -> Result<Response, Error> {
    let patch = SearchPatch::read(&mut input.form);
    let patch = input.form.finish(patch)?;
    let search = app
        .write(move |tx| {
            IfMatch::check(if_match.as_ref(), &version(&wire(service::find(tx, &who, id)?)))?;
            Ok(wire(service::edit(tx, &who, id, &patch)?))
        })
        .await?;
    // 304 is for what was not changed.
    headers.remove(header::IF_NONE_MATCH);
    etag::reply(&headers, &version(&search), &search)
}

/// Delete a saved search.
#[utoipa::path(delete, path = "/api/searches/{id}", tag = "searches", params(("id" = SearchId, Path), IfMatch),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<SearchId>,
    _: NoQuery,
    if_match: Option<IfMatch>,
) -> Result<StatusCode, Error> {
    app.write(move |tx| {
        IfMatch::check(if_match.as_ref(), &version(&wire(service::find(tx, &who, id)?)))?;
        service::delete(tx, &who, id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a saved search has found and is still listed, the newest match first.
#[utoipa::path(get, path = "/api/searches/{id}/matches", tag = "searches",
    params(
        ("id" = SearchId, Path),
        ("limit" = Option<u32>, Query, description = "1–100, 20 by default"), ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = Items), (status = "4XX", body = Problem)))]
pub async fn matches(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<SearchId>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let limit = params.form.integer("limit", 1..=100).unwrap_or(20);
    let cursor = params.form.text("cursor");
    params.form.finish(Some(()))?;
    let scope = format!("matches {} {id}", who.user);
    let position: Option<MatchPosition> = cursor.map(|cursor| app.cursors.open(&scope, &cursor)).transpose()?;
    let limit = usize::try_from(limit).unwrap_or(20);
    let mut found = app.read(move |tx| service::matches(tx, &who, id, position, limit + 1)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|(item, at)| app.cursors.seal(&scope, &(at, item.id))).transpose()?;
    let items = found.into_iter().map(|(item, _)| views::item::summary(&app, item)).collect();
    etag::json(&headers, &Items { items, next_cursor, corrected_query: None, total: None })
}
