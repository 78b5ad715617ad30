//! Pictures: sending them, waiting for them, fetching them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use campuszon_core::{
    ImageId,
    wire::image::{Image, ImageStatus, Queue, Retried, Uploaded},
};
use reqwest::Url;

use super::{Client, ClientError, ServerError, call::Call};

const FIRST_POLL: Duration = Duration::from_millis(100);
const LONGEST_POLL: Duration = Duration::from_secs(2);

impl Client {
    /// Sends a picture of the given content type. `key` makes a repetition answer the first result; a new one when
    /// `None`.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 413 or 415 for a picture over the limits or of another kind.
    pub async fn upload_image(
        &self,
        bytes: Bytes,
        content_type: &str,
        key: Option<&str>,
    ) -> Result<Uploaded, ClientError> {
        self.upload_image_telling(bytes, content_type, key, Arc::new(|_| {})).await
    }

    /// The same, and tells how many bytes are on their way.
    ///
    /// # Errors
    /// As for [`Client::upload_image`].
    pub async fn upload_image_telling(
        &self,
        bytes: Bytes,
        content_type: &str,
        key: Option<&str>,
        progress: Arc<dyn Fn(u64) + Send + Sync>,
    ) -> Result<Uploaded, ClientError> {
        let call = Call::post("/api/images").bytes(bytes, content_type).telling(progress).keyed(key);
        self.ask(&call).await
    }

    /// How far the server is with a picture.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 404 for one that is not the caller's to see.
    pub async fn image(&self, id: ImageId) -> Result<Image, ClientError> {
        self.ask(&Call::get(format!("/api/images/{id}"))).await
    }

    /// Waits until a picture is ready or has failed, or `patience` runs out, and tells how far it is.
    ///
    /// # Errors
    /// As for [`Client::image`].
    pub async fn await_image(&self, id: ImageId, patience: Duration) -> Result<Image, ClientError> {
        let fetch = async || self.image(id).await;
        poll(patience, fetch, |image| image.status != ImageStatus::Pending).await
    }

    /// The length of the server's queue, for administrators.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 403 for everybody else.
    pub async fn image_queue(&self) -> Result<Queue, ClientError> {
        self.ask(&Call::get("/api/images/queue")).await
    }

    /// Has tried again what the server gave up, for administrators.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 403 for everybody else.
    pub async fn retry_images(&self) -> Result<Retried, ClientError> {
        self.ask(&Call::post("/api/images/queue/retry").repeatable()).await
    }

    /// The bytes at the address of a variant. Carries no credentials: such addresses are open.
    ///
    /// # Errors
    /// [`ClientError::Server`] for what is no address of a file on the web.
    pub async fn image_bytes(&self, url: &str) -> Result<Bytes, ClientError> {
        let malformed = || ServerError::Malformed(url.to_owned());
        let url = Url::parse(url).map_err(|_| malformed())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(malformed().into());
        }
        Ok(self.fetch(url).await?.body)
    }
}

/// Asks again, ever less often, until `done` or until `patience` runs out; then answers what is there.
pub(super) async fn poll<T>(
    patience: Duration,
    fetch: impl AsyncFn() -> Result<T, ClientError>,
    done: impl Fn(&T) -> bool,
) -> Result<T, ClientError> {
    let deadline = tokio::time::Instant::now() + patience;
    let mut pause = FIRST_POLL;
    loop {
        let thing = fetch().await?;
        let now = tokio::time::Instant::now();
        if done(&thing) || now >= deadline {
            return Ok(thing);
        }
        tokio::time::sleep(pause.min(deadline - now)).await;
        pause = (pause * 2).min(LONGEST_POLL);
    }
}
