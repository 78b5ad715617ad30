//! Starting, stopping and refusing to start.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;

use super::{Campus, run, until};

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// What a server says that does not start.
#[track_caller]
pub fn refused(serve: &mut Command) -> String {
    let output = run(serve, "");
    assert_eq!((output.code, output.stdout.as_str()), (Some(13), ""), "{}", output.stderr);
    output.stderr
}

#[test]
fn a_server_stops_when_asked_though_somebody_watches() {
    let mut campus = Campus::new();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let watch = ada.start(&["chat", "watch"]);
    ben.sees_online(&ada.id);
    let began = Instant::now();
    let status = campus.stop();
    assert_eq!(status.code(), Some(0), "{}", campus.log());
    // Well within the ten seconds that requests get.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(!campus.log().to_lowercase().contains("panic"), "{}", campus.log());
    drop(watch);
}

/// A load balancer is told first, and what it sends until it knows is served.
#[test]
fn a_server_that_is_to_stop_is_not_ready_and_serves_on() {
    let mut campus = Campus::with(&[("SHUTDOWN__DELAY", "1h")]);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    assert_eq!(campus.fetch("/readyz").0, 200);
    campus.signal(Signal::TERM);
    until("it is not ready", || (campus.fetch("/readyz").0 == 503).then_some(()));
    assert_eq!(campus.fetch("/healthz").0, 200);
    ada.run(&["api", "GET", "/api/items"]).expect(0);
    // Who asks twice does not want to wait.
    assert!(!campus.stop().success(), "{}", campus.log());
}

#[test]
fn a_watch_ends_at_the_signals_for_it() {
    let campus = Campus::new();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    for signal in [Signal::INT, Signal::TERM] {
        use std::os::unix::process::ExitStatusExt;
        let mut watch = ada.start(&["chat", "watch"]);
        ben.sees_online(&ada.id);
        watch.signal(signal);
        let status = watch.end();
        let code = status.code().or(status.signal().map(|signal| 128 + signal));
        assert_eq!(code, Some(128 + signal.as_raw()));
        until("the server notices", || (ben.json(&["user", "show", &ada.id])["online"] == false).then_some(()));
    }
}

#[test]
fn data_is_for_one_server_and_its_owner_alone() {
    let campus = Campus::new();
    let second = refused(&mut campus.serve());
    assert!(second.contains(&format!("process {}", campus.process())), "{second}");
    assert!(second.contains("--data"), "{second}");

    assert_eq!(mode(&campus.data()), 0o700);
    let keys: Vec<_> = fs::read_dir(campus.data().join("keys")).expect("keys").flatten().collect();
    assert!(!keys.is_empty());
    for key in keys {
        assert_eq!(mode(&key.path()), 0o600, "{}", key.path().display());
    }
    let ada = campus.sign_up("ada@uni.example", "Ada");
    assert_eq!(mode(&ada.home().join("state")), 0o700);
    assert_eq!(mode(&ada.home().join("state/credentials.json")), 0o600);

    // Credentials that others can read are not used.
    fs::set_permissions(ada.home().join("state/credentials.json"), fs::Permissions::from_mode(0o644)).expect("set");
    let output = ada.run(&["auth", "status"]);
    assert_eq!(output.code, Some(13), "{output:?}");
    assert!(output.stderr.contains("chmod 600"), "{output:?}");
}

#[test]
fn settings_are_checked_and_come_from_file_and_environment() {
    let mut campus = Campus::with(&[("LIMITS__ITEMS_READ", "2/1m")]);
    assert_eq!(campus.fetch("/healthz").0, 200);
    let (status, body) = campus.fetch("/readyz");
    assert_eq!((status, serde_json::from_slice::<Value>(&body).is_ok()), (200, true));

    let ada = campus.sign_up("ada@uni.example", "Ada");
    let codes: Vec<_> = (0..3).map(|_| ada.run(&["api", "GET", "/api/items"]).code).collect();
    assert_eq!(codes, [Some(0), Some(0), Some(9)]);
    assert!(campus.stop().success());

    fs::write(campus.data().join("server.toml"), "[limits]\nitem_read = \"5/1m\"\nauth = 7\n").expect("written");
    let faults = refused(&mut campus.serve());
    for part in ["server.toml", "limits.item_read", "did you mean limits.items_read?", "limits.auth"] {
        assert!(faults.contains(part), "{part} in {faults}");
    }
    fs::write(campus.data().join("server.toml"), "[limits\n").expect("written");
    let faults = refused(&mut campus.serve());
    assert!(faults.contains("not valid TOML") && faults.contains("line 1"), "{faults}");
    fs::remove_file(campus.data().join("server.toml")).expect("removed");
    let faults = refused(campus.serve().env("CAMPUSZON_LIMITS__ITEM_READ", "5/1m"));
    assert!(faults.contains("did you mean CAMPUSZON_LIMITS__ITEMS_READ?"), "{faults}");
    let faults = refused(campus.serve().args(["--config", "nowhere.toml"]));
    assert!(faults.contains("nowhere.toml"), "{faults}");
}

#[test]
fn a_database_that_is_none_of_its_own_is_left_alone() {
    let mut campus = Campus::new();
    assert!(campus.stop().success());
    let good = fs::read(campus.database()).expect("a database");

    let database = rusqlite::Connection::open(campus.database()).expect("a database");
    database.execute("INSERT INTO schema_version (version, applied_at) VALUES (999, 0)", []).expect("written");
    database.close().expect("closed");
    let newer = refused(&mut campus.serve());
    assert!(newer.contains("999") && newer.contains("newer"), "{newer}");

    let garbage = b"This is no database, however long it may be. ".repeat(1000);
    fs::write(campus.database(), &garbage).expect("written");
    let damaged = refused(&mut campus.serve());
    assert!(damaged.contains("damaged"), "{damaged}");
    assert_eq!(fs::read(campus.database()).expect("a file"), garbage);

    let cut = &good[..good.len() / 2];
    fs::write(campus.database(), cut).expect("written");
    let output = run(campus.serve().args(["--log-level", "error"]), "");
    assert_eq!(output.code, Some(13), "{output:?}");

    fs::write(campus.database(), good).expect("written");
    campus.start();
    assert_eq!(campus.fetch("/readyz").0, 200);
}

#[test]
fn an_address_in_use_and_data_that_cannot_be_are_refused() {
    let campus = Campus::new();
    let taken = campus.url.trim_start_matches("http://");
    let other = tempfile::tempdir().expect("a folder");
    let serve = |listen: &str, data: &Path| {
        let mut command = super::program(other.path());
        command.args(["serve", "--listen", listen, "--data"]).arg(data);
        command
    };
    let in_use = refused(&mut serve(taken, &other.path().join("data")));
    assert!(in_use.contains(taken), "{in_use}");
    fs::write(other.path().join("file"), "").expect("written");
    let no_folder = refused(&mut serve("127.0.0.1:0", &other.path().join("file")));
    assert!(no_folder.contains("file"), "{no_folder}");
    let nowhere = refused(&mut serve("nonsense", &other.path().join("data")));
    assert!(nowhere.contains("nonsense"), "{nowhere}");
}
