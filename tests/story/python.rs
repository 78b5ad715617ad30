//! The live connection as another language's client sees it.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use super::{Campus, Student, run};

/// The access token that a student's commands use.
fn token(student: &Student) -> String {
    let stored = fs::read(student.home().join("state/credentials.json")).expect("credentials");
    let stored: Value = serde_json::from_slice(&stored).expect("JSON");
    stored["sessions"][&student.server]["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn a_client_written_in_python_finds_the_protocol_as_documented() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let lamp = ada.offer("Lamp", "5");
    let chat = ben.made(&["chat", "start", &lamp]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients/live.py");
    let mut python = Command::new("python3");
    python.arg(script).args([campus.url.trim_start_matches("http://"), &chat]);
    python.env("ADA", token(&ada)).env("BEN", token(&ben)).env("PYTHONDONTWRITEBYTECODE", "1");
    assert_eq!(run(&mut python, "").expect(0), "as documented\n");
}
