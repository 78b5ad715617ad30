//! Other ends of pipes: readers that go, disks that are full.

use std::{fs::File, process::Stdio};

use super::Scene;
use crate::story::{Running, until};

/// Commands that print, in every format, and what prints otherwise.
fn printing(item: &str) -> Vec<Vec<String>> {
    let formats = ["table", "json", "jsonl", "csv", "tsv", "ids"].map(|format| format!("--format {format}"));
    let formats = formats.iter().map(String::as_str).chain(["", "--jq .", "--accessible --format table"]);
    let show = format!("item show {item}");
    let lists = formats.flat_map(|format| ["item list", &show].map(|command| format!("{command} {format}")));
    let others = [
        "--help",
        "--version",
        "help",
        "help scripting",
        "item list --help",
        "man",
        "schema",
        "schema item list",
        "completion bash",
        "version --client",
        "doctor",
        "config path",
        "item export",
        "api GET /api/items",
        "image prepare --help",
    ];
    let words = |line: String| line.split_whitespace().map(str::to_owned).collect();
    lists.chain(others.map(str::to_owned)).map(words).collect()
}

fn full_disk() -> File {
    File::options().write(true).open("/dev/full").expect("a full disk")
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let scene = Scene::set();
    for args in printing(&scene.calculus) {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = scene.ada.command(&args);
        command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(writer);
        let output = command.output().expect("it ran");
        assert!(output.status.success(), "{args:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[test]
fn a_watch_ends_when_nobody_reads_it() {
    let scene = Scene::set();
    for args in [&["watch"][..], &["chat", "watch", "--json"], &["item", "watch"], &["alert", "watch"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut command = scene.ada.command(args);
        let mut watch = Running::attached(command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(writer));
        scene.ben.sees_online(&scene.ada.id);
        // Without waiting for a line that it could not write.
        drop(reader);
        assert!(watch.end().success(), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let scene = Scene::set();
    for args in printing(&scene.calculus) {
        let mut command = scene.ada.command(&args);
        command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(full_disk());
        let output = command.output().expect("it ran");
        assert_eq!(output.status.code(), Some(1), "{args:?}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write the output"), "{args:?}: {output:?}");
    }
}

#[test]
fn a_stream_ends_when_the_disk_is_full() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    ben.run(&["search", "save", "lamps", "lamp"]).expect(0);
    for args in [&["item", "watch", "lamp"][..], &["alert", "watch", "--json"], &["watch", "--type", "notification"]] {
        until("nobody is online", || (ada.json(&["user", "show", &ben.id])["online"] == false).then_some(()));
        let mut command = ben.command(args);
        let mut watch = Running::attached(command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(full_disk()));
        ada.sees_online(&ben.id);
        ada.offer("Desk lamp", "5");
        assert_eq!(watch.end().code(), Some(1), "{args:?}");
    }
}

#[test]
fn a_script_of_the_first_minutes_works() {
    let scene = Scene::set();
    let script = "set -o pipefail
        campuszon item list --json | head -c 1
        campuszon item list --format ids | campuszon item show - --fields title | sort | head -1
        campuszon item list --all | head -n 1 >/dev/null";
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_campuszon")).parent().expect("a folder");
    let mut bash = std::process::Command::new("bash");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    bash.env("PATH", path).env("CAMPUSZON_HOME", scene.ben.home()).env("CAMPUSZON_SERVER", &scene.ben.server);
    let output = crate::story::run(bash.arg("-c").arg(script), "");
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
    assert_eq!(output.stdout, "[A \"quoted\" novel; =1+1\n");
}
