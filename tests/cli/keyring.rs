//! Where sessions are kept: the system's keyring where it answers, a private file elsewhere.

use std::{
    fs,
    os::unix::net::UnixListener,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::Value;

use crate::story::{Campus, Student, run};

const PASSWORD: &str = "correct horse battery";

fn kept(student: &Student) -> Value {
    let file = fs::read(student.home().join("state/credentials.json")).expect("a file");
    serde_json::from_slice(&file).expect("JSON")
}

/// A student who keeps sessions wherever it is best, as outside of tests.
fn anywhere(campus: &Campus) -> Student {
    let student = campus.visitor();
    student.run(&["config", "set", "credential_store", "auto"]).expect(0);
    student
}

const REGISTER: [&str; 7] = ["auth", "register", "--email", "ada@uni.example", "--name", "Ada", "--password-stdin"];
const LOGIN: [&str; 5] = ["auth", "login", "--email", "ada@uni.example", "--password-stdin"];

#[test]
fn a_dead_keyring_is_waited_for_once() {
    let campus = Campus::free_with(&[("REGISTRATION__VERIFICATION", "false")]);
    let ada = anywhere(&campus);
    let socket = ada.home().join("bus");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // Ends with the tests; connections are taken, and nothing is ever said.
    std::thread::spawn(move || {
        let mut taken = Vec::new();
        for connection in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            taken.push(connection);
        }
    });

    let with_bus = |args: &[&str]| {
        let mut command = ada.command(args);
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
        run(&mut command, PASSWORD).expect(0)
    };
    with_bus(&REGISTER);
    with_bus(&["auth", "status"]);
    with_bus(&["auth", "logout", "--yes"]);
    with_bus(&LOGIN);
    assert!(with_bus(&["doctor"]).contains("kept in a file"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(kept(&ada)["without_keyring"], true);

    // Whoever insists is told.
    ada.run(&["config", "set", "credential_store", "keyring"]).expect(0);
    let mut command = ada.command(&LOGIN);
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
    let refused = run(&mut command, PASSWORD);
    assert_eq!(refused.code, Some(13), "{refused:?}");
    assert!(refused.stderr.contains("the system keyring does not answer"), "{refused:?}");
    assert!(refused.stderr.contains("config set credential_store file"), "{refused:?}");
}

/// Needs D-Bus and the keyring of GNOME, which `scripts/check` installs.
#[test]
fn a_keyring_that_answers_has_the_tokens() {
    if std::env::var("CAMPUSZON_TEST_KEYRING").is_err() {
        return;
    }
    let campus = Campus::free_with(&[("REGISTRATION__VERIFICATION", "false")]);
    let ada = anywhere(&campus);
    let script = "
        printf pw | gnome-keyring-daemon --unlock --components=secrets >daemon
        printf '%s' \"$PASSWORD\" | campuszon auth register --email ada@uni.example --name Ada --password-stdin
        campuszon auth status --json=email,credential
        cp state/credentials.json while-signed-in.json
        campuszon doctor --jq '.[] | select(.check == \"account\").detail'
        campuszon auth logout --yes --json=status
        campuszon item list --seller @me || echo \"ended with $?\"
    ";
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_campuszon")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("dbus-run-session");
    command.args(["--", "sh", "-eu", "-c", script]).current_dir(ada.home()).env_clear();
    command.env("PATH", path).env("PASSWORD", PASSWORD).env("CAMPUSZON_SERVER", &ada.server);
    for name in ["HOME", "CAMPUSZON_HOME", "XDG_RUNTIME_DIR"] {
        command.env(name, ada.home());
    }
    let output = run(&mut command, "");
    assert_eq!(output.code, Some(0), "{output:?}");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines.contains(&r#"{"email":"ada@uni.example","credential":"session"}"#), "{output:?}");
    assert!(lines.contains(&"signed in as a student, kept in the system keyring"), "{output:?}");
    assert!(lines.contains(&r#"{"status":"signed_out"}"#), "{output:?}");
    assert!(lines.contains(&"ended with 4"), "{output:?}");
    let file = fs::read_to_string(ada.home().join("while-signed-in.json")).expect("a file");
    assert!(file.contains("ada@uni.example") && !file.contains("token"), "{file}");
    assert_eq!(kept(&ada)["sessions"], serde_json::json!({}));
}
