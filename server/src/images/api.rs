//! The routes of the image service.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use campuszon_core::{
    ImageId,
    permission::Permission,
    wire::{
        image::{Image, Queue, Retried, Uploaded},
        problem::Problem,
    },
};
use utoipa::ToSchema;

use super::{body, files, service, shown::shown};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, NoQuery, PathId},
        idempotency::{self, Created},
        range::{self, Wanted},
    },
    platform::blobs,
};

/// An upload as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form, which is read field by field")]
struct UploadForm {
    /// The file.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    image: String,
}

/// Upload a picture: the file as body, or one form field `image`. It is made ready in the background.
#[utoipa::path(post, path = "/api/images", tag = "images", params(IdempotencyKey),
    request_body(content(("image/*"), (UploadForm = "multipart/form-data"))),
    responses((status = 202, body = Uploaded), (status = "4XX", body = Problem)))]
pub async fn upload(
    State(app): State<App>,
    who: Principal,
    _: NoQuery,
    key: Option<IdempotencyKey>,
    request: Request,
) -> Result<Created, Error> {
    service::check_room(&app, &who).await?;
    let bytes = body::read_picture(request, app.settings.images.max_bytes).await?;
    let received = service::receive(&app, who.campus, bytes).await?;
    // The key stands for the bytes, which need no second hash.
    let (content, registered) = (received.key.clone(), received.clone());
    let created = idempotency::once(&app, &who, "images", key, content.as_bytes(), move |tx, who| {
        let image = service::register(tx, who, &registered)?;
        let answer = Uploaded { id: image.id, status: image.status };
        Created::new(StatusCode::ACCEPTED, Some(format!("/api/images/{}", image.id)), &answer)
    })
    .await;
    let settled = service::settle_original(&app, who.campus, &received).await;
    // The first fault is the one to tell.
    let created = created?;
    settled.map(|()| created)
}

/// A picture: how far it is, and where its variants are.
#[utoipa::path(get, path = "/api/images/{id}", tag = "images", params(("id" = ImageId, Path)),
    responses((status = 200, body = Image), (status = "4XX", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<ImageId>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let image = app.read(move |tx| service::visible_image(tx, &who, id)).await?;
    etag::json(&headers, &shown(&app.public_url, image))
}

/// How much the image workers have to do.
#[utoipa::path(get, path = "/api/images/queue", tag = "images",
    responses((status = 200, body = Queue), (status = "4XX", body = Problem)))]
pub async fn queue(State(app): State<App>, who: Principal, _: NoQuery) -> Result<Json<Queue>, Error> {
    who.require(Permission::Administer)?;
    Ok(Json(app.read(service::queue).await?))
}

/// Try again what the image workers gave up.
#[utoipa::path(post, path = "/api/images/queue/retry", tag = "images",
    responses((status = 200, body = Retried), (status = "4XX", body = Problem)))]
pub async fn retry(State(app): State<App>, who: Principal, input: Input) -> Result<Json<Retried>, Error> {
    who.require(Permission::Administer)?;
    input.form.finish(Some(()))?;
    Ok(Json(app.write(service::retry).await?))
}

/// A variant of a ready picture, immutable, or a part of it.
#[utoipa::path(get, path = "/images/{key}/{file}", tag = "images", security(()),
    params(("key" = String, Path), ("file" = String, Path, description = "thumbnail.webp, medium.webp or large.webp")),
    responses((status = 200, content(("image/webp"))), (status = 304),
        (status = 206, content(("image/webp"))), (status = "4XX", body = Problem)))]
pub async fn serve(
    State(app): State<App>,
    Path((key, file)): Path<(String, String)>,
    request: HeaderMap,
) -> Result<Response, Error> {
    let missing = || Error::NotFound("image");
    let size = files::size_of(&file).filter(|_| files::is_key(&key)).ok_or_else(missing)?;
    let blob = files::variant(&key, size)?;
    let bytes = blobs::read(app.blobs.clone(), blob).await.map_err(files::storage_failed)?.ok_or_else(missing)?;
    let tag = format!("\"{key}-{size}\"");
    let headers = immutable(&tag)?;
    if etag::none_match(&request, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    part(&request, &tag, headers, bytes)
}

/// As much of a file as the request wants.
fn part(request: &HeaderMap, tag: &str, mut headers: HeaderMap, bytes: Bytes) -> Result<Response, Error> {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/webp"));
    let length = bytes.len() as u64;
    let place = |range: String| HeaderValue::from_str(&range).map_err(|error| Error::Internal(error.to_string()));
    match range::wanted(request, tag, length) {
        Wanted::Whole => Ok((headers, bytes).into_response()),
        Wanted::Part(range) => {
            headers.insert(header::CONTENT_RANGE, place(format!("bytes {}-{}/{length}", range.start(), range.end()))?);
            let (from, to) = (usize::try_from(*range.start()), usize::try_from(*range.end()));
            let within = from.ok().zip(to.ok()).filter(|(from, to)| from <= to && *to < bytes.len());
            let (from, to) = within.ok_or_else(|| Error::Internal("a range outside of its file".to_owned()))?;
            Ok((StatusCode::PARTIAL_CONTENT, headers, bytes.slice(from..=to)).into_response())
        }
        Wanted::Nothing => {
            let mut refusal = Error::RangeNotSatisfiable(length).into_response();
            refusal.headers_mut().insert(header::CONTENT_RANGE, place(format!("bytes */{length}"))?);
            Ok(refusal)
        }
    }
}

/// The headers of a file that never changes, and that a browser must take for nothing but a picture.
fn immutable(tag: &str) -> Result<HeaderMap, Error> {
    let tag = HeaderValue::from_str(tag).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(HeaderMap::from_iter([
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ]))
}
