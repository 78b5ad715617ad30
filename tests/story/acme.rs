//! Certificates by ACME, from an authority of the test's own: Debian's `pebble`, which `scripts/check` installs.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;
use serde_json::json;

use super::{
    Running, program,
    serving::{mode, refused},
    tls::{Pair, connect, healthy},
    until,
};

/// How long pebble's certificates hold, in seconds; they are renewed when a third is left.
const LIFETIME: u32 = 15;

/// A certificate authority.
struct Authority {
    url: String,
    management: String,
    /// What it is known by itself.
    pair: Pair,
    _running: Running,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

impl Authority {
    /// One that looks for proof at this port; `None` where it is not installed.
    fn start(folder: &Path, proof: u16) -> Option<Self> {
        let (port, management, pair) = (free_port(), free_port(), Pair::new(folder, "authority"));
        let settings = json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": pair.certificate, "privateKey": pair.key,
            "httpPort": free_port(), "tlsPort": proof, "certificateValidityPeriod": LIFETIME,
        }});
        fs::write(folder.join("pebble.json"), settings.to_string()).expect("written");
        let mut pebble = Command::new("pebble");
        pebble.arg("-config").arg(folder.join("pebble.json")).env("PEBBLE_VA_NOSLEEP", "1");
        if Command::new("pebble").arg("-h").output().is_err() {
            eprintln!("skipped: pebble is not installed (Debian: pebble)");
            return None;
        }
        let log = fs::File::create(folder.join("pebble.log")).expect("a log");
        let running = Running::attached(pebble.stdout(log.try_clone().expect("a copy")).stderr(log));
        let [url, management] = [port, management].map(|port| format!("https://127.0.0.1:{port}"));
        let authority = Self { url, management, pair, _running: running };
        until("the authority", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        Some(authority)
    }

    /// What its certificates are signed by.
    fn root(&self) -> Vec<u8> {
        let own = fs::read(&self.pair.certificate).expect("a certificate");
        let mut stream = connect(&self.management, "localhost", &own).expect("a connection");
        stream.write_all(b"GET /roots/0 HTTP/1.0\r\nhost: localhost\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    fn serve(&self, folder: &Path, listen: &str) -> Command {
        let mut command = program(folder);
        command.args(["serve", "--listen", listen, "--acme", "localhost", "--acme-directory"]);
        command.arg(format!("{}/dir", self.url)).env("SSL_CERT_FILE", &self.pair.certificate).stdin(Stdio::null());
        command.stderr(fs::File::options().create(true).append(true).open(folder.join("log")).expect("a log"));
        command
    }
}

/// The certificate that a server shows, where `root` signed it.
fn shown(url: &str, root: &[u8]) -> Option<Vec<u8>> {
    let mut stream = connect(url, "localhost", root)?;
    healthy(&mut stream);
    Some(stream.conn.peer_certificates().expect("a certificate")[0].to_vec())
}

#[test]
fn a_certificate_is_asked_for_kept_and_renewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let Some(authority) = Authority::start(folder.path(), port) else { return };
    let (root, listen) = (authority.root(), format!("127.0.0.1:{port}"));
    let mut server = Running::start(&mut authority.serve(folder.path(), &listen));
    let url = server.line().0.trim().trim_start_matches("listening on ").to_owned();
    assert_eq!(url, format!("https://{listen}"));

    let first = until("a certificate", || shown(&url, &root));
    let log = || fs::read_to_string(folder.path().join("log")).expect("a log");
    assert!(log().contains("https://localhost/setup/"), "links name the domain: {}", log());
    let kept = fs::read_dir(folder.path().join("server/keys/acme")).expect("what is kept").flatten();
    let modes: Vec<u32> = kept.map(|file| mode(&file.path())).collect();
    assert_eq!(modes, [0o600, 0o600], "the account, and the certificate with its key");

    let second = until("another one", || shown(&url, &root).filter(|shown| *shown != first));
    server.signal(Signal::TERM);
    assert!(server.end().success());
    let asked = log().matches("asking https").count();
    let mut again = authority.serve(folder.path(), &listen);
    drop(authority);
    let server = Running::start(&mut again);
    server.line();
    assert_eq!(shown(&url, &root), Some(second), "what was kept is shown at once");
    assert_eq!(log().matches("asking https").count(), asked);
}

#[test]
fn an_authority_that_is_not_convinced_is_quoted_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(authority) = Authority::start(folder.path(), free_port()) else { return };
    let server = Running::start(&mut authority.serve(folder.path(), "127.0.0.1:0"));
    let url = server.line().0.trim().trim_start_matches("listening on ").to_owned();
    let log = || fs::read_to_string(folder.path().join("log")).expect("a log");
    until("a warning", || log().contains("no certificate for localhost").then_some(()));
    assert!(log().contains("port 443"), "{}", log());
    assert_eq!(shown(&url, &authority.root()), None);
}

#[test]
fn what_is_no_domain_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for domain in ["192.0.2.1", "*.example.org", "https://market.example", "a b", "[::1]"] {
        let refusal = refused(program(folder.path()).args(["serve", "--acme", domain]).stderr(Stdio::piped()));
        assert!(refusal.contains(domain) && refusal.contains("name of a host"), "{refusal}");
    }
    let insecure = ["serve", "--acme", "market.example", "--acme-directory", "http://acme.example"];
    let refusal = refused(program(folder.path()).args(insecure).stderr(Stdio::piped()));
    assert!(refusal.contains("no https:// URL"), "{refusal}");
}
