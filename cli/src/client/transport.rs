//! Sending calls: credentials, time-outs, polite repetition, and reading what comes back.

use std::{
    error::Error as _,
    sync::PoisonError,
    time::{Duration, Instant},
};

use bytes::Bytes;
use campuszon_core::wire::problem::Problem;
use reqwest::{
    Response, StatusCode, Url,
    header::{
        ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MATCH, LOCATION,
        RETRY_AFTER,
    },
    redirect::Policy,
};
use serde::de::DeserializeOwned;

use super::{
    Client, ClientError, Refusal,
    call::{Auth, Call},
};

const REPETITIONS: u32 = 3;
const REDIRECTS: u32 = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A thing and the version it has.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<T> {
    /// The thing.
    pub value: T,
    /// For a change that must not overwrite another.
    pub etag: Option<String>,
}

/// An answer that is no refusal.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|error| ClientError::Answer(error.to_string()))
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }
}

impl Client {
    /// The connection pool for `url`'s scheme, built at its first use.
    fn http(&self, url: &Url) -> Result<reqwest::Client, ClientError> {
        let plain = url.scheme() == "http";
        let pool = if plain { &self.shared.plain } else { &self.shared.secure };
        let mut pool = pool.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(http) = &*pool {
            return Ok(http.clone());
        }
        let http = self.http_builder(plain).build().map_err(|error| self.unreachable(&error))?;
        Ok(pool.insert(http).clone())
    }

    /// Uses the connections it has no more. After a sleep or on another network they are dead without a sign of it, and a
    /// call over one of them would only end with its time-out.
    pub(super) fn leave_connections(&self) {
        for pool in [&self.shared.plain, &self.shared.secure] {
            pool.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// What all connections have in common. Plain ones load no certificates, which takes longer than a request.
    pub(super) fn http_builder(&self, plain: bool) -> reqwest::ClientBuilder {
        // Fails when a provider stands already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("campuszon/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(Policy::none());
        match plain {
            true if self.server().is_loopback() => builder.tls_certs_only([]).no_proxy(),
            true => builder.tls_certs_only([]),
            false => builder,
        }
    }

    /// Sends a call whose answer is a `T`.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, ClientError> {
        self.send(call).await?.read()
    }

    /// Sends a call whose answer is a `T` with a version.
    pub(super) async fn ask_tagged<T: DeserializeOwned>(&self, call: &Call) -> Result<Tagged<T>, ClientError> {
        let reply = self.send(call).await?;
        Ok(Tagged { value: reply.read()?, etag: reply.header(&ETAG) })
    }

    /// Sends a call whose answer says nothing.
    pub(super) async fn tell(&self, call: &Call) -> Result<(), ClientError> {
        self.send(call).await.map(|_| ())
    }

    /// Sends a call as the signed-in user, renewing the session where needed.
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, ClientError> {
        if let Some(plan) = self.plan.as_ref().filter(|_| call.changes()) {
            if let Ok(mut noted) = plan.lock() {
                noted.push(call.planned());
            }
            return Err(ClientError::DryRun);
        }
        if call.auth == Auth::Open {
            return self.repeat(call, None).await;
        }
        let token = self.bearer().await?;
        let first = self.repeat(call, Some(&token)).await;
        let refused = first.as_ref().is_err_and(|error| error.status() == Some(401));
        if !refused || !self.renew(&token).await? {
            return first;
        }
        let token = self.bearer().await?;
        self.repeat(call, Some(&token)).await
    }

    /// Sends a call with nobody's authority. Does not renew, so renewing itself goes this way.
    pub(super) async fn transmit<T: DeserializeOwned>(&self, call: &Call) -> Result<T, ClientError> {
        self.transmit_as(call, None).await
    }

    /// Sends a call with a token that is not the session's.
    pub(super) async fn transmit_as<T: DeserializeOwned>(
        &self,
        call: &Call,
        token: Option<&str>,
    ) -> Result<T, ClientError> {
        self.repeat(call, token).await?.read()
    }

    async fn repeat(&self, call: &Call, token: Option<&str>) -> Result<Reply, ClientError> {
        let mut attempt = 0;
        loop {
            let error = match self.once(call, token).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let pause = error.pause(attempt).filter(|_| call.may_repeat() && attempt < REPETITIONS);
            let Some(pause) = pause else { return Err(error) };
            self.trace(|| format!("trying again in {} ms: {error}", pause.as_millis()));
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(&self, call: &Call, token: Option<&str>) -> Result<Reply, ClientError> {
        self.follow(call, self.server().join(&call.path, &call.query)?, token).await
    }

    /// Gets what lies at `url`, here or elsewhere, with nobody's authority.
    pub(super) async fn fetch(&self, url: Url) -> Result<Reply, ClientError> {
        self.follow(&Call::get(url.path()), url, None).await
    }

    async fn follow(&self, call: &Call, mut url: Url, token: Option<&str>) -> Result<Reply, ClientError> {
        for _ in 0..=REDIRECTS {
            // A redirect to another host gets no credentials.
            let token = token.filter(|_| self.server().is_origin_of(&url));
            let response = self.exchange(call, &url, token).await?;
            let Some(target) = redirection(&response) else {
                return read(response).await.map_err(|failed| self.failed(failed));
            };
            if call.changes() {
                return Err(ClientError::Redirected(target.to_string()));
            }
            url = target;
        }
        Err(ClientError::Redirected(url.to_string()))
    }

    async fn exchange(&self, call: &Call, url: &Url, token: Option<&str>) -> Result<Response, ClientError> {
        let mut request = self
            .http(url)?
            .request(call.method.clone(), url.clone())
            .header(ACCEPT, "application/json")
            .timeout(self.patience(call));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(etag) = &call.if_match {
            request = request.header(IF_MATCH, etag);
        }
        if let Some(body) = &call.body {
            let length = body.bytes.len();
            request =
                request.header(CONTENT_TYPE, &body.content_type).header(CONTENT_LENGTH, length).body(body.to_send());
        }
        let began = Instant::now();
        let outcome = request.send().await;
        let told = outcome.as_ref().map_or_else(|_| "no answer".to_owned(), |response| response.status().to_string());
        self.trace(|| format!("{} {} → {told} in {} ms", call.method, url.path(), began.elapsed().as_millis()));
        outcome.map_err(|error| self.failed(Failed::Http(error)))
    }

    /// How long `call` may take: uploads get longer.
    fn patience(&self, call: &Call) -> Duration {
        let usual = self.shared.options.timeout;
        let is_upload = call.body.as_ref().is_some_and(|body| body.content_type != "application/json");
        if is_upload { usual * 4 } else { usual }
    }

    pub(super) fn trace(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &self.shared.options.trace {
            trace(&line());
        }
    }

    pub(super) fn failed(&self, failed: Failed) -> ClientError {
        match failed {
            Failed::Refused(refusal) => ClientError::Refused(refusal),
            Failed::Http(error) if error.is_timeout() && !error.is_connect() => {
                ClientError::Timeout { server: self.server().to_string(), after: self.shared.options.timeout }
            }
            Failed::Http(error) => self.unreachable(&error),
        }
    }

    /// A failed connection, with the innermost cause, which is the one that tells people something.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let mut cause = error.source();
        let mut reason = error.to_string();
        while let Some(inner) = cause {
            reason = inner.to_string();
            cause = inner.source();
        }
        ClientError::Network { server: self.server().to_string(), reason }
    }
}

/// Why there is no good answer.
pub(super) enum Failed {
    /// None came, or not all of it.
    Http(reqwest::Error),
    /// The server said no.
    Refused(Box<Refusal>),
}

fn redirection(response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    response.url().join(location).ok()
}

/// Reads an answer to its end.
pub(super) async fn read(response: Response) -> Result<Reply, Failed> {
    let status = response.status();
    let headers = response.headers().clone();
    let path = response.url().path().to_owned();
    let body = response.bytes().await.map_err(Failed::Http)?;
    if status.is_success() {
        return Ok(Reply { status: status.as_u16(), headers, body });
    }
    let problem = serde_json::from_slice(&body).unwrap_or_else(|_| foreign_problem(status, path));
    Err(Failed::Refused(Box::new(Refusal { problem, retry_after: retry_after(&headers) })))
}

/// For an error that is no problem document: something between us and the server answered.
fn foreign_problem(status: StatusCode, path: String) -> Problem {
    Problem {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: format!("the answer was {status}, without an explanation"),
        instance: path,
        code: "unexplained".to_owned(),
        request_id: String::new(),
        errors: Vec::new(),
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
