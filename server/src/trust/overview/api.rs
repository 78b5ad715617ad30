//! The routes of what moderators and administrators see.

use axum::{extract::State, http::HeaderMap, response::Response};
use campuszon_core::{
    ReportId, UserId,
    id::AuditId,
    item::ItemStatus,
    permission::{Permission, Role, UserStatus},
    wire::{
        problem::Problem,
        trust::{Audit, ModeratedItems, ModeratedReports, ModeratedUsers, ReportStatus, Stats},
    },
};

use super::service::{self, ItemFilter, UserFilter};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{NoQuery, Params},
        metrics,
        paging::Asked,
    },
};

/// The users of the campus, newest first.
#[utoipa::path(get, path = "/api/admin/users", tag = "admin",
    params(
        ("q" = Option<String>, Query, description = "Part of a name or an address, or a whole id"),
        ("status" = Option<UserStatus>, Query, description = "Deleted ones are listed only when asked for"),
        ("role" = Option<Role>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = ModeratedUsers), (status = "4XX", body = Problem)))]
pub async fn users(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    who.require(Permission::Moderate)?;
    let asked = Asked::read(&mut params.form, "admin users", &who);
    let filter = UserFilter::read(&mut params.form);
    let filter = params.form.finish(Some(filter))?;
    let page = asked.open::<UserId>(&app)?;
    let (after, limit) = (page.after, page.fetch());
    let users = app.read(move |tx| service::users(tx, &who, &filter, after, limit)).await?;
    let (users, next_cursor) = page.cut(&app, users, |user| user.id)?;
    etag::json(&headers, &ModeratedUsers { users, next_cursor })
}

/// The items of the campus in every state, newest first.
#[utoipa::path(get, path = "/api/admin/items", tag = "admin",
    params(
        ("status" = Option<ItemStatus>, Query), ("hidden" = Option<bool>, Query, description = "Hidden by reports"),
        ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = ModeratedItems), (status = "4XX", body = Problem)))]
pub async fn items(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    who.require(Permission::Moderate)?;
    let asked = Asked::read(&mut params.form, "admin items", &who);
    let filter = ItemFilter::read(&mut params.form);
    let filter = params.form.finish(Some(filter))?;
    let page = asked.open::<i64>(&app)?;
    let (after, limit) = (page.after, page.fetch());
    let items = app.read(move |tx| service::items(tx, &who, filter, after, limit)).await?;
    let (items, next_cursor) = page.cut(&app, items, |(number, _)| *number)?;
    let items = items.into_iter().map(|(_, item)| item).collect();
    etag::json(&headers, &ModeratedItems { items, next_cursor })
}

/// The reports of the campus, newest first.
#[utoipa::path(get, path = "/api/admin/reports", tag = "admin",
    params(
        ("status" = Option<ReportStatus>, Query),
        ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query),
    ),
    responses((status = 200, body = ModeratedReports), (status = "4XX", body = Problem)))]
pub async fn reports(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    who.require(Permission::Moderate)?;
    let asked = Asked::read(&mut params.form, "admin reports", &who);
    let status = params.form.parsed("status");
    let status = params.form.finish(Some(status))?;
    let page = asked.open::<ReportId>(&app)?;
    let (after, limit) = (page.after, page.fetch());
    let reports = app.read(move |tx| service::reports(tx, &who, status, after, limit)).await?;
    let (reports, next_cursor) = page.cut(&app, reports, |report| report.report.id)?;
    etag::json(&headers, &ModeratedReports { reports, next_cursor })
}

/// What moderators and administrators of the campus did, newest first.
#[utoipa::path(get, path = "/api/admin/audit", tag = "admin",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Audit), (status = "4XX", body = Problem)))]
pub async fn audit(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Error> {
    who.require(Permission::Moderate)?;
    let asked = Asked::read(&mut params.form, "audit", &who);
    params.form.finish(Some(()))?;
    let page = asked.open::<AuditId>(&app)?;
    let (after, limit) = (page.after, page.fetch());
    let entries = app.read(move |tx| service::audit(tx, &who, after, limit)).await?;
    let (entries, next_cursor) = page.cut(&app, entries, |entry| entry.id)?;
    etag::json(&headers, &Audit { entries, next_cursor })
}

/// The numbers of the campus, and for administrators those of the node that answers.
#[utoipa::path(get, path = "/api/admin/stats", tag = "admin",
    responses((status = 200, body = Stats), (status = "4XX", body = Problem)))]
pub async fn stats(State(app): State<App>, who: Principal, _: NoQuery, headers: HeaderMap) -> Result<Response, Error> {
    who.require(Permission::Moderate)?;
    let server = match who.require(Permission::Administer) {
        Ok(()) => Some(metrics::figures(&app).await),
        Err(_) => None,
    };
    let stats = app.read(move |tx| service::stats(tx, &who)).await?;
    let connections = i64::try_from(app.hub.connections()).unwrap_or(i64::MAX);
    etag::json(&headers, &Stats { connections, server, ..stats })
}
