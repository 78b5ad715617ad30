//! One suite for both storages of pictures: a folder, and a bucket of an S3 server of the test's own that checks every
//! signature.

use std::{collections::BTreeSet, sync::Arc, thread, time::Duration};

use campuszon_server::platform::blobs::{self, BlobError, BlobKey, Blobs};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::s3::{self, SECRET};

/// A storage, and what it stands on.
struct Place {
    blobs: Arc<dyn Blobs>,
    folder: TempDir,
    /// Ends with the test, and the S3 server with it.
    _runtime: Option<Runtime>,
}

/// The storages that must behave alike.
fn each_storage(test: impl Fn(&Place)) {
    test(&folder());
    test(&bucket());
}

fn folder() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let blobs = blobs::open(None, folder.path().join("blobs"), &[]).expect("a storage");
    Place { blobs, folder, _runtime: None }
}

fn bucket() -> Place {
    let (folder, runtime, endpoint) = s3::start();
    let blobs = open(&runtime, &format!("s3://pictures/of/campus?endpoint={endpoint}")).expect("a storage");
    Place { blobs, folder, _runtime: Some(runtime) }
}

fn open(runtime: &Runtime, url: &str) -> Result<Arc<dyn Blobs>, BlobError> {
    open_with(runtime, url, SECRET)
}

fn open_with(runtime: &Runtime, url: &str, secret: &str) -> Result<Arc<dyn Blobs>, BlobError> {
    let variables = s3::variables(secret).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let url = url.to_owned();
    let opening = runtime.spawn_blocking(move || blobs::open(Some(&url), "unused".into(), &variables));
    runtime.block_on(opening).expect("no panic")
}

fn key(text: &str) -> BlobKey {
    text.parse().expect("a key")
}

fn names(blobs: &dyn Blobs) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    blobs.each(&mut |key, _| assert!(names.insert(key.as_str().to_owned()), "{key} is named twice")).expect("a list");
    names
}

#[test]
fn what_is_stored_is_read_until_it_is_deleted() {
    each_storage(|Place { blobs, .. }| {
        blobs.check().expect("it is there");
        let key = BlobKey::of(b"a picture");
        assert_eq!(blobs.get(&key).expect("an answer"), None);
        assert!(!blobs.exists(&key).expect("an answer"));
        for _ in 0..2 {
            blobs.put(&key, b"a picture").expect("stored");
            assert_eq!(blobs.get(&key).expect("an answer").expect("a blob"), "a picture");
            assert!(blobs.exists(&key).expect("an answer"));
        }
        for _ in 0..2 {
            blobs.delete(&key).expect("deleted");
            assert_eq!(blobs.get(&key).expect("an answer"), None);
        }
        blobs.put(&key, b"a picture").expect("stored again");
        assert!(blobs.exists(&key).expect("an answer"));
    });
}

#[test]
fn every_key_has_a_blob_of_its_own() {
    each_storage(|Place { blobs, .. }| {
        // The test's server makes one file name of the whole key, so that 200 would not fit.
        let longest = format!("ab/{}", "c".repeat(120));
        let odd =
            ["ab/c", "ab/c.webp", "ab/d/large.webp", "ab/d/large", "ab/-", "ab/_", "00/a..b", "ff/a-b_c.d", &longest];
        for name in odd {
            blobs.put(&key(name), name.as_bytes()).expect(name);
        }
        for name in odd {
            assert_eq!(blobs.get(&key(name)).expect("an answer").expect(name), name.as_bytes());
        }
        assert_eq!(names(&**blobs), odd.map(str::to_owned).into());
        blobs.delete(&key("ab/d/large")).expect("deleted");
        assert!(blobs.exists(&key("ab/d/large.webp")).expect("an answer"));
    });
}

#[test]
fn all_blobs_are_named_and_nothing_else() {
    each_storage(|Place { blobs, folder, .. }| {
        assert_eq!(names(&**blobs), BTreeSet::new());
        let stored: BTreeSet<String> = (0..1100).map(|number| format!("{:02x}/{number}", number % 256)).collect();
        stored.iter().for_each(|name| blobs.put(&key(name), b"x").expect("stored"));
        let root = ["blobs", "pictures/of/campus"].map(|root| folder.path().join(root));
        for root in root.iter().filter(|root| root.is_dir()) {
            std::fs::write(root.join("lost+found"), "of others").expect("written");
        }
        assert_eq!(names(&**blobs), stored);
    });
}

#[test]
fn empty_and_large_blobs_come_back_whole() {
    each_storage(|Place { blobs, .. }| {
        for size in [0, 1, 65_537, 20_000_000] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            let key = BlobKey::of(&bytes);
            blobs.put(&key, &bytes).expect("stored");
            assert!(blobs.get(&key).expect("an answer").expect("a blob") == bytes, "{size} bytes");
        }
    });
}

#[test]
fn writers_at_once_leave_one_whole_blob() {
    each_storage(|Place { blobs, .. }| {
        let bytes = vec![7; 200_000];
        let key = BlobKey::of(&bytes);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| blobs.put(&key, &bytes).expect("stored"));
                scope.spawn(|| {
                    let found = blobs.get(&key).expect("an answer");
                    assert!(found.is_none_or(|found| found == bytes), "half a blob");
                });
            }
        });
        assert!(blobs.get(&key).expect("an answer").expect("a blob") == bytes);
        assert_eq!(names(&**blobs).len(), 1);
    });
}

#[test]
fn a_storage_that_went_away_is_an_error_that_names_the_blob_and_comes_back() {
    let Place { blobs, folder, .. } = folder();
    let root = folder.path().join("blobs");
    std::fs::remove_dir(&root).expect("gone");
    std::fs::write(&root, "in the way").expect("written");
    let key = BlobKey::of(b"a picture");
    assert!(blobs.put(&key, b"a picture").is_err_and(|error| error.to_string().contains(key.as_str())));
    assert!(blobs.check().is_err());
    std::fs::remove_file(&root).expect("free again");
    std::fs::create_dir(&root).expect("back");
    blobs.put(&key, b"a picture").expect("stored");
    blobs.check().expect("it is back");
}

#[test]
fn a_bucket_that_cannot_be_used_says_what_to_do() {
    let (_folder, runtime, endpoint) = s3::start();
    let refusal = |url: &str| open(&runtime, url).err().expect("a refusal").to_string();
    let missing = refusal(&format!("s3://photos?endpoint={endpoint}"));
    assert!(missing.contains("the bucket photos: there is no such bucket: make it, or correct --blobs"), "{missing}");
    let wrong = open_with(&runtime, &format!("s3://pictures?endpoint={endpoint}"), "guessed");
    let wrong = wrong.err().expect("a refusal").to_string();
    assert!(wrong.contains("check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"), "{wrong}");
    let nobody = refusal("s3://pictures?endpoint=http://127.0.0.1:1");
    assert!(nobody.contains("check that the endpoint is right and answers"), "{nobody}");
}

#[test]
fn a_bucket_that_goes_away_is_an_error_that_names_the_blob() {
    let (_folder, runtime, endpoint) = s3::start();
    let own = Runtime::new().expect("a runtime");
    let blobs = open(&own, &format!("s3://pictures?endpoint={endpoint}")).expect("a storage");
    runtime.shutdown_timeout(Duration::from_secs(1));
    let key = BlobKey::of(b"a picture");
    let refused = blobs.put(&key, b"a picture").expect_err("nobody is there").to_string();
    assert!(refused.contains(key.as_str()) && refused.contains("pictures"), "{refused}");
    assert!(blobs.check().is_err() && blobs.get(&key).is_err());
}
