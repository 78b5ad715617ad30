//! Pages for those who read their mail where no terminal is: an address is confirmed, or a new password set, with the code
//! of the mail. They do what the API does, by the same rules and budgets. No code stands in a link, where logs, histories
//! and those who look through mails would find it, and to open a page changes nothing.

use std::net::IpAddr;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use campuszon_core::form::Form;
use html_escape::encode_double_quoted_attribute as escape;

use super::{api, service};
use crate::{
    App, Error,
    gateway::{
        extract::{NoQuery, Posted},
        limits::Attempt,
        listener::PeerAddress,
        problem,
    },
    platform::template::fill,
};

const PAGE: &str = include_str!("../../../assets/pages/page.html");

/// Allows the page its own style and its own form, and nothing else from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A page with a form, and what it says when it is done.
struct Page {
    title: &'static str,
    form: &'static str,
    done: &'static str,
}

const VERIFY: Page = Page {
    title: "Confirm your address",
    form: include_str!("../../../assets/pages/verify.html"),
    done: "Your address is confirmed. Sign in where campuszon is installed, with your address and your password.",
};

const RESET: Page = Page {
    title: "Set a new password",
    form: include_str!("../../../assets/pages/reset.html"),
    done: "Your new password is set, and all devices are signed out. Sign in with it where campuszon is installed.",
};

/// Asks for the code that confirms an address.
pub async fn ask_to_verify(State(app): State<App>, _: NoQuery) -> Response {
    VERIFY.ask(&app, "", None)
}

/// Asks for the code that sets a new password.
pub async fn ask_to_reset(State(app): State<App>, _: NoQuery) -> Response {
    RESET.ask(&app, "", None)
}

/// Confirms an address.
pub async fn verify(State(app): State<App>, PeerAddress(address): PeerAddress, Posted(form): Posted) -> Response {
    let typed = typed_address(&form);
    VERIFY.tell(&app, &typed, confirm(&app, address, form).await)
}

async fn confirm(app: &App, address: IpAddr, mut form: Form) -> Result<(), Error> {
    let attempt = Attempt::begin(app, address, service::address_in(&form).as_ref())?;
    let read = service::read_code(&mut form);
    let (email, code) = form.finish(read)?;
    attempt.settle(app, service::confirm(app, email, code).await)
}

/// Sets a new password.
pub async fn reset(State(app): State<App>, PeerAddress(address): PeerAddress, Posted(form): Posted) -> Response {
    let typed = typed_address(&form);
    RESET.tell(&app, &typed, api::set_password(&app, address, form).await)
}

/// What was typed as address, to be shown again.
fn typed_address(form: &Form) -> String {
    form.peek("email").unwrap_or_default().to_owned()
}

impl Page {
    fn tell(&self, app: &App, typed: &str, result: Result<(), Error>) -> Response {
        match result {
            Ok(()) => self.show(app, StatusCode::OK, format!("<p role=\"status\">{}</p>", self.done)),
            Err(error) => (problem::headers(&error), self.ask(app, typed, Some(&error))).into_response(),
        }
    }

    fn ask(&self, app: &App, typed: &str, error: Option<&Error>) -> Response {
        let alert =
            error.map(|error| format!("<p role=\"alert\">{}</p>", escape(&sentence(error)))).unwrap_or_default();
        let status = error.map_or(StatusCode::OK, problem::status);
        let email = escape(typed).into_owned();
        self.show(app, status, fill(self.form, &[("alert", alert), ("email", email)]))
    }

    fn show(&self, app: &App, status: StatusCode, content: String) -> Response {
        let server = escape(&app.settings.name).into_owned();
        let values = [("title", self.title.to_owned()), ("content", content), ("server", server)];
        let headers = [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        (status, headers, Html(fill(PAGE, &values))).into_response()
    }
}

/// What is wrong, for people.
fn sentence(error: &Error) -> String {
    let Error::Invalid(faults) = error else { return problem::detail(error) };
    let told: Vec<String> = faults.iter().map(|fault| format!("The {} {}.", fault.field, fault.message)).collect();
    told.join(" ")
}
