//! What a server says of itself.

use std::time::UNIX_EPOCH;

use campuszon_core::{Timestamp, wire::meta::Meta};
use reqwest::header::DATE;

use super::{Client, ClientError, call::Call};

impl Client {
    /// The server's name, version, rules and limits.
    ///
    /// # Errors
    /// [`ClientError::Network`] and [`ClientError::Timeout`] when there is none.
    pub async fn meta(&self) -> Result<Meta, ClientError> {
        Ok(self.meta_and_time().await?.0)
    }

    /// The same, with the server's time to the second, where it tells it.
    ///
    /// # Errors
    /// As for [`Client::meta`].
    pub async fn meta_and_time(&self) -> Result<(Meta, Option<Timestamp>), ClientError> {
        let reply = self.send(&Call::get("/api/meta").open()).await?;
        let date = reply.header(&DATE).and_then(|date| httpdate::parse_http_date(&date).ok());
        let since_epoch = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok());
        let millis = since_epoch.and_then(|duration| i64::try_from(duration.as_millis()).ok());
        Ok((reply.read()?, millis.map(Timestamp::from_millis)))
    }
}
