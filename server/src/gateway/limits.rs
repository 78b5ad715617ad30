//! The budgets: which requests count against which, and the special rule of the credential endpoints.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, Method};
use campuszon_core::account::Email;

use crate::{
    App, Error,
    platform::limiter::{Policy, Verdict},
    settings::Limits,
};

/// The names of all budgets.
pub const BUDGETS: [&str; 6] = ["auth", "items_read", "items_write", "images", "chat", "frames"];

/// The budget of an authenticated request, counted per user.
pub(super) fn budget(limits: &Limits, method: &Method, path: &str) -> Option<Policy> {
    let service = path.strip_prefix("/api/")?.split('/').next()?;
    let (name, rate) = match service {
        "items" | "searches" | "bookings" if method.is_safe() => ("items_read", limits.items_read),
        "items" | "searches" | "bookings" | "reviews" | "tokens" => ("items_write", limits.items_write),
        "images" if *method == Method::POST => ("images", limits.images),
        "chats" if *method == Method::POST && path.ends_with("/messages") => ("chat", limits.chat),
        _ => return None,
    };
    Some(Policy { name, rate })
}

/// The budget of messages, for those that come through a socket.
pub fn chat(limits: &Limits) -> Policy {
    Policy { name: "chat", rate: limits.chat }
}

/// The budget of what a user's sockets send, of whatever type.
pub fn frames(limits: &Limits) -> Policy {
    Policy { name: "frames", rate: limits.frames }
}

/// Adds the headers that tell a client how it stands.
pub(super) fn headers(verdict: &Verdict, headers: &mut HeaderMap) {
    let told = [("ratelimit", verdict.header()), ("ratelimit-policy", verdict.policy.header())];
    for (name, value) in told {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
}

/// A use of a credential endpoint. Per account every attempt counts; per address only failed ones do, so that a campus
/// behind one address is not locked out by its own sign-ins.
pub struct Attempt {
    address: String,
}

impl Attempt {
    /// Counts the attempt for its account, and refuses it when account or address have used up their budget.
    ///
    /// # Errors
    /// Too many attempts.
    pub fn begin(app: &App, address: IpAddr, email: Option<&Email>) -> Result<Self, Error> {
        let (policy, now) = (policy(app), app.clock.now());
        let address = format!("address {address}");
        let verdict = app.limiter.peek(policy, &address, now);
        if !verdict.allowed {
            return Err(Error::RateLimited(verdict));
        }
        if let Some(email) = email {
            let verdict = app.limiter.check(policy, &format!("account {}", email.as_str()), now);
            if !verdict.allowed {
                return Err(Error::RateLimited(verdict));
            }
        }
        Ok(Self { address })
    }

    /// Counts a failure for the address, and passes the result on.
    ///
    /// # Errors
    /// Those of the result.
    pub fn settle<T>(self, app: &App, result: Result<T, Error>) -> Result<T, Error> {
        let failed = matches!(
            result,
            Err(Error::Invalid(_)
                | Error::Unauthenticated(_)
                | Error::Unverified
                | Error::Forbidden(_)
                | Error::Conflict(_))
        );
        if failed {
            app.limiter.count(policy(app), &self.address, app.clock.now());
        }
        result
    }
}

fn policy(app: &App) -> Policy {
    Policy { name: "auth", rate: app.settings.limits.auth }
}
