//! A server whose pictures are in a bucket.

use std::fs;

use serde_json::Value;

use super::{Campus, Student, run, until};
use crate::support::{
    png,
    s3::{self, SECRET},
};

fn upload(ada: &Student, shade: u8) -> super::Output {
    fs::write(ada.home().join("picture.png"), png(64, 48, shade)).expect("written");
    ada.run(&["api", "POST", "/api/images", "--input", "picture.png", "--content-type", "image/png"])
}

#[test]
fn pictures_live_in_a_bucket_and_the_server_outlives_its_absence() {
    let (folder, runtime, endpoint) = s3::start();
    let url = format!("s3://pictures/campus?endpoint={endpoint}");
    // As a container platform hands them over.
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("{text}\n")).expect("written");
        path.display().to_string()
    };
    let [key, (_, secret)] = s3::variables(SECRET);
    let (url, secret) = (file("url", &url), file("secret", secret));
    let campus = Campus::free_with(&[("BLOBS_URL_FILE", &url), key, ("AWS_SECRET_ACCESS_KEY_FILE", &secret)]);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let uploaded: Value = serde_json::from_str(&upload(&ada, 1).expect(0)).expect("JSON");
    let path = format!("/api/images/{}", uploaded["id"].as_str().expect("an id"));
    let image = until("the picture is made ready", || {
        let image = ada.json(&["api", "GET", &path]);
        (image["status"] == "ready").then_some(image)
    });
    let large = image["variants"]["large"]["url"].as_str().expect("an address");
    assert_eq!(campus.fetch(large).0, 200);
    assert_eq!(campus.fetch("/readyz").0, 200);
    assert!(folder.path().join("pictures/campus").is_dir());
    assert_eq!(fs::read_dir(campus.data().join("blobs")).expect("a folder").count(), 0);

    runtime.shutdown_background();
    until("the server notices", || (campus.fetch("/readyz").0 == 503).then_some(()));
    assert_eq!(campus.fetch(large).0, 503);
    upload(&ada, 2).expect(11);
    assert_eq!(ada.json(&["item", "list"]), serde_json::json!([]));
    assert_eq!(campus.fetch("/healthz").0, 200);
}

#[test]
fn a_bucket_that_cannot_be_used_keeps_a_server_from_starting() {
    let (_folder, _runtime, endpoint) = s3::start();
    let mut campus = Campus::new();
    assert!(campus.stop().success());
    let refusal = |bucket: &str, secret: &str| {
        let mut serve = campus.serve();
        serve.arg("--blobs").arg(format!("s3://{bucket}?endpoint={endpoint}")).envs(s3::variables(secret));
        let refused = run(&mut serve, "");
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(13), ""), "{refused:?}");
        refused.stderr
    };
    let missing = refusal("photos", SECRET);
    assert!(missing.contains("there is no such bucket: make it, or correct --blobs"), "{missing}");
    let wrong = refusal("pictures", "guessed");
    assert!(wrong.contains("check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"), "{wrong}");
    assert!(!wrong.contains("guessed"), "{wrong}");
}
