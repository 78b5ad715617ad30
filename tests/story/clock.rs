//! A machine whose clock is set while the server runs, an hour either way: Debian's `faketime`, which `scripts/check` installs.

use std::{fs, path::Path, process::Command};

use rustix::process::Signal;
use serde_json::Value;

use super::{Campus, can};

const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// What the server's clock shows beside the machine's.
fn set(file: &Path, offset: &str) {
    fs::write(file, offset).expect("written");
}

#[test]
fn a_clock_that_is_set_harms_nothing() {
    let probe = r#"test "$(date +%s)" -gt "$(( $(LD_PRELOAD="$0" FAKETIME=-1h date +%s) + 3000 ))""#;
    if !can("faketime", Command::new("sh").args(["-c", probe, LIBRARY])) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("offset");
    set(&file, "+0");
    let mut campus = Campus::free_with(&[
        ("LD_PRELOAD", LIBRARY),
        ("FAKETIME_TIMESTAMP_FILE", file.to_str().expect("a path")),
        ("FAKETIME_NO_CACHE", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ]);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let chat = ben.made(&["chat", "start", &ada.offer("Lamp 0", "5")]);
    let watching = ada.start(&["chat", "watch", "--json"]);
    ben.sees_online(&ada.id);

    // An hour on, the access tokens of before are renewed; an hour back, those of then come from the future.
    let mut numbers = Vec::new();
    for (step, offset) in ["+3600", "-3600", "+0", "+7200", "+0"].into_iter().enumerate() {
        set(&file, offset);
        let sent = ben.json(&["chat", "send", &chat, &format!("message {step}")]);
        numbers.push(sent["seq"].as_i64().expect("a number"));
        let heard: Value = serde_json::from_str(&watching.line().0).expect("JSON");
        assert!(heard.to_string().contains(&format!("message {step}")), "{heard}");
        ada.offer(&format!("Lamp {}", step + 1), "5");
        let listed = ben.json(&["item", "list", "lamp"]);
        assert_eq!(listed.as_array().map(Vec::len), Some(step + 2), "{offset}");
        campus.sign_up(&format!("eve{step}@uni.example"), "Eve");
    }
    assert!(numbers.is_sorted_by(|one, next| one + 1 == *next), "{numbers:?}");
    watching.signal(Signal::TERM);
    assert!(campus.stop().success(), "{}", campus.log());
    assert!(!campus.log().contains("panic"), "{}", campus.log());
    let mut check = ada.command(&["admin", "check", "--data"]);
    super::run(check.arg(campus.data()), "").expect(0);
}
