//! The collector of traces, which the settings `traces.…` name: present only with the feature `otlp`.

#[cfg(feature = "otlp")]
mod export;
#[cfg(feature = "otlp")]
mod sender;

use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use super::StartError;
use crate::settings::Traces;

/// Where spans go, if there is such a place.
#[derive(Default)]
pub struct Collector {
    #[cfg(feature = "otlp")]
    export: Option<export::Export>,
}

impl Collector {
    /// The one that the settings name. It need not be there: what it does not take is lost. Needs a runtime around it.
    ///
    /// # Errors
    /// What is to be sent along with the spans cannot be had, or is no header.
    #[cfg(feature = "otlp")]
    pub fn open(settings: &Traces) -> Result<Self, StartError> {
        let export = settings.endpoint.as_deref().map(|endpoint| export::Export::open(endpoint, settings.sample));
        Ok(Self { export: export.transpose()? })
    }

    /// Nobody: settings that name one were refused.
    ///
    /// # Errors
    /// None.
    #[cfg(not(feature = "otlp"))]
    pub fn open(_: &Traces) -> Result<Self, StartError> {
        Ok(Self::default())
    }

    /// What hands our spans to it, and nothing else.
    pub(super) fn layer<S>(&self) -> Option<Box<dyn Layer<S> + Send + Sync>>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        #[cfg(feature = "otlp")]
        return self.export.as_ref().map(export::Export::layer);
        #[cfg(not(feature = "otlp"))]
        None
    }

    /// Sends what still waits. Does not wait long for that.
    pub async fn close(self) {
        #[cfg(feature = "otlp")]
        if let Some(export) = self.export {
            export.close().await;
        }
    }
}
