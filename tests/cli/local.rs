//! What needs no server: `config`, `server`, `completion`, `version`.

use std::{fs, process::Stdio};

use serde_json::{Value, json};

use super::Transcript;
use crate::story::{Student, run};

/// Somebody whose server is not there.
fn alone() -> Student {
    Student::without_server()
}

#[test]
fn configuration() {
    let ada = alone();
    let mut told = Transcript::of(&ada);
    told.tell(&ada, &["config", "path"]);
    told.tell(&ada, &["config", "list"]);
    told.tell(&ada, &["config", "list", "--sources", "--json"]);
    told.tell(&ada, &["config", "get", "timeout"]);
    told.tell(&ada, &["config", "get", "timeout", "--json"]);
    told.tell(&ada, &["config", "get", "timeot"]);
    told.tell(&ada, &["config", "set", "timeout", "60s"]);
    told.tell(&ada, &["config", "set", "timeout", "soon"]);
    told.tell(&ada, &["config", "set", "timeot", "5s"]);
    told.tell(&ada, &["config", "set", "ui.ascii", "true", "--json"]);
    told.tell(&ada, &["config", "get", "ui.ascii"]);
    told.tell(&ada, &["config", "unset", "timeout"]);
    told.tell(&ada, &["config", "unset", "timeout"]);
    told.tell(&ada, &["config", "edit"]);
    fs::write(ada.home().join("config.toml"), "# mine\ntimeot = \"5s\"\n").expect("written");
    told.tell(&ada, &["config", "list"]);
    told.tell(&ada, &["item", "list", "--json"]);
    fs::write(ada.home().join("config.toml"), "timeout = \n").expect("written");
    told.tell(&ada, &["config", "list"]);
    told.check("config");
}

#[test]
fn named_servers() {
    let mut ada = alone();
    let mut told = Transcript::of(&ada);
    ada.server.clear();
    told.tell(&ada, &["server", "list"]);
    told.tell(&ada, &["server", "add", "uni", "https://market.uni.example/"]);
    told.tell(&ada, &["server", "add", "lab", "http://10.0.0.7:8080"]);
    told.tell(&ada, &["server", "add", "lab", "http://10.0.0.7:8080", "--insecure-http"]);
    told.tell(&ada, &["server", "add", "a b", "https://uni.example"]);
    told.tell(&ada, &["server", "add", "bad", "ftp://uni.example"]);
    told.tell(&ada, &["server", "list"]);
    told.tell(&ada, &["server", "use", "lab"]);
    told.tell(&ada, &["server", "use", "lap"]);
    told.tell(&ada, &["server", "list", "--json"]);
    told.tell(&ada, &["config", "get", "server"]);
    told.tell(&ada, &["config", "list", "--sources"]);
    told.tell(&ada, &["item", "list", "--server", "lap"]);
    told.tell(&ada, &["server", "remove", "lab"]);
    told.tell(&ada, &["server", "remove", "lab", "--yes"]);
    told.tell(&ada, &["server", "list", "--format", "csv"]);
    told.check("servers");
}

#[test]
fn versions_and_completion() {
    let ada = alone();
    let mut told = Transcript::of(&ada);
    told.tell(&ada, &["--version"]);
    told.tell(&ada, &["version", "--client"]);
    told.tell(&ada, &["version", "--client", "--json"]);
    told.tell(&ada, &["completion", "tcsh"]);
    told.text = told.text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    told.check("version");

    let heads =
        [("bash", "_clap_complete_campuszon"), ("zsh", "#compdef campuszon"), ("fish", "complete --keep-order")];
    for (shell, head) in heads {
        let script = ada.run(&["completion", shell]).expect(0);
        assert!(script.trim_start().starts_with(head), "{shell}: {}", script.lines().next().unwrap_or_default());
    }
    // What bash makes of the script is a completion for the command.
    let script = ada.run(&["completion", "bash"]).expect(0);
    let mut bash = std::process::Command::new("bash");
    bash.arg("-c").arg("source /dev/stdin && complete -p campuszon").stdin(Stdio::piped());
    assert!(run(&mut bash, &script).expect(0).contains("_campuszon"));
}

#[test]
fn without_arguments_or_a_terminal_there_is_only_usage() {
    let ada = alone();
    let output = ada.run::<&str>(&[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
    assert!(output.stderr.contains("Usage:") && output.stderr.contains("Examples:"), "{}", output.stderr);
    let output = ada.run(&["tui"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{}", output.stderr);
}

#[test]
fn what_a_server_would_not_start_with_is_found_before() {
    let ada = alone();
    let check = |variables: &[(&str, &str)]| {
        run(ada.command(&["admin", "config", "check"]).envs(variables.iter().copied()), "")
    };
    for (name, value, told) in [
        ("CAMPUSZON_LISTEN", "8080", "cannot listen on \"8080\""),
        ("CAMPUSZON_LISTEN", "http://127.0.0.1:8080", "cannot listen on \"http://127.0.0.1:8080\""),
        ("CAMPUSZON_TRUSTED_PROXIES", "10.0.0.0/40", "cannot trust the proxy"),
        ("CAMPUSZON_DATABASE_URL", "mysql://db", "expected sqlite:PATH"),
        ("CAMPUSZON_DATABASE_URL", "postgres://db:port/campus", "cannot be opened: invalid"),
        ("CAMPUSZON_BLOBS_URL", "s3://bucket?zone=1", "there is no option \"zone\""),
        ("CAMPUSZON_BLOBS_URL", "ftp://pictures", "storage of this kind"),
        ("CAMPUSZON_MAIL_URL", "imap://mail", "mail cannot be sent by \"imap:\""),
        ("CAMPUSZON_MAIL_URL", "smtp:", "the mail URL is not valid"),
        ("CAMPUSZON_PUBLIC_URL", "market.uni.example", "links in mails cannot start with"),
    ] {
        let output = check(&[(name, value)]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(13), ""), "{name}={value}: {output:?}");
        assert!(output.stderr.contains(told), "{name}={value}: {output:?}");
    }
    let output = check(&[("CAMPUSZON_LOG", "loud")]);
    assert_eq!(output.code, Some(2), "{output:?}");

    let mail = ada.home().join("mail");
    let output = check(&[("CAMPUSZON_MAIL_URL", &format!("file:{}", mail.display())), ("CAMPUSZON_MAIL", "console:")]);
    assert_eq!(output.code, Some(0), "{output:?}");
    for told in ["nothing reads the environment variable CAMPUSZON_MAIL;", "there is no ", "the settings are valid"] {
        assert!(output.stderr.contains(told), "{told} in {output:?}");
    }
    assert!(!mail.exists() && !ada.home().join("server").exists(), "nothing is made");
}

/// As compose files and pipelines set what they have no value for.
#[test]
fn a_variable_without_a_value_says_nothing() {
    let ada = alone();
    let names =
        ["LISTEN", "TRUSTED_PROXIES", "DATABASE_URL", "BLOBS_URL", "MAIL_URL", "MAIL_URL_FILE", "PUBLIC_URL", "LOG"];
    let further = ["DATA", "TLS_CERT", "TLS_KEY", "ACME", "ACME_DIRECTORY", "SERVER_CONFIG", "HOME"];
    let names = names.into_iter().chain(further).map(|name| (format!("CAMPUSZON_{name}"), ""));
    let output = run(ada.command(&["admin", "config", "check"]).envs(names), "");
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!output.stdout.contains("(hidden)"), "{output:?}");
}

#[test]
fn secrets_of_a_server_stand_in_files() {
    let ada = alone();
    let file = ada.home().join("mail_url");
    fs::write(&file, "smtp://ada:password@mail.uni.example\n").expect("written");
    let check = |variables: &[(&str, &str)]| {
        let mut command = ada.command(&["admin", "config", "check", "--json"]);
        run(command.envs(variables.iter().copied()), "")
    };
    let file = file.to_str().expect("a path");
    let found: Value = serde_json::from_str(&check(&[("CAMPUSZON_MAIL_URL_FILE", file)]).expect(0)).expect("JSON");
    let row = json!({"key": "CAMPUSZON_MAIL_URL", "value": "(hidden)", "origin": "CAMPUSZON_MAIL_URL_FILE"});
    assert!(found.as_array().expect("rows").contains(&row), "{found}");

    let twice = check(&[("CAMPUSZON_MAIL_URL_FILE", file), ("CAMPUSZON_MAIL_URL", "console:")]);
    assert_eq!(twice.code, Some(13), "{twice:?}");
    assert!(twice.stderr.contains("CAMPUSZON_MAIL_URL and CAMPUSZON_MAIL_URL_FILE are both given"), "{twice:?}");
    for name in ["CAMPUSZON_DATABASE_URL_FILE", "CAMPUSZON_BLOBS_URL_FILE", "AWS_ACCESS_KEY_ID_FILE"] {
        let missing = check(&[(name, "/nowhere/secret")]);
        assert_eq!(missing.code, Some(13), "{missing:?}");
        assert!(missing.stderr.contains(&format!("{name}: cannot read /nowhere/secret")), "{missing:?}");
    }
    let flag = run(ada.command(&["serve", "--mail", "console:"]).env("CAMPUSZON_MAIL_URL_FILE", file), "");
    assert_eq!((flag.code, flag.stdout.as_str()), (Some(13), ""), "{flag:?}");
    assert!(flag.stderr.contains("--mail is the same as the first"), "{flag:?}");
}
