//! The full screen in a terminal, against a real server: a conversation that loses its server and gets it back.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use portable_pty::CommandBuilder;

use super::pty::Session;
use crate::story::{Campus, Running, Student, until};

pub(super) fn full_screen(student: &Student, arguments: &[&str]) -> Session {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_campuszon"));
    command.env_clear();
    command.env("HOME", student.home());
    command.env("CAMPUSZON_HOME", student.home());
    command.env("CAMPUSZON_SERVER", &student.server);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("EDITOR", editor(student));
    command.args(arguments);
    Session::run(command)
}

/// An editor that adds a line.
fn editor(student: &Student) -> PathBuf {
    let path = student.home().join("editor");
    fs::write(&path, "#!/bin/sh\nprintf '\\nfrom the editor' >> \"$1\"\n").expect("an editor");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("it can be run");
    path
}

fn bodies(student: &Student, chat: &str) -> Vec<String> {
    let messages = student.json(&["chat", "show", chat]);
    let messages = messages.as_array().expect("messages").iter();
    messages.map(|message| message["body"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn a_conversation_survives_its_server_and_the_end_of_the_program() {
    let mut campus = Campus::free();
    let address = campus.url.trim_start_matches("http://").to_owned();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    ada.offer("Lamp", "5");
    let mut session = full_screen(&ben, &["tui"]);
    session.shows("Lamp");
    session.press("c");
    session.shows("Nothing was said yet");
    session.press("Is it still there?\r");
    session.shows("✓");
    let chat = ada.made(&["chat", "list"]);
    assert_eq!(bodies(&ada, &chat), ["Is it still there?"]);
    ada.run(&["chat", "send", &chat, "Yes, it is"]).expect(0);
    session.shows("Yes, it is");
    session.shows("✓✓");
    session.press("Then\u{5}");
    session.shows("from the editor");
    session.press("\r");
    session.until(|screen| !screen.contents().contains("> Then"));
    until("what was written in the editor is sent", || {
        (bodies(&ada, &chat).last().map(String::as_str) == Some("Then\nfrom the editor")).then_some(())
    });

    assert!(campus.stop().success());
    session.shows("No connection");
    session.press("At noon?\rHalf a sen");
    session.shows("…");
    session.press("\u{3}\u{3}");
    assert_eq!(session.end(), 0);
    // The editor had the terminal meanwhile.
    session.assert_restored();

    let mut session = full_screen(&ben, &["tui"]);
    session.shows("as of just now");
    session.shows("Lamp");
    session.press("2");
    session.shows("(draft)");
    session.press("\u{3}\u{3}");
    assert_eq!(session.end(), 0);

    let again = Running::start(campus.serve().args(["--listen", &address]).stderr(Stdio::null()));
    while !again.line().0.contains(&address) {}
    let mut session = full_screen(&ben, &["chat", "open", &chat]);
    session.shows("Half a sen");
    let expected = ["Is it still there?", "Yes, it is", "Then\nfrom the editor", "At noon?"];
    until("what waited is sent", || (bodies(&ada, &chat) == expected).then_some(()));
    session.until(|screen| screen.contents().matches("At noon?").count() == 1 && !screen.contents().contains("  …"));
    session.press("\u{3}\u{3}");
    assert_eq!(session.end(), 0);
    session.assert_restored();
    assert_eq!(bodies(&ada, &chat), expected);

    let lists = ben.home().join("cache/lists");
    let files = || walked(&lists);
    assert!(!files().is_empty(), "lists are remembered");
    for file in files() {
        assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o077, 0, "{}", file.display());
    }
    ben.run(&["auth", "logout", "--yes"]).expect(0);
    assert_eq!(files(), Vec::<PathBuf>::new(), "and not left behind");
}

/// All files below a directory.
fn walked(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walked(&path) } else { vec![path] }).collect()
}

/// The numbers of the pictures that one kitty command or the other names.
fn numbered(written: &str, command: &str) -> std::collections::BTreeSet<String> {
    let commands = written.split("\x1b_G").skip(1).filter(|rest| rest.starts_with(command));
    let number =
        |rest: &str| rest.split([',', ';', '\x1b']).find_map(|pair| pair.strip_prefix("i=").map(str::to_owned));
    commands.filter_map(number).collect()
}

#[test]
fn photos_reach_the_terminal_and_leave_with_the_program() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let path = ada.home().join("lamp.jpg");
    fs::write(&path, crate::story::photo::photo()).expect("a photo");
    let path = path.display().to_string();
    let made = ["item", "create", "--title", "Lamp", "--price", "5", "--condition", "good", "--category", "books"];
    ada.run(&[&made[..], &["--image", &path, "--wait"]].concat()).expect(0);

    let mut session = full_screen(&ada, &["--images", "kitty"]);
    session.shows("Lamp");
    session.press("\r");
    session.writes("\u{10eeee}");
    let brought = numbered(&session.written(), "q=2,a=T,U=1,f=100");
    assert!(!brought.is_empty());
    session.press("\u{3}\u{3}");
    assert_eq!(session.end(), 0);
    assert_eq!(numbered(&session.written(), "q=2,a=d,d=I"), brought, "all are deleted");

    let mut session = full_screen(&ada, &["tui", "--images=sixel"]);
    session.shows("Lamp");
    session.press("\r");
    session.writes("\x1bP0;1q\"1;1;");
    session.press("\u{3}\u{3}");
    assert_eq!(session.end(), 0);
    assert!(!session.has_written("\x1b_G"));
}
