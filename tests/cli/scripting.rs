//! What scripts and people who look for a fault use: `--jq`, `doctor`, `man`.

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
