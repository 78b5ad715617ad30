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

/// One byte is enough: the one that says what the root page of a table or of an index is.
#[test]
fn a_root_page_of_another_kind_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campuszon.db");
    open_file(&path).expect("a database");
    let whole = fs::read(&path).expect("the file");
    let roots = root_pages(&path);
    assert!(roots.len() > 40, "{roots:?}");
    for (name, page) in roots {
        let mut bytes = whole.clone();
        bytes[(page - 1) * PAGE] ^= 0x40;
        fs::write(&path, &bytes).expect("a broken file");
        let opened = open_file(&path);
        assert!(matches!(opened, Err(OpenError::Damaged(_))), "{name}: {opened:?}");
        assert!(fs::read(&path).expect("the file") == bytes, "{name}: something was written");
    }
}

/// What misses its end is damaged wherever it was cut, between pages and within one.
#[test]
fn a_file_cut_off_anywhere_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("campuszon.db");
    open_file(&path).expect("a database");
    let whole = fs::read(&path).expect("the file");
    for cut in (PAGE / 2..whole.len()).step_by(PAGE / 2) {
        fs::write(&path, &whole[..cut]).expect("a broken file");
        let opened = open_file(&path);
        assert!(matches!(opened, Err(OpenError::Damaged(_))), "{cut} of {}: {opened:?}", whole.len());
        assert_eq!(fs::metadata(&path).expect("the file").len(), cut as u64);
    }
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("theirs.db");
    let theirs = rusqlite::Connection::open(&path).expect("a database");
    theirs.execute_batch("CREATE TABLE items (id INTEGER PRIMARY KEY); INSERT INTO items VALUES (1)").expect("rows");
    drop(theirs);
    let before = fs::read(&path).expect("the file");
    assert!(matches!(open_file(&path), Err(OpenError::Damaged(_))));
    assert!(fs::read(&path).expect("the file") == before, "something was written");
}

/// The bytes of a page, as SQLite makes them unless told otherwise.
const PAGE: usize = 4096;

/// The root pages of all tables and indexes, from 1, with their names.
fn root_pages(path: &Path) -> Vec<(String, usize)> {
    let database = rusqlite::Connection::open(path).expect("a database");
    let mut select = database.prepare("SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 0").expect("a query");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize))).expect("rows");
    rows.collect::<Result<_, _>>().expect("names and numbers")
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
