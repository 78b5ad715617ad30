//! Errors as problem documents: the one place that decides status, code and what a client may read.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use campuszon_core::wire::problem::Problem;

use super::{front, limits};
use crate::Error;

/// Carries an error from its handler to the middleware that knows path and request id.
#[derive(Clone)]
struct Carried(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}

/// The status and the machine word of an error.
fn classify(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
        Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_request"),
        Error::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        Error::TokenExpired => (StatusCode::UNAUTHORIZED, "token_expired"),
        Error::Unverified => (StatusCode::FORBIDDEN, "unverified"),
        Error::InsufficientTokens { .. } => (StatusCode::PAYMENT_REQUIRED, "insufficient_tokens"),
        Error::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
        Error::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
        Error::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
        Error::Gone(_) => (StatusCode::GONE, "gone"),
        Error::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "precondition_failed"),
        Error::PayloadTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
        Error::RangeNotSatisfiable(_) => (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable"),
        Error::UnsupportedMediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        Error::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Error::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout"),
        Error::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
        Error::Maintenance(_) => (StatusCode::SERVICE_UNAVAILABLE, "maintenance"),
        Error::Overloaded | Error::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

/// The status of an error.
pub fn status(error: &Error) -> StatusCode {
    classify(error).0
}

/// What the headers of an answer say of an error: when to try again, what the budget was, how to sign in.
pub fn headers(error: &Error) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(seconds) = retry_after(error) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Error::RateLimited(verdict) = error {
        limits::headers(verdict, &mut headers);
    }
    if status(error) == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    headers
}

/// The machine word of an error, for answers outside HTTP.
pub fn code(error: &Error) -> &'static str {
    classify(error).1
}

/// What a client may read of an error: the insides of a failure of ours stay in the log.
pub fn detail(error: &Error) -> String {
    match error {
        Error::Internal(_) => "the server failed; the request id helps its operator to find out why".to_owned(),
        error => error.to_string(),
    }
}

/// Turns an error response into a problem document; any other response passes, and so do pages, which say themselves what
/// is wrong.
pub fn render(response: Response, instance: &str, request_id: &str) -> Response {
    if let Some(Carried(error)) = response.extensions().get::<Carried>() {
        let error = Arc::clone(error);
        return document(response, &error, instance, request_id);
    }
    let is_page = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    if response.headers().get(header::CONTENT_TYPE).is_some_and(is_page) {
        return response;
    }
    match plain_error(response.status()) {
        Some(error) => document(response, &error, instance, request_id),
        None => response,
    }
}

/// The error that a bare status from below the handlers stands for.
fn plain_error(status: StatusCode) -> Option<Error> {
    match status {
        StatusCode::NOT_FOUND => Some(Error::NotFound("path")),
        StatusCode::METHOD_NOT_ALLOWED => Some(Error::MethodNotAllowed),
        StatusCode::REQUEST_TIMEOUT => Some(Error::Timeout),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Error::PayloadTooLarge("the body is too large".to_owned())),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Some(Error::UnsupportedMediaType("this content type is not accepted here".to_owned()))
        }
        StatusCode::UPGRADE_REQUIRED | StatusCode::BAD_REQUEST => {
            Some(Error::Malformed("the request cannot be understood".to_owned()))
        }
        status if status.is_server_error() => Some(Error::Internal(format!("a bare {status}"))),
        _ => None,
    }
}

fn document(response: Response, error: &Error, instance: &str, request_id: &str) -> Response {
    let (status, code) = classify(error);
    // What is meant is no error, and a line for each refusal would be more work.
    if status.is_server_error() && !matches!(error, Error::Maintenance(_) | Error::Overloaded) {
        tracing::error!(request_id, path = front::for_log(instance), code, "{error}");
    }
    let problem = Problem {
        kind: format!("/docs#{code}"),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: detail(error),
        instance: instance.to_owned(),
        code: code.to_owned(),
        request_id: request_id.to_owned(),
        errors: match error {
            Error::Invalid(faults) => faults.clone(),
            _ => Vec::new(),
        },
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.status = status;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.extend(headers(error));
    if let Error::Overloaded = error {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(spread(request_id)));
    }
    Response::from_parts(parts, body.into())
}

/// In how many seconds who is refused under overload comes again. If all came at the same time, so would the next overload.
fn spread(request_id: &str) -> u64 {
    2 + request_id.bytes().map(u64::from).sum::<u64>() % 8
}

/// In how many seconds the same request may succeed.
fn retry_after(error: &Error) -> Option<u64> {
    match error {
        Error::RateLimited(verdict) => Some(verdict.retry_after()),
        // Longer than a command waits by itself: people are told at once.
        Error::Maintenance(_) => Some(60),
        Error::Overloaded | Error::Unavailable(_) => Some(5),
        _ => None,
    }
}
