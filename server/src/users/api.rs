//! The routes of the user service.

pub mod campuses;
pub mod export;
pub mod setup;

use std::net::IpAddr;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use campuszon_core::{
    SessionId, TokenId, UserId,
    account::Email,
    form::Form,
    permission::Permission,
    text,
    wire::{
        account::{
            AccessToken, AccessTokens, Address, ChangePassword, CreateToken, DeleteAccount, Device, Devices,
            EditProfile, Login, NewAccessToken, Profile, PublicProfile, Refresh, Register, Registered, ResetPassword,
            Session, Verify,
        },
        problem::Problem,
    },
};

use super::{
    service::{self, NewToken, ProfilePatch, Registration, StoredToken, User},
    sessions::Tokens,
};
use crate::{
    App, Error, Principal,
    gateway::{
        etag,
        extract::{IdempotencyKey, Input, NoQuery, Params, PathId},
        idempotency::{self, Created},
        limits::Attempt,
        listener::PeerAddress,
    },
    if_match::IfMatch,
    views,
};

/// Register an account; a code is mailed to the address.
#[utoipa::path(post, path = "/api/auth/register", tag = "auth", security(()), request_body = Register,
    responses((status = 202, body = Registered), (status = 201, body = Session), (status = "4XX", body = Problem)))]
pub async fn register(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    input: Input,
) -> Result<Response, Error> {
    let attempt = Attempt::begin(&app, address, service::address_in(&input.form).as_ref())?;
    let result = match Registration::read(input.form) {
        Ok(registration) => {
            let email = registration.email.as_str().to_owned();
            service::register(&app, registration).await.map(|registered| (email, registered))
        }
        Err(error) => Err(error),
    };
    match attempt.settle(&app, result)? {
        (email, service::Registered::CodeMailed) => {
            let answer = Registered { status: "verification_sent".to_owned(), email };
            Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
        }
        (_, service::Registered::SignedIn(signed_in)) => {
            let (tokens, user) = *signed_in;
            Ok((StatusCode::CREATED, session(&app, tokens, user).await?).into_response())
        }
    }
}

async fn session(app: &App, tokens: Tokens, user: User) -> Result<Json<Session>, Error> {
    let profile = app.read(move |tx| views::profile::own(tx, &user)).await?;
    Ok(Json(Session {
        access_token: tokens.access_token,
        token_type: "Bearer".to_owned(),
        expires_in: tokens.expires_in,
        refresh_token: tokens.refresh_token,
        user: profile,
    }))
}

/// Confirm an address with its code, and sign in.
#[utoipa::path(post, path = "/api/auth/verify", tag = "auth", security(()), request_body = Verify,
    responses((status = 200, body = Session), (status = "4XX", body = Problem)))]
pub async fn verify(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    mut input: Input,
) -> Result<Json<Session>, Error> {
    let attempt = Attempt::begin(&app, address, service::address_in(&input.form).as_ref())?;
    let read = service::read_code(&mut input.form);
    let (email, code) = input.form.finish(read)?;
    let (tokens, user) = attempt.settle(&app, service::verify(&app, email, code).await)?;
    session(&app, tokens, user).await
}

/// Mail another code.
#[utoipa::path(post, path = "/api/auth/verify/resend", tag = "auth", security(()), request_body = Address,
    responses((status = 202, body = Registered), (status = "4XX", body = Problem)))]
pub async fn resend(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    input: Input,
) -> Result<Response, Error> {
    let email = only_email(&app, address, input)?;
    service::resend(&app, email.clone()).await?;
    Ok(sent(&email))
}

fn only_email(app: &App, address: IpAddr, mut input: Input) -> Result<Email, Error> {
    let attempt = Attempt::begin(app, address, service::address_in(&input.form).as_ref())?;
    let email = service::read_email(&mut input.form);
    attempt.settle(app, input.form.finish(email).map_err(Error::from))
}

fn sent(email: &Email) -> Response {
    let answer = Registered { status: "verification_sent".to_owned(), email: email.as_str().to_owned() };
    (StatusCode::ACCEPTED, Json(answer)).into_response()
}

/// Sign in.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", security(()), request_body = Login,
    responses((status = 200, body = Session), (status = "4XX", body = Problem)))]
pub async fn login(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    mut input: Input,
) -> Result<Json<Session>, Error> {
    let attempt = Attempt::begin(&app, address, service::address_in(&input.form).as_ref())?;
    let email = service::read_email(&mut input.form);
    let password = input.form.required_text("password");
    let device = input.form.text("device");
    let device = device.and_then(|raw| input.form.check(text::line("device", &raw, 1..=80)));
    let (email, password) = input.form.finish(email.zip(password))?;
    let (tokens, user) = attempt.settle(&app, service::login(&app, email, password, device).await)?;
    session(&app, tokens, user).await
}

/// Get the next pair of tokens.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", security(()), request_body = Refresh,
    responses((status = 200, body = Session), (status = "4XX", body = Problem)))]
pub async fn refresh(State(app): State<App>, mut input: Input) -> Result<Json<Session>, Error> {
    let token = input.form.required_text("refresh_token");
    let token = input.form.finish(token)?;
    let (tokens, user) = service::refresh(&app, token).await?;
    session(&app, tokens, user).await
}

/// End this session.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn logout(State(app): State<App>, who: Principal, input: Input) -> Result<StatusCode, Error> {
    input.form.finish(Some(()))?;
    let id = who.session.ok_or_else(|| {
        Error::Forbidden("an access token has no session to end: revoke the token instead".to_owned())
    })?;
    app.write(move |tx| service::end_session(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The devices that are signed in.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "auth",
    responses((status = 200, body = Devices), (status = "4XX", body = Problem)))]
pub async fn list_sessions(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Error> {
    let page = ShortPage::read(params, format!("sessions of {}", who.user))?;
    let current = who.session;
    let stored = app.read(move |tx| service::sessions(tx, &who)).await?;
    let (stored, next_cursor) = page.cut(&app, stored, |session| session.id.to_string())?;
    let sessions = stored.into_iter().map(|session| Device {
        id: session.id,
        device: session.device,
        current: current == Some(session.id),
        created_at: session.created_at,
        last_used_at: session.rotated_at,
        expires_at: session.expires_at,
    });
    etag::json(&headers, &Devices { sessions: sessions.collect(), next_cursor })
}

/// Sign a device out.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "auth", params(("id" = SessionId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn revoke_session(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<SessionId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    who.require(Permission::Credentials)?;
    app.write(move |tx| service::end_session(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have a code mailed to set a new password.
#[utoipa::path(post, path = "/api/auth/password/forgot", tag = "auth", security(()), request_body = Address,
    responses((status = 202, body = Registered), (status = "4XX", body = Problem)))]
pub async fn forgot_password(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    input: Input,
) -> Result<Response, Error> {
    let email = only_email(&app, address, input)?;
    service::forgot_password(&app, email.clone()).await?;
    Ok(sent(&email))
}

/// Set a new password with the mailed code.
#[utoipa::path(post, path = "/api/auth/password/reset", tag = "auth", security(()), request_body = ResetPassword,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn reset_password(
    State(app): State<App>,
    PeerAddress(address): PeerAddress,
    input: Input,
) -> Result<StatusCode, Error> {
    set_password(&app, address, input.form).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new password as a form says, which holds the address, the mailed code and the password.
///
/// # Errors
/// Too many attempts, the form is wrong, or the code.
pub(super) async fn set_password(app: &App, address: IpAddr, mut form: Form) -> Result<(), Error> {
    let attempt = Attempt::begin(app, address, service::address_in(&form).as_ref())?;
    let read = service::read_code(&mut form);
    let password = form.required_text("password");
    let ((email, code), password) = form.finish(read.zip(password))?;
    attempt.settle(app, service::reset_password(app, email, code, password).await)
}

/// Change the password; all other sessions end.
#[utoipa::path(put, path = "/api/auth/password", tag = "auth", request_body = ChangePassword,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn change_password(
    State(app): State<App>,
    who: Principal,
    PeerAddress(address): PeerAddress,
    mut input: Input,
) -> Result<StatusCode, Error> {
    who.require(Permission::Credentials)?;
    let (campus, id) = (who.campus, who.user);
    let email = Email::parse(&app.read(move |tx| service::user(tx, campus, id)).await?.email)?;
    let attempt = Attempt::begin(&app, address, Some(&email))?;
    let current = input.form.required_text("current");
    let new = input.form.required_text("new");
    let (current, new) = input.form.finish(current.zip(new))?;
    attempt.settle(&app, service::change_password(&app, &who, current, new).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The personal access tokens.
#[utoipa::path(get, path = "/api/auth/tokens", tag = "auth",
    responses((status = 200, body = AccessTokens), (status = "4XX", body = Problem)))]
pub async fn list_tokens(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Error> {
    let page = ShortPage::read(params, format!("tokens of {}", who.user))?;
    let stored = app.read(move |tx| service::tokens(tx, &who)).await?;
    let (stored, next_cursor) = page.cut(&app, stored, |token| token.id.to_string())?;
    etag::json(&headers, &AccessTokens { tokens: stored.into_iter().map(shown).collect(), next_cursor })
}

/// A page of a list that is short enough to be read whole, newest first.
struct ShortPage {
    limit: usize,
    cursor: Option<String>,
    scope: String,
}

impl ShortPage {
    fn read(params: Params, scope: String) -> Result<Self, Error> {
        let mut form = params.form;
        let limit = form.integer("limit", 1..=100).unwrap_or(20);
        let cursor = form.text("cursor");
        let limit = usize::try_from(limit).unwrap_or(20);
        Ok(form.finish(Some(Self { limit, cursor, scope }))?)
    }

    /// The rows of this page, and the cursor of the next; ids sort by age, as text too.
    fn cut<T>(self, app: &App, rows: Vec<T>, id: impl Fn(&T) -> String) -> Result<(Vec<T>, Option<String>), Error> {
        let last: Option<String> = self.cursor.map(|cursor| app.cursors.open(&self.scope, &cursor)).transpose()?;
        let mut rest = rows.into_iter().filter(|row| last.as_ref().is_none_or(|last| id(row) < *last));
        let page: Vec<T> = rest.by_ref().take(self.limit).collect();
        let more = page.last().filter(|_| rest.next().is_some());
        let next = more.map(|row| app.cursors.seal(&self.scope, &id(row))).transpose()?;
        Ok((page, next))
    }
}

fn shown(token: StoredToken) -> AccessToken {
    AccessToken {
        id: token.id,
        name: token.name,
        scopes: token.scopes,
        created_at: token.created_at,
        last_used_at: token.last_used_at,
        expires_at: token.expires_at,
    }
}

/// Make a personal access token; its secret is shown this once.
#[utoipa::path(post, path = "/api/auth/tokens", tag = "auth", params(IdempotencyKey), request_body = CreateToken,
    responses((status = 201, body = NewAccessToken), (status = "4XX", body = Problem)))]
pub async fn create_token(
    State(app): State<App>,
    who: Principal,
    key: Option<IdempotencyKey>,
    input: Input,
) -> Result<Created, Error> {
    who.require(Permission::Credentials)?;
    let new = NewToken::read(input.form)?;
    let keys = app.keys.clone();
    let created = idempotency::once(&app, &who, "tokens", key, &input.bytes, move |tx, who| {
        let token = service::create_token(tx, &keys, who, &new)?;
        Created::new(StatusCode::CREATED, None, &shown(token))
    });
    // What is stored for a repeated request is the answer without its secret.
    created.await?.map(|token: AccessToken| NewAccessToken {
        token: app.keys.personal_token(who.campus, token.id).text(),
        details: token,
    })
}

/// Revoke a personal access token.
#[utoipa::path(delete, path = "/api/auth/tokens/{id}", tag = "auth", params(("id" = TokenId, Path)),
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn revoke_token(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<TokenId>,
    _: NoQuery,
) -> Result<StatusCode, Error> {
    who.require(Permission::Credentials)?;
    app.write(move |tx| service::revoke_token(tx, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own profile.
#[utoipa::path(get, path = "/api/users/me", tag = "users",
    responses((status = 200, body = Profile), (status = "4XX", body = Problem)))]
pub async fn show_me(
    State(app): State<App>,
    who: Principal,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let profile = app.read(move |tx| views::profile::me(tx, &who)).await?;
    etag::reply(&headers, &version(&profile), &profile)
}

/// What of a profile its owner changes, as a version: counts of unread things do not spoil an edit.
fn version(profile: &Profile) -> String {
    let own = (&profile.name, &profile.residence, &profile.phone, profile.hide_presence);
    etag::digest(&own)
}

/// Change one's own profile.
#[utoipa::path(patch, path = "/api/users/me", tag = "users", params(IfMatch), request_body = EditProfile,
    responses((status = 200, body = Profile), (status = "4XX", body = Problem)))]
pub async fn edit_me(
    State(app): State<App>,
    who: Principal,
    if_match: Option<IfMatch>,
    headers: HeaderMap,
    input: Input,
) -> Result<Response, Error> {
    let patch = ProfilePatch::read(input.form)?;
    let profile = app
        .write(move |tx| {
            IfMatch::check(if_match.as_ref(), &version(&views::profile::me(tx, &who)?))?;
            service::update_profile(tx, &who, &patch)?;
            views::profile::me(tx, &who)
        })
        .await?;
    etag::reply(&headers, &version(&profile), &profile)
}

/// Delete one's own account.
#[utoipa::path(delete, path = "/api/users/me", tag = "users", request_body = DeleteAccount,
    responses((status = 204), (status = "4XX", body = Problem)))]
pub async fn delete_me(
    State(app): State<App>,
    who: Principal,
    PeerAddress(address): PeerAddress,
    mut input: Input,
) -> Result<StatusCode, Error> {
    who.require(Permission::Credentials)?;
    let attempt = Attempt::begin(&app, address, None)?;
    let password = input.form.required_text("password");
    let password = input.form.finish(password)?;
    attempt.settle(&app, service::delete_account(&app, &who, password).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What everybody of the campus may see of a user.
#[utoipa::path(get, path = "/api/users/{id}", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = PublicProfile), (status = "4XX", body = Problem)))]
pub async fn show(
    State(app): State<App>,
    who: Principal,
    PathId(id): PathId<UserId>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let hub = app.hub.clone();
    let profile = app.read(move |tx| views::profile::public(tx, &hub, who.campus, id)).await?;
    etag::json(&headers, &profile)
}
