//! The gateway: who are you, how often, and which handler. Every route of the server is listed here.

pub mod authentication;
pub mod cursor;
mod document;
pub mod etag;
pub mod extract;
mod front;
mod health;
pub mod idempotency;
pub mod limits;
pub mod listener;
mod meta;
pub mod metrics;
mod pages;
pub mod paging;
pub mod problem;
pub mod range;
pub mod subscribers;

use axum::{Router, middleware, response::IntoResponse, routing::get};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{App, Error, chat, deals, images, items, notifications, trust, users};

/// Where the OpenAPI document is.
const DOCUMENT: &str = "/api/openapi.json";

/// The whole server as one router: the API, its document, images, health, and the front before them all.
pub fn router(app: App) -> Router {
    let (api, document) = described();
    // By itself the page has the document judged by a validator on the internet.
    let pages = SwaggerUi::new("/docs").config(Config::new([DOCUMENT]).validator_url("none"));
    api.merge(pages)
        .route(DOCUMENT, document::serve(&document))
        .route("/docs/protocol", get(pages::protocol))
        .route("/healthz", get(health::process))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/items/{id}", get(pages::item))
        .route("/setup/{token}", get(pages::setup))
        .route("/verify", get(users::pages::ask_to_verify).post(users::pages::verify))
        .route("/reset", get(users::pages::ask_to_reset).post(users::pages::reset))
        .fallback(|| async { Error::NotFound("path").into_response() })
        .method_not_allowed_fallback(|| async { Error::MethodNotAllowed.into_response() })
        .layer(middleware::from_fn_with_state(app.clone(), front::front))
        .with_state(app)
}

/// Every route that the OpenAPI document describes.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::Document::openapi())
        // users
        .routes(routes!(users::api::register))
        .routes(routes!(users::api::verify))
        .routes(routes!(users::api::resend))
        .routes(routes!(users::api::login))
        .routes(routes!(users::api::refresh))
        .routes(routes!(users::api::logout))
        .routes(routes!(users::api::list_sessions))
        .routes(routes!(users::api::revoke_session))
        .routes(routes!(users::api::forgot_password))
        .routes(routes!(users::api::reset_password))
        .routes(routes!(users::api::change_password))
        .routes(routes!(users::api::list_tokens, users::api::create_token))
        .routes(routes!(users::api::revoke_token))
        .routes(routes!(users::api::show_me, users::api::edit_me, users::api::delete_me))
        .routes(routes!(users::api::export::export))
        .routes(routes!(users::api::show))
        .routes(routes!(users::api::setup::set_up))
        .routes(routes!(users::api::campuses::list_campuses, users::api::campuses::create_campus))
        .routes(routes!(users::api::campuses::edit_campus))
        .routes(routes!(users::blocks::api::block, users::blocks::api::unblock))
        .routes(routes!(users::wallet::api::show))
        .routes(routes!(users::wallet::api::redeem))
        // notifications
        .routes(routes!(notifications::api::list, notifications::api::clear))
        .routes(routes!(notifications::api::mark))
        .routes(routes!(notifications::api::delete))
        .routes(routes!(notifications::api::show_preferences, notifications::api::edit_preferences))
        // images
        .routes(routes!(images::api::upload))
        .routes(routes!(images::api::queue))
        .routes(routes!(images::api::retry))
        .routes(routes!(images::api::show))
        .routes(routes!(images::api::serve))
        // items
        .routes(routes!(items::api::list, items::api::create))
        .routes(routes!(items::api::show, items::api::edit, items::api::delete))
        .routes(routes!(items::api::publish))
        .routes(routes!(items::api::withdraw))
        .routes(routes!(items::api::relist))
        .routes(routes!(items::api::renew))
        .routes(routes!(items::api::sold))
        .routes(routes!(items::api::set_images))
        .routes(routes!(items::api::add_favorite, items::api::remove_favorite))
        .routes(routes!(items::saved::api::list, items::saved::api::create))
        .routes(routes!(items::saved::api::edit, items::saved::api::delete))
        .routes(routes!(items::saved::api::matches))
        // deals
        .routes(routes!(deals::api::unlock))
        .routes(routes!(deals::api::request))
        .routes(routes!(deals::api::list))
        .routes(routes!(deals::api::show))
        .routes(routes!(deals::api::accept))
        .routes(routes!(deals::api::counter))
        .routes(routes!(deals::api::decline))
        .routes(routes!(deals::api::cancel))
        .routes(routes!(deals::api::extend))
        .routes(routes!(deals::api::complete))
        .routes(routes!(deals::api::review))
        .routes(routes!(deals::api::answer))
        .routes(routes!(deals::api::reviews))
        // chat
        .routes(routes!(chat::api::list, chat::api::start))
        .routes(routes!(chat::api::show, chat::api::mute))
        .routes(routes!(chat::api::edit, chat::api::delete))
        .routes(routes!(chat::api::messages, chat::api::send))
        .routes(routes!(chat::api::read))
        .routes(routes!(chat::live::connect))
        // trust
        .routes(routes!(trust::api::report_item))
        .routes(routes!(trust::api::report_user))
        .routes(routes!(trust::api::report_message))
        .routes(routes!(trust::overview::api::users))
        .routes(routes!(trust::overview::api::items))
        .routes(routes!(trust::overview::api::reports))
        .routes(routes!(trust::overview::api::audit))
        .routes(routes!(trust::overview::api::stats))
        .routes(routes!(trust::moderation::api::set_role))
        .routes(routes!(trust::moderation::api::suspend))
        .routes(routes!(trust::moderation::api::restore_user))
        .routes(routes!(trust::moderation::api::warn))
        .routes(routes!(trust::moderation::api::grant))
        .routes(routes!(trust::moderation::api::remove_item))
        .routes(routes!(trust::moderation::api::restore_item))
        .routes(routes!(trust::moderation::api::dismiss))
        .routes(routes!(trust::vouchers::api::list_vouchers, trust::vouchers::api::create_voucher))
        .routes(routes!(trust::vouchers::api::delete_voucher))
        .routes(routes!(
            trust::maintenance::api::show_maintenance,
            trust::maintenance::api::begin_maintenance,
            trust::maintenance::api::end_maintenance
        ))
        // gateway
        .routes(routes!(meta::meta))
}

/// The OpenAPI document of all routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().1
}

fn described() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (api, mut document) = routes().split_for_parts();
    document::complete(&mut document);
    (api, document)
}
