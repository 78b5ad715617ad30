//! What handlers take from a request: the caller, a form, an id from the path.

use std::{convert::Infallible, net::Ipv4Addr, str::FromStr, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, RawPathParams, Request},
    http::{HeaderMap, header, request::Parts},
};
use campuszon_core::{form::Form, permission::Permission};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder, Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::Type,
    },
};

use super::listener::PeerAddress;
use crate::{App, Error, Principal, if_match::IfMatch};

/// The largest JSON body: far above what any input needs, far below what hurts.
const MAX_BODY: usize = 256 * 1024;

/// The largest form of a page.
const MAX_FORM: usize = 8 * 1024;

/// How long any body may take to arrive, …
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// … and how many bytes a second a large one must bring on top: a slow mobile connection does.
const SLOWEST: u64 = 100_000;

/// What the front found out about the caller.
#[derive(Clone)]
pub(super) struct Authenticated(pub(super) std::sync::Arc<Result<Principal, Error>>);

/// The signed-in caller. By default a `GET` asks for the permission to read and everything else for that to write.
impl FromRequestParts<App> for Principal {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let Some(Authenticated(result)) = parts.extensions.get::<Authenticated>() else {
            return Err(Error::Unauthenticated("sign in first: this needs an access token"));
        };
        let principal = match &**result {
            Ok(principal) => principal.clone(),
            Err(error) => return Err(super::authentication::again(error)),
        };
        let permission = if parts.method.is_safe() { Permission::Read } else { Permission::Write };
        principal.require(permission)?;
        Ok(principal)
    }
}

/// The address of the peer; the unspecified one where a request did not come through a listener.
impl FromRequestParts<App> for PeerAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(Ipv4Addr::UNSPECIFIED.into())))
    }
}

/// A JSON object as body, and the hash that tells it from another under the same idempotency key.
pub struct Input {
    /// The fields.
    pub form: Form,
    /// The bytes as they came.
    pub bytes: Bytes,
}

impl FromRequest<App> for Input {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        NoQuery::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let is_json = content_type(request.headers()).is_some_and(|kind| kind == "application/json");
        let bytes = read_body(request, MAX_BODY).await?;
        if bytes.is_empty() {
            return Ok(Self { form: Form::json(serde_json::Map::new()), bytes });
        }
        if !is_json {
            return Err(Error::UnsupportedMediaType("send the body as application/json".to_owned()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self { form: Form::json(fields), bytes }),
            Ok(_) => Err(Error::Malformed("the body must be a JSON object".to_owned())),
            Err(error) => Err(Error::Malformed(format!("the body is not valid JSON: {error}"))),
        }
    }
}

/// The fields of a form that a browser posts.
pub struct Posted(pub Form);

impl FromRequest<App> for Posted {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        NoQuery::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        if content_type(request.headers()).is_none_or(|kind| kind != "application/x-www-form-urlencoded") {
            return Err(Error::UnsupportedMediaType("send the form as application/x-www-form-urlencoded".to_owned()));
        }
        let bytes = read_body(request, MAX_FORM).await?;
        Ok(Self(Form::query(form_urlencoded::parse(&bytes).into_owned())))
    }
}

/// The media type, without its parameters, in lower case.
pub fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The whole body, at most `limit` bytes.
///
/// # Errors
/// It is larger, breaks off, or takes too long.
pub async fn read_body(request: Request, limit: usize) -> Result<Bytes, Error> {
    let patience = BODY_TIMEOUT + Duration::from_secs(limit as u64 / SLOWEST);
    let collected = tokio::time::timeout(patience, Limited::new(request.into_body(), limit).collect());
    match collected.await {
        Err(_) => Err(Error::Timeout),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Error::PayloadTooLarge(format!("the body may have at most {limit} bytes")))
        }
        Ok(Err(_)) => Err(Error::Malformed("the body broke off".to_owned())),
    }
}

/// The query string as a form, and the text it came as.
pub struct Params {
    /// The fields.
    pub form: Form,
}

impl FromRequestParts<App> for Params {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> = axum::extract::Query::try_from_uri(&parts.uri)
            .map_err(|_| Error::Malformed(format!("the query string cannot be read: {query:?}")))?
            .0;
        Ok(Self { form: Form::query(pairs) })
    }
}

/// Refuses a query string, on routes that take none.
pub struct NoQuery;

impl FromRequestParts<App> for NoQuery {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let params = Params::from_request_parts(parts, app).await?;
        Ok(params.form.finish(Some(Self))?)
    }
}

/// What an id in a path names, for the sentence "there is no such …".
pub trait Named: FromStr {
    /// The noun.
    const NOUN: &'static str;

    /// Its name in the paths of routes.
    const PARAMETER: &'static str = "id";
}

macro_rules! named {
    ($($kind:ty = $noun:literal $(as $parameter:literal)?),* $(,)?) => {$(
        impl Named for $kind {
            const NOUN: &'static str = $noun;
            $(const PARAMETER: &'static str = $parameter;)?
        }
    )*};
}

named!(
    campuszon_core::BookingId = "booking",
    campuszon_core::CampusId = "campus",
    campuszon_core::ChatId = "chat",
    campuszon_core::ImageId = "image",
    campuszon_core::ItemId = "item",
    campuszon_core::MessageId = "message" as "msg",
    campuszon_core::NotificationId = "notification",
    campuszon_core::ReportId = "report",
    campuszon_core::ReviewId = "review",
    campuszon_core::SearchId = "saved search",
    campuszon_core::SessionId = "session",
    campuszon_core::TokenId = "access token",
    campuszon_core::UserId = "user",
    campuszon_core::voucher::VoucherCode = "voucher" as "code",
);

/// The id in the path. A malformed one, or one of another kind, names nothing.
pub struct PathId<T>(pub T);

impl<T: Named + Send> FromRequestParts<App> for PathId<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &App) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| Error::NotFound(T::NOUN))?;
        let id = params.iter().find(|(name, _)| *name == T::PARAMETER).and_then(|(_, text)| text.parse().ok());
        id.map(Self).ok_or(Error::NotFound(T::NOUN))
    }
}

/// The `Idempotency-Key` of a creating request: 1–128 visible characters.
pub struct IdempotencyKey(pub String);

impl OptionalFromRequestParts<App> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Error> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(None) };
        let key = value.to_str().ok().filter(|key| (1..=128).contains(&key.len()) && !key.contains(' '));
        match key {
            Some(key) => Ok(Some(Self(key.to_owned()))),
            None => Err(Error::Malformed("Idempotency-Key must have 1 to 128 visible characters".to_owned())),
        }
    }
}

impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,128}$"));
        vec![header(
            "Idempotency-Key",
            "Made by the client: whoever repeats it within a day gets the first answer.",
            text,
        )]
    }
}

impl OptionalFromRequestParts<App> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Error> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(None) };
        let text = value.to_str().map_err(|_| Error::Malformed("If-Match is not a list of entity tags".to_owned()))?;
        Ok(Some(Self::parse(text)))
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        vec![header("If-Match", "The ETag it was read with: a change of anything newer is refused with 412.", text)]
    }
}

fn header(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
    parameter.description(Some(description)).schema(Some(schema)).build()
}
