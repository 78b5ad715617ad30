//! Certificates by ACME: asked for, proved (by TLS-ALPN-01, on the very port they are for), kept, and renewed in time.

use std::{error::Error, fs, io, path::PathBuf, sync::Arc, time::Duration};

use campuszon_core::Timestamp;
use data_encoding::HEXLOWER;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, LetsEncrypt, NewAccount, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use url::Host;

use super::StartError;
use crate::{
    gateway::listener::tls::Certificates,
    platform::{
        directory::{DataDirectory, write_atomically},
        entropy::Clock,
    },
};

/// How long until another attempt after the first one failed; it doubles with each, up to the longest. Let's Encrypt
/// takes five in an hour.
const FIRST_PAUSE: Duration = Duration::from_secs(2 * 60);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// How often the time is looked at: a clock may be set, and a machine may sleep.
const LOOK_AGAIN: Duration = Duration::from_secs(60 * 60);

/// How long the authority may take for each step.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// The certificate to have.
#[derive(Clone, Debug)]
pub struct Acme {
    /// The names of hosts it is for.
    pub domains: Vec<String>,
    /// The directory of the certificate authority; Let's Encrypt's when absent.
    pub directory: Option<String>,
}

/// A certificate authority, and what it gave us.
pub(super) struct Authority {
    domains: Vec<String>,
    directory: String,
    /// Where our account with it is, and the certificate with its key.
    account: PathBuf,
    certificate: PathBuf,
    certificates: Arc<Certificates>,
    /// When the certificate in use has to be replaced; `None` where there is none.
    renew_at: Option<Timestamp>,
}

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
enum AcmeError {
    #[error("{}", with_causes(.0))]
    Protocol(#[from] instant_acme::Error),
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("{0}")]
    Unusable(String),
    #[error("{0}")]
    Refused(String),
}

impl Authority {
    /// Shows the certificate that is there from an earlier run, if any.
    ///
    /// # Errors
    /// A domain is none, or the directory is no HTTPS URL.
    pub(super) fn open(acme: Acme, data: &DataDirectory, certificates: &Arc<Certificates>) -> Result<Self, StartError> {
        let domains = acme.domains.iter().map(|domain| host(domain)).collect::<Result<Vec<_>, _>>()?;
        let directory = acme.directory.unwrap_or_else(|| LetsEncrypt::Production.url().to_owned());
        if !directory.starts_with("https://") {
            return Err(StartError::Other(format!("--acme-directory {directory} is no https:// URL")));
        }
        let folder = data.keys().join("acme");
        let file = |of: &str, ending: &str| folder.join(format!("{}.{ending}", fingerprint(of)));
        let mut authority = Self {
            account: file(&directory, "account"),
            certificate: file(&format!("{directory} {}", domains.join(" ")), "pem"),
            domains,
            directory,
            certificates: Arc::clone(certificates),
            renew_at: None,
        };
        if let Ok(pem) = fs::read(&authority.certificate)
            && let Err(error) = authority.show(&pem)
        {
            tracing::warn!("the certificate in {} is not used: {error}", authority.certificate.display());
        }
        Ok(authority)
    }

    /// Asks for a certificate whenever one is due, and never ends.
    pub(super) async fn keep(mut self, clock: &dyn Clock) {
        let mut pause = FIRST_PAUSE;
        loop {
            let left = self.renew_at.map_or(Duration::ZERO, |at| at.since(clock.now()));
            if !left.is_zero() {
                tokio::time::sleep(left.min(LOOK_AGAIN)).await;
                continue;
            }
            match self.renew(clock.now()).await {
                Ok(()) => pause = FIRST_PAUSE,
                Err(error) => {
                    let domains = self.domains.join(", ");
                    tracing::warn!("no certificate for {domains}, trying again in {pause:?}: {error}");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    async fn renew(&mut self, now: Timestamp) -> Result<(), AcmeError> {
        tracing::info!("asking {} for a certificate for {}", self.directory, self.domains.join(", "));
        let pem = self.ask().await?;
        write_atomically(&self.certificate, pem.as_bytes())
            .map_err(|error| AcmeError::File(self.certificate.clone(), error))?;
        self.show(pem.as_bytes())?;
        // Else the authority would be asked without end.
        if self.renew_at.is_none_or(|at| at <= now) {
            return Err(AcmeError::Unusable("it would have to be renewed at once: is the clock right?".to_owned()));
        }
        tracing::info!("there is a certificate for {}", self.domains.join(", "));
        Ok(())
    }

    /// Shows the certificate of a file to clients from now on.
    fn show(&mut self, pem: &[u8]) -> Result<(), AcmeError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(unusable)?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(unusable)?;
        let first = chain.first().ok_or_else(|| AcmeError::Unusable("there is none".to_owned()))?;
        let renew_at = renewal(first)?;
        self.certificates.set(CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(unusable)?);
        self.renew_at = Some(renew_at);
        Ok(())
    }

    /// A new certificate behind its key, as PEM.
    async fn ask(&self) -> Result<String, AcmeError> {
        let account = self.account().await?;
        let identifiers: Vec<_> = self.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
        let proved = self.prove(&mut order).await;
        for domain in &self.domains {
            self.certificates.prove(domain, None);
        }
        proved?;
        let key = order.finalize().await?;
        Ok(key + &order.poll_certificate(&PATIENCE).await?)
    }

    /// Our account, which is made the first time.
    async fn account(&self) -> Result<Account, AcmeError> {
        let file = |error| AcmeError::File(self.account.clone(), error);
        match fs::read(&self.account) {
            Ok(bytes) => {
                let credentials = serde_json::from_slice(&bytes).map_err(|error| file(error.into()))?;
                Ok(Account::builder()?.from_credentials(credentials).await?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let wish = NewAccount { contact: &[], terms_of_service_agreed: true, only_return_existing: false };
                let (account, credentials) = Account::builder()?.create(&wish, self.directory.clone(), None).await?;
                let bytes = serde_json::to_vec(&credentials).map_err(|error| file(error.into()))?;
                write_atomically(&self.account, &bytes).map_err(file)?;
                Ok(account)
            }
            Err(error) => Err(file(error)),
        }
    }

    /// Proves that the domains of an order lead here, and waits until the authority has seen it.
    async fn prove(&self, order: &mut Order) -> Result<(), AcmeError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
                return Err(AcmeError::Refused("the authority does not know TLS-ALPN-01".to_owned()));
            };
            let domain = challenge.identifier().to_string();
            let proof = proof(&domain, challenge.key_authorization().digest().as_ref())?;
            self.certificates.prove(&domain, Some(proof));
            challenge.set_ready().await?;
        }
        match order.poll_ready(&PATIENCE).await {
            Ok(OrderStatus::Ready) => Ok(()),
            Ok(status) => Err(AcmeError::Refused(format!("the order is {status:?}"))),
            Err(instant_acme::Error::Api(problem)) => Err(AcmeError::Refused(format!(
                "{problem}; the authority must reach this server at port 443 of that name"
            ))),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is shown to the authority that asks for proof.
fn proof(domain: &str, digest: &[u8]) -> Result<CertifiedKey, AcmeError> {
    let mut wish = CertificateParams::new([domain.to_owned()]).map_err(unusable)?;
    wish.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().map_err(unusable)?;
    let chain = vec![wish.self_signed(&key).map_err(unusable)?.der().clone()];
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    // Not checked as others are: that check knows nothing of proofs.
    Ok(CertifiedKey::new(chain, ring::sign::any_supported_type(&key).map_err(unusable)?))
}

/// When a certificate has a third of its life left.
fn renewal(certificate: &[u8]) -> Result<Timestamp, AcmeError> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).map_err(unusable)?;
    let (from, to) = (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    Ok(Timestamp::from_millis(to.saturating_sub(to.saturating_sub(from) / 3).saturating_mul(1_000)))
}

/// The name of a host as certificates have it.
fn host(domain: &str) -> Result<String, StartError> {
    match Host::parse(domain) {
        Ok(Host::Domain(host)) if !host.starts_with('*') => Ok(host),
        _ => Err(StartError::Other(format!(
            "there is no certificate for {domain:?}: give --acme the name of a host, such as market.uni.example"
        ))),
    }
}

/// A name for the file of something that is too long for one.
fn fingerprint(text: &str) -> String {
    let digest = Sha256::digest(text);
    HEXLOWER.encode(digest.get(..8).unwrap_or(&digest))
}

fn unusable(error: impl ToString) -> AcmeError {
    AcmeError::Unusable(error.to_string())
}

fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}
