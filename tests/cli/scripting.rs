//! What scripts and people who look for a fault use: `--jq`, `schema`, `doctor`, `man`, `help`.

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::Value;

use super::{Scene, Transcript};
use crate::story::Student;

#[test]
fn jq_is_built_in() {
    let scene = Scene::set();
    let ben = &scene.ben;
    let mut told = Transcript::of(ben);
    told.tell(ben, &["item", "list", "--jq", "sort_by(.price) | .[].title"]);
    told.tell(ben, &["item", "list", "--limit", "1", "--all", "--jq", "length"]);
    told.tell(ben, &["item", "list", "--jq", "map({title, price})"]);
    told.tell(ben, &["item", "show", &scene.calculus, "--jq", ".seller.name, .images, .viewer == null"]);
    told.tell(ben, &["item", "list", "--json=title", "--jq", ".[0] | keys"]);
    told.tell(ben, &["item", "list", "nothing-like-it", "--jq", ".[].title"]);
    told.tell(ben, &["item", "list", "--jq", ".[].title | tonumber"]);
    told.tell(ben, &["item", "list", "--jq", ".["]);
    told.tell(ben, &["item", "list", "--jq", "titel"]);
    told.tell(ben, &["item", "list", "--jq", ".", "--format", "csv"]);
    told.tell(ben, &["api", "GET", "/api/items?limit=1", "--paginate", "--jq", "length"]);
    told.check("jq");
}

fn check<'a>(findings: &'a Value, name: &str) -> &'a Value {
    findings.as_array().expect("findings").iter().find(|finding| finding["check"] == name).expect(name)
}

#[test]
fn the_doctor_finds_what_is_wrong_and_tells_no_secrets() {
    let scene = Scene::set();
    let well = scene.ben.run(&["doctor", "--json"]).expect(0);
    for secret in ["ben@", &scene.ben.home().display().to_string()] {
        assert!(!well.contains(secret), "{secret}: {well}");
    }
    let findings: Value = serde_json::from_str(&well).expect("JSON");
    for name in ["program", "configuration", "files", "server", "clock", "account", "terminal"] {
        assert_eq!(check(&findings, name)["status"], "ok", "{findings}");
    }
    assert!(check(&findings, "account")["detail"].as_str().is_some_and(|detail| detail.contains("student")));

    let alone = Student::without_server();
    let output = alone.run(&["doctor", "--json"]);
    let findings: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(check(&findings, "server")["status"], "failed");
    assert!(output.stderr.contains("unreachable"), "{output:?}");
    output.expect(10);
    std::fs::write(alone.home().join("config.toml"), "timeout = \n").expect("written");
    let output = alone.run(&["doctor", "--json"]);
    let findings: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(check(&findings, "configuration")["status"], "failed");
    output.expect(13);
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let ada = Student::without_server();
    let page = ada.run(&["man"]).expect(0);
    assert!(page.contains(".TH campuszon 1") && page.contains("marketplace"), "{page}");
    let written = ada.json(&["man", "--out", "pages"]);
    assert!(written["pages"].as_u64().is_some_and(|pages| pages > 80), "{written}");
    let page = std::fs::read_to_string(ada.home().join("pages/campuszon-item-create.1")).expect("a page");
    assert!(page.contains("\\-\\-title") && page.contains("Examples"), "{page}");
}

#[test]
fn help_tells_of_commands_and_of_what_concerns_them_all() {
    let ada = Student::without_server();
    let overview = ada.run(&["help"]).expect(0);
    let topics: Vec<&str> = overview
        .lines()
        .skip_while(|line| !line.starts_with("Topics"))
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(topics, ["accessibility", "environment", "exit-codes", "formatting", "recipes", "scripting", "search"]);
    for topic in topics {
        let text = ada.run(&["help", topic]).expect(0);
        assert!(text.lines().count() > 10 && text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }
    let codes = ada.run(&["help", "exit-codes"]).expect(0);
    for code in (0..=13).chain([129, 130, 143]) {
        assert!(codes.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))), "{code}");
    }
    let of_command = ada.run(&["help", "item", "create"]).expect(0);
    assert!(of_command.contains("--rent-period") && of_command.contains("Examples:"), "{of_command}");
    let unknown = ada.run(&["help", "exit-code"]);
    assert!(unknown.stderr.contains("did you mean exit-codes?"), "{unknown:?}");
    unknown.expect(2);
    assert_eq!(ada.json(&["help", "search"])["about"], "search");
}

/// What a command shows on a terminal of so many rows.
fn at_terminal(student: &Student, rows: u16, args: &[&str], variables: &[(&str, &str)]) -> String {
    let pair =
        native_pty_system().openpty(PtySize { rows, cols: 100, pixel_width: 0, pixel_height: 0 }).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_campuszon"));
    command.args(args);
    command.env_clear();
    let path = std::env::var("PATH").unwrap_or_default();
    let home = student.home().to_str().expect("text");
    let own =
        [("PATH", path.as_str()), ("TERM", "xterm"), ("CAMPUSZON_HOME", home), ("CAMPUSZON_SERVER", &student.server)];
    for (name, value) in own.iter().chain(variables) {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).expect("the program");
    drop(pair.slave);
    let (mut reader, mut shown) = (pair.master.try_clone_reader().expect("output"), Vec::new());
    // At the end of its process a terminal fails instead of ending.
    let _ = reader.read_to_end(&mut shown);
    assert!(child.wait().expect("an end").success());
    String::from_utf8(shown).expect("text")
}

#[test]
fn what_is_longer_than_the_terminal_is_paged() {
    let scene = Scene::set();
    let list = |rows, args: &[&str], variables: &[(&str, &str)]| {
        let variables = [&[("PAGER", "sed s/^/paged:/")], variables].concat();
        at_terminal(&scene.ben, rows, args, &variables).contains("paged:")
    };
    assert!(list(3, &["item", "list"], &[]));
    assert!(!list(10, &["item", "list"], &[]));
    for unpaged in
        [&["item", "list", "--json"][..], &["item", "list", "--no-input"], &["item", "list", "--format", "csv"]]
    {
        assert!(!list(3, unpaged, &[]), "{unpaged:?}");
    }
    assert!(!list(3, &["item", "list"], &[("CI", "true")]));
    assert!(!list(3, &["item", "list"], &[("TERM", "dumb")]));
}

/// The keys that a schema asks of each thing.
fn required(schema: &Value) -> Vec<&str> {
    let thing = if schema["type"] == "array" { &schema["items"] } else { schema };
    let thing = if thing["anyOf"].is_array() { &thing["anyOf"][0] } else { thing };
    thing["required"].as_array().expect("keys").iter().filter_map(Value::as_str).collect()
}

#[test]
fn schemas_are_of_what_is_printed() {
    let scene = Scene::set();
    let ben = &scene.ben;
    let chat = ben.made(&["chat", "start", &scene.calculus]);
    ben.run(&["chat", "send", &chat, "Hello"]).expect(0);
    ben.run(&["search", "save", "lamps", "lamp"]).expect(0);
    let commands = [
        &["item", "list"][..],
        &["item", "show", &scene.calculus],
        &["chat", "list"],
        &["chat", "show", &chat],
        &["search", "list"],
        &["wallet", "history"],
        &["auth", "session", "list"],
        &["user", "show", &scene.ada.id],
        &["server", "list"],
        &["doctor"],
    ];
    for command in commands {
        let ids = [scene.calculus.as_str(), &chat, &scene.ada.id];
        let name: Vec<&str> = command.iter().copied().filter(|word| !ids.contains(word)).collect();
        let schema = ben.json(&[&["schema"], &name[..]].concat());
        let printed = ben.json(command);
        let first = printed.as_array().map_or(Some(&printed), |things| things.first());
        let Some(Value::Object(first)) = first else { continue };
        let keys: Vec<&str> = first.keys().map(String::as_str).collect();
        assert_eq!(keys, required(&schema), "{command:?}");
        let text = schema.to_string();
        for reference in text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schema["$defs"][reference].is_object(), "{reference} of {command:?}");
        }
    }
    assert!(ben.run(&["schema", "item", "lits"]).stderr.contains("did you mean item list?"));
}

/// A committed copy: fields may be added, and nothing else may change.
#[test]
fn schemas_change_by_additions_only() {
    let ada = Student::without_server();
    let all = ada.run(&["schema", "--format", "ids"]).expect(0);
    let schemas = all.lines().map(|name| {
        let words: Vec<&str> = ["schema"].into_iter().chain(name.split(' ')).collect();
        let schema: Value = serde_json::from_str(&ada.run(&words).expect(0)).expect("JSON");
        format!("{name}\n{}\n", serde_json::to_string_pretty(&schema).expect("JSON"))
    });
    let text = schemas.collect::<String>();
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "../snapshots" }, {
        insta::assert_snapshot!("cli-schemas", text);
    });
}
