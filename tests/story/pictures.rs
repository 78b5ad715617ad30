//! Pictures under load: lists stay quick while photographs are made, and a killed server loses and repeats none.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use campuszon::client::{Client, ItemQuery, PageRequest};
use campuszon_core::{ImageId, wire::image::ImageStatus};

use super::{Campus, client, photo::textured, until};

/// How long eight photographs may take on a busy machine without optimization.
const LONG: Duration = Duration::from_secs(120);

/// The worst that a list may take in a test; the figure itself is the benchmark's.
const BOUND: Duration = Duration::from_secs(2);

/// How often a list is asked for.
const PACE: Duration = Duration::from_millis(10);

/// The same pixels in a file of its own: a comment makes the bytes differ.
fn numbered(jpeg: &[u8], number: u8) -> Bytes {
    Bytes::from([&jpeg[..2], &[0xFF, 0xFE, 0, 3, number], &jpeg[2..]].concat())
}

async fn upload_all(client: &Client, jpeg: &[u8], count: u8) -> Vec<ImageId> {
    let mut uploads = tokio::task::JoinSet::new();
    for number in 0..count {
        let (client, bytes) = (client.clone(), numbered(jpeg, number));
        uploads.spawn(async move { client.upload_image(bytes, "image/jpeg", None).await.expect("taken").id });
    }
    uploads.join_all().await
}

async fn ready(client: &Client, ids: &[ImageId]) -> usize {
    let mut ready = 0;
    for id in ids {
        let image = client.image(*id).await.expect("a picture");
        assert_ne!(image.status, ImageStatus::Failed, "{:?}", image.error);
        ready += usize::from(image.status == ImageStatus::Ready);
    }
    ready
}

/// Waits until so many pictures are ready.
async fn until_ready(client: &Client, ids: &[ImageId], wanted: usize) {
    let waiting = async {
        while ready(client, ids).await < wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.expect("they are made in time");
}

/// The names of all files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_survive_kill_9_and_are_made_once() {
    let mut campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let token = ada.device_token();
    let jpeg = textured(1600, 1200);
    let ids = upload_all(&client(&campus.url, &token), &jpeg, 6).await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 6);
    for wanted in [1, 3] {
        let server = client(&campus.url, &token);
        until_ready(&server, &ids, wanted).await;
        campus.kill();
        campus.start();
    }
    let server = client(&campus.url, &token);
    until_ready(&server, &ids, ids.len()).await;
    for id in &ids {
        let variants = server.image(*id).await.expect("a picture").variants.expect("it is ready");
        for variant in [variants.thumbnail, variants.medium, variants.large] {
            // The address was made by the life of the server that answers.
            let (status, bytes) = campus.fetch(&variant.url);
            assert_eq!((status, bytes.len() as u64), (200, variant.bytes));
        }
    }
    // What the last life has left to do behind the last picture.
    let blobs = campus.data().join("blobs");
    let is_original = |name: &String| name == "original";
    until("the originals go", || (!files(&blobs).iter().any(is_original)).then_some(()));
    let whole = files(&blobs).into_iter().filter(|name| !name.starts_with('.')).count();
    assert_eq!(whole, 3 * ids.len(), "{:?}", files(&blobs));
    assert_eq!(campus.admin(&["check", "--json"], "").expect(0).trim(), "[]");
    assert!(campus.stop().success(), "{}", campus.log());

    let database = rusqlite::Connection::open(campus.database()).expect("a database");
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql);
    assert_eq!(count("SELECT COUNT(*) FROM inbox WHERE frame LIKE '{\"type\":\"image\"%'"), ids.len() as i64);
    assert_eq!(count("SELECT COUNT(*) FROM jobs WHERE kind = 'image'"), 0);
}

/// The figure of `scripts/bench uploads`; with few processors and without optimization it means little.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_stay_quick_while_eight_photographs_are_made() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let token = ada.device_token();
    for number in 0..20 {
        ada.offer(&format!("Calculus {number}"), "30");
    }
    let jpeg = textured(4000, 3000);
    let server = client(&campus.url, &token);
    let calm = lists_until(&server, async |rounds| rounds == 100).await;
    let started = Instant::now();
    let (uploader, photographs) = (server.clone(), jpeg.clone());
    let uploading = tokio::spawn(async move { upload_all(&uploader, &photographs, 8).await });
    let watcher = server.clone();
    let watching = tokio::spawn(async move {
        let ids = uploading.await.expect("no panic");
        println!("eight photographs uploaded after {:.1?}", started.elapsed());
        until_ready(&watcher, &ids, ids.len()).await;
    });
    let busy = lists_until(&server, async |_| watching.is_finished()).await;
    watching.await.expect("all are ready");
    println!(
        "eight photographs of 12 megapixels ({} kB each) ready after {:.1?}",
        jpeg.len() / 1000,
        started.elapsed()
    );
    tell("a list, nothing else", &calm);
    tell("a list, meanwhile", &busy);
    assert!(percentile(&busy, 99) < BOUND, "{:?}", percentile(&busy, 99));
}

/// Asks for lists at an even pace, until enough: how long each took, shortest first. A late answer delays those after it,
/// which count from when they were due.
async fn lists_until(server: &Client, enough: impl AsyncFn(usize) -> bool) -> Vec<Duration> {
    let (began, mut taken) = (Instant::now(), Vec::new());
    while !enough(taken.len()).await {
        let due = began + PACE * u32::try_from(taken.len()).expect("a number");
        tokio::time::sleep_until(due.into()).await;
        let page = PageRequest::default();
        let listed = server.items(&ItemQuery::default(), page).await.expect("a list");
        assert_eq!(listed.items.len(), 20);
        taken.push((due.elapsed(), began.elapsed()));
    }
    taken.sort_unstable();
    if let Some((longest, at)) = taken.last() {
        println!("the longest took {longest:.1?} and ended {at:.1?} after the beginning");
    }
    taken.into_iter().map(|(took, _)| took).collect()
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn tell(what: &str, sorted: &[Duration]) {
    let at = |percent| percentile(sorted, percent);
    println!("{what:24} {:5} lists  p50 {:.1?}  p99 {:.1?}  longest {:.1?}", sorted.len(), at(50), at(99), at(100));
}
