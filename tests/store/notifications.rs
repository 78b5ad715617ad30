//! Feeds and preferences.

use std::time::Duration;

use campuszon_core::{
    ChatId, Id, NotificationId, Timestamp, UserId,
    permission::UserStatus,
    wire::notification::{Notification, NotificationKind},
};
use campuszon_server::{
    chat,
    notifications::{
        service::{News, tell},
        store::{self, StoredPreferences},
    },
    platform::{database::Announcement, inbox},
    users,
};

use super::{Database, here, later, there};
use crate::on_every_database;

/// An entry made `seconds` after the beginning.
fn entry(seconds: u64, kind: NotificationKind) -> Notification {
    Notification {
        id: id_at(later(seconds)),
        kind,
        title: format!("News {seconds}"),
        body: None,
        item: None,
        chat: None,
        booking: None,
        read: false,
        created_at: later(seconds),
    }
}

fn id_at(time: Timestamp) -> NotificationId {
    NotificationId::new(time, 7)
}

/// Above every id.
fn newest() -> NotificationId {
    NotificationId::from_bits(u128::MAX)
}

async fn put(database: &Database, user: UserId, entry: Notification) {
    database.write(move |tx| store::insert(tx, here(), user, &entry)).await;
}

/// Three entries: of tokens, of a chat, of tokens.
async fn feed(database: &Database) -> UserId {
    let ana = database.student(here(), "ana").await;
    put(database, ana, entry(1, NotificationKind::Tokens)).await;
    let told = Notification { chat: Some(ChatId::from_bits(1)), ..entry(2, NotificationKind::ChatMessage) };
    put(database, ana, told).await;
    put(database, ana, entry(3, NotificationKind::Tokens)).await;
    ana
}

async fn titles(database: &Database, user: UserId, unread: bool) -> Vec<String> {
    let page = database.read(move |tx| store::page(tx, here(), user, unread, newest(), 9)).await;
    page.into_iter().map(|entry| entry.title).collect()
}

on_every_database! {
    async fn a_feed_is_read_from_its_newest_entry(database: Database) {
        let ana = feed(&database).await;
        let ben = database.student(here(), "ben").await;
        let page = |campus, user, before, limit| {
            database.read(move |tx| store::page(tx, campus, user, false, before, limit))
        };
        let first = page(here(), ana, newest(), 2).await;
        assert_eq!(first, [
            entry(3, NotificationKind::Tokens),
            Notification { chat: Some(ChatId::from_bits(1)), ..entry(2, NotificationKind::ChatMessage) },
        ]);
        let rest = page(here(), ana, first[1].id, 2).await;
        assert_eq!(rest, [entry(1, NotificationKind::Tokens)]);
        let last = |campus| database.read(move |tx| store::newest(tx, campus, ana));
        assert_eq!((last(here()).await, last(there()).await), (Some(id_at(later(3))), None));
        assert_eq!(page(there(), ana, newest(), 9).await, []);
        assert_eq!(page(here(), ben, newest(), 9).await, []);
    }

    async fn entries_are_marked_one_by_one_or_all(database: Database) {
        let ana = feed(&database).await;
        let mark = |campus, id| database.write(move |tx| store::mark(tx, campus, ana, id));
        let total = |campus| database.read(move |tx| store::unread_total(tx, campus, ana));
        let first = id_at(later(1));
        assert!(!mark(there(), first).await && !mark(here(), newest()).await);
        assert!(mark(here(), first).await && mark(here(), first).await);
        assert_eq!((total(here()).await, total(there()).await), (2, 0));
        assert_eq!(titles(&database, ana, true).await, ["News 3", "News 2"]);
        database.write(move |tx| store::mark_all(tx, there(), ana)).await;
        assert_eq!(total(here()).await, 2);
        database.write(move |tx| store::mark_all(tx, here(), ana)).await;
        assert_eq!(total(here()).await, 0);
        assert_eq!(titles(&database, ana, false).await.len(), 3);
    }

    async fn reading_a_conversation_reads_what_tells_of_it(database: Database) {
        let ana = feed(&database).await;
        let has = |campus, chat, since| {
            database.read(move |tx| store::has_chat(tx, campus, ana, ChatId::from_bits(chat), id_at(since)))
        };
        assert!(has(here(), 1, later(1)).await);
        assert!(!has(here(), 1, later(2)).await && !has(here(), 2, later(1)).await && !has(there(), 1, later(1)).await);
        let mark = |campus, chat| database.write(move |tx| store::mark_chat(tx, campus, ana, ChatId::from_bits(chat)));
        mark(here(), 2).await;
        mark(there(), 1).await;
        assert_eq!(titles(&database, ana, true).await.len(), 3);
        mark(here(), 1).await;
        assert_eq!(titles(&database, ana, true).await, ["News 3", "News 1"]);
    }

    async fn entries_are_deleted_by_name_by_age_and_all(database: Database) {
        let ana = feed(&database).await;
        let delete = |campus, id| database.write(move |tx| store::delete(tx, campus, ana, id));
        let second = id_at(later(2));
        assert!(!delete(there(), second).await && delete(here(), second).await && !delete(here(), second).await);
        database.write(move |tx| store::delete_before(tx, there(), ana, newest())).await;
        assert_eq!(titles(&database, ana, false).await, ["News 3", "News 1"]);
        database.write(move |tx| store::delete_before(tx, here(), ana, id_at(later(3)))).await;
        assert_eq!(titles(&database, ana, false).await, ["News 3"]);
        database.write(move |tx| store::clear(tx, there(), ana)).await;
        assert_eq!(titles(&database, ana, false).await, ["News 3"]);
        database.write(move |tx| store::clear(tx, here(), ana)).await;
        assert_eq!(titles(&database, ana, false).await, [""; 0]);
    }

    async fn preferences_are_kept(database: Database) {
        let ana = database.student(here(), "ana").await;
        let stored = |campus| database.read(move |tx| store::preferences(tx, campus, ana));
        let reader = |campus| database.read(move |tx| store::reader(tx, campus, ana));
        assert_eq!(stored(here()).await, None);
        assert_eq!(reader(here()).await, Some((UserStatus::Active, Vec::new())));
        assert_eq!(reader(there()).await, None);
        let muted = vec![NotificationKind::Tokens, NotificationKind::Review];
        for digest in [false, true] {
            let wanted = StoredPreferences { muted: muted.clone(), digest, digested_at: later(5) };
            let put = wanted.clone();
            database.write(move |tx| store::put_preferences(tx, here(), ana, &put)).await;
            assert_eq!(stored(here()).await, Some(wanted));
        }
        assert_eq!(reader(here()).await, Some((UserStatus::Active, muted)));
        assert_eq!(stored(there()).await, None);
        database.write(move |tx| store::delete_preferences(tx, there(), ana)).await;
        assert!(stored(here()).await.is_some());
        database.write(move |tx| store::delete_preferences(tx, here(), ana)).await;
        assert_eq!(stored(here()).await, None);
    }

    async fn mails_are_due_by_time(database: Database) {
        let ana = feed(&database).await;
        let ben = database.student(here(), "ben").await;
        for (user, digest, at) in [(ana, true, 1), (ben, false, 1)] {
            let preferences = StoredPreferences { muted: Vec::new(), digest, digested_at: later(at) };
            database.write(move |tx| store::put_preferences(tx, here(), user, &preferences)).await;
        }
        let due = |before| database.read(move |tx| store::digests_due(tx, before, 9));
        assert_eq!(due(later(0)).await, []);
        assert_eq!(due(later(1)).await, [(here(), ana)]);
        let since = |campus, since, limit| {
            database.read(move |tx| store::unread_since(tx, campus, ana, since, limit))
        };
        assert_eq!(since(here(), later(1), 9).await, ["News 3"], "of messages the mail says how many");
        assert_eq!(since(here(), later(0), 1).await, ["News 1"]);
        assert_eq!(since(there(), later(0), 9).await, [""; 0]);
        database.write(move |tx| store::mark(tx, here(), ana, id_at(later(3)))).await;
        assert_eq!(since(here(), later(1), 9).await, [""; 0]);
    }

    async fn messages_that_wait_are_counted_by_who_wrote_them(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for (number, title) in [(1, "Lamp"), (2, "Desk"), (3, "Chair")] {
            let item = database.item(here(), ana, title).await;
            let chat = ChatId::from_bits(number);
            database.write(move |tx| chat::store::insert_chat(tx, here(), chat, item, ben, ana)).await;
            database.wait(1);
            database.write(move |tx| chat::store::note_received(tx, here(), chat, ana)).await;
        }
        let waiting = |campus, user, since, until| {
            database.read(move |tx| store::waiting_messages(tx, campus, user, later(since), later(until), 9))
        };
        let of_ben = |many| vec![("ben".to_owned(), many)];
        assert_eq!(waiting(here(), ana, 0, 9).await, of_ben(3));
        assert_eq!(waiting(here(), ana, 1, 2).await, of_ben(1));
        assert_eq!((waiting(here(), ben, 0, 9).await, waiting(there(), ana, 0, 9).await), (vec![], vec![]));
        let first = ChatId::from_bits(1);
        database.write(move |tx| chat::store::set_muted(tx, here(), first, ana, true)).await;
        assert_eq!(waiting(here(), ana, 0, 9).await, of_ben(2));
    }

    async fn nobody_is_told_who_does_not_want_to_be_or_is_gone(database: Database) {
        let ana = database.student(here(), "ana").await;
        let told = |kind| {
            let count = database.write(move |tx| {
                let before = inbox::head(tx, here(), ana)?;
                tell(tx, here(), ana, News::new(kind, "Something happened"))?;
                Ok::<_, campuszon_server::Error>(inbox::head(tx, here(), ana)? - before)
            });
            async { count.await == 1 }
        };
        assert!(told(NotificationKind::Tokens).await);
        let is_pushed = |announcement: &Announcement| matches!(announcement, Announcement::Inbox { user, .. } if *user == ana);
        assert!(database.bus.take().iter().any(is_pushed));
        let muted = StoredPreferences { muted: vec![NotificationKind::Tokens], digest: false, digested_at: later(0) };
        database.write(move |tx| store::put_preferences(tx, here(), ana, &muted)).await;
        assert!(!told(NotificationKind::Tokens).await);
        assert!(told(NotificationKind::Review).await);
        let stand = |status| database.write(move |tx| users::store::set_status(tx, here(), ana, status));
        stand(UserStatus::Suspended).await;
        assert!(told(NotificationKind::Moderation).await, "it waits for their return");
        stand(UserStatus::Deleted).await;
        assert!(!told(NotificationKind::Review).await);
        assert_eq!(titles(&database, ana, false).await.len(), 3);
    }

    async fn what_is_told_in_one_moment_stays_in_its_order(database: Database) {
        let ana = database.student(here(), "ana").await;
        database
            .write(move |tx| {
                let tell_of = |number: &u32| News::new(NotificationKind::Tokens, number.to_string());
                (0..20).try_for_each(|number| tell(tx, here(), ana, tell_of(&number)))
            })
            .await;
        let expected: Vec<String> = (0..20).rev().map(|number: u32| number.to_string()).collect();
        assert_eq!(database.read(move |tx| store::page(tx, here(), ana, false, newest(), 99)).await.into_iter().map(|entry| entry.title).collect::<Vec<_>>(), expected);
    }

    async fn a_feed_that_goes_on_forgets_what_is_older_than_ninety_days(database: Database) {
        let ana = database.student(here(), "ana").await;
        let tell = |title: &'static str| {
            database.write(move |tx| tell(tx, here(), ana, News::new(NotificationKind::Tokens, title)))
        };
        tell("old").await;
        database.clock.advance(Duration::from_secs(50 * 86_400));
        tell("newer").await;
        database.clock.advance(Duration::from_secs(41 * 86_400));
        tell("new").await;
        assert_eq!(titles(&database, ana, false).await, ["new", "newer"]);
    }
}
