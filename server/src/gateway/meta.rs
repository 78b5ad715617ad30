//! What the server says of itself.

use axum::{extract::State, http::HeaderMap, response::Response};
use campuszon_core::{
    item::{Condition, Listing},
    wire::meta::{Limits, Meta, Registration},
};

use super::{etag, extract::NoQuery};
use crate::{App, Error};

/// What this server is: its name, who may sign up, what can be listed, and its bounds.
#[utoipa::path(get, path = "/api/meta", tag = "meta", security(()), responses((status = 200, body = Meta)))]
pub(super) async fn meta(State(app): State<App>, _: NoQuery, headers: HeaderMap) -> Result<Response, Error> {
    let settings = &app.settings;
    let mut domains = settings.registration.domains.clone();
    domains.extend(settings.campuses.iter().flat_map(|campus| campus.domains.clone()));
    let meta = Meta {
        name: settings.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        currency: settings.currency.code().to_owned(),
        timezone: settings.timezone.clone(),
        registration: Registration {
            open: settings.registration.open,
            verification: settings.registration.verification,
            domains,
        },
        categories: settings.items.categories.clone(),
        conditions: Condition::ALL.to_vec(),
        listings: Listing::ALL.to_vec(),
        limits: Limits {
            max_images: settings.items.max_images as u64,
            require_image: settings.items.require_image,
            max_image_bytes: settings.images.max_bytes,
            max_image_pixels: settings.images.max_pixels,
            max_title: 120,
            max_description: 4000,
            max_message: 4000,
            unlock_price: i64::from(settings.tokens.unlock_price),
        },
        maintenance: app.maintenance.current().as_deref().cloned(),
    };
    etag::json(&headers, &meta)
}
