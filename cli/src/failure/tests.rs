//! What each error ends with.

use super::*;

fn told(failure: Failure) -> Report {
    match failure {
        Failure::Told(report) => *report,
        other => panic!("{other:?}"),
    }
}

fn refusal(status: u16, code: &str) -> Report {
    let problem = Problem {
        kind: "about:blank".into(),
        title: "Title".into(),
        status,
        detail: "what happened".into(),
        instance: "/".into(),
        code: code.into(),
        request_id: "req_1".into(),
        errors: Vec::new(),
    };
    told(ClientError::Refused(Box::new(Refusal { problem, retry_after: None })).into())
}

#[test]
fn every_status_has_its_exit_code() {
    let expected = [
        (400, 6),
        (401, 4),
        (402, 6),
        (403, 7),
        (404, 5),
        (405, 6),
        (408, 10),
        (409, 6),
        (410, 5),
        (412, 6),
        (413, 6),
        (415, 6),
        (422, 6),
        (429, 9),
        (500, 11),
        (502, 11),
        (503, 11),
        (302, 1),
    ];
    for (status, exit) in expected {
        assert_eq!(refusal(status, "x").exit as u8, exit, "{status}");
    }
    assert_eq!(refusal(403, "unverified").exit, Exit::SignedOut);
}

#[test]
fn maintenance_is_no_fault() {
    let report = refusal(503, "maintenance");
    assert_eq!(report.exit, Exit::ServerFailed);
    assert!(report.hint.is_some_and(|hint| hint.contains("later")));
}

#[test]
fn programs_get_one_line_with_every_member() {
    let line = refusal(404, "not_found").json();
    assert_eq!(line.matches('\n').count(), 1);
    let value: serde_json::Value = serde_json::from_str(&line).expect("json");
    let error = value.get("error").and_then(|error| error.as_object()).expect("an error");
    let members: Vec<&str> = error.keys().map(String::as_str).collect();
    let expected = ["code", "message", "hint", "exit_code", "http_status", "request_id", "retry_after_s", "fields"];
    assert_eq!(members, expected);
    assert_eq!(error.get("exit_code"), Some(&json!(5)));
}

#[test]
fn local_errors_have_theirs() {
    assert_eq!(told(StoreError::Damaged("x".into()).into()).exit, Exit::Local);
    assert_eq!(told(SettingsError::NoHome.into()).exit, Exit::Local);
    assert_eq!(told(PromptError::Missing(vec!["--email".to_owned()]).into()).exit, Exit::Usage);
    assert_eq!(told(ClientError::NotSignedIn("x".into()).into()).exit, Exit::SignedOut);
    assert!(matches!(Failure::from(OutputError::Closed), Failure::ClosedPipe));
}
