//! Several commands of one student at once share one session.

use std::{fs, process::Stdio, thread};

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Campus, Student, run, until};

/// Runs the same command several times at once, with every request told.
fn at_once(student: &Student, times: usize) -> Vec<super::Output> {
    thread::scope(|scope| {
        let runs: Vec<_> = (0..times)
            .map(|_| scope.spawn(|| run(student.command(&["user", "show", "@me", "-v"]).stdin(Stdio::piped()), "")))
            .collect();
        runs.into_iter().map(|run| run.join().expect("no panic")).collect()
    })
}

#[test]
fn an_expired_session_is_renewed_once() {
    let campus = Campus::new();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let path = ada.home().join("state/credentials.json");
    let mut stored: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    let refresh = stored["sessions"][&campus.url]["refresh_token"].clone();
    stored["sessions"][&campus.url]["expires_at"] = json!("2020-01-01T00:00:00.000Z");
    fs::write(&path, stored.to_string()).expect("written");

    let outputs = at_once(&ada, 4);
    let renewed: usize = outputs.iter().map(|output| output.stderr.matches("/api/auth/refresh").count()).sum();
    assert_eq!(renewed, 1, "{outputs:#?}");
    assert!(outputs.iter().all(|output| output.code == Some(0)), "{outputs:#?}");
    let stored: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    assert_ne!(stored["sessions"][&campus.url]["refresh_token"], refresh);
}

#[test]
fn short_lived_sessions_are_renewed_by_each_and_never_lost() {
    let campus = Campus::with(&[("SESSIONS__ACCESS_LIFETIME", "1s"), ("LIMITS__AUTH", "off")]);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    for _ in 0..3 {
        let outputs = at_once(&ada, 3);
        assert!(outputs.iter().all(|output| output.code == Some(0)), "{outputs:#?}");
    }
    assert_eq!(ada.json(&["auth", "session", "list"]).as_array().map(Vec::len), Some(1));
}

/// What a session's file says.
fn session(student: &Student) -> Value {
    let stored = fs::read(student.home().join("state/credentials.json")).expect("a file");
    let stored: Value = serde_json::from_slice(&stored).expect("JSON");
    stored["sessions"][&student.server].clone()
}

/// Has the next command renew the session.
fn expire(student: &Student) {
    let path = student.home().join("state/credentials.json");
    let mut stored: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    stored["sessions"][&student.server]["expires_at"] = json!("2020-01-01T00:00:00.000Z");
    fs::write(&path, stored.to_string()).expect("written");
}

/// The name of the key that signed a token.
fn signed_by(token: &str) -> Value {
    let header = token.split('.').next().expect("a header");
    let header = BASE64URL_NOPAD.decode(header.as_bytes()).expect("base 64");
    serde_json::from_slice::<Value>(&header).expect("JSON")["kid"].clone()
}

#[test]
fn another_key_signs_and_nobody_is_signed_out() {
    let campus = Campus::with(&[("LIMITS__AUTH", "off")]);
    let mut ada = campus.sign_up("ada@uni.example", "Ada");
    let token = |student: &Student| session(student)["access_token"].as_str().expect("a token").to_owned();
    let old = token(&ada);
    let data = campus.data().display().to_string();
    let rotated = ada.json(&["admin", "keys", "rotate", "--data", &data]);
    assert_ne!(signed_by(&old), rotated["id"]);
    until("the server signs with it", || {
        ada.run(&["user", "show", "@me"]).expect(0);
        expire(&ada);
        ada.run(&["user", "show", "@me"]).expect(0);
        (signed_by(&token(&ada)) == rotated["id"]).then_some(())
    });

    // What the old key signed holds for as long as the key is there.
    ada.token = Some(old);
    ada.run(&["user", "show", "@me"]).expect(0);
    let path = campus.data().join("keys/signing.json");
    let keys: Vec<Value> = serde_json::from_slice(&fs::read(&path).expect("keys")).expect("JSON");
    fs::write(&path, json!([keys[0]]).to_string()).expect("written");
    until("the old key is forgotten", || (ada.run(&["user", "show", "@me"]).code == Some(4)).then_some(()));
    ada.token = None;
    ada.run(&["user", "show", "@me"]).expect(0);
}
