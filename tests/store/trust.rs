//! Reports, the audit log, and what moderators see.

use campuszon_core::{
    Id, ItemId, MessageId, ReportId, UserId,
    id::AuditId,
    item::ItemStatus,
    permission::{Role, UserStatus},
    wire::{
        chat::{Message, MessageKind},
        image::ImageStatus,
        trust::{AuditAction, ReportStatus, TargetKind},
    },
};
use campuszon_server::{
    Error, chat, items, params,
    trust::{
        self,
        audit::Act,
        overview::{
            self,
            store::{ItemFilter, UserFilter},
        },
        store::{StoredReport, Verdict},
    },
    users,
};

use super::{Database, here, later, there};
use crate::on_every_database;

fn on_item(number: u128, reporter: UserId, subject: UserId, item: ItemId) -> StoredReport {
    StoredReport {
        id: ReportId::from_bits(number),
        reporter,
        kind: TargetKind::Item,
        target: item.to_string(),
        chat: None,
        subject,
        reason: "spam".to_owned(),
        detail: Some("Twice\na day".to_owned()),
        status: ReportStatus::Open,
        created_at: later(0),
    }
}

fn on_user(number: u128, reporter: UserId, subject: UserId) -> StoredReport {
    let report = on_item(number, reporter, subject, ItemId::from_bits(0));
    StoredReport { kind: TargetKind::User, target: subject.to_string(), ..report }
}

async fn add(database: &Database, reports: Vec<StoredReport>) {
    database.write(move |tx| reports.iter().try_for_each(|report| trust::store::insert(tx, here(), report))).await;
}

async fn status(database: &Database, number: u128) -> ReportStatus {
    let found = database.read(move |tx| trust::store::report(tx, here(), ReportId::from_bits(number)));
    found.await.expect("a report").status
}

on_every_database! {
    async fn a_report_comes_back_as_it_was(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let item = database.item(here(), ana, "Lamp").await;
        let report = on_item(1, ben, ana, item);
        add(&database, vec![report.clone()]).await;
        let found = |campus| database.read(move |tx| trust::store::report(tx, campus, ReportId::from_bits(1)));
        assert_eq!(found(here()).await, Some(report.clone()));
        assert_eq!(found(there()).await, None);
        let again = StoredReport { id: ReportId::from_bits(2), ..report };
        database.refused(move |tx| trust::store::insert(tx, here(), &again)).await;

        let has = |campus, who, kind, target: String| {
            database.read(move |tx| trust::store::has_reported(tx, campus, who, kind, &target))
        };
        assert!(has(here(), ben, TargetKind::Item, item.to_string()).await);
        assert!(!has(here(), ana, TargetKind::Item, item.to_string()).await);
        assert!(!has(here(), ben, TargetKind::User, item.to_string()).await);
        assert!(!has(there(), ben, TargetKind::Item, item.to_string()).await);
    }

    async fn reports_of_those_without_standing_do_not_count(database: Database) {
        let ana = database.student(here(), "ana").await;
        let item = database.item(here(), ana, "Lamp").await;
        let names = ["good", "shut-out", "crying wolf", "mixed"];
        let mut people = Vec::new();
        for name in names {
            people.push(database.student(here(), name).await);
        }
        let (wolf, mixed, shut_out) = (people[2], people[3], people[1]);
        let mut reports: Vec<StoredReport> =
            people.iter().zip(1..).map(|(who, number)| on_item(number, *who, ana, item)).collect();
        // Three dismissed, against one who has one upheld as well.
        for number in 10..13 {
            let other = database.item(here(), ana, "Desk").await;
            reports.extend([on_item(number, wolf, ana, other), on_item(number + 10, mixed, ana, other)]
                .map(|report| StoredReport { status: ReportStatus::Dismissed, ..report }));
        }
        reports.push(StoredReport { status: ReportStatus::Upheld, ..on_user(30, mixed, ana) });
        add(&database, reports).await;
        database.write(move |tx| users::store::set_status(tx, here(), shut_out, UserStatus::Suspended)).await;
        let count = |campus, tolerance| database.read(move |tx| {
            trust::store::count_of_standing(tx, campus, TargetKind::Item, &item.to_string(), tolerance)
        });
        assert_eq!([count(here(), 2).await, count(here(), 3).await, count(there(), 3).await], [2, 3, 0]);
    }

    async fn a_verdict_is_on_all_open_reports_of_a_thing(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let (lamp, desk) = (database.item(here(), ana, "Lamp").await, database.item(here(), ana, "Desk").await);
        let decided = StoredReport { status: ReportStatus::Dismissed, ..on_item(2, ana, ana, lamp) };
        let message = StoredReport {
            kind: TargetKind::Message, target: MessageId::from_bits(1).to_string(), ..on_user(5, ben, ana)
        };
        add(&database, vec![on_item(1, ben, ana, lamp), decided, on_item(3, ben, ana, desk), on_user(4, ben, ana), message]).await;
        let verdict = move || Verdict { status: ReportStatus::Upheld, by: ben, note: Some("indeed") };
        let decide = |campus| database.write(move |tx| {
            trust::store::decide(tx, campus, TargetKind::Item, &lamp.to_string(), &verdict())
        });
        database.wait(7);
        assert_eq!([decide(there()).await, decide(here()).await, decide(here()).await], [0, 1, 0]);
        assert_eq!(status(&database, 1).await, ReportStatus::Upheld);
        assert_eq!(status(&database, 2).await, ReportStatus::Dismissed);
        let of_user = |campus| database.write(move |tx| trust::store::decide_of_user(tx, campus, ana, &verdict()));
        assert_eq!([of_user(there()).await, of_user(here()).await, of_user(here()).await], [0, 2, 0]);
        assert_eq!(status(&database, 3).await, ReportStatus::Open);
        let shown = database.read(|tx| overview::store::report(tx, here(), ReportId::from_bits(1))).await.expect("a report");
        assert_eq!((shown.note.as_deref(), shown.decided_at), (Some("indeed"), Some(later(7))));
    }

    async fn reports_show_what_they_are_about(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let item = database.item(here(), ana, "Lamp").await;
        let (conversation, said) = (campuszon_core::ChatId::from_bits(1), MessageId::from_bits(7));
        database.write(move |tx| {
            chat::store::insert_chat(tx, here(), conversation, item, ben, ana)?;
            let message = Message {
                id: said,
                chat_id: conversation,
                seq: chat::store::take_seq(tx, here(), conversation)?,
                client_id: Some("a".to_owned()),
                sender_id: Some(ana),
                kind: MessageKind::Text,
                body: "Rude words".to_owned(),
                image: None,
                booking: None,
                created_at: later(0),
                edited_at: None,
                deleted_at: None,
            };
            chat::store::insert_message(tx, here(), &message)
        }).await;
        let message = StoredReport {
            kind: TargetKind::Message, target: said.to_string(), chat: Some(conversation), ..on_user(3, ben, ana)
        };
        let closed = StoredReport { status: ReportStatus::Upheld, ..on_user(2, ben, ana) };
        add(&database, vec![on_item(1, ben, ana, item), closed, message]).await;
        let page = |campus, status, before: Option<u128>| {
            let before = before.map(ReportId::from_bits);
            let read = database.read(move |tx| overview::store::reports(tx, campus, status, before, 2));
            async move { read.await.into_iter().map(|report| report.excerpt).collect::<Vec<_>>() }
        };
        assert_eq!(page(here(), None, None).await, ["Rude words", "ana"]);
        assert_eq!(page(here(), None, Some(2)).await, ["Lamp"]);
        assert_eq!(page(here(), Some(ReportStatus::Open), None).await, ["Rude words", "Lamp"]);
        assert!(page(there(), None, None).await.is_empty());
        let one = |campus| database.read(move |tx| overview::store::report(tx, campus, ReportId::from_bits(3)));
        let shown = one(here()).await.expect("a report");
        assert_eq!((shown.reporter.name.as_str(), shown.subject.id, shown.chat), ("ben", ana, Some(conversation)));
        assert_eq!(one(there()).await, None);

        let picture = database.picture(ana, "key", ImageStatus::Ready).await.id;
        let sql = "UPDATE messages SET kind = 'image', body = '', image_id = ?1";
        database.write(move |tx| tx.execute(sql, params![picture]).map(drop)).await;
        assert_eq!(one(here()).await.expect("a report").excerpt, "http://campus.test/images/key/large.webp");

        // What was reported leaves a tombstone, so that a moderator still sees what it was.
        database.write(move |tx| {
            let spoken_of = items::store::is_spoken_of(tx, here(), item)?;
            assert!(spoken_of);
            Ok::<_, Error>(())
        }).await;
    }

    async fn the_audit_log_is_only_added_to(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| {
            for (number, actor, action) in [(1, Some(ana), AuditAction::Warn), (2, None, AuditAction::Hide)] {
                let act = Act { actor, action, kind: TargetKind::User, target: "x", detail: Some("why") };
                trust::store::insert_audit(tx, here(), AuditId::from_bits(number), &act)?;
            }
            Ok::<_, Error>(())
        }).await;
        let page = |campus, before: Option<u128>| {
            let before = before.map(AuditId::from_bits);
            let read = database.read(move |tx| overview::store::audit(tx, campus, before, 9));
            async move { read.await.into_iter().map(|entry| (entry.action, entry.actor.map(|by| by.name))).collect::<Vec<_>>() }
        };
        let warned = (AuditAction::Warn, Some("ana".to_owned()));
        assert_eq!(page(here(), None).await, [(AuditAction::Hide, None), warned.clone()]);
        assert_eq!(page(here(), Some(2)).await, [warned]);
        assert!(page(there(), None).await.is_empty());
        for change in ["UPDATE audit SET detail = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE action = 'hide'"] {
            let refusal = database.refused(move |tx| tx.execute(change, &[])).await;
            assert!(refusal.contains("append-only"), "{refusal}");
        }
    }

    async fn users_are_found_by_what_is_known_of_them(database: Database) {
        let (ana, ben) = (database.student(here(), "Ana_B").await, database.student(here(), "ben").await);
        let gone = database.student(here(), "gone").await;
        add(&database, vec![on_user(1, ben, ana)]).await;
        database.write(move |tx| {
            users::store::set_role(tx, here(), ben, Role::Moderator)?;
            users::store::erase_user(tx, here(), gone)
        }).await;
        let found = |campus, filter: UserFilter, before, limit| {
            let read = database.read(move |tx| overview::store::users(tx, campus, &filter, before, limit));
            async move { read.await.into_iter().map(|user| user.id).collect::<Vec<_>>() }
        };
        let mut both = [ana, ben];
        both.sort();
        both.reverse();
        assert_eq!(found(here(), UserFilter::default(), None, 9).await, both);
        assert_eq!(found(here(), UserFilter::default(), None, 1).await, both[..1]);
        assert_eq!(found(here(), UserFilter::default(), Some(both[0]), 9).await, both[1..]);
        assert!(found(there(), UserFilter::default(), None, 9).await.is_empty());
        let text = |text: &str| UserFilter { text: Some(text.to_owned()), ..UserFilter::default() };
        for (part, expected) in [("NA_", vec![ana]), ("%", vec![]), ("b%n", vec![]), ("!", vec![]), ("BEN@UNI", vec![ben])] {
            assert_eq!(found(here(), text(part), None, 9).await, expected, "{part}");
        }
        assert_eq!(found(here(), text(&ana.to_string()), None, 9).await, [ana]);
        let moderators = UserFilter { role: Some(Role::Moderator), ..UserFilter::default() };
        assert_eq!(found(here(), moderators, None, 9).await, [ben]);
        let deleted = UserFilter { status: Some(UserStatus::Deleted), ..UserFilter::default() };
        assert_eq!(found(here(), deleted, None, 9).await, [gone]);
        let one = |campus| database.read(move |tx| overview::store::user(tx, campus, ana));
        assert_eq!(one(here()).await.map(|user| (user.name, user.open_reports)), Some(("Ana_B".to_owned(), 1)));
        assert_eq!(one(there()).await, None);
    }

    async fn items_are_seen_in_every_state(database: Database) {
        let ana = database.student(here(), "ana").await;
        let mut made = Vec::new();
        for title in ["Lamp", "Desk", "Chair"] {
            made.push(database.item(here(), ana, title).await);
            database.wait(1);
        }
        let (lamp, desk, chair) = (made[0], made[1], made[2]);
        add(&database, vec![on_item(1, ana, ana, lamp)]).await;
        database.write(move |tx| {
            items::service::hide(tx, here(), lamp, true)?;
            items::service::advance(tx, here(), desk, campuszon_core::item::Action::Remove)?;
            Ok::<_, Error>(items::store::bury(tx, here(), chair)?)
        }).await;
        let found = |campus, filter: ItemFilter, before| {
            let read = database.read(move |tx| overview::store::items(tx, campus, &filter, before, 9));
            async move { read.await.into_iter().map(|(_, item)| item.title).collect::<Vec<_>>() }
        };
        assert_eq!(found(here(), ItemFilter::default(), None).await, ["Desk", "Lamp"]);
        let number = database.stored_item(desk).await.number;
        assert_eq!(found(here(), ItemFilter::default(), Some(number)).await, ["Lamp"]);
        assert!(found(there(), ItemFilter::default(), None).await.is_empty());
        let removed = ItemFilter { status: Some(ItemStatus::Removed), hidden: None };
        assert_eq!(found(here(), removed, None).await, ["Desk"]);
        for (hidden, expected) in [(true, ["Lamp"]), (false, ["Desk"])] {
            let filter = ItemFilter { status: None, hidden: Some(hidden) };
            assert_eq!(found(here(), filter, None).await, expected);
        }
        let one = |campus| database.read(move |tx| overview::store::item(tx, campus, lamp));
        let shown = one(here()).await.expect("an item");
        assert_eq!((shown.price.to_string().as_str(), shown.hidden, shown.open_reports), ("5", true, 1));
        assert_eq!(one(there()).await, None);
    }

    async fn a_campus_counts_what_is_its_own(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let eve = database.student(there(), "eve").await;
        let item = database.item(here(), ana, "Lamp").await;
        database.item(there(), eve, "Desk").await;
        add(&database, vec![on_item(1, ben, ana, item)]).await;
        database.write(move |tx| users::store::set_status(tx, here(), ben, UserStatus::Suspended)).await;
        let stats = database.read(|tx| overview::store::stats(tx, here())).await;
        assert_eq!((stats.users_active, stats.users_suspended, stats.users_unverified), (1, 1, 0));
        assert_eq!((stats.items_listed, stats.items_hidden, stats.reports_open), (1, 0, 1));
        assert_eq!((stats.messages, stats.tokens_in_wallets, stats.bookings_pending), (0, 0, 0));
        let stats = database.read(|tx| overview::store::stats(tx, there())).await;
        assert_eq!((stats.users_active, stats.items_listed, stats.reports_open), (1, 1, 0));
    }
}
