//! The commands of the README do what it says.
//!
//! A block of shell with `<!-- test -->` on the line before it runs as one script, signed in as a demo student; one with
//! `<!-- test: server -->` on a machine that has nothing but a mail server.

use std::{fs, net::TcpListener, path::Path, process::Command, time::Duration};

use crate::{
    api::mail::MailServer,
    story::{Campus, Output, program, run, run_within, until},
};

/// Making ready some hundred pictures takes a while without optimisation.
const DEMO_PATIENCE: Duration = Duration::from_secs(240);

/// The scripts of the blocks with this mark.
fn scripts(readme: &str, mark: &str) -> Vec<String> {
    let mut scripts = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if line.trim() != mark {
            continue;
        }
        assert_eq!(lines.next().map(str::trim), Some("```sh"), "a block of shell follows the mark");
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        // Lines may be shown as typed at a prompt.
        let typed = block.iter().map(|line| line.strip_prefix("$ ").unwrap_or(line));
        scripts.push(typed.collect::<Vec<_>>().join("\n"));
    }
    scripts
}

#[test]
fn marked_blocks_are_found() {
    let text = "a\n```sh\nno\n```\n<!-- test -->\n```sh\n$ one\n# two\nthree\n```\nb\n";
    assert_eq!(scripts(text, "<!-- test -->"), ["one\n# two\nthree"]);
}

fn scripts_of_the_readme(mark: &str) -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let scripts = scripts(&fs::read_to_string(readme).expect("a README"), mark);
    assert!(!scripts.is_empty(), "the README has no block with {mark}");
    scripts
}

/// Runs a script in `home`, where nothing is set but the path to the program.
fn shell(home: &Path, server: Option<&str>, script: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_campuszon")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell.env_clear().env("HOME", home).env("CAMPUSZON_HOME", home);
    shell.env("PATH", format!("{}:{path}", binary.display())).envs(server.map(|url| ("CAMPUSZON_SERVER", url)));
    shell.current_dir(home).arg("-c").arg(format!("set -euo pipefail\n{script}\n"));
    let output = run(&mut shell, "");
    assert_eq!(output.code, Some(0), "{script}\n{}\n{}", output.stdout, output.stderr);
    output
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_everything_takes_the_commands_of_the_readme() {
    let relay = MailServer::start().await;
    let home = tempfile::tempdir().expect("a folder");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    for script in scripts_of_the_readme("<!-- test: server -->") {
        assert!(script.lines().filter(|line| !line.starts_with(' ')).count() <= 10, "under ten commands");
        let script = script.replace(":8443", &format!(":{port}")).replace("127.0.0.1:2525", &relay.address.to_string());
        // The code goes by mail before the server is stopped.
        let mailed = "for _ in $(seq 300); do [ -e mailed ] && break; sleep 0.1; done";
        let script = format!("trap 'kill $!; wait' EXIT\n{script}\n{mailed}");
        let (folder, flag) = (home.path().to_owned(), home.path().join("mailed"));
        let run = tokio::task::spawn_blocking(move || shell(&folder, None, &script));
        tokio::task::block_in_place(|| {
            until("a mail", || (relay.heard("RCPT TO:<ben@uni.example>") > 0).then_some(()));
        });
        fs::write(flag, "").expect("written");
        let output = run.await.expect("a script");
        for word in ["campuszon_build_info", "campuszon_backup_interval_seconds 86400", "campuszon_database_up 1"] {
            assert!(output.stdout.contains(word), "{word}: {}", output.stdout);
        }
    }
    assert!(home.path().join("market/backups").read_dir().expect("backups").count() > 0);
}

#[test]
fn the_commands_of_the_readme_work() {
    let scripts = scripts_of_the_readme("<!-- test -->");
    let campus = Campus::new();
    let student = campus.visitor();
    let mut admin = program(student.home());
    admin.args(["admin", "demo", "--json", "--data"]).arg(campus.data());
    let demo = run_within(DEMO_PATIENCE, &mut admin, "").expect(0);
    let demo: serde_json::Value = serde_json::from_str(&demo).expect("JSON");
    let word = |name: &str| demo["students"][0][name].as_str().expect("a text").to_owned();
    let login = ["auth", "login", "--email", &word("email"), "--password-stdin"];
    student.run_with(&login, &format!("{}\n", word("password"))).expect(0);

    for script in scripts {
        shell(student.home(), Some(&campus.url), &script);
    }
}
