//! What a transaction promises: all or nothing, alone or among others, and silence until it is durable.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
    mpsc,
};

use campuszon_core::UserId;
use campuszon_server::{
    Error,
    images::store::{Counter, count, counted},
    params,
    platform::{
        bus::Bus,
        database::{Announcement, StoreError, Tx, Value},
    },
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{Database, open};
use crate::{on_every_database, support::Engine};

fn note(tx: &mut Tx<'_>, name: &str) -> Result<(), Error> {
    tx.execute("INSERT INTO facts (name, value) VALUES (?1, 'x')", params![name])?;
    Ok(())
}

fn names(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.query("SELECT name FROM facts ORDER BY name", &[], |row| row.get(0))
}

fn failure() -> Error {
    Error::Conflict("not today".to_owned())
}

on_every_database! {
    async fn a_failing_closure_leaves_nothing(database: Database) {
        let refusal = database.refused(|tx| {
            note(tx, "a")?;
            tx.announce(Announcement::JobQueued);
            Err::<(), _>(failure())
        }).await;
        assert_eq!(refusal, "not today");
        assert!(database.read(names).await.is_empty());
        assert_eq!(database.bus.take(), []);
    }

    /// Neighbours in a batch share a commit, but not a failure.
    async fn failures_stay_alone_among_concurrent_writes(database: Database) {
        let writes = (0..100).map(|number| {
            let store = database.store.clone();
            tokio::spawn(async move {
                let write = store.write(move |tx| {
                    note(tx, &format!("{number:03}"))?;
                    tx.announce(Announcement::CredentialsChanged(user(number)));
                    if number % 3 == 0 { Err(failure()) } else { Ok(number) }
                });
                write.await.map_err(|error| error.to_string())
            })
        });
        for (number, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
            let expected = if number % 3 == 0 { Err("not today".to_owned()) } else { Ok(number as u32) };
            assert_eq!(write.await.expect("no panic"), expected);
        }
        let kept = || (0..100).filter(|number| number % 3 != 0);
        let expected: Vec<String> = kept().map(|number| format!("{number:03}")).collect();
        assert_eq!(database.read(names).await, expected);
        let mut announced = database.bus.take();
        announced.sort_by_key(|announcement| format!("{announcement:?}"));
        let expected: Vec<_> = kept().map(|number| Announcement::CredentialsChanged(user(number))).collect();
        assert_eq!(announced, expected);
    }

    async fn a_panic_ends_its_own_call_alone(database: Database) {
        let writes = (0..20).map(|number| {
            let store = database.store.clone();
            tokio::spawn(async move {
                store.write(move |tx| {
                    note(tx, &format!("{number:02}"))?;
                    assert!(number != 7, "a fault that this test plants");
                    Ok(())
                }).await
            })
        });
        for (number, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(write.await.expect("no panic reaches the caller").is_err(), number == 7);
        }
        assert_eq!(database.read(names).await.len(), 19);
        let reading = database.store.read(|tx| -> Result<(), Error> {
            tx.query("SELECT name FROM facts", &[], |_| -> Result<(), StoreError> { panic!("a planted fault") })?;
            Ok(())
        });
        assert!(matches!(reading.await, Err(Error::Internal(_))));
        database.write(|tx| note(tx, "after")).await;
        assert_eq!(database.read(names).await.len(), 20);
    }

    /// A closure that goes on after a failed statement is not told that it succeeded: PostgreSQL would commit nothing.
    async fn a_swallowed_failure_fails_all_the_same(database: Database) {
        database.write(|tx| note(tx, "taken")).await;
        let refusal = database.refused(|tx| {
            note(tx, "new")?;
            let _ = note(tx, "taken");
            Ok::<_, Error>(())
        }).await;
        assert!(refusal.contains("constraint"), "{refusal}");
        assert_eq!(database.read(names).await, ["taken"]);
    }

    async fn concurrent_increments_all_arrive(database: Database) {
        let runs = Arc::new(AtomicU32::new(0));
        let increments = (0..50).map(|_| {
            let (store, runs) = (database.store.clone(), runs.clone());
            tokio::spawn(async move {
                store.write(move |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    Ok(count(tx, Counter::Completed)?)
                }).await
            })
        });
        for increment in increments.collect::<Vec<_>>() {
            increment.await.expect("no panic").expect("an increment");
        }
        assert_eq!(database.read(|tx| counted(tx, Counter::Completed)).await, 50);
        assert!(runs.load(Ordering::Relaxed) >= 50);
    }

    /// What was read in a transaction still holds when it commits.
    async fn concurrent_readers_that_write_do_not_skew(database: Database) {
        let grabs = (0..20).map(|number| {
            let store = database.store.clone();
            tokio::spawn(async move {
                store.write(move |tx| {
                    let taken = names(tx)?.len();
                    if taken >= 5 {
                        return Ok(false);
                    }
                    note(tx, &format!("{number:02}")).map(|()| true)
                }).await
            })
        });
        let mut won = 0;
        for grab in grabs.collect::<Vec<_>>() {
            won += u32::from(grab.await.expect("no panic").expect("an answer"));
        }
        assert_eq!((won, database.read(names).await.len()), (5, 5));
    }

    async fn readers_cannot_write(database: Database) {
        let written = database.store.read(|tx| note(tx, "a")).await;
        assert!(written.is_err());
        assert!(database.read(names).await.is_empty());
    }

    async fn a_reader_has_one_view(database: Database) {
        let (began, has_begun) = mpsc::channel();
        let (go_on, told) = mpsc::channel::<()>();
        let store = database.store.clone();
        let reading = tokio::spawn(async move {
            store.read(move |tx| {
                let before = names(tx)?.len();
                let _ = began.send(());
                let _ = told.recv();
                Ok((before, names(tx)?.len()))
            }).await
        });
        tokio::task::block_in_place(|| has_begun.recv()).expect("a beginning");
        database.write(|tx| note(tx, "a")).await;
        go_on.send(()).expect("a reader");
        assert_eq!(reading.await.expect("no panic").expect("a read"), (0, 0));
        assert_eq!(database.read(names).await.len(), 1);
    }

    async fn parameters_are_numbered_not_counted(database: Database) {
        let sql = (1..=12).rev().map(|number| format!("CAST(?{number} AS TEXT)")).collect::<Vec<_>>().join(" || ");
        let sql = format!("SELECT {sql} || CAST(?1 AS TEXT)");
        let letters: Vec<Value> = ('a'..='l').map(|letter| Value::Text(letter.to_string())).collect();
        let text: String = database.read(move |tx| tx.one(&sql, &letters, |row| row.get(0))).await;
        assert_eq!(text, "lkjihgfedcbaa");
    }

    async fn values_come_back_as_they_went_in(database: Database) {
        database.read(|tx| {
            for integer in [i64::MIN, -1, 0, i64::MAX] {
                assert_eq!(tx.one("SELECT CAST(?1 AS BIGINT)", params![integer], |row| row.get::<i64>(0))?, integer);
            }
            for real in [f64::MIN, -0.1, 1e-300, f64::MAX] {
                let sql = "SELECT CAST(?1 AS DOUBLE PRECISION)";
                assert_eq!(tx.one(sql, params![real], |row| row.get::<f64>(0))?, real);
            }
            for text in ["", "'; DROP TABLE users; --", "Grüße 日本 👩\u{200d}🔬", "a\n\t\u{1b}"] {
                assert_eq!(tx.one("SELECT CAST(?1 AS TEXT)", params![text], |row| row.get::<String>(0))?, text);
            }
            let nothing: Option<String> = None;
            assert_eq!(tx.one("SELECT CAST(?1 AS TEXT)", params![nothing], |row| row.get::<Option<String>>(0))?, None);
            Ok::<_, Error>(())
        }).await;
        let wrong = database.refused(|tx| tx.one("SELECT CAST('x' AS TEXT)", &[], |row| row.get::<i64>(0))).await;
        assert!(wrong.contains("column 0"), "{wrong}");
    }
}

fn user(number: u32) -> UserId {
    campuszon_core::Id::from_bits(number.into())
}

/// A bus that does not take an announcement until it is told to go on.
struct Gate {
    arrived: UnboundedSender<Announcement>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl Bus for Gate {
    fn publish(&self, announcements: &[Announcement]) {
        for announcement in announcements {
            let _ = self.arrived.send(announcement.clone());
            let _ = self.go_on.lock().expect("no panic").recv();
        }
    }
}

on_every_database! {
    /// While an announcement is under way, everybody sees what it tells of.
    async fn announcements_come_after_the_commit(database: Database) {
        let (arrived, mut arrives) = unbounded_channel();
        let (go_on, told) = mpsc::channel();
        let gate = Arc::new(Gate { arrived, go_on: Mutex::new(told) });
        let store = open(&database.url, &[], database.clock.clone(), gate).expect("a database");
        let writing = tokio::spawn(async move {
            store.write(|tx| {
                tx.announce(Announcement::JobQueued);
                note(tx, "announced")
            }).await
        });
        assert_eq!(arrives.recv().await, Some(Announcement::JobQueued));
        assert_eq!(database.read(names).await, ["announced"]);
        go_on.send(()).expect("a bus");
        writing.await.expect("no panic").expect("a write");
    }
}

/// Work that waits when a database is closed is still done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closing_database_finishes_its_writes() {
    for engine in Engine::all() {
        let mut database = Database::new(engine).await;
        let store = database.store.clone();
        let writes: Vec<_> = (0..30)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |tx| note(tx, &format!("{number:02}"))).await })
            })
            .collect();
        drop(store);
        database.reopen(&[]).expect("a database");
        for write in writes {
            write.await.expect("no panic").expect("a write");
        }
        assert_eq!(database.read(names).await.len(), 30);
    }
}
