//! The routes of the item service.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    Decimal, ItemId, Timestamp,
    item::{Action, Condition, ItemFilter, ItemPatch, ItemStatus, Listing, NewItem, Sort, read_images},
    wire::{
        item::{CreateItem, EditItem, Item, Items, SetImages},
        problem::Problem,
    },
};

use super::service;
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

/// List and search items.
#[utoipa::path(get, path = "/api/items", tag = "items",
    params(
        ("q" = Option<String>, Query, description = "Words, \"phrases\", -word, and filters such as price:<50"),
        ("category" = Option<Vec<String>>, Query), ("condition" = Option<Vec<Condition>>, Query),
        ("listing" = Option<Vec<Listing>>, Query), ("min_price" = Option<Decimal>, Query),
        ("max_price" = Option<Decimal>, Query), ("seller" = Option<String>, Query, description = "A user's id, or me"),
        ("status" = Option<Vec<ItemStatus>>, Query), ("has_image" = Option<bool>, Query),
        ("since" = Option<Timestamp>, Query), ("favorite" = Option<bool>, Query),
        ("sort" = Option<Sort>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query), ("count" = Option<bool>, Query),
    ),
    responses((status = 200, body = Items), (status = "4XX", body = Problem)))]
pub async fn list(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Error> {
    let mut form = params.form;
    let limit = form.integer("limit", 1..=100).unwrap_or(20);
    let cursor = form.text("cursor");
    let count = form.boolean("count").unwrap_or(false);
    // The list is what is left: its filters, as they were asked for, and its reader.
    let scope = format!("items {} {}", who.user, form.canonical());
    let filter = ItemFilter::read(&mut form, &app.item_rules(), who.user, app.clock.now());
    let filter = form.finish(Some(filter))?;
    let position = cursor.map(|cursor| app.cursors.open(&scope, &cursor)).transpose()?;
    let limit = usize::try_from(limit).unwrap_or(20);
    let page = app.read(move |tx| service::list(tx, &who, &filter, position, limit, count)).await?;
    let next_cursor = page.next.map(|next| app.cursors.seal(&scope, &next)).transpose()?;
    let items = Items {
        items: page.items.into_iter().map(|item| views::item::summary(&app, item)).collect(),
        next_cursor,
        corrected_query: page.corrected.map(|query| query.to_string()),
        total: page.total,
    };
    etag::json(&headers, &items)
}

/// List a new item.
#[utoipa::path(post, path = "/api/items", tag = "items", params(IdempotencyKey), request_body = CreateItem,
    responses((status = 201, body = Item), (status = "4XX", body = Problem)))]
pub async fn create(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    let new = NewItem::read(&mut input.form, &app.item_rules());
    let new = input.form.finish(new)?;
    let view = app.clone();
    idempotency::once(&app, &who, "items", key, &input.bytes, move |tx, who| {
        let id = service::create(tx, who, &new)?;
        let (item, _) = views::item::full(tx, &view, who, id)?;
        Created::new(StatusCode::CREATED, Some(format!("/api/items/{id}")), &item)
    })
    .await
}

/// Show an item.
#[utoipa::path(get, path = "/api/items/{id}", tag = "items", params(("id" = ItemId, Path)),
    responses((status = 200, body = Item), (status = "4XX", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let (view, viewer) = (app.clone(), who.clone());
    let (item, stored, is_new_view) = app
        .read(move |tx| {
            let (item, stored) = views::item::full(tx, &view, &viewer, id)?;
            let is_new_view = service::is_new_view(tx, &viewer, &stored)?;
            Ok((item, stored, is_new_view))
        })
        .await?;
    if is_new_view {
        app.note(move |tx| service::count_view(tx, &who, id)).await;
    }
    etag::reply(&headers, &stored.version.to_string(), &item)
}

/// Change an item.
#[utoipa::path(patch, path = "/api/items/{id}", tag = "items", params(("id" = ItemId, Path), IfMatch), request_body = EditItem,
    responses((status = 200, body = Item), (status = "4XX", body = Problem)))]
pub async fn edit(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    if_match: Option<IfMatch>,
    headers: HeaderMap,
    mut input: Input,
) -> Result<Response, Error> {
    let patch = ItemPatch::read(&mut input.form, &app.item_rules());
    let patch = input.form.finish(Some(patch))?;
    change(&app, who, id, headers, move |tx, who| service::edit(tx, who, id, &patch, if_match.as_ref())).await
}

/// Runs a change and answers with the whole item after it.
async fn change(
    app: &App,
    who: Principal,
    id: ItemId,
    mut headers: HeaderMap,
    mut change: impl FnMut(&mut crate::platform::database::Tx<'_>, &Principal) -> Result<(), Error> + Send + 'static,
) -> Result<Response, Error> {
    let view = app.clone();
    let (item, stored) = app
        .write(move |tx| {
            change(tx, &who)?;
            views::item::full(tx, &view, &who, id)
        })
        .await?;
    // 304 is for what was not changed.
    headers.remove(axum::http::header::IF_NONE_MATCH);
    etag::reply(&headers, &stored.version.to_string(), &item)
}

/// Delete an item.
#[utoipa::path(delete, path = "/api/items/{id}", tag = "items", params(("id" = ItemId, Path), IfMatch),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn delete(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    _: NoQuery,
    if_match: Option<IfMatch>,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::delete(tx, &who, id, if_match.as_ref())).await?;
    Ok(StatusCode::NO_CONTENT)
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident $path:literal $action:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "items", params(("id" = ItemId, Path)),
            responses((status = 200, body = Item), (status = "4XX", body = Problem)))]
        pub async fn $name(
            State(app): State<App>,
            who: Principal,
            PathId(id): PathId<ItemId>,
            headers: HeaderMap,
            input: Input,
        ) -> Result<Response, Error> {
            input.form.finish(Some(()))?;
            change(&app, who, id, headers, move |tx, who| service::act(tx, who, id, $action)).await
        }
    )*};
}

actions! {
    /// Publish a draft.
    publish "/api/items/{id}/publish" Action::Publish { waiting: false };
    /// Take an item off the list.
    withdraw "/api/items/{id}/withdraw" Action::Withdraw;
    /// Bring a withdrawn item back.
    relist "/api/items/{id}/relist" Action::Relist;
    /// Add another lifetime to a listing.
    renew "/api/items/{id}/renew" Action::Renew;
    /// Mark an item as sold elsewhere.
    sold "/api/items/{id}/sold" Action::Sell;
}

/// Set an item's pictures and their order.
#[utoipa::path(put, path = "/api/items/{id}/images", tag = "items", params(("id" = ItemId, Path)),
    request_body = SetImages, responses((status = 200, body = Item), (status = "4XX", body = Problem)))]
pub async fn set_images(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    headers: HeaderMap,
    mut input: Input,
) -> Result<Response, Error> {
    let images = read_images(&mut input.form, &app.item_rules());
    let images = input.form.finish(images)?;
    change(&app, who, id, headers, move |tx, who| service::set_images(tx, who, id, &images)).await
}

/// Star an item.
#[utoipa::path(put, path = "/api/items/{id}/favorite", tag = "items", params(("id" = ItemId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn add_favorite(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::add_favorite(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a star away.
#[utoipa::path(delete, path = "/api/items/{id}/favorite", tag = "items", params(("id" = ItemId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn remove_favorite(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ItemId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    app.write(move |tx| service::remove_favorite(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
