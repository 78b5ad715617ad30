//! Conversations, their members and messages.

use campuszon_core::{
    ChatId, Id, MessageId, UserId,
    permission::UserStatus,
    wire::{
        chat::{Message, MessageKind},
        image::ImageStatus,
    },
};
use campuszon_server::{
    Error,
    chat::store::{self, Overview},
    images,
    platform::database::Tx,
};

use super::{Database, here, later, there};
use crate::on_every_database;

fn id(number: u128) -> ChatId {
    ChatId::from_bits(number)
}

fn message(chat: ChatId, sender: UserId, seq: i64) -> Message {
    Message {
        id: MessageId::from_bits(u128::from(seq.unsigned_abs())),
        chat_id: chat,
        seq,
        client_id: Some(format!("client-{seq}")),
        sender_id: Some(sender),
        kind: MessageKind::Text,
        body: format!("Hello {seq}\n🙂"),
        image: None,
        booking: None,
        created_at: later(0),
        edited_at: None,
        deleted_at: None,
    }
}

/// Writes a message as the service does.
fn say(tx: &mut Tx<'_>, chat: ChatId, sender: UserId, reader: UserId) -> Result<(), Error> {
    let seq = store::take_seq(tx, here(), chat)?;
    store::insert_message(tx, here(), &Message { created_at: tx.now(), ..message(chat, sender, seq) })?;
    store::note_sent(tx, here(), chat, sender, seq)?;
    Ok(store::note_received(tx, here(), chat, reader)?)
}

/// Ana offers something, and Ben asks about it.
async fn conversation(database: &Database) -> (UserId, UserId) {
    let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
    let item = database.item(here(), ana, "Lamp").await;
    assert!(database.write(move |tx| store::insert_chat(tx, here(), id(1), item, ben, ana)).await);
    (ana, ben)
}

async fn overview(database: &Database, user: UserId) -> Overview {
    database.read(move |tx| store::chat(tx, here(), user, id(1))).await.expect("a chat")
}

on_every_database! {
    async fn who_has_read_and_is_silent_is_away(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let away = |campus, user, since| database.read(move |tx| store::is_away(tx, campus, id(1), user, later(since)));
        assert!(away(here(), ana, 0).await && !away(there(), ana, 0).await);
        database.wait(10);
        database.write(move |tx| say(tx, id(1), ben, ana)).await;
        assert!(!away(here(), ana, 0).await, "something is unread");
        assert!(!away(here(), ben, 9).await && away(here(), ben, 10).await, "wrote within the time");
        database.write(move |tx| store::move_read(tx, here(), id(1), ana, 1)).await;
        assert!(away(here(), ana, 0).await);
        let mute = "UPDATE chat_members SET muted = 1 WHERE unread = 0";
        database.write(move |tx| tx.execute(mute, &[])).await;
        assert!(!away(here(), ana, 0).await);
    }

    async fn a_buyer_has_one_conversation_about_an_item(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let item = database.item(here(), ana, "Lamp").await;
        let open = |number| database.write(move |tx| store::insert_chat(tx, here(), id(number), item, ben, ana));
        assert!(open(1).await);
        assert!(!open(2).await);
        let about = |campus, buyer| database.read(move |tx| store::chat_about(tx, campus, item, buyer));
        assert_eq!(about(here(), ben).await, Some(id(1)));
        assert_eq!((about(here(), ana).await, about(there(), ben).await), (None, None));
        database.refused(move |tx| store::insert_chat(tx, there(), id(3), item, ben, ana)).await;
    }

    async fn a_conversation_has_two_members(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let members = |campus| database.read(move |tx| store::members(tx, campus, id(1)));
        let mut both = [ana, ben];
        both.sort();
        assert_eq!((members(here()).await, members(there()).await), (both.to_vec(), vec![]));
    }

    async fn a_message_is_found_in_its_conversation_only(database: Database) {
        let (ana, ben) = conversation(&database).await;
        database.write(move |tx| say(tx, id(1), ana, ben)).await;
        let found = |campus, chat, number| {
            database.read(move |tx| store::message(tx, campus, id(chat), MessageId::from_bits(number)))
        };
        assert_eq!(found(here(), 1, 1).await, Some(message(id(1), ana, 1)));
        assert_eq!((found(here(), 1, 2).await, found(here(), 2, 1).await, found(there(), 1, 1).await), (None, None, None));
    }

    async fn a_message_changes_where_it_stands(database: Database) {
        let (ana, ben) = conversation(&database).await;
        database.write(move |tx| say(tx, id(1), ben, ana)).await;
        let update = |campus| {
            let changed = Message {
                body: "Another".to_owned(),
                edited_at: Some(later(3)),
                deleted_at: Some(later(4)),
                ..message(id(1), ben, 1)
            };
            database.write(move |tx| store::update_message(tx, campus, &changed))
        };
        update(there()).await;
        let read = || database.read(|tx| store::last_messages(tx, here(), id(1), i64::MAX, 9));
        assert_eq!(read().await[0].edited_at, None);
        update(here()).await;
        let changed = read().await.remove(0);
        assert_eq!((changed.body.as_str(), changed.edited_at, changed.deleted_at), ("Another", Some(later(3)), Some(later(4))));
        assert_eq!((changed.seq, changed.sender_id), (1, Some(ben)));
    }

    async fn a_picture_is_in_one_message_and_leaves_with_it(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let picture = database.picture(ben, "key", ImageStatus::Pending).await.id;
        let shown = move |tx: &mut Tx<'_>| {
            let stored = images::store::image(tx, here(), picture)?.expect("a picture");
            Ok::<_, Error>(images::shown("http://campus.test", stored))
        };
        let pictured = move |tx: &mut Tx<'_>, seq| {
            Ok::<_, Error>(Message {
                kind: MessageKind::Image,
                body: String::new(),
                image: Some(shown(tx)?),
                ..message(id(1), ben, seq)
            })
        };
        let sent = database.write(move |tx| {
            let seq = store::take_seq(tx, here(), id(1))?;
            let sent = pictured(tx, seq)?;
            store::insert_message(tx, here(), &sent)?;
            Ok::<_, Error>(sent)
        }).await;
        assert_eq!(sent.image.as_ref().map(|image| image.id), Some(picture));
        database.refused(move |tx| {
            let seq = store::take_seq(tx, here(), id(1))?;
            let again = pictured(tx, seq)?;
            Ok::<_, Error>(store::insert_message(tx, here(), &again)?)
        }).await;
        let of_image = |campus| database.read(move |tx| store::message_of_image(tx, campus, picture));
        assert_eq!((of_image(here()).await, of_image(there()).await), (Some(sent.clone()), None));
        let all = |campus, user| database.read(move |tx| store::all_messages(tx, campus, user));
        for user in [ana, ben] {
            assert_eq!((all(here(), user).await, all(there(), user).await), (vec![sent.clone()], vec![]));
        }
        let eve = database.student(here(), "eve").await;
        assert_eq!(all(here(), eve).await, []);
        let read = database.read(|tx| store::last_messages(tx, here(), id(1), i64::MAX, 9)).await;
        assert_eq!((read, overview(&database, ana).await.last_message), (vec![sent.clone()], Some(sent.clone())));
        let gone = Message { image: None, deleted_at: Some(later(1)), ..sent };
        database.write(move |tx| store::update_message(tx, here(), &gone)).await;
        assert_eq!(of_image(here()).await, None);
        assert_eq!(all(here(), ben).await[0].image, None);
    }

    async fn a_conversation_is_muted_for_one_of_its_members(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let mute = |campus, muted| database.write(move |tx| store::set_muted(tx, campus, id(1), ana, muted));
        mute(there(), true).await;
        assert!(!overview(&database, ana).await.muted);
        mute(here(), true).await;
        assert!(overview(&database, ana).await.muted && !overview(&database, ben).await.muted);
        mute(here(), false).await;
        assert!(!overview(&database, ana).await.muted);
    }

    async fn acquaintances_are_those_one_talks_with(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let second = database.item(here(), ana, "Desk").await;
        database.write(move |tx| store::insert_chat(tx, here(), id(2), second, ben, ana)).await;
        let of = |campus, user, limit| database.read(move |tx| store::acquaintances(tx, campus, user, limit));
        assert_eq!((of(here(), ana, 9).await, of(here(), ben, 9).await), (vec![ben], vec![ana]));
        assert_eq!((of(there(), ana, 9).await, of(here(), ana, 0).await), (vec![], vec![]));
    }

    async fn members_know_each_other_and_nobody_else_does(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let eve = database.student(here(), "eve").await;
        let member = |campus, user| database.read(move |tx| store::member(tx, campus, id(1), user));
        let bens = member(here(), ben).await.expect("a member");
        assert_eq!((bens.peer, bens.peer_status, bens.last_seq), (ana, UserStatus::Active, 0));
        assert_eq!(member(here(), ana).await.map(|member| member.peer), Some(ben));
        assert_eq!((member(here(), eve).await, member(there(), ben).await), (None, None));
    }

    async fn starts_are_the_buyers_own_newest_first(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for (number, title) in [(1, "Lamp"), (2, "Desk"), (3, "Chair")] {
            let item = database.item(here(), ana, title).await;
            database.wait(1);
            database.write(move |tx| store::insert_chat(tx, here(), id(number), item, ben, ana)).await;
        }
        let starts = |campus, buyer, limit| database.read(move |tx| store::latest_starts(tx, campus, buyer, limit));
        assert_eq!(starts(here(), ben, 2).await, [later(3), later(2)]);
        assert_eq!(starts(here(), ben, 9).await.len(), 3);
        assert_eq!((starts(here(), ana, 9).await, starts(there(), ben, 9).await), (Vec::new(), Vec::new()));
    }

    async fn messages_are_numbered_without_gaps(database: Database) {
        let (ana, ben) = conversation(&database).await;
        for _ in 0..5 {
            database.write(move |tx| say(tx, id(1), ben, ana)).await;
        }
        let seqs = |messages: Vec<Message>| messages.iter().map(|message| message.seq).collect::<Vec<_>>();
        let first = |campus, after, before, limit| {
            database.read(move |tx| store::first_messages(tx, campus, id(1), after, before, limit))
        };
        let last = |campus, before, limit| {
            database.read(move |tx| store::last_messages(tx, campus, id(1), before, limit))
        };
        assert_eq!(seqs(first(here(), 0, i64::MAX, 2).await), [1, 2]);
        assert_eq!(seqs(first(here(), 2, 5, 9).await), [3, 4]);
        assert_eq!(seqs(last(here(), i64::MAX, 2).await), [4, 5]);
        assert_eq!(seqs(last(here(), 3, 9).await), [1, 2]);
        assert_eq!((first(there(), 0, i64::MAX, 9).await, last(there(), i64::MAX, 9).await), (Vec::new(), Vec::new()));
        let all = database.read(|tx| store::first_messages(tx, here(), id(1), 0, i64::MAX, 1)).await;
        assert_eq!(all, [message(id(1), ben, 1)]);
        database.refused(|tx| store::take_seq(tx, there(), id(1))).await;
        database.refused(move |tx| store::insert_message(tx, here(), &message(id(1), ben, 5))).await;
        database.refused(move |tx| store::insert_message(tx, there(), &message(id(1), ben, 6))).await;
    }

    async fn a_client_sends_under_a_name_once(database: Database) {
        let (ana, ben) = conversation(&database).await;
        database.write(move |tx| say(tx, id(1), ben, ana)).await;
        let named = |campus, sender, name| {
            database.read(move |tx| store::message_by_client_id(tx, campus, id(1), sender, name))
        };
        assert_eq!(named(here(), ben, "client-1").await, Some(message(id(1), ben, 1)));
        assert_eq!(named(here(), ana, "client-1").await, None);
        assert_eq!(named(here(), ben, "client-2").await, None);
        assert_eq!(named(there(), ben, "client-1").await, None);
        let twice = Message { client_id: Some("client-1".to_owned()), ..message(id(1), ben, 2) };
        database.refused(move |tx| store::insert_message(tx, here(), &twice)).await;
    }

    async fn unread_messages_are_counted_and_positions_never_go_back(database: Database) {
        let (ana, ben) = conversation(&database).await;
        for _ in 0..3 {
            database.write(move |tx| say(tx, id(1), ben, ana)).await;
        }
        let unread = |campus, user| database.read(move |tx| store::unread_total(tx, campus, user));
        let read = |campus, user, seq| database.write(move |tx| store::move_read(tx, campus, id(1), user, seq));
        assert_eq!((unread(here(), ana).await, unread(here(), ben).await, unread(there(), ana).await), (3, 0, 0));
        assert!(!read(there(), ana, 2).await);
        assert!(read(here(), ana, 2).await && !read(here(), ana, 1).await && !read(here(), ana, 2).await);
        assert_eq!(unread(here(), ana).await, 1);
        assert_eq!((overview(&database, ana).await.read_seq, overview(&database, ben).await.peer_read_seq), (2, 2));

        // Who answers has read.
        database.write(move |tx| say(tx, id(1), ana, ben)).await;
        assert_eq!((unread(here(), ana).await, unread(here(), ben).await), (0, 1));
        database.write(move |tx| {
            store::note_sent(tx, there(), id(1), ben, 4)?;
            store::note_received(tx, there(), id(1), ben)
        }).await;
        assert_eq!(unread(here(), ben).await, 1);
    }

    async fn an_overview_joins_item_peer_and_newest_message(database: Database) {
        let (ana, ben) = conversation(&database).await;
        let before = overview(&database, ben).await;
        assert_eq!((before.last_seq, before.last_message, before.muted), (0, None, false));
        assert_eq!((before.item.title.as_str(), before.item.price, before.item.thumbnail), ("Lamp", 500, None));
        assert_eq!((before.peer.id, before.peer.name.as_str(), before.peer.last_seen_at), (ana, "ana", None));
        database.wait(2);
        database.write(move |tx| say(tx, id(1), ben, ana)).await;
        let after = overview(&database, ana).await;
        assert_eq!((after.last_seq, after.unread, after.read_seq), (1, 1, 0));
        assert_eq!((after.created_at, after.updated_at), (later(0), later(2)));
        assert_eq!(after.last_message, Some(Message { created_at: later(2), ..message(id(1), ben, 1) }));
        assert_eq!(database.read(move |tx| store::chat(tx, there(), ana, id(1))).await, None);
        let eve = database.student(here(), "eve").await;
        assert_eq!(database.read(move |tx| store::chat(tx, here(), eve, id(1))).await, None);
    }

    async fn conversations_are_listed_by_newest_activity(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for (number, title) in [(1, "Lamp"), (2, "Desk"), (3, "Chair"), (4, "Shelf")] {
            let item = database.item(here(), ana, title).await;
            database.write(move |tx| store::insert_chat(tx, here(), id(number), item, ben, ana)).await;
        }
        database.wait(1);
        database.write(move |tx| say(tx, id(2), ben, ana)).await;
        let (mut position, mut seen) = ((i64::MAX, String::new()), Vec::new());
        loop {
            let (time, chat) = position.clone();
            let page = database.read(move |tx| store::chats(tx, here(), ben, (time, &chat), 2)).await;
            let Some(last) = page.last() else { break };
            position = (last.updated_at.millis(), last.id.to_string());
            seen.extend(page.iter().map(|chat| chat.id));
        }
        assert_eq!(seen, [id(2), id(4), id(3), id(1)]);
        assert_eq!(database.read(move |tx| store::chats(tx, there(), ben, (i64::MAX, ""), 9)).await, []);
    }
}
