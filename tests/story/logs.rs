//! What a server logs when it logs nearly everything: enough to follow a request, and no secret.

use std::{
    fs::{self, File},
    net::TcpListener,
};

use serde_json::Value;

use super::{Campus, Running, program, run, until};
use crate::support::PASSWORD;

/// A server that logs at this level as JSON, and where.
fn logging(level: &str) -> (Campus, Running, std::path::PathBuf) {
    let mut campus = Campus::free();
    assert!(campus.stop().success());
    let path = campus.data().with_file_name("trace.log");
    let log = File::create(&path).expect("a log");
    let server = Running::start(campus.serve().args(["--log", "json", "--log-level", level]).stderr(log));
    let (line, _) = server.line();
    campus.url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
    (campus, server, path)
}

#[test]
fn no_secret_is_logged_and_every_request_has_a_number() {
    let (campus, server, path) = logging("trace");
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
    campus.fetch("/setup/a-link-that-opens-once");
    ada.run(&["auth", "logout", "--yes"]).expect(0);
    server.signal(rustix::process::Signal::TERM);
    let mut server = server;
    assert!(server.end().success());

    let log = fs::read_to_string(path).expect("a log");
    let secrets = [secret("access_token"), secret("refresh_token"), personal, PASSWORD.to_owned()];
    let further = ["a wrong password 123", "between the two of us", "a-link-that-opens-once"].map(str::to_owned);
    for secret in secrets.iter().chain(&further) {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log");
    }
    let mut requests = 0;
    for line in log.lines() {
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

#[test]
fn what_the_server_itself_must_keep_is_neither_logged_nor_in_the_list_of_processes() {
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let mut campus = Campus::free();
    assert!(campus.stop().success());
    let log_path = campus.data().with_file_name("trace.log");
    let home = campus.data().with_file_name("another");
    fs::create_dir(&home).expect("a folder");
    let serve = |variables: &[(&str, String)]| {
        let mut serve = program(&home);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "trace"]).envs(variables.iter().cloned());
        serve
    };
    let mail = ("CAMPUSZON_MAIL_URL", format!("smtp://relay:the-mail-secret@{nobody}"));
    let server = Running::start(serve(&[mail]).stderr(File::create(&log_path).expect("a log")));
    let (line, _) = server.line();
    campus.url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
    let register = ["auth", "register", "--email", "ada@uni.example", "--name", "Ada", "--password-stdin"];
    campus.visitor().run_with(&register, &format!("{PASSWORD}\n")).expect(0);
    let log = until("a mail that was not sent", || {
        fs::read_to_string(&log_path).ok().filter(|log| log.contains("a mail was not sent"))
    });
    let arguments = fs::read(format!("/proc/{}/cmdline", server.child.id())).expect("arguments");
    assert!(arguments.starts_with(env!("CARGO_BIN_EXE_campuszon").as_bytes()));
    for secret in ["the-mail-secret", PASSWORD] {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!String::from_utf8_lossy(&arguments).contains(secret), "{secret} is in the list of processes");
    }
    drop(server);
    let database = ("CAMPUSZON_DATABASE_URL", format!("postgres://campus:the-secret@{nobody}/campus"));
    let pictures = [
        ("CAMPUSZON_BLOBS_URL", format!("s3://pictures?endpoint=http://{nobody}")),
        ("AWS_ACCESS_KEY_ID", "the-name".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "the-secret".to_owned()),
    ];
    for variables in [[database].as_slice(), &pictures] {
        let refused = run(&mut serve(variables), "");
        assert_eq!(refused.code, Some(13), "{}", refused.stderr);
        assert!(!refused.stderr.contains("the-secret"), "{}", refused.stderr);
    }
}
