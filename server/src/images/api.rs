//! The routes of the image service.

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use campuszon_core::{
    ImageId,
    permission::Permission,
    wire::{
        image::{Image, Queue, Uploaded},
        problem::Problem,
    },
};
use utoipa::ToSchema;

use super::{body, files, service, shown::shown};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, NoQuery, PathId},
        idempotency::{self, Created},
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
#[utoipa::path(post, path = "/api/images", tag = "images",
    request_body(content(("image/*"), (UploadForm = "multipart/form-data"))),
    responses((status = 202, body = Uploaded), (status = "4XX", body = Problem)))]
pub async fn upload(
    State(app): State<App>,
    who: Principal,
    _: NoQuery,
    key: Option<IdempotencyKey>,
    request: Request,
) -> Result<Created, Error> {
    let bytes = body::read_picture(request, app.settings.images.max_bytes).await?;
    let received = service::receive(&app, who.campus, bytes).await?;
    // The key stands for the bytes, which need no second hash.
    let content = received.key.clone();
    let created = idempotency::once(&app, &who, "images", key, content.as_bytes(), move |tx, who| {
        let image = service::register(tx, who, &received)?;
        let answer = Uploaded { id: image.id, status: image.status };
        Created::new(StatusCode::ACCEPTED, Some(format!("/api/images/{}", image.id)), &answer)
    })
    .await;
    // Not needed when equal bytes are ready, the key was used before, or the transaction failed.
    service::discard_original(&app, who.campus, &content).await;
    created
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

/// A variant of a ready picture, immutable.
#[utoipa::path(get, path = "/images/{key}/{file}", tag = "images", security(()),
    params(("key" = String, Path), ("file" = String, Path, description = "thumbnail.webp, medium.webp or large.webp")),
    responses((status = 200, content(("image/webp"))), (status = 304),
        (status = "4XX", body = Problem)))]
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
    Ok((headers, [(header::CONTENT_TYPE, "image/webp")], bytes).into_response())
}

/// The headers of a file that never changes, and that a browser must take for nothing but a picture.
fn immutable(tag: &str) -> Result<HeaderMap, Error> {
    let tag = HeaderValue::from_str(tag).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(HeaderMap::from_iter([
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ]))
}
