//! TLS without a proxy in front: certificate and key, read from files and again when those change.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    InconsistentKeys, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

use super::stream::Stream;

/// How clients ask for HTTP/2, and for HTTP/1.1.
const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// How a certificate authority asks for proof: no other client asks for this protocol.
const PROOF: &[u8] = b"acme-tls/1";

/// How often the files are read, to see whether they have changed.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read the {what} {}: {source}", path.display())]
    Unreadable {
        /// Which of the two.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// No certificate is in its file.
    #[error(
        "there is no certificate in {}: it takes PEM, the certificate of this server first, then those of who signed it",
        .0.display()
    )]
    NoCertificate(PathBuf),
    /// No key is in its file.
    #[error("there is no private key in {}: it takes PEM, such as BEGIN PRIVATE KEY", .0.display())]
    NoKey(PathBuf),
    /// The key has a password.
    #[error("the private key {path} is encrypted, and nobody is there to ask for its password: \
             `openssl pkey -in {path} -out key.pem` decrypts it", path = .0.display())]
    Encrypted(PathBuf),
    /// The key belongs to another certificate.
    #[error("the private key {} does not belong to the certificate {}: give the pair that was made together", key.display(), certificate.display())]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// The cryptography cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
    /// The pair is of a kind that is not known, or damaged.
    #[error("cannot use the certificate {} with its key: {source}", certificate.display())]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
}

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The certificate, followed by those of who signed it, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// The bytes of both files.
type Bytes = (Vec<u8>, Vec<u8>);

impl KeyPair {
    fn read(&self) -> Result<Bytes, TlsError> {
        let read = |what, path: &Path| {
            fs::read(path).map_err(|source| TlsError::Unreadable { what, path: path.to_owned(), source })
        };
        Ok((read("certificate", &self.certificate)?, read("private key", &self.key)?))
    }

    fn parse(&self, (certificate, key): &Bytes) -> Result<CertifiedKey, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsError::NoCertificate(self.certificate.clone()))?;
        if is_encrypted(key) {
            return Err(TlsError::Encrypted(self.key.clone()));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey(self.key.clone()))?;
        CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                TlsError::Mismatch { certificate: self.certificate.clone(), key: self.key.clone() }
            }
            source => TlsError::Unusable { certificate: self.certificate.clone(), source },
        })
    }
}

/// PKCS #8 says so in its first line, the older forms in their second.
fn is_encrypted(key: &[u8]) -> bool {
    let text = String::from_utf8_lossy(key);
    text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
}

/// The stream that is spoken on: what arrived, or what was agreed on over it.
pub(super) async fn secure(stream: Box<dyn Stream>, tls: Option<Arc<ServerConfig>>) -> io::Result<Box<dyn Stream>> {
    match tls {
        Some(tls) => Ok(Box::new(TlsAcceptor::from(tls).accept(stream).await?)),
        None => Ok(stream),
    }
}

/// What clients are shown; it can be replaced while connections stand.
#[derive(Debug, Default)]
pub struct Certificates {
    /// `None` until there is one: then nobody gets in.
    current: RwLock<Option<Arc<CertifiedKey>>>,
    /// What proves to a certificate authority that a domain is ours, by domain.
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// Shows this one from now on.
    pub fn set(&self, certificate: CertifiedKey) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(certificate));
    }

    /// Shows this to who asks for proof that `domain` is ours; nothing where it is `None`.
    pub fn prove(&self, domain: &str, proof: Option<CertifiedKey>) {
        let mut proofs = self.proofs.write().unwrap_or_else(PoisonError::into_inner);
        match proof {
            Some(proof) => proofs.insert(domain.to_owned(), Arc::new(proof)),
            None => proofs.remove(domain),
        };
    }

    /// How TLS begins with them, for HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// The cryptography cannot be set up.
    pub fn configuration(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = [HTTP_2, HTTP_1, PROOF].map(<[u8]>::to_vec).to_vec();
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut protocols| protocols.any(|protocol| protocol == PROOF)) {
            let proofs = self.proofs.read().unwrap_or_else(PoisonError::into_inner);
            return proofs.get(hello.server_name()?).cloned();
        }
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A pair of files whose changes are followed.
#[derive(Debug)]
pub struct Followed {
    files: KeyPair,
    certificates: Arc<Certificates>,
    /// What was read last; `None` where that failed.
    last: Option<Bytes>,
}

impl Followed {
    /// Shows what is in the files.
    ///
    /// # Errors
    /// They cannot be used.
    pub fn open(files: KeyPair, certificates: &Arc<Certificates>) -> Result<Self, TlsError> {
        let bytes = files.read()?;
        certificates.set(files.parse(&bytes)?);
        Ok(Self { files, certificates: Arc::clone(certificates), last: Some(bytes) })
    }

    /// Looks again and again, and never ends. A pair that cannot be used leaves the one before in place.
    pub async fn follow(mut self) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let looking = tokio::task::spawn_blocking(move || {
                self.look();
                self
            });
            match looking.await {
                Ok(looked) => self = looked,
                Err(_) => return,
            }
        }
    }

    fn look(&mut self) {
        let read = self.files.read();
        if read.as_ref().ok() == self.last.as_ref() {
            return;
        }
        match read.as_ref().map_err(ToString::to_string).and_then(|bytes| self.parse(bytes)) {
            Ok(certificate) => {
                self.certificates.set(certificate);
                tracing::info!(certificate = %self.files.certificate.display(), "the certificate was replaced");
            }
            Err(error) => tracing::warn!("{error}; the certificate before stays in use"),
        }
        self.last = read.ok();
    }

    fn parse(&self, bytes: &Bytes) -> Result<CertifiedKey, String> {
        self.files.parse(bytes).map_err(|error| error.to_string())
    }
}
