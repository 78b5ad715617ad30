//! The files of `assets/deploy` name only what there is. `scripts/check-deploy` shows them to the programs they are for.
#![cfg(test)]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use campuszon_server::settings::Settings;
use serde_json::Value;

use crate::{
    api::Free,
    support::{Engine, World},
};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/deploy").join(name);
    fs::read_to_string(path).expect(name)
}

/// The words of a text that begin like this.
fn words<'a>(text: &'a str, beginning: &'a str) -> BTreeSet<&'a str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.split(|letter| !is_part(letter)).filter(|word| word.starts_with(beginning)).collect()
}

/// The names of all samples of a server on which somebody did something.
async fn samples(world: &World) -> BTreeSet<String> {
    world.call("", "GET", "/api/meta", Value::Null).await.expect(200);
    let text = world.call("", "GET", "/metrics", Value::Null).await.bytes;
    let text = String::from_utf8(text).expect("text");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split(['{', ' ']).next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_metrics_that_there_are() {
    let world = Free::new(Engine::Sqlite).await;
    let known = samples(&world).await;
    let dashboard: Value = serde_json::from_str(&file("grafana.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().expect("targets"));
    let asked: String =
        targets.map(|target| target["expr"].as_str().expect("an expression").to_owned() + "\n").collect();
    let texts = [asked, file("alerts.yaml")];
    for text in &texts {
        let names = words(text, "campuszon_");
        assert!(names.len() >= 10, "{names:?}");
        let unknown: Vec<_> = names.iter().filter(|name| !known.contains(**name)).collect();
        assert!(unknown.is_empty(), "no such metrics: {unknown:?}");
    }
    let all = texts.concat();
    let base = |name: &String| {
        ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
    };
    let unused: Vec<_> =
        known.iter().filter(|name| name.starts_with("campuszon_") && !all.contains(&base(name))).collect();
    assert!(unused.is_empty(), "neither drawn nor watched: {unused:?}");
}

#[test]
fn settings_and_variables_are_those_of_the_server() {
    let texts = ["compose.yaml", "Containerfile", "campuszon.service", "nginx.conf", "Caddyfile"].map(file).concat();
    let help = Command::new(env!("CARGO_BIN_EXE_campuszon")).args(["serve", "--help"]).output().expect("a help");
    let help = String::from_utf8(help.stdout).expect("text");
    let (settings, flags): (BTreeSet<_>, BTreeSet<_>) =
        words(&texts, "CAMPUSZON_").into_iter().partition(|name| name.contains("__"));
    assert!(settings.len() >= 2 && flags.len() >= 4, "{settings:?} {flags:?}");
    let unknown: Vec<_> =
        flags.iter().filter(|name| !["=", "]"].iter().any(|end| help.contains(&format!("{name}{end}")))).collect();
    assert!(unknown.is_empty(), "serve knows no {unknown:?}");

    let compose = file("compose.yaml");
    let given = compose.lines().filter_map(|line| line.trim().split_once(": "));
    let given =
        given.filter(|(name, _)| settings.contains(name)).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let loaded = Settings::load(None, given).expect("settings");
    assert!(loaded.backup.every.is_some() && loaded.metrics.allow.len() == 2);
}
