//! Opening a database: what is ours, what is newer, and what is none.

use std::{fs, path::Path};

use campuszon_server::{
    params,
    platform::{
        database::{DatabaseUrl, OpenError},
        entropy::ManualClock,
    },
};

use super::{Database, Recorder, open};
use crate::{on_every_database, support::START};

fn open_file(path: &Path) -> Result<(), OpenError> {
    let url = DatabaseUrl::Sqlite(path.to_owned());
    open(&url, &[], ManualClock::new(START).into(), std::sync::Arc::new(Recorder::default())).map(drop)
}

on_every_database! {
    async fn an_opened_database_keeps_its_data(database: Database) {
        let mut database = database;
        database.reopen(&[]).expect("the same database");
        assert_eq!(database.number("SELECT COUNT(*) FROM campuses").await, 2);
    }

    async fn a_newer_schema_is_refused_by_name(database: Database) {
        let mut database = database;
        database.write(|tx| {
            tx.execute("INSERT INTO schema_version (version, applied_at) VALUES (?1, 0)", params![1000_i64])
        }).await;
        let error = database.reopen(&[]).expect_err("a refusal");
        assert!(matches!(error, OpenError::Newer { found: 1000, .. }), "{error}");
        assert!(error.to_string().starts_with("the database has schema version 1000, this program knows up to "));
        assert!(error.to_string().ends_with(": run a newer campuszon"));
    }
}

#[test]
fn a_file_that_is_no_database_is_damaged_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.db");
    for text in ["notes of mine\n".repeat(1000), "short".to_owned()] {
        fs::write(&path, &text).expect("a file");
        let error = open_file(&path).expect_err("a refusal");
        assert!(matches!(error, OpenError::Damaged(_)), "{error:?}");
        assert!(error.to_string().contains("campuszon admin restore"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    }
}

#[test]
fn a_file_broken_at_the_beginning_or_behind_it_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    for broken in [100..2000, 4096..40_000] {
        let path = folder.path().join(format!("{}.db", broken.start));
        open_file(&path).expect("a database");
        let mut bytes = fs::read(&path).expect("the file");
        bytes[broken].fill(0xAB);
        fs::write(&path, bytes).expect("a broken file");
        let error = open_file(&path).expect_err("a refusal");
        assert!(matches!(error, OpenError::Damaged(_)), "{error:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_out_of_reach() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = open_file(&folder.path().join("missing/test.db")).expect_err("a refusal");
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
}

#[test]
fn a_server_that_does_not_answer_is_out_of_reach() {
    let url = DatabaseUrl::Postgres("postgres://nobody@127.0.0.1:1/none?connect_timeout=2".to_owned());
    let opened = open(&url, &[], ManualClock::new(START).into(), std::sync::Arc::new(Recorder::default()));
    assert!(matches!(opened.map(drop), Err(OpenError::Unreachable(_))));
}

#[test]
fn urls_name_an_engine() {
    let parse = str::parse::<DatabaseUrl>;
    assert_eq!(parse("sqlite:a/b.db").expect("a file"), DatabaseUrl::Sqlite("a/b.db".into()));
    for url in ["postgres://host/db", "postgresql://host/db"] {
        assert_eq!(parse(url).expect("a server"), DatabaseUrl::Postgres(url.to_owned()));
    }
    for url in ["", "sqlite:", "mysql://host/db", "a.db"] {
        assert!(matches!(parse(url), Err(OpenError::BadUrl)), "{url}");
    }
}
