//! How a server is reached: where it listens, whose word it takes, and with what certificate.

use std::sync::Arc;

use axum::http::Uri;

use super::{
    StartError,
    acme::{Acme, Authority},
};
use crate::{
    gateway::listener::{
        Listener, TrustedProxies,
        tls::{Certificates, Followed, KeyPair},
    },
    platform::{directory::DataDirectory, entropy::Clock},
};

/// Where a server listens when nobody says where.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// How a server is reached.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Addresses to listen on, beside the sockets that the service manager hands over.
    pub listen: Vec<String>,
    /// The networks of the proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Whether connections are encrypted here; a proxy in front may do that.
    pub tls: Option<Tls>,
}

/// Where the certificate comes from.
#[derive(Clone, Debug)]
pub enum Tls {
    /// From files.
    Files(KeyPair),
    /// From a certificate authority, which is asked by itself.
    Acme(Acme),
}

/// The open doors of a server.
pub(super) struct Doors {
    pub(super) listeners: Vec<Listener>,
    /// Where they are, as URLs or `unix:PATH`.
    pub(super) addresses: Vec<String>,
    /// The domain that certificates are made for.
    domain: Option<String>,
    pub(super) keeper: Keeper,
}

/// Keeps the certificate fresh.
pub(super) enum Keeper {
    /// There is none.
    Nobody,
    Files(Followed),
    Acme(Box<Authority>),
}

impl Keeper {
    /// Goes on for ever where there is something to keep.
    pub(super) async fn keep(self, clock: Arc<dyn Clock>) {
        match self {
            Self::Nobody => {}
            Self::Files(files) => files.follow().await,
            Self::Acme(authority) => authority.keep(&*clock).await,
        }
    }
}

impl Network {
    /// Opens all doors.
    ///
    /// # Errors
    /// An address is taken or none, or a certificate cannot be used.
    pub(super) async fn open(&self, directory: &DataDirectory) -> Result<Doors, StartError> {
        let proxies = Arc::new(TrustedProxies::parse(&self.trusted_proxies)?);
        let certificates = Arc::new(Certificates::default());
        let keeper = match &self.tls {
            None => Keeper::Nobody,
            Some(Tls::Files(files)) => Keeper::Files(Followed::open(files.clone(), &certificates)?),
            Some(Tls::Acme(acme)) => Keeper::Acme(Box::new(Authority::open(acme.clone(), directory, &certificates)?)),
        };
        let tls = self.tls.as_ref().map(|_| certificates.configuration()).transpose()?;
        let listeners = self.listen().await?.into_iter();
        let listeners: Vec<_> = listeners.map(|listener| listener.behind(&proxies).secured(tls.as_ref())).collect();
        let addresses: Result<Vec<_>, _> = listeners.iter().map(Listener::url).collect();
        let addresses = addresses.map_err(|error| StartError::Other(error.to_string()))?;
        Ok(Doors { listeners, addresses, domain: self.domain(), keeper })
    }

    /// Proves the addresses and the proxies: nothing is opened.
    ///
    /// # Errors
    /// One is none.
    pub(super) fn validate(&self) -> Result<(), StartError> {
        TrustedProxies::parse(&self.trusted_proxies)?;
        Ok(self.listen.iter().try_for_each(|address| Listener::validate(address))?)
    }

    async fn listen(&self) -> Result<Vec<Listener>, StartError> {
        let mut listeners = Listener::handed_over()?;
        for address in &self.listen {
            listeners.push(Listener::bind(address).await?);
        }
        if listeners.is_empty() {
            listeners.push(Listener::bind(DEFAULT_ADDRESS).await?);
        }
        Ok(listeners)
    }

    fn domain(&self) -> Option<String> {
        match &self.tls {
            Some(Tls::Acme(acme)) => acme.domains.first().cloned(),
            _ => None,
        }
    }
}

impl Doors {
    /// What links start with: what was said, else the domain, else the first address that is a URL.
    ///
    /// # Errors
    /// There is none of them, or what was said is no address of the web.
    pub(super) fn public_url(&self, said: Option<&str>) -> Result<String, StartError> {
        let domain = self.domain.as_ref().map(|domain| format!("https://{domain}"));
        let address = || self.addresses.iter().find(|address| address.starts_with("http")).cloned();
        let url = said.map(link_start).transpose()?.or(domain).or_else(address).ok_or_else(|| {
            StartError::Other(
                "Unix sockets alone do not tell what links in mails start with: say so with --public-url".to_owned(),
            )
        })?;
        Ok(url.trim_end_matches('/').to_owned())
    }
}

/// An address that links can start with.
pub(super) fn link_start(said: &str) -> Result<String, StartError> {
    let is_of_the_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none();
    if said.parse().is_ok_and(|uri| is_of_the_web(&uri)) {
        return Ok(said.to_owned());
    }
    Err(StartError::Other(format!(
        "links in mails cannot start with {said:?}: give --public-url an address such as https://market.uni.example"
    )))
}
