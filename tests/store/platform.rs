//! Jobs, inboxes and remembered replies.

use std::time::Duration;

use campuszon_core::{
    UserId,
    wire::{live::ServerFrame, maintenance::Maintenance},
};
use campuszon_server::platform::{
    database::Announcement,
    inbox,
    jobs::{self, Counts, Job, Kind},
    maintenance,
    replies::{self, Reply, Request},
};

use super::{Database, here, later, there};
use crate::on_every_database;

const LEASE: Duration = Duration::from_secs(60);
const BACKOFF: Duration = Duration::from_secs(5);

async fn claim(database: &Database, kind: Kind) -> Option<Job> {
    database.write(move |tx| jobs::claim(tx, kind, LEASE)).await
}

async fn counts(database: &Database, kind: Kind) -> Counts {
    database.read(move |tx| jobs::counts(tx, kind)).await
}

async fn deliver(database: &Database, campus: campuszon_core::CampusId, user: UserId) {
    database.write(move |tx| inbox::deliver(tx, campus, user, |since| ServerFrame::Ping { since })).await;
}

on_every_database! {
    async fn jobs_are_done_in_order_each_kind_for_itself(database: Database) {
        for payload in ["first", "second"] {
            database.write(move |tx| jobs::enqueue(tx, Kind::Image, payload)).await;
            database.wait(1);
        }
        assert_eq!(database.bus.take(), [Announcement::JobQueued, Announcement::JobQueued]);
        assert_eq!(claim(&database, Kind::Mail).await, None);
        let waiting = Counts { waiting: 2, active: 0, dead: 0, oldest_waiting: Some(later(0)) };
        assert_eq!(counts(&database, Kind::Image).await, waiting);
        let first = claim(&database, Kind::Image).await.expect("a job");
        assert_eq!((first.payload.as_str(), first.attempt), ("first", 1));
        assert_eq!(claim(&database, Kind::Image).await.map(|job| job.payload).as_deref(), Some("second"));
        assert_eq!(claim(&database, Kind::Image).await, None);
        database.write(move |tx| jobs::complete(tx, first.id)).await;
        let active = Counts { waiting: 0, active: 1, dead: 0, oldest_waiting: None };
        assert_eq!(counts(&database, Kind::Image).await, active);
        assert_eq!(counts(&database, Kind::Mail).await, Counts { active: 0, ..active });
    }

    async fn a_lease_runs_out_with_its_worker(database: Database) {
        let next = || database.read(|tx| jobs::next_due(tx, Kind::Mail));
        assert_eq!(next().await, None);
        database.write(|tx| jobs::enqueue(tx, Kind::Mail, "{}")).await;
        assert_eq!(next().await, Some(later(0)));
        claim(&database, Kind::Mail).await.expect("a job");
        assert_eq!(next().await, Some(later(60)));
        database.wait(59);
        assert_eq!(claim(&database, Kind::Mail).await, None);
        database.wait(1);
        let second = claim(&database, Kind::Mail).await.expect("a job");
        assert_eq!(second.attempt, 2);
        let first = Job { attempt: 1, ..second.clone() };
        database.wait(30);
        database.write(move |tx| jobs::renew(tx, &first, LEASE)).await;
        assert_eq!(next().await, Some(later(120)), "it has another worker");
        database.write(move |tx| jobs::renew(tx, &second, LEASE)).await;
        assert_eq!(next().await, Some(later(150)));
    }

    async fn a_clock_that_is_set_back_delays_no_first_try(database: Database) {
        database.wait(3_600);
        database.write(|tx| jobs::enqueue(tx, Kind::Mail, "{}")).await;
        database.clock.set(later(0));
        assert_eq!(database.read(|tx| jobs::next_due(tx, Kind::Mail)).await, Some(later(0)));
        let job = claim(&database, Kind::Mail).await.expect("a job");
        database.write(move |tx| jobs::fail(tx, &job, BACKOFF, "away")).await;
        assert_eq!(claim(&database, Kind::Mail).await, None, "it waits like any other");
    }

    async fn a_failing_job_waits_longer_each_time_and_dies(database: Database) {
        database.write(|tx| jobs::enqueue(tx, Kind::Image, "{}")).await;
        for (wait, again) in [(5, true), (10, true), (0, false)] {
            let job = claim(&database, Kind::Image).await.expect("a job");
            assert_eq!(database.write(move |tx| jobs::fail(tx, &job, BACKOFF, "why")).await, again);
            let due = database.read(|tx| jobs::next_due(tx, Kind::Image)).await;
            let expected = again.then(|| database_now(&database) + Duration::from_secs(wait));
            assert_eq!(due, expected);
            database.wait(wait);
        }
        assert_eq!(claim(&database, Kind::Image).await, None);
        let dead = Counts { waiting: 0, active: 0, dead: 1, oldest_waiting: None };
        assert_eq!(counts(&database, Kind::Image).await, dead);
    }

    async fn a_failing_mail_is_tried_for_hours(database: Database) {
        database.write(|tx| jobs::enqueue(tx, Kind::Mail, "{}")).await;
        let (mut waits, mut again) = (Vec::new(), true);
        while again {
            let job = claim(&database, Kind::Mail).await.expect("a job");
            again = database.write(move |tx| jobs::fail(tx, &job, BACKOFF, "why")).await;
            let due = database.read(|tx| jobs::next_due(tx, Kind::Mail)).await;
            let wait = due.map_or(0, |due| due.since(database_now(&database)).as_secs());
            waits.push(wait);
            database.wait(wait);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 0]);
        assert!(waits.iter().sum::<u64>() > 2 * 3600);
    }

    async fn a_job_that_failed_for_good_is_kept_with_its_reason(database: Database) {
        database.write(|tx| jobs::enqueue(tx, Kind::Mail, "{}")).await;
        let job = claim(&database, Kind::Mail).await.expect("a job");
        assert!(!job.is_deadly());
        database.write(move |tx| jobs::give_up(tx, job.id, "no such address")).await;
        assert_eq!(database.read(|tx| jobs::next_due(tx, Kind::Mail)).await, None);
        assert_eq!(counts(&database, Kind::Mail).await.dead, 1);
        assert_eq!(database.number("SELECT COUNT(*) FROM jobs WHERE error = 'no such address'").await, 1);
    }

    async fn dead_jobs_are_listed_newest_first_and_begin_anew(database: Database) {
        for payload in ["first", "second"] {
            database.write(move |tx| jobs::enqueue(tx, Kind::Image, payload)).await;
            let job = claim(&database, Kind::Image).await.expect("a job");
            database.write(move |tx| jobs::give_up(tx, job.id, "the disk is full")).await;
            database.wait(1);
        }
        let dead = |limit| database.read(move |tx| jobs::dead(tx, Kind::Image, limit));
        let both = dead(9).await;
        let shown: Vec<_> = both.iter().map(|job| (job.payload.as_str(), job.attempts, job.error.as_str())).collect();
        assert_eq!(shown, [("second", 1, "the disk is full"), ("first", 1, "the disk is full")]);
        assert_eq!(dead(1).await, both[..1]);
        assert_eq!(database.read(|tx| jobs::dead(tx, Kind::Mail, 9)).await, []);
        database.bus.take();
        let first = both[1].id;
        database.write(move |tx| jobs::revive(tx, first)).await;
        assert_eq!(database.bus.take(), [Announcement::JobQueued]);
        let job = claim(&database, Kind::Image).await.expect("a job");
        assert_eq!((job.id, job.attempt), (first, 1));
        assert_eq!(dead(9).await, both[..1]);
    }

    async fn mails_that_died_long_ago_are_forgotten(database: Database) {
        for kind in [Kind::Mail, Kind::Image] {
            database.write(move |tx| jobs::enqueue(tx, kind, "{}")).await;
            let job = claim(&database, kind).await.expect("a job");
            database.write(move |tx| jobs::give_up(tx, job.id, "why")).await;
        }
        database.write(|tx| jobs::forget_dead(tx, later(0))).await;
        assert_eq!(counts(&database, Kind::Mail).await.dead, 1);
        database.write(|tx| jobs::forget_dead(tx, later(1))).await;
        assert_eq!((counts(&database, Kind::Mail).await.dead, counts(&database, Kind::Image).await.dead), (0, 1));
    }

    async fn two_workers_never_have_one_job(database: Database) {
        for _ in 0..20 {
            database.write(|tx| jobs::enqueue(tx, Kind::Image, "{}")).await;
        }
        let claims = (0..30).map(|_| {
            let store = database.store.clone();
            tokio::spawn(async move { store.write(|tx| Ok(jobs::claim(tx, Kind::Image, LEASE)?)).await })
        });
        let mut claimed = Vec::new();
        for claim in claims.collect::<Vec<_>>() {
            claimed.extend(claim.await.expect("no panic").expect("a claim"));
        }
        claimed.sort_by_key(|job| job.id);
        claimed.dedup_by_key(|job| job.id);
        assert_eq!(claimed.len(), 20);
    }

    async fn an_inbox_is_numbered_without_gaps_for_each_reader(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for user in [ana, ben, ana, ana] {
            deliver(&database, here(), user).await;
        }
        deliver(&database, there(), ana).await;
        let announced = database.bus.take();
        let expected = |campus, user, since: i64| Announcement::Inbox {
            campus,
            user,
            since,
            frame: format!("{{\"type\":\"ping\",\"since\":{since}}}").into(),
        };
        let entries =
            [(here(), ana, 1), (here(), ben, 1), (here(), ana, 2), (here(), ana, 3), (there(), ana, 1)];
        assert_eq!(announced, entries.map(|(campus, user, since)| expected(campus, user, since)));
        let head = |campus, user| database.read(move |tx| inbox::head(tx, campus, user));
        assert_eq!((head(here(), ana).await, head(here(), ben).await, head(there(), ben).await), (3, 1, 0));
        let after = |campus, user, since, limit| database.read(move |tx| inbox::after(tx, campus, user, since, limit));
        let ping = |since: i64| (since, format!("{{\"type\":\"ping\",\"since\":{since}}}"));
        assert_eq!(after(here(), ana, 0, 2).await, [ping(1), ping(2)]);
        assert_eq!(after(here(), ana, 2, 9).await, [ping(3)]);
        assert_eq!(after(there(), ana, 0, 9).await, [ping(1)]);
        assert_eq!(after(there(), ben, 0, 9).await, []);
    }

    async fn maintenance_is_kept_until_it_ends(database: Database) {
        assert_eq!(database.read(maintenance::stored).await, None);
        for message in [None, Some("New disks; back at six".to_owned())] {
            let wanted = Maintenance { message, since: later(1) };
            let told = wanted.clone();
            database.write(move |tx| maintenance::store(tx, &told)).await;
            assert_eq!(database.read(maintenance::stored).await, Some(wanted));
        }
        assert!(database.write(maintenance::clear).await);
        assert!(!database.write(maintenance::clear).await);
        assert_eq!(database.read(maintenance::stored).await, None);
    }

    async fn the_epoch_is_made_once_and_renewed_when_asked(database: Database) {
        assert_eq!(database.read(inbox::epoch).await, None);
        database.write(inbox::ensure_epoch).await;
        let epoch = database.read(inbox::epoch).await;
        database.write(inbox::ensure_epoch).await;
        assert!(epoch.is_some());
        assert_eq!(database.read(inbox::epoch).await, epoch);
        database.write(inbox::renew_epoch).await;
        assert!(database.read(inbox::epoch).await.is_some_and(|renewed| Some(renewed) != epoch));
    }

    async fn a_reply_is_remembered_for_its_caller_route_and_key(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let location = || Some("/api/items/1".to_owned());
        let reply = move || Reply { request_hash: vec![1, 0], status: 201, location: location(), body: b"{}".to_vec() };
        let request = move |campus, user, route, key| Request { campus, user, route, key };
        database.write(move |tx| replies::remember(tx, &request(here(), ana, "items", "k"), &reply())).await;
        let find = |campus, user, route, key| {
            database.read(move |tx| replies::find(tx, &request(campus, user, route, key), later(0) - LEASE))
        };
        assert_eq!(find(here(), ana, "items", "k").await, Some(reply()));
        assert_eq!(find(there(), ana, "items", "k").await, None);
        assert_eq!(find(here(), ben, "items", "k").await, None);
        assert_eq!(find(here(), ana, "chats", "k").await, None);
        assert_eq!(find(here(), ana, "items", "K").await, None);
    }

    async fn replies_grow_old_are_replaced_and_forgotten(database: Database) {
        let ana = database.student(here(), "ana").await;
        let request = move || Request { campus: here(), user: ana, route: "items", key: "k" };
        let reply = |status| Reply { request_hash: Vec::new(), status, location: None, body: Vec::new() };
        let remember = |status| database.write(move |tx| replies::remember(tx, &request(), &reply(status)));
        let find = |oldest| database.read(move |tx| replies::find(tx, &request(), oldest));
        remember(201).await;
        assert_eq!(find(later(0)).await, None);
        database.wait(10);
        remember(202).await;
        assert_eq!(find(later(9)).await, Some(reply(202)));
        database.write(|tx| replies::forget(tx, later(9))).await;
        assert_eq!(find(later(0)).await, Some(reply(202)));
        database.write(|tx| replies::forget(tx, later(10))).await;
        assert_eq!(find(later(0)).await, None);
    }
}

fn database_now(database: &Database) -> campuszon_core::Timestamp {
    campuszon_server::platform::entropy::Clock::now(&*database.clock)
}
