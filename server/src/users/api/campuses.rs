//! The campuses of the server, for administrators.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    CampusId,
    permission::Permission,
    wire::{
        campus::{Campus, Campuses, CreateCampus, EditCampus},
        problem::Problem,
    },
};

use super::{
    super::campus::{self, CampusPatch, NewCampus},
    ShortPage,
};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, Params, PathId},
        idempotency::{self, Created},
    },
    if_match::IfMatch,
};

/// The campuses.
#[utoipa::path(get, path = "/api/admin/campuses", tag = "admin",
    responses((status = 200, body = Campuses), (status = "4XX", body = Problem)))]
pub async fn list_campuses(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Error> {
    who.require(Permission::Administer)?;
    let page = ShortPage::read(params, "campuses".to_owned())?;
    let all = app.read(campus::all).await?;
    let (campuses, next_cursor) = page.cut(&app, all, |campus| campus.id.to_string())?;
    etag::json(&headers, &Campuses { campuses, next_cursor })
}

/// Make a campus.
#[utoipa::path(post, path = "/api/admin/campuses", tag = "admin", params(IdempotencyKey), request_body = CreateCampus,
    responses((status = 201, body = Campus), (status = "4XX", body = Problem)))]
pub async fn create_campus(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    who.require(Permission::Administer)?;
    let new = NewCampus::read(input.form)?;
    let create = idempotency::once(&app, &who, "campuses", key, &input.bytes, move |tx, who| {
        Created::new(StatusCode::CREATED, None, &campus::create(tx, who, &new)?)
    });
    create.await
}

/// Change a campus.
#[utoipa::path(patch, path = "/api/admin/campuses/{id}", tag = "admin", params(("id" = CampusId, Path), IfMatch),
    request_body = EditCampus, responses((status = 200, body = Campus), (status = "4XX", body = Problem)))]
pub async fn edit_campus(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<CampusId>,
    if_match: Option<IfMatch>,
    headers: HeaderMap,
    input: Input,
) -> Result<Response, Error> {
    who.require(Permission::Administer)?;
    let patch = CampusPatch::read(input.form)?;
    let campus = app.write(move |tx| {
        IfMatch::check(if_match.as_ref(), &etag::digest(&campus::one(tx, id)?))?;
        campus::edit(tx, &who, id, &patch)
    });
    let campus = campus.await?;
    etag::reply(&headers, &etag::digest(&campus), &campus)
}
