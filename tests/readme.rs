//! The commands of the README do what it says.
//!
//! A block of shell with `<!-- test -->` on the line before it runs as one script, signed in as a demo student.

use std::{fs, path::Path, process::Command, time::Duration};

use crate::story::{Campus, program, run, run_within};

/// Making ready some hundred pictures takes a while without optimisation.
const DEMO_PATIENCE: Duration = Duration::from_secs(240);

/// The scripts of the marked blocks.
fn scripts(readme: &str) -> Vec<String> {
    let mut scripts = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "<!-- test -->" {
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
    assert_eq!(scripts(text), ["one\n# two\nthree"]);
}

#[test]
fn the_commands_of_the_readme_work() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let scripts = scripts(&fs::read_to_string(readme).expect("a README"));
    assert!(!scripts.is_empty(), "the README has no marked block");

    let campus = Campus::new();
    let student = campus.visitor();
    let mut admin = program(student.home());
    admin.args(["admin", "demo", "--json", "--data"]).arg(campus.data());
    let demo = run_within(DEMO_PATIENCE, &mut admin, "").expect(0);
    let demo: serde_json::Value = serde_json::from_str(&demo).expect("JSON");
    let word = |name: &str| demo["students"][0][name].as_str().expect("a text").to_owned();
    let login = ["auth", "login", "--email", &word("email"), "--password-stdin"];
    student.run_with(&login, &format!("{}\n", word("password"))).expect(0);

    let binary = Path::new(env!("CARGO_BIN_EXE_campuszon")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    for script in scripts {
        let mut shell = Command::new("bash");
        shell.env_clear().env("HOME", student.home()).env("CAMPUSZON_HOME", student.home());
        shell.env("PATH", format!("{}:{path}", binary.display())).env("CAMPUSZON_SERVER", &campus.url);
        shell.current_dir(student.home()).arg("-c").arg(format!("set -euo pipefail\n{script}\n"));
        let output = run(&mut shell, "");
        assert_eq!(output.code, Some(0), "{script}\n{}\n{}", output.stdout, output.stderr);
    }
}
