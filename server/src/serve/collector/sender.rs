//! The HTTP client for the collector. It says in the log when the collector is gone and when it is back, once each.

use std::{
    error::Error,
    fmt::Write,
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::http::{Request, Response};
use bytes::{Bytes, BytesMut};
use opentelemetry_http::{HttpClient, HttpError};
use reqwest::{Client, redirect::Policy};
use tokio::runtime::Handle;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is read of an answer, which has little to say.
const MAX_ANSWER: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    runtime: Handle,
    is_away: AtomicBool,
}

impl Sender {
    /// Plain HTTP is for a collector nearby, and loads no certificates and asks no proxy. Needs a runtime around it.
    pub(super) fn new(encrypted: bool) -> Result<Self, String> {
        // Others in this process may have chosen the same before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .user_agent(concat!("campuszon/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(PATIENCE);
        let builder = if encrypted { builder } else { builder.tls_certs_only([]).no_proxy() };
        let client = builder.build().map_err(|error| reason(&error))?;
        Ok(Self { client, runtime: Handle::current(), is_away: AtomicBool::new(false) })
    }

    /// Tells of a change only: nobody wants to read of every batch.
    fn note(&self, outcome: Result<(), &str>) {
        let was_away = self.is_away.swap(outcome.is_err(), Ordering::Relaxed);
        match outcome {
            Err(error) if !was_away => {
                tracing::warn!(error, "the collector takes no traces: they are lost until it does");
            }
            Ok(()) if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // The thread that sends batches is none of the runtime's, which the client needs around it.
        let sent = self.runtime.spawn(exchange(self.client.clone(), request)).await?;
        match &sent {
            Err(error) => self.note(Err(error)),
            Ok(answer) if answer.status().is_success() => self.note(Ok(())),
            Ok(answer) => self.note(Err(&format!("it answered {}", answer.status()))),
        }
        sent.map_err(HttpError::from)
    }
}

impl HttpClient for Sender {
    fn send_bytes<'a, 'answer>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'answer>>
    where
        'a: 'answer,
        Self: 'answer,
    {
        Box::pin(self.send(request))
    }
}

async fn exchange(client: Client, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
    let request = reqwest::Request::try_from(request).map_err(|error| reason(&error))?;
    let mut answer = client.execute(request).await.map_err(|error| reason(&error.without_url()))?;
    let mut body = BytesMut::new();
    while let Some(part) = answer.chunk().await.map_err(|error| reason(&error.without_url()))? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err("its answer is too long".to_owned());
        }
        body.extend_from_slice(&part);
    }
    let mut response = Response::new(body.freeze());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

/// What an error says with all that caused it, the last of which is what one needs to know.
fn reason(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
