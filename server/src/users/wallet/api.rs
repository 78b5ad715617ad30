//! The routes of the wallet.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    voucher::VoucherCode,
    wire::{
        problem::Problem,
        wallet::{Redeem, Redeemed, Wallet},
    },
};

use super::service;
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, Params},
        idempotency::{self, Created},
        paging::Asked,
    },
};

/// One's marketplace tokens: the balance, and how it came about, newest first.
#[utoipa::path(get, path = "/api/tokens", tag = "wallet",
    params(("limit" = Option<i64>, Query, description = "1–100, 20 by default"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Wallet), (status = "4XX", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    let asked = Asked::read(&mut params.form, "tokens", &who);
    params.form.finish(Some(()))?;
    let page = asked.open::<i64>(&app)?;
    let (after, limit) = (page.after, page.fetch());
    let (balance, entries) = app.read(move |tx| service::wallet(tx, &who, after, limit)).await?;
    let (entries, next_cursor) = page.cut(&app, entries, |(number, _)| *number)?;
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    etag::json(&headers, &Wallet { balance, entries, next_cursor })
}

/// Redeem a voucher.
#[utoipa::path(post, path = "/api/tokens/redeem", tag = "wallet", params(IdempotencyKey), request_body = Redeem,
    responses((status = 200, body = Redeemed), (status = "4XX", body = Problem)))]
pub async fn redeem(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    let code = input.form.required_text("code");
    let code = input.form.finish(code)?.parse::<VoucherCode>().ok();
    idempotency::once(&app, &who, "redeem", key, &input.bytes, move |tx, who| {
        Created::new(StatusCode::OK, None, &service::redeem(tx, who, code.as_ref())?)
    })
    .await
}
