//! A server whose disk is full: what is new is refused with the reason, reads go on, and it recovers by itself.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Campus, PATIENCE, can, given_to};
use crate::support::PASSWORD;

/// Gives a command a small disk of its own at its first argument, which nobody else sees and which ends with it.
const SMALL_DISK: &str = r#"mount -t tmpfs -o size=16m,mode=0700 tmpfs "$0" && exec "$@""#;

/// Sends that are under way together, so that they share a transaction.
const TOGETHER: usize = 8;

fn on_a_small_disk(place: &Path) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--map-root-user", "sh", "-c", SMALL_DISK]).arg(place);
    unshare
}

/// One who writes, without the patience of the program: a refusal is seen at once.
struct Writer {
    http: reqwest::Client,
    path: String,
    token: String,
    said: usize,
    acknowledged: Vec<String>,
}

impl Writer {
    /// Says several things at once; the refusals.
    async fn say(&mut self) -> Vec<(u16, Value)> {
        let sends = (0..TOGETHER).map(|_| {
            self.said += 1;
            let name = format!("m{}", self.said);
            // Each fills a page.
            let message = json!({"client_id": name, "body": "x".repeat(3_000)});
            let send = self.http.post(&self.path).bearer_auth(&self.token).json(&message).send();
            async move {
                let answer = send.await.expect("an answer");
                (name, answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
            }
        });
        let mut refusals = Vec::new();
        for (name, status, answer) in join_all(sends).await {
            if status == 201 {
                self.acknowledged.push(name);
            } else {
                refusals.push((status, answer));
            }
        }
        refusals
    }

    /// The names of what is there, oldest first.
    async fn heard(&self) -> Vec<String> {
        let (mut names, mut after) = (Vec::new(), 0);
        loop {
            let path = format!("{}?after={after}&limit=100", self.path);
            let page: Value = self
                .http
                .get(path)
                .bearer_auth(&self.token)
                .send()
                .await
                .expect("an answer")
                .json()
                .await
                .expect("JSON");
            let messages = page["messages"].as_array().expect("messages").clone();
            let Some(last) = messages.last() else { return names };
            after = last["seq"].as_i64().expect("a number");
            names.extend(messages.iter().filter_map(|message| message["client_id"].as_str().map(str::to_owned)));
        }
    }
}

/// Takes what room there is.
fn fill(path: &Path) {
    let mut file = File::create(path).expect("a file");
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_is_new_and_nothing_else() {
    let mut campus = Campus::free();
    assert!(campus.stop().success());
    if !can("a disk of one's own", on_a_small_disk(&campus.data()).arg("true")) {
        return;
    }
    campus.start_as(given_to(&mut on_a_small_disk(&campus.data()), &campus.serve()));
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let lamp = ada.offer("A lamp", "5");
    let chat = ben.made(&["chat", "start", &lamp]);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut writer = Writer {
        http: reqwest::Client::builder().timeout(PATIENCE).build().expect("a client"),
        path: format!("{}/api/chats/{chat}/messages", campus.url),
        token: ben.device_token(),
        said: 0,
        acknowledged: Vec::new(),
    };
    assert_eq!(writer.say().await, []);
    let unused = ada.device_token();
    let http = writer.http.clone();
    let session_of = async |step: &str, what: Value| -> Value {
        let asked = http.post(format!("{}/api/auth/{step}", campus.url)).json(&what).send();
        asked.await.and_then(reqwest::Response::error_for_status).expect(step).json().await.expect("JSON")
    };
    let session = session_of("login", json!({"email": "ada@uni.example", "password": PASSWORD})).await;
    let refresh = json!({"refresh_token": session["refresh_token"]});
    let cara = campus.sign_up("cara@uni.example", "Cara");

    // The disk as the server sees it.
    let root = PathBuf::from(format!("/proc/{}/root", campus.process()));
    let filler = root.join(campus.data().strip_prefix("/").expect("a whole path")).join("filler");
    fill(&filler);
    let mut refusals = Vec::new();
    while refusals.len() < 3 * TOGETHER {
        refusals.extend(writer.say().await);
    }
    for (status, problem) in refusals {
        assert_eq!((status, problem["code"].as_str()), (503, Some("unavailable")), "{problem}");
        let why = problem["detail"].as_str().expect("a reason");
        assert!(why.contains("full") || why.contains("disk failed"), "{why}");
    }
    assert_eq!(campus.fetch("/healthz").0, 200);
    assert_eq!(ben.json(&["item", "list"]).as_array().map(Vec::len), Some(1));
    let there = writer.heard().await;
    assert_eq!(there.len(), writer.acknowledged.len());
    let list = writer.http.get(format!("{}/api/items", campus.url)).bearer_auth(unused).send().await;
    assert_eq!(list.expect("an answer").status(), 200, "that the token is used cannot be noted");

    assert_eq!(cara.json(&["item", "show", &lamp])["title"], "A lamp", "that she looked at it cannot be noted");

    let renewed = session_of("refresh", refresh.clone()).await;
    assert_eq!(renewed["refresh_token"], session["refresh_token"], "that it is used up cannot be noted");
    let renewed = renewed["access_token"].as_str().expect("a token");
    let list = http.get(format!("{}/api/items", campus.url)).bearer_auth(renewed).send().await;
    assert_eq!(list.expect("an answer").status(), 200);

    fs::remove_file(filler).expect("room");
    let rotated = session_of("refresh", refresh).await;
    assert_ne!(rotated["refresh_token"], session["refresh_token"], "now it can");
    assert_eq!(writer.say().await, [], "it recovers by itself");
    let mut there = writer.heard().await;
    there.sort();
    writer.acknowledged.sort();
    assert_eq!(there, writer.acknowledged, "what was acknowledged is there once, and nothing else");
    assert!(campus.stop().success(), "{}", campus.log());
    assert!(!campus.log().contains("panic"), "{}", campus.log());
}
