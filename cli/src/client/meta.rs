//! What a server says of itself.

use campuszon_core::wire::meta::Meta;

use super::{Client, ClientError, call::Call};

impl Client {
    /// The server's name, version, rules and limits.
    ///
    /// # Errors
    /// [`ClientError::Network`] and [`ClientError::Timeout`] when there is none.
    pub async fn meta(&self) -> Result<Meta, ClientError> {
        self.ask(&Call::get("/api/meta").open()).await
    }
}
