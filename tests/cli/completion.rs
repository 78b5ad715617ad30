//! The shell completes ids from what was seen, in bash itself.

use std::process::Command;

use super::Scene;
use crate::story::{Student, run};

/// What bash offers for the last of these words.
fn completed(student: &Student, words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let last = words.last().expect("a word");
    let script = format!(
        "source <(campuszon completion bash)
        COMP_WORDS=({}) COMP_CWORD={} COMP_TYPE=9
        _clap_complete_campuszon campuszon '{last}' '' 2>errors
        printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len() - 1,
    );
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_campuszon")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["--norc", "-c", &script]).current_dir(student.home()).env_clear().env("PATH", path);
    command.env("CAMPUSZON_HOME", student.home()).env("CAMPUSZON_SERVER", &student.server);
    run(&mut command, "").expect(0)
}

/// Lists at a terminal that shows links, as a person does.
fn seen(student: &Student, command: &str) -> String {
    let mut session = Command::new("script");
    session.args(["-qec", &format!("{} {command}", env!("CARGO_BIN_EXE_campuszon")), "/dev/null"]);
    session.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("TERM", "xterm-256color");
    session.env("CAMPUSZON_HOME", student.home()).env("CAMPUSZON_SERVER", &student.server);
    session.env("FORCE_HYPERLINK", "1").env("PAGER", "cat").current_dir(student.home());
    run(&mut session, "").expect(0)
}

#[test]
fn ids_and_titles_are_completed_from_what_was_seen() {
    let scene = Scene::set();
    assert_eq!(completed(&scene.ben, &["campuszon", "item", "sh"]).trim(), "show");
    assert_eq!(completed(&scene.ben, &["campuszon", "item", "show", "calc"]).trim(), "");

    let table = seen(&scene.ben, "item list");
    let page = format!("{}/items/{}", scene.ben.server, scene.calculus);
    assert!(table.contains(&format!("\u{1b}]8;;{page}\u{1b}\\")), "{table:?}");
    assert!(scene.campus.fetch(&page[scene.ben.server.len()..]).1.windows(4).any(|word| word == b"show"));

    for words in [&["campuszon", "item", "show", "calc"][..], &["campuszon", "booking", "request", "CALC"]] {
        assert_eq!(completed(&scene.ben, words).trim(), scene.calculus, "{words:?}");
    }
    let begun = &scene.novel[..10];
    assert!(completed(&scene.ben, &["campuszon", "chat", "start", begun]).lines().any(|id| id == scene.novel));
    assert_eq!(completed(&scene.ben, &["campuszon", "user", "show", "ada"]).trim(), scene.ada.id);
    assert_eq!(completed(&scene.ben, &["campuszon", "chat", "show", "calc"]).trim(), "");

    // What is piped is for programs, which complete nothing.
    let before = std::fs::read_dir(scene.ada.home().join("cache")).map(Iterator::count).unwrap_or_default();
    scene.ada.run(&["item", "list"]).expect(0);
    assert_eq!(std::fs::read_dir(scene.ada.home().join("cache")).map(Iterator::count).unwrap_or_default(), before);
}
