//! Pictures and the counters of finished work.

use campuszon_core::{ChatId, Id, ImageId, MessageId, wire::image::ImageStatus};
use campuszon_server::{
    chat::store as chats,
    images::store::{self, Counter, StoredImage, StoredVariant, StoredVariants},
    params,
};

use super::{Database, here, later, student, there};
use crate::on_every_database;

fn variants() -> StoredVariants {
    let of = |width| StoredVariant { width, height: 3, bytes: 5_000_000_000 };
    StoredVariants { thumbnail: of(1), medium: of(2), large: of(3) }
}

on_every_database! {
    async fn pictures_are_found_on_their_campus_only(database: Database) {
        let ana = database.student(here(), "ana").await;
        let stored = database.picture(ana, "key", ImageStatus::Pending).await;
        let id = stored.id;
        assert_eq!(database.read(move |tx| store::image(tx, here(), id)).await, Some(stored.clone()));
        assert_eq!(database.read(move |tx| store::image(tx, there(), id)).await, None);
        let again = stored.clone();
        database.refused(move |tx| store::insert(tx, here(), &again)).await;
        database.refused(move |tx| store::insert(tx, there(), &stored)).await;
    }

    async fn a_picture_is_seen_by_its_owner_and_once_listed_by_all(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let item = database.item(here(), ana, "Lamp").await;
        let id = database.picture(ana, "key", ImageStatus::Ready).await.id;
        let image = |campus, viewer| database.read(move |tx| store::visible_image(tx, campus, viewer, id));
        assert!(image(here(), ana).await.is_some());
        assert_eq!((image(here(), ben).await, image(there(), ana).await), (None, None));
        database.write(move |tx| store::place(tx, here(), id, item, 0)).await;
        assert!(image(here(), ben).await.is_some());
        assert_eq!(image(there(), ben).await, None);
        database.write(move |tx| {
            let withdraw = campuszon_core::item::Action::Withdraw;
            campuszon_server::items::service::act(tx, &student(here(), ana), item, withdraw)
        }).await;
        assert!(image(here(), ana).await.is_some());
        assert_eq!(image(here(), ben).await, None);
    }

    async fn a_picture_in_a_message_is_seen_by_both_members_and_kept(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let eve = database.student(here(), "eve").await;
        let item = database.item(here(), ana, "Lamp").await;
        let id = database.picture(ben, "key", ImageStatus::Ready).await.id;
        let image = |campus, viewer| database.read(move |tx| store::visible_image(tx, campus, viewer, id));
        let unattached = || database.read(|tx| store::unattached(tx, later(9), 9));
        assert_eq!((image(here(), ana).await, unattached().await.len()), (None, 1));
        let (chat, message): (ChatId, MessageId) = (Id::from_bits(1), Id::from_bits(2));
        database.write(move |tx| {
            chats::insert_chat(tx, here(), chat, item, ben, ana)?;
            tx.execute(
                "INSERT INTO messages (campus_id, chat_id, seq, id, sender_id, kind, body, image_id, created_at)
                 VALUES (?1, ?2, 1, ?3, ?4, 'image', '', ?5, 0)",
                params![here(), chat, message, ben, id],
            )
        }).await;
        for viewer in [ana, ben] {
            assert_eq!(image(here(), viewer).await.and_then(|image| image.message), Some(message));
        }
        assert_eq!((image(here(), eve).await, image(there(), ana).await), (None, None));
        assert_eq!(unattached().await, []);
    }

    async fn pictures_have_the_sellers_order(database: Database) {
        let ana = database.student(here(), "ana").await;
        let item = database.item(here(), ana, "Lamp").await;
        let first = database.picture(ana, "a", ImageStatus::Ready).await.id;
        let second = database.picture(ana, "b", ImageStatus::Ready).await.id;
        database.write(move |tx| {
            store::place(tx, here(), first, item, 1)?;
            store::place(tx, here(), second, item, 0)?;
            store::place(tx, there(), first, item, 0)
        }).await;
        let of_item = |campus| database.read(move |tx| store::of_item(tx, campus, item));
        let ids: Vec<ImageId> = of_item(here()).await.iter().map(|image| image.id).collect();
        assert_eq!(ids, [second, first]);
        assert_eq!(of_item(there()).await, []);
        let nowhere = Id::from_bits(9);
        database.refused(move |tx| store::place(tx, here(), first, nowhere, 0)).await;
    }

    async fn pictures_that_no_listing_took_are_found_on_every_campus(database: Database) {
        let ana = database.student(here(), "ana").await;
        let mut loose = Vec::new();
        for _ in 0..3 {
            loose.push((here(), database.picture(ana, "key", ImageStatus::Ready).await));
            database.wait(1);
        }
        let (item, taken) = (database.item(here(), ana, "Lamp").await, loose.remove(0).1.id);
        database.write(move |tx| store::place(tx, here(), taken, item, 0)).await;
        let unattached = |before, limit| database.read(move |tx| store::unattached(tx, before, limit));
        assert_eq!(unattached(later(9), 9).await, loose);
        assert_eq!(unattached(later(9), 1).await, loose[..1]);
        assert_eq!(unattached(later(1), 9).await, []);
    }

    async fn equal_bytes_are_found_by_their_key(database: Database) {
        let ana = database.student(here(), "ana").await;
        let mut expected = Vec::new();
        for _ in 0..3 {
            database.wait(1);
            expected.push(database.picture(ana, "same", ImageStatus::Pending).await);
        }
        database.picture(ana, "same", ImageStatus::Ready).await;
        let of_key = |campus, limit| {
            database.read(move |tx| store::of_key(tx, campus, "same", ImageStatus::Pending, limit))
        };
        assert_eq!(of_key(here(), i64::MAX).await, expected);
        assert_eq!(of_key(here(), 2).await, expected[..2]);
        assert_eq!(of_key(there(), 9).await, []);
        let is_used = |campus, key| database.read(move |tx| store::is_used(tx, campus, key));
        assert!(is_used(here(), "same").await);
        assert!(!is_used(there(), "same").await && !is_used(here(), "other").await);
    }

    async fn an_owner_has_their_pictures(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let picture = database.picture(ana, "key", ImageStatus::Pending).await;
        let of = |campus, user| database.read(move |tx| store::of_owner(tx, campus, user));
        assert_eq!(of(here(), ana).await, [picture]);
        assert_eq!(of(here(), ben).await, []);
        assert_eq!(of(there(), ana).await, []);
    }

    async fn a_picture_is_settled_once(database: Database) {
        let ana = database.student(here(), "ana").await;
        let pending = database.picture(ana, "key", ImageStatus::Pending).await;
        let ready = StoredImage {
            status: ImageStatus::Ready,
            placeholder: Some("hash".to_owned()),
            variants: Some(variants()),
            ..pending.clone()
        };
        let failed = StoredImage { status: ImageStatus::Failed, error: Some("broken".to_owned()), ..pending };
        let settle = |campus, image: &StoredImage| {
            let image = image.clone();
            database.write(move |tx| store::settle(tx, campus, &image))
        };
        assert!(!settle(there(), &ready).await);
        assert!(settle(here(), &ready).await);
        assert!(!settle(here(), &failed).await);
        let id = ready.id;
        assert_eq!(database.read(move |tx| store::image(tx, here(), id)).await, Some(ready));

        database.write(move |tx| store::delete(tx, there(), id)).await;
        assert!(database.read(move |tx| store::image(tx, here(), id)).await.is_some());
        database.write(move |tx| store::delete(tx, here(), id)).await;
        assert_eq!(database.read(move |tx| store::image(tx, here(), id)).await, None);
    }

    async fn counters_begin_at_zero_and_are_apart(database: Database) {
        database.write(|tx| store::count(tx, Counter::Completed)).await;
        database.write(|tx| store::count(tx, Counter::Completed)).await;
        assert_eq!(database.read(|tx| store::counted(tx, Counter::Completed)).await, 2);
        assert_eq!(database.read(|tx| store::counted(tx, Counter::Failed)).await, 0);
    }

    async fn what_uses_the_files_of_a_key_is_found_on_every_campus(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.picture(ana, "same", ImageStatus::Ready).await;
        database.picture(ana, "same", ImageStatus::Failed).await;
        database.picture(ana, "other", ImageStatus::Pending).await;
        let mut uses = database.read(|tx| store::uses(tx, "same")).await;
        uses.sort_by_key(|(status, _)| *status == ImageStatus::Failed);
        assert_eq!(uses.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [ImageStatus::Ready, ImageStatus::Failed]);
        assert_eq!(database.read(|tx| store::uses(tx, "none")).await, []);
    }

    async fn a_key_is_claimed_by_one_and_until_a_time(database: Database) {
        let claim = |seconds| database.write(move |tx| store::claim(tx, "key", later(seconds)));
        let is_claimed = || database.read(|tx| store::is_claimed(tx, "key"));
        assert!(!is_claimed().await);
        assert!(claim(10).await && is_claimed().await);
        assert!(!claim(20).await, "it is taken");
        database.write(|tx| store::release(tx, "key", later(20))).await;
        assert!(is_claimed().await, "only its holder gives it back");
        database.write(|tx| store::release(tx, "key", later(10))).await;
        assert!(!is_claimed().await && claim(10).await);
        database.wait(10);
        assert!(!is_claimed().await && claim(20).await, "it ends by itself");
        assert!(!database.read(|tx| store::is_claimed(tx, "other")).await);
    }

    async fn a_failed_picture_is_opened_again(database: Database) {
        let ana = database.student(here(), "ana").await;
        let failed = database.picture(ana, "key", ImageStatus::Failed).await.id;
        let ready = database.picture(ana, "key", ImageStatus::Ready).await.id;
        let reopen = |campus, id| database.write(move |tx| store::reopen(tx, campus, id));
        assert!(!reopen(there(), failed).await);
        assert!(!reopen(here(), ready).await);
        assert!(reopen(here(), failed).await);
        assert!(!reopen(here(), failed).await);
        let image = database.read(move |tx| store::image(tx, here(), failed)).await.expect("a picture");
        assert_eq!((image.status, image.error), (ImageStatus::Pending, None));
    }

    async fn the_files_of_an_owner_are_added_up(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for key in ["one", "two"] {
            let pending = database.picture(ana, key, ImageStatus::Pending).await;
            let ready = StoredImage { status: ImageStatus::Ready, variants: Some(variants()), ..pending };
            database.write(move |tx| store::settle(tx, here(), &ready)).await;
        }
        database.picture(ana, "three", ImageStatus::Pending).await;
        let one = variants();
        let one = one.thumbnail.bytes + one.medium.bytes + one.large.bytes;
        let used = |campus, user| database.read(move |tx| store::bytes_of_owner(tx, campus, user));
        assert_eq!(used(here(), ana).await, 2 * one);
        assert_eq!((used(here(), ben).await, used(there(), ana).await), (0, 0));
    }
}
