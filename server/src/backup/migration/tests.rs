//! Databases of earlier and of later versions.

use std::{fs, path::Path, sync::Arc};

use rusqlite::Connection;

use super::*;
use crate::{
    backup::{discard, stage},
    platform::{
        database::{NEWEST_SCHEMA as NEWEST, OpenError, make_earlier},
        entropy::ManualClock,
    },
    serve::{self, Network},
    settings::Settings,
};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Starts on a data directory.
async fn open(root: &Path) -> Result<(), StartError> {
    let options = Options {
        data: root.to_owned(),
        network: Network::default(),
        database: None,
        blobs: None,
        mail: "console:".to_owned(),
        public_url: None,
        config: None,
    };
    let (settings, directory) = (Settings::load(None, []).unwrap(), DataDirectory::attach(root).unwrap());
    let clock = Arc::new(ManualClock::new(NOW));
    let app = serve::open(&options, settings, &directory, "http://localhost".to_owned(), clock).await?;
    serve::close(app).await;
    Ok(())
}

/// A data directory of the version whose newest schema was this one, with a campus.
fn earlier(root: &Path, version: usize) -> DataDirectory {
    let directory = DataDirectory::attach(root).unwrap();
    make_earlier(&directory.database(), version).unwrap();
    change(&directory.database(), "INSERT INTO campuses (id, name, created_at) VALUES ('cmp_1', 'Old University', 0)");
    directory
}

fn change(database: &Path, sql: &str) {
    Connection::open(database).unwrap().execute_batch(sql).unwrap();
}

fn ask<T: rusqlite::types::FromSql>(database: &Path, sql: &str) -> T {
    Connection::open(database).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn version(database: &Path) -> i64 {
    ask(database, "SELECT MAX(version) FROM schema_version")
}

fn backups(root: &Path) -> usize {
    fs::read_dir(root.join("backups")).unwrap().count()
}

#[tokio::test]
async fn an_earlier_database_is_backed_up_and_migrated() {
    for earlier_version in 1..NEWEST {
        let temp = tempfile::tempdir().unwrap();
        let directory = earlier(temp.path(), usize::try_from(earlier_version).unwrap());
        open(temp.path()).await.unwrap();
        assert_eq!(version(&directory.database()), NEWEST);
        assert_eq!(ask::<String>(&directory.database(), "SELECT name FROM campuses"), "Old University");

        let folder = temp.path().join("unpacked");
        stage(&file(&directory, NEWEST), &folder).unwrap();
        assert_eq!(version(&folder.join("campuszon.db")), earlier_version);
        assert_eq!(ask::<String>(&folder.join("campuszon.db"), "SELECT name FROM campuses"), "Old University");
        discard(&folder).unwrap();
    }
}

#[tokio::test]
async fn only_a_migration_is_a_reason_for_a_backup() {
    let temp = tempfile::tempdir().unwrap();
    open(temp.path()).await.unwrap();
    open(temp.path()).await.unwrap();
    assert_eq!(backups(temp.path()), 0);
}

/// All steps that are missing, or none.
#[tokio::test]
async fn a_migration_that_fails_leaves_what_there_was() {
    let temp = tempfile::tempdir().unwrap();
    let directory = earlier(temp.path(), 1);
    // In the way of the last step.
    change(&directory.database(), "CREATE TABLE messages_image (id TEXT)");
    for _ in 0..2 {
        open(temp.path()).await.unwrap_err();
        assert_eq!((version(&directory.database()), backups(temp.path())), (1, 1));
        assert_eq!(ask::<i64>(&directory.database(), "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'vouchers'"), 0);
    }
    change(&directory.database(), "DROP TABLE messages_image");
    open(temp.path()).await.unwrap();
    assert_eq!(version(&directory.database()), NEWEST);
}

#[tokio::test]
async fn without_a_backup_there_is_no_migration() {
    let temp = tempfile::tempdir().unwrap();
    let directory = earlier(temp.path(), 1);
    // A folder where the file belongs.
    fs::create_dir_all(file(&directory, NEWEST).join("full")).unwrap();
    let refused = open(temp.path()).await.unwrap_err().to_string();
    assert!(refused.contains("from schema version 1 to ") && refused.contains("nothing was changed"), "{refused}");
    assert_eq!(version(&directory.database()), 1);
}

#[tokio::test]
async fn a_later_database_is_refused_and_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    open(temp.path()).await.unwrap();
    let database = temp.path().join("campuszon.db");
    change(&database, "INSERT INTO schema_version (version, applied_at) VALUES (1000, 0)");
    let before = fs::read(&database).unwrap();
    let refused = open(temp.path()).await.unwrap_err();
    assert!(matches!(refused, StartError::Database(OpenError::Newer { found: 1000, .. })), "{refused}");
    assert_eq!((fs::read(&database).unwrap(), backups(temp.path())), (before, 0));
}
