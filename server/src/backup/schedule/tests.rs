//! The schedule's files: what it makes, what it removes, and what it leaves alone.

use rusqlite::Connection;

use super::*;
use crate::{
    platform::entropy::{Clock, ManualClock},
    serve::{self, Network},
    settings::Settings,
};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// A schedule on a fresh data directory, whose clock stands still, that keeps two.
async fn schedule(root: &Path) -> (Schedule, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(NOW));
    let options = Options {
        data: root.to_owned(),
        network: Network::default(),
        database: None,
        blobs: None,
        mail: "console:".to_owned(),
        public_url: None,
        config: None,
    };
    let settings = Settings::load(Some(("test", "[backup]\nevery = \"24h\"\nkeep = 2")), []).unwrap();
    let directory = Arc::new(DataDirectory::open(root).unwrap());
    let url = "http://localhost".to_owned();
    let app = serve::open(&options, settings, &directory, url, clock.clone()).await.unwrap();
    (Schedule::new(&app, &options, &directory).unwrap().unwrap(), clock)
}

/// The names among the backups.
fn names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("backups")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_oldest_of_its_own_go_once_another_is_proved() {
    let temp = tempfile::tempdir().unwrap();
    let (schedule, clock) = schedule(temp.path()).await;
    let folder = temp.path().join("backups");
    for foreign in ["campuszon-20200101T000000Z.tar", "scheduled-last-year.tar", "scheduled-20200101T000000Z.txt"] {
        fs::write(folder.join(foreign), "of somebody else").unwrap();
    }
    for _ in 0..3 {
        clock.advance(Duration::from_secs(24 * 60 * 60));
        let (file, summary) = schedule.back_up().await.unwrap();
        assert!(file.exists() && summary.files >= 3, "{summary:?}");
    }
    let expected = [
        "campuszon-20200101T000000Z.tar",
        "scheduled-20200101T000000Z.txt",
        "scheduled-20260923T141320Z.tar",
        "scheduled-20260924T141320Z.tar",
        "scheduled-last-year.tar",
    ];
    assert_eq!(names(temp.path()), expected);
    assert_eq!(made_in(&folder).unwrap().last().unwrap().0, clock.now());
}

#[tokio::test]
async fn what_fails_or_is_not_proved_takes_nothing_away() {
    let temp = tempfile::tempdir().unwrap();
    let (mut schedule, clock) = schedule(temp.path()).await;
    schedule.back_up().await.unwrap();
    clock.advance(Duration::from_secs(60));
    schedule.back_up().await.unwrap();
    let before = names(temp.path());

    clock.advance(Duration::from_secs(60));
    let database = Connection::open(&schedule.files.0).unwrap();
    let plant = "PRAGMA foreign_keys = off; INSERT INTO campus_domains (domain, campus_id) VALUES ('x', 'y')";
    database.execute_batch(plant).unwrap();
    let unproved = schedule.back_up().await.unwrap_err();
    assert!(matches!(unproved, ProofError::Disagrees { .. }), "{unproved}");
    assert!(!schedule.attempt().await);
    assert_eq!(names(temp.path()), before);

    schedule.files.0 = temp.path().join("missing.db");
    let failed = schedule.back_up().await.unwrap_err();
    assert!(matches!(failed, ProofError::Backup(BackupError::Database(_))), "{failed}");
    assert_eq!(names(temp.path()), before);
}

#[tokio::test]
async fn what_a_crash_left_half_made_goes_after_a_day() {
    let temp = tempfile::tempdir().unwrap();
    let (schedule, _) = schedule(temp.path()).await;
    let folder = temp.path().join("backups");
    let (old, young) = (folder.join(".scheduled-1.tmp"), folder.join(".making-2.tmp"));
    fs::create_dir(&young).unwrap();
    fs::write(&old, "half").unwrap();
    let long_ago = SystemTime::now() - LEFT_BEHIND * 2;
    fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    schedule.back_up().await.unwrap();
    assert_eq!((old.exists(), young.exists()), (false, true));
}
