//! The routes of vouchers.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use campuszon_core::{
    Timestamp,
    permission::Permission,
    voucher::VoucherCode,
    wire::{
        problem::Problem,
        wallet::{CreateVoucher, Voucher, Vouchers},
    },
};

use super::service;
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, NoQuery, Params, PathId},
        idempotency::{self, Created},
        paging::Asked,
    },
    users::wallet::service::NewVoucher,
};

/// The vouchers of the campus, newest first.
#[utoipa::path(get, path = "/api/admin/vouchers", tag = "admin",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Vouchers), (status = "4XX", body = Problem)))]
pub async fn list_vouchers(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    who.require(Permission::Administer)?;
    let asked = Asked::read(&mut params.form, "vouchers", &who);
    params.form.finish(Some(()))?;
    let page = asked.open::<(Timestamp, String)>(&app)?;
    let (after, limit) = (page.after.clone(), page.fetch());
    let vouchers = app.read(move |tx| service::list(tx, &who, after.as_ref(), limit)).await?;
    let (vouchers, next_cursor) = page.cut(&app, vouchers, |voucher| (voucher.created_at, voucher.code.clone()))?;
    etag::json(&headers, &Vouchers { vouchers, next_cursor })
}

/// Make a voucher; its code is made too.
#[utoipa::path(post, path = "/api/admin/vouchers", tag = "admin", params(IdempotencyKey), request_body = CreateVoucher,
    responses((status = 201, body = Voucher), (status = "4XX", body = Problem)))]
pub async fn create_voucher(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    mut input: Input,
) -> Result<Created, Error> {
    who.require(Permission::Administer)?;
    let new = NewVoucher::read(&mut input.form);
    let new = input.form.finish(new)?;
    idempotency::once(&app, &who, "vouchers", key, &input.bytes, move |tx, who| {
        Created::new(StatusCode::CREATED, None, &service::create(tx, who, &new)?)
    })
    .await
}

/// End a voucher; what it brought stays.
#[utoipa::path(delete, path = "/api/admin/vouchers/{code}", tag = "admin", params(("code" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn delete_voucher(
    State(app): State<App>,
    who: Principal,
    PathId(code): PathId<VoucherCode>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    who.require(Permission::Administer)?;
    app.write(move |tx| service::delete(tx, &who, &code)).await?;
    Ok(StatusCode::NO_CONTENT)
}
