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

use std::mem;

use axum::{Router, middleware, response::IntoResponse, routing::get};
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{App, Error, chat, deals, images, items, notifications, trust, users};

pub(crate) use front::turns;

/// Where the OpenAPI document is.
const DOCUMENT: &str = "/api/openapi.json";

/// The whole server as one router: the API, its document, images, health, and the front before them all.
pub fn router(app: App) -> Router {
    // By itself the page has the document judged by a validator on the internet.
    let pages = SwaggerUi::new("/docs").config(Config::new([DOCUMENT]).validator_url("none"));
    api()
        .merge(pages)
        .route(DOCUMENT, get(document::show))
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

/// Hands out every route that the OpenAPI document describes, with what the document says of it. One by one: all that is
/// said together takes four megabytes.
fn each_route(add: &mut dyn FnMut(UtoipaMethodRouter<App>)) {
    // users
    add(routes!(users::api::register));
    add(routes!(users::api::verify));
    add(routes!(users::api::resend));
    add(routes!(users::api::login));
    add(routes!(users::api::refresh));
    add(routes!(users::api::logout));
    add(routes!(users::api::list_sessions));
    add(routes!(users::api::revoke_session));
    add(routes!(users::api::forgot_password));
    add(routes!(users::api::reset_password));
    add(routes!(users::api::change_password));
    add(routes!(users::api::list_tokens, users::api::create_token));
    add(routes!(users::api::revoke_token));
    add(routes!(users::api::show_me, users::api::edit_me, users::api::delete_me));
    add(routes!(users::api::export::export));
    add(routes!(users::api::show));
    add(routes!(users::api::setup::set_up));
    add(routes!(users::api::campuses::list_campuses, users::api::campuses::create_campus));
    add(routes!(users::api::campuses::edit_campus));
    add(routes!(users::blocks::api::block, users::blocks::api::unblock));
    add(routes!(users::wallet::api::show));
    add(routes!(users::wallet::api::redeem));
    // notifications
    add(routes!(notifications::api::list, notifications::api::clear));
    add(routes!(notifications::api::mark));
    add(routes!(notifications::api::delete));
    add(routes!(notifications::api::show_preferences, notifications::api::edit_preferences));
    // images
    add(routes!(images::api::upload));
    add(routes!(images::api::queue));
    add(routes!(images::api::retry));
    add(routes!(images::api::show));
    add(routes!(images::api::serve));
    // items
    add(routes!(items::api::list, items::api::create));
    add(routes!(items::api::show, items::api::edit, items::api::delete));
    add(routes!(items::api::publish));
    add(routes!(items::api::withdraw));
    add(routes!(items::api::relist));
    add(routes!(items::api::renew));
    add(routes!(items::api::sold));
    add(routes!(items::api::set_images));
    add(routes!(items::api::add_favorite, items::api::remove_favorite));
    add(routes!(items::saved::api::list, items::saved::api::create));
    add(routes!(items::saved::api::edit, items::saved::api::delete));
    add(routes!(items::saved::api::matches));
    // deals
    add(routes!(deals::api::unlock));
    add(routes!(deals::api::request));
    add(routes!(deals::api::list));
    add(routes!(deals::api::show));
    add(routes!(deals::api::accept));
    add(routes!(deals::api::counter));
    add(routes!(deals::api::decline));
    add(routes!(deals::api::cancel));
    add(routes!(deals::api::extend));
    add(routes!(deals::api::complete));
    add(routes!(deals::api::review));
    add(routes!(deals::api::answer));
    add(routes!(deals::api::reviews));
    // chat
    add(routes!(chat::api::list, chat::api::start));
    add(routes!(chat::api::show, chat::api::mute));
    add(routes!(chat::api::edit, chat::api::delete));
    add(routes!(chat::api::messages, chat::api::send));
    add(routes!(chat::api::read));
    add(routes!(chat::live::connect));
    // trust
    add(routes!(trust::api::report_item));
    add(routes!(trust::api::report_user));
    add(routes!(trust::api::report_message));
    add(routes!(trust::overview::api::users));
    add(routes!(trust::overview::api::items));
    add(routes!(trust::overview::api::reports));
    add(routes!(trust::overview::api::audit));
    add(routes!(trust::overview::api::stats));
    add(routes!(trust::moderation::api::set_role));
    add(routes!(trust::moderation::api::suspend));
    add(routes!(trust::moderation::api::sign_out));
    add(routes!(trust::moderation::api::restore_user));
    add(routes!(trust::moderation::api::warn));
    add(routes!(trust::moderation::api::grant));
    add(routes!(trust::moderation::api::remove_item));
    add(routes!(trust::moderation::api::restore_item));
    add(routes!(trust::moderation::api::dismiss));
    add(routes!(trust::vouchers::api::list_vouchers, trust::vouchers::api::create_voucher));
    add(routes!(trust::vouchers::api::delete_voucher));
    add(routes!(
        trust::maintenance::api::show_maintenance,
        trust::maintenance::api::begin_maintenance,
        trust::maintenance::api::end_maintenance
    ));
    // gateway
    add(routes!(meta::meta));
}

/// The routes of the API, without what the document says of them.
fn api() -> Router<App> {
    let mut api = Router::new();
    each_route(&mut |(_, described, handlers)| {
        for path in described.paths.keys() {
            api = mem::take(&mut api).route(path, handlers.clone());
        }
    });
    api
}

/// The OpenAPI document of all routes.
fn openapi() -> utoipa::openapi::OpenApi {
    let mut described = OpenApiRouter::with_openapi(document::Document::openapi());
    each_route(&mut |route| described = mem::take(&mut described).routes(route));
    let mut document = described.into_openapi();
    document::complete(&mut document);
    document
}
