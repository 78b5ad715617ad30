//! Several commands of one student at once share one session.

use std::{fs, process::Stdio, thread};

use serde_json::{Value, json};

use super::{Campus, Student, run};

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
