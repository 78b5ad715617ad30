//! Blobs as objects of an S3-compatible bucket. Keys and the like come from the usual `AWS_…` variables.

use std::{str::FromStr, time::Duration};

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{
    BackoffConfig, Error, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
};
use tokio::runtime::Handle;
use url::Url;

use super::{BlobError, BlobKey, Blobs};

/// After this long, a failed request is not repeated: somebody waits for the answer.
const PERSISTENCE: Duration = Duration::from_secs(10);

/// Where requests go when nobody says so.
const REGION: &str = "us-east-1";

/// Blobs in a bucket, below a prefix.
#[derive(Debug)]
pub struct BlobBucket {
    store: AmazonS3,
    bucket: String,
    prefix: Path,
    runtime: Handle,
}

impl BlobBucket {
    /// Uses the bucket and prefix of `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`, whose last two may be left out, and
    /// looks whether it can be listed. Of `variables`, those of Amazon's own tools count. Blocks, and needs a runtime
    /// around it.
    ///
    /// # Errors
    /// The URL is none, or the bucket is not there or lets nobody in.
    pub fn open(url: &str, variables: &[(String, String)]) -> Result<Self, BlobError> {
        // Others in this process may have chosen the same before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let place = Place::parse(url)?;
        let store = builder(&place, variables).build().map_err(|error| bad(url, error.to_string()))?;
        let bucket = Self { store, bucket: place.bucket, prefix: place.prefix, runtime: Handle::current() };
        bucket.check()?;
        Ok(bucket)
    }

    fn path(&self, key: &BlobKey) -> Path {
        key.as_str().split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    fn failed<'a>(&'a self, action: &'static str, key: &'a BlobKey) -> impl FnOnce(Error) -> BlobError + use<'a> {
        move |error| BlobError::Bucket {
            action,
            what: format!("the blob {key} of the bucket {}", self.bucket),
            reason: advice(&error),
        }
    }

    fn unlisted(&self, error: &Error) -> BlobError {
        BlobError::Bucket { action: "list", what: format!("the bucket {}", self.bucket), reason: advice(error) }
    }
}

impl Blobs for BlobBucket {
    fn put(&self, key: &BlobKey, bytes: &[u8]) -> Result<(), BlobError> {
        let (path, payload) = (self.path(key), PutPayload::from(Bytes::copy_from_slice(bytes)));
        self.runtime.block_on(self.store.put(&path, payload)).map(drop).map_err(self.failed("write", key))
    }

    fn get(&self, key: &BlobKey) -> Result<Option<Bytes>, BlobError> {
        let path = self.path(key);
        let getting = async { self.store.get(&path).await?.bytes().await };
        absent_as_none(self.runtime.block_on(getting)).map_err(self.failed("read", key))
    }

    fn exists(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let found = self.runtime.block_on(self.store.head(&self.path(key)));
        Ok(absent_as_none(found).map_err(self.failed("look up", key))?.is_some())
    }

    fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        let deleted = self.runtime.block_on(self.store.delete(&self.path(key)));
        absent_as_none(deleted).map(drop).map_err(self.failed("delete", key))
    }

    /// Listing tells a missing bucket from a missing blob, and an unknown key from a known one.
    fn check(&self) -> Result<(), BlobError> {
        let one = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
        let listing = self.store.list_paginated(None, one);
        self.runtime.block_on(listing).map(drop).map_err(|error| self.unlisted(&error))
    }

    /// A bucket shows nothing that is not whole.
    fn tidy(&self, _: Duration) -> Result<(), BlobError> {
        Ok(())
    }

    fn each(&self, visit: &mut dyn FnMut(BlobKey, u64)) -> Result<(), BlobError> {
        let listing = self.store.list(Some(&self.prefix)).try_for_each(|object| {
            let parts = object.location.prefix_match(&self.prefix);
            let name = parts.map(|parts| parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/"));
            // What is no key was not stored here.
            if let Some(key) = name.and_then(|name| name.parse().ok()) {
                visit(key, object.size);
            }
            std::future::ready(Ok(()))
        });
        self.runtime.block_on(listing).map_err(|error| self.unlisted(&error))
    }
}

fn absent_as_none<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the storage answered, and what to do about it. Only its text tells one refusal of a list from another.
fn advice(error: &Error) -> String {
    let answer = error.to_string();
    let says = |codes: &[&str]| codes.iter().any(|code| answer.contains(code));
    let hint = if says(&["NoSuchBucket"]) {
        "there is no such bucket: make it, or correct --blobs"
    } else if says(&[
        "403 Forbidden",
        "401 Unauthorized",
        "AccessDenied",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
    ]) {
        "it does not let us in: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what that key may do"
    } else {
        "check that the endpoint is right and answers, and that the AWS_… variables name its keys and region"
    };
    format!("{hint} ({})", answer.trim())
}

/// What a URL of a bucket says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    bucket: String,
    prefix: Path,
    endpoint: Option<String>,
    region: Option<String>,
}

impl Place {
    /// Reads the URL of a bucket.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn parse(url: &str) -> Result<Self, BlobError> {
        Self::read(url).map_err(|reason| bad(url, reason))
    }

    fn read(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("keys do not belong in the URL, where others can read them".to_owned());
        }
        let bucket = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no bucket")?.to_owned();
        let prefix = Path::parse(url.path().trim_matches('/')).map_err(|error| error.to_string())?;
        let mut place = Self { bucket, prefix, ..Self::default() };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "endpoint" if value.starts_with("http://") || value.starts_with("https://") => {
                    place.endpoint = Some(value.into_owned());
                }
                "endpoint" => return Err(format!("the endpoint {value:?} does not begin with http:// or https://")),
                "region" => place.region = Some(value.into_owned()),
                other => return Err(format!("there is no option {other:?}, only endpoint and region")),
            }
        }
        Ok(place)
    }
}

fn bad(url: &str, reason: String) -> BlobError {
    BlobError::BadUrl { url: hidden(url), reason }
}

/// The URL without what somebody may have put before its bucket.
fn hidden(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let bare = rest.split_once('@').map_or(rest, |(_, bare)| bare);
    format!("{scheme}://{bare}")
}

fn builder(place: &Place, variables: &[(String, String)]) -> AmazonS3Builder {
    let mut builder = AmazonS3Builder::new().with_retry(RetryConfig {
        max_retries: 3,
        retry_timeout: PERSISTENCE,
        backoff: BackoffConfig::default(),
    });
    for (name, value) in variables.iter().filter(|(name, _)| name.starts_with("AWS_")) {
        if let Ok(key) = AmazonS3ConfigKey::from_str(&name.to_ascii_lowercase()) {
            builder = builder.with_config(key, value);
        }
    }
    builder = builder.with_bucket_name(&place.bucket);
    if let Some(endpoint) = &place.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(region) = &place.region {
        builder = builder.with_region(region);
    } else if builder.get_config_value(&AmazonS3ConfigKey::Region).is_none() {
        builder = builder.with_region(REGION);
    }
    // Whoever writes http:// means it.
    if builder.get_config_value(&AmazonS3ConfigKey::Endpoint).is_some_and(|url| url.starts_with("http://")) {
        builder = builder.with_allow_http(true);
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_bucket_prefix_endpoint_and_region() {
        let place = |bucket: &str, prefix: &str, endpoint: Option<&str>, region: Option<&str>| {
            let owned = |text: &str| text.to_owned();
            Ok(Place {
                bucket: owned(bucket),
                prefix: Path::from(prefix),
                endpoint: endpoint.map(owned),
                region: region.map(owned),
            })
        };
        assert_eq!(Place::read("s3://pictures"), place("pictures", "", None, None));
        assert_eq!(Place::read("s3://pictures/a/b/"), place("pictures", "a/b", None, None));
        assert_eq!(
            Place::read("s3://pictures/a?endpoint=http://127.0.0.1:9000&region=eu-central-1"),
            place("pictures", "a", Some("http://127.0.0.1:9000"), Some("eu-central-1")),
        );
    }

    #[test]
    fn a_secret_in_the_url_is_not_repeated() {
        assert_eq!(hidden("s3://key:secret@bucket/a"), "s3://bucket/a");
    }
}
