//! What a peer wrote never steers a terminal.

use std::fs;

use super::Scene;
use crate::story::Student;

/// Clears the screen, sets the clipboard, turns the line around, hides, and ends lines.
const HOSTILE: &str =
    "Lamp\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}31m\u{202e}gpj.exe\u{2066}\u{200b}\u{7f}\r\n\u{85}\u{2028}end";

/// Whether a terminal could take it for more than text. Rows have tabs and ends.
fn steers(char: char) -> bool {
    let is_control = char.is_control() && char != '\n' && char != '\t';
    is_control
        || matches!(char, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes a session along to another address of the same server.
fn move_session(student: &mut Student, url: &str) {
    let path = student.home().join("state/credentials.json");
    let stored = fs::read_to_string(&path).expect("a file");
    fs::write(&path, stored.replace(&student.server, url)).expect("written");
    url.clone_into(&mut student.server);
}

#[test]
fn nothing_hostile_is_printed_in_any_format() {
    let mut scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    scene.ada.run(&["chat", "send", &chat, "Hello"]).expect(0);

    // The API would not take it, so it is put where a fault of the server might have left it.
    assert!(scene.campus.stop().success());
    let database = rusqlite::Connection::open(scene.campus.database()).expect("a database");
    for (table, columns) in [
        ("items", &["title", "description", "pickup"][..]),
        ("messages", &["body"]),
        ("users", &["name"]),
        ("sessions", &["device"]),
    ] {
        for column in columns {
            database.execute(&format!("UPDATE {table} SET {column} = ?1"), [HOSTILE]).expect("written");
        }
    }
    database.close().expect("closed");
    scene.campus.start();
    move_session(&mut scene.ben, &scene.campus.url);

    let (item, user) = (scene.calculus.as_str(), scene.ada.id.as_str());
    let commands = [
        &["item", "list"][..],
        &["item", "show", item],
        &["chat", "list"],
        &["chat", "show", &chat],
        &["chat", "start", item],
        &["user", "show", user],
        &["user", "show", "@me"],
        &["auth", "status"],
        &["auth", "session", "list"],
        &["api", "GET", "/api/items"],
        &["item", "favorite", item, "-v"],
    ];
    for command in commands {
        for format in ["table", "json", "jsonl", "csv", "tsv", "ids"] {
            let output = scene.ben.run(&[command, &["--format", format]].concat());
            assert_eq!(output.code, Some(0), "{command:?}: {output:?}");
            for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
                let found = text.chars().find(|char| steers(*char));
                assert_eq!(found, None, "{name} of {command:?} as {format}: {text:?}");
            }
        }
    }

    // JSON keeps the data.
    let items = scene.ben.json(&["item", "list"]);
    assert_eq!(items[0]["title"], HOSTILE);
    let jsonl = scene.ben.run(&["item", "list", "--format", "jsonl"]).expect(0);
    assert_eq!(jsonl.lines().count(), 2);

    // Nor does what somebody was tricked into typing.
    for args in [&["item", "show", HOSTILE][..], &["item", HOSTILE], &["item", "list", HOSTILE], &[HOSTILE]] {
        for format in [&["--json"][..], &[]] {
            let output = scene.ben.run(&[args, format].concat());
            for text in [&output.stdout, &output.stderr] {
                assert_eq!(text.chars().find(|char| steers(*char)), None, "{args:?}: {text:?}");
            }
        }
    }
}
