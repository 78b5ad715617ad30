//! HTTPS without a proxy: certificates from files, replaced while the server runs.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::{Campus, PATIENCE, Student, program, run, serving::refused, until};
use crate::support::PASSWORD;

/// A certificate for this machine and its key, in files.
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Pair {
    pub fn new(folder: &Path, name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]);
        let made = made.expect("a certificate");
        let pair = Self { certificate: folder.join(format!("{name}.crt")), key: folder.join(format!("{name}.key")) };
        fs::write(&pair.certificate, made.cert.pem()).expect("written");
        fs::write(&pair.key, made.signing_key.serialize_pem()).expect("written");
        pair
    }

    fn settings(&self) -> [(&str, &str); 2] {
        [("TLS_CERT", self.certificate.to_str().expect("text")), ("TLS_KEY", self.key.to_str().expect("text"))]
    }

    /// Puts this pair where that one is, as a renewal does.
    fn replaces(&self, that: &Self) {
        fs::copy(&self.certificate, &that.certificate).expect("copied");
        fs::copy(&self.key, &that.key).expect("copied");
    }
}

/// A connection to a server that shows a certificate which `root` signed, or is; `None` where it shows another one.
pub fn connect(url: &str, name: &str, root: &[u8]) -> Option<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root).expect("a certificate")).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let stream = TcpStream::connect(url.trim_start_matches("https://")).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut stream = StreamOwned::new(session, stream);
    stream.conn.complete_io(&mut stream.sock).ok()?;
    Some(stream)
}

/// Asks whether all is well, and leaves the connection open.
#[track_caller]
pub fn healthy(stream: &mut (impl Read + Write)) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").expect("sent");
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn shows(campus: &Campus, certificate: &Path) -> bool {
    connect(&campus.url, "localhost", &fs::read(certificate).expect("a certificate")).is_some()
}

#[test]
fn commands_and_live_connections_work_over_https() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = Pair::new(folder.path(), "one");
    let campus = Campus::free_with(&pair.settings());
    assert!(campus.url.starts_with("https://127.0.0.1:"), "{}", campus.url);
    assert!(campus.log().contains(&format!("{}/setup/", campus.url)), "links are https: {}", campus.log());

    let (ada, ben) = (campus.sign_up("ada@uni.example", "Ada"), campus.sign_up("ben@uni.example", "Ben"));
    let chat = ben.made(&["chat", "start", &ada.offer("A lamp", "5")]);
    let watch = ada.start(&["chat", "watch", "--json"]);
    ben.sees_online(&ada.id);
    ben.run(&["chat", "send", &chat, "Is it still there?"]).expect(0);
    assert!(watch.line().0.contains("Is it still there?"));

    let suspicious = Student { trusts: None, ..campus.visitor() };
    let login = ["auth", "login", "--email", "ada@uni.example", "--password-stdin"];
    let refusal = suspicious.run_with(&login, PASSWORD);
    assert_eq!(refusal.code, Some(10), "a certificate that nobody signed: {refusal:?}");
}

#[test]
fn a_new_certificate_is_used_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pair, next) = (Pair::new(folder.path(), "one"), Pair::new(folder.path(), "next"));
    let old = folder.path().join("old.crt");
    fs::copy(&pair.certificate, &old).expect("copied");
    let mut campus = Campus::with(&pair.settings());
    let mut standing = connect(&campus.url, "localhost", &fs::read(&old).expect("a certificate")).expect("the old one");
    healthy(&mut standing);

    fs::write(&pair.certificate, "half a certi").expect("written");
    until("a warning", || campus.log().contains("the certificate before stays in use").then_some(()));
    assert!(campus.log().contains("there is no certificate in"), "{}", campus.log());
    assert!(shows(&campus, &old));

    next.replaces(&pair);
    until("the new certificate", || shows(&campus, &next.certificate).then_some(()));
    assert!(!shows(&campus, &old));
    healthy(&mut standing);
    drop(standing);
    assert!(campus.stop().success());
}

#[test]
fn a_pair_that_cannot_be_used_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (Pair::new(folder.path(), "one"), Pair::new(folder.path(), "other"));
    let serve = |arguments: &[&Path; 2]| {
        let mut command = program(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--tls-cert"]).arg(arguments[0]).arg("--tls-key");
        command.arg(arguments[1]).stdin(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let written = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name)
    };
    let encrypted =
        written("encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let (old, empty) = (written("old", old), written("empty", ""));
    let nowhere = folder.path().join("nowhere");
    for (pair, said) in [
        ([&nowhere, &one.key], "cannot read the certificate"),
        ([&one.certificate, &nowhere], "cannot read the private key"),
        ([&empty, &one.key], "there is no certificate in"),
        ([&one.key, &one.key], "there is no certificate in"),
        ([&one.certificate, &one.certificate], "there is no private key in"),
        ([&one.certificate, &encrypted], "openssl pkey"),
        ([&one.certificate, &old], "openssl pkey"),
        ([&one.certificate, &other.key], "does not belong to the certificate"),
    ] {
        let refusal = refused(&mut serve(&pair.map(PathBuf::as_path)));
        assert!(refusal.contains(said), "{said}: {refusal}");
        let at_fault = if said.contains("certificate") && !said.contains("belong") { pair[0] } else { pair[1] };
        assert!(refusal.contains(at_fault.to_str().expect("text")), "{refusal}");
    }
}

#[test]
fn flags_that_need_or_exclude_each_other_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    for (flags, named) in [
        (&["--tls-cert", "a"][..], "--tls-key"),
        (&["--tls-key", "a"], "--tls-cert"),
        (&["--acme", "market.example", "--tls-cert", "a", "--tls-key", "b"], "--tls-cert"),
        (&["--acme-directory", "https://acme.example"], "--acme"),
    ] {
        let output = run(program(folder.path()).arg("serve").args(flags).stderr(Stdio::piped()), "");
        assert_eq!(output.code, Some(2), "{output:?}");
        assert!(output.stderr.contains(named), "{output:?}");
    }
}
