//! The first administrator of a new server.

use axum::{Json, extract::State, http::StatusCode};
use campuszon_core::wire::{
    account::{Session, SetUp},
    problem::Problem,
};

use super::{service, session};
use crate::{
    App, Error,
    gateway::{extract::Input, limits::Attempt, listener::PeerAddress},
};

/// Become the first administrator with the token of the link that a new server prints.
#[utoipa::path(post, path = "/api/setup", tag = "auth", security(()), request_body = SetUp,
    responses((status = 201, body = Session), (status = "4XX", body = Problem)))]
pub async fn set_up(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    input: Input,
) -> Result<(StatusCode, Json<Session>), Error> {
    let attempt = Attempt::begin(&app, address, service::address_in(&input.form).as_ref())?;
    let made = match service::SetUp::read(input.form) {
        Ok(wish) => service::set_up(&app, wish).await,
        Err(error) => Err(error),
    };
    let (tokens, user) = attempt.settle(&app, made)?;
    Ok((StatusCode::CREATED, session(&app, tokens, user).await?))
}
