//! What a server logs when it logs nearly everything: enough to follow a request, and no secret.

use std::fs::{self, File};

use serde_json::Value;

use super::{Campus, Running};
use crate::support::PASSWORD;

/// A server that logs at this level as JSON, and where.
fn logging(level: &str) -> (Campus, Running, std::path::PathBuf) {
    let mut campus = Campus::free();
    assert!(campus.stop().success());
    let path = campus.data().with_file_name("debug.log");
    let log = File::create(&path).expect("a log");
    let server = Running::start(campus.serve().args(["--log", "json", "--log-level", level]).stderr(log));
    let (line, _) = server.line();
    campus.url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
    (campus, server, path)
}

#[test]
fn no_secret_is_logged_and_every_request_has_a_number() {
    let (campus, server, path) = logging("debug");
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let code = campus.code("ada@uni.example");
    let mut ben = campus.sign_up("ben@uni.example", "Ben");
    ada.run_with(&["auth", "login", "--email", "ada@uni.example", "--password-stdin"], "a wrong password 123\n");
    let stored = fs::read_to_string(ada.home().join("state/credentials.json")).expect("credentials");
    let stored: Value = serde_json::from_str(&stored).expect("JSON");
    let session = &stored["sessions"][&campus.url];
    let secret = |name: &str| session[name].as_str().expect("a token").to_owned();
    let personal = ben.device_token();
    ben.token = Some(personal.clone());
    let lamp = ada.offer("Lamp", "5");
    let chat = ben.made(&["chat", "start", &lamp]);
    ben.run(&["chat", "send", &chat, "between the two of us"]).expect(0);
    drop(ada.start(&["chat", "watch"]));
    ada.run(&["auth", "logout", "--yes"]).expect(0);
    server.signal(rustix::process::Signal::TERM);
    let mut server = server;
    assert!(server.end().success());

    let log = fs::read_to_string(path).expect("a log");
    let secrets = [secret("access_token"), secret("refresh_token"), personal, PASSWORD.to_owned()];
    let further = ["a wrong password 123", "between the two of us"].map(str::to_owned);
    for secret in secrets.iter().chain(&further) {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    let mut requests = 0;
    // The link for the first administrator is told beside the log.
    for line in log.lines().filter(|line| !line.starts_with("no administrator yet: ")) {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let fields = &event["fields"];
        let says_code = fields.as_object().is_some_and(|fields| fields.values().any(|value| value == code.as_str()));
        assert!(!says_code && !line.contains(&format!("\"{code}\"")), "{line}");
        if fields["message"] == "request" {
            requests += 1;
            assert!(fields["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        }
    }
    assert!(requests >= 10, "{requests} requests in {log}");
}
