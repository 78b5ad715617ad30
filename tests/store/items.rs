//! Single items, favourites and views.

use campuszon_core::{
    ChatId, Id, ItemId, UserId,
    item::{Condition, ItemStatus, Listing, RentPeriod, Terms},
};
use campuszon_server::{
    chat::store::insert_chat,
    items::store::{self, StoredItem},
};

use super::{Database, here, later, there, wanted};
use crate::on_every_database;

/// Adds a draft.
async fn draft(database: &Database, seller: UserId, number: i64) -> ItemId {
    let id = ItemId::from_bits(u128::from(number.unsigned_abs()));
    database.write(move |tx| store::insert(tx, here(), id, number, seller, &wanted("Lamp"))).await;
    id
}

/// Moves an item to a state.
async fn set(database: &Database, id: ItemId, to: ItemStatus) {
    let item = database.stored_item(id).await;
    assert!(database.write(move |tx| store::set_status(tx, here(), &item, to, Some(later(60)), None)).await);
}

on_every_database! {
    async fn a_new_item_is_a_draft(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = draft(&database, ana, 7).await;
        let item = database.stored_item(id).await;
        assert_eq!((item.number, item.seller, item.title.as_str()), (7, ana, "Lamp"));
        assert_eq!((item.description.as_str(), item.category.as_str()), ("Lamp, described", "books"));
        assert_eq!(item.terms, Terms { listing: Listing::Wanted, price: 500, rent_period: None });
        assert_eq!((item.condition, item.pickup.as_deref()), (Condition::Good, Some("Library")));
        assert_eq!((item.status, item.deleted, item.version), (ItemStatus::Draft, false, 1));
        assert_eq!((item.views, item.favorites, item.expires_at), (0, 0, None));
        assert_eq!((item.thumbnail, item.placeholder, item.failure), (None, None, None));
        assert_eq!(database.read(move |tx| store::item(tx, there(), id)).await, None);

        let insert = |campus, id, number| {
            database.refused(move |tx| store::insert(tx, campus, id, number, ana, &wanted("Twice")))
        };
        insert(here(), id, 8).await;
        insert(here(), ItemId::from_bits(8), 7).await;
        insert(there(), ItemId::from_bits(8), 8).await;
    }

    async fn a_number_is_taken_once(database: Database) {
        let ana = database.student(here(), "ana").await;
        draft(&database, ana, 7).await;
        assert!(database.read(|tx| store::is_number_taken(tx, here(), 7)).await);
        assert!(!database.read(|tx| store::is_number_taken(tx, here(), 8)).await);
        assert!(!database.read(|tx| store::is_number_taken(tx, there(), 7)).await);
    }

    async fn an_edit_needs_the_version_it_was_made_from(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = draft(&database, ana, 1).await;
        let before = database.stored_item(id).await;
        let after = StoredItem {
            title: "Desk lamp".to_owned(),
            description: "Bright".to_owned(),
            terms: Terms { listing: Listing::Rent, price: 900, rent_period: Some(RentPeriod::Week) },
            category: "furniture".to_owned(),
            condition: Condition::LikeNew,
            pickup: None,
            ..before
        };
        let update = |campus| {
            let item = after.clone();
            database.write(move |tx| store::update(tx, campus, &item))
        };
        database.wait(3);
        assert!(!update(there()).await);
        assert!(update(here()).await);
        assert!(!update(here()).await);
        assert_eq!(database.stored_item(id).await, StoredItem { version: 2, updated_at: later(3), ..after });
    }

    async fn a_state_changes_from_the_one_it_was_read_in(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = draft(&database, ana, 1).await;
        let read = database.stored_item(id).await;
        let move_on = |campus| {
            let (item, to, end) = (read.clone(), ItemStatus::Active, Some(later(60)));
            database.write(move |tx| store::set_status(tx, campus, &item, to, end, Some("why")))
        };
        assert!(!move_on(there()).await);
        assert!(move_on(here()).await);
        assert!(!move_on(here()).await);
        let item = database.stored_item(id).await;
        assert_eq!((item.status, item.expires_at, item.version), (ItemStatus::Active, Some(later(60)), 2));
        assert_eq!(item.failure.as_deref(), Some("why"));
    }

    async fn an_item_without_a_booking_is_held_by_nobody(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = draft(&database, ana, 1).await;
        assert!(!database.read(move |tx| store::is_held(tx, here(), id)).await);
    }

    async fn an_item_is_hidden_and_shown_whatever_its_state(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = draft(&database, ana, 1).await;
        set(&database, id, ItemStatus::Active).await;
        let hide = |campus, item: StoredItem, hidden| {
            database.write(move |tx| store::set_hidden(tx, campus, &item, hidden))
        };
        let item = database.stored_item(id).await;
        hide(there(), item.clone(), true).await;
        assert!(!database.stored_item(id).await.hidden);
        hide(here(), item.clone(), true).await;
        let hidden = database.stored_item(id).await;
        assert!(hidden.hidden && !hidden.is_listed() && hidden.status == ItemStatus::Active);
        hide(here(), hidden, false).await;
        assert!(database.stored_item(id).await.is_listed());
        set(&database, id, ItemStatus::Removed).await;
        assert_eq!(database.stored_item(id).await.removed_from, Some(ItemStatus::Active));
    }

    async fn the_picture_of_lists_is_set_and_taken_away(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = draft(&database, ana, 1).await;
        let set = |campus, key| database.write(move |tx| store::set_thumbnail(tx, campus, id, key, key));
        set(here(), Some("key")).await;
        set(there(), None).await;
        let item = database.stored_item(id).await;
        assert_eq!((item.thumbnail.as_deref(), item.placeholder.as_deref()), (Some("key"), Some("key")));
        set(here(), None).await;
        assert_eq!(database.stored_item(id).await.thumbnail, None);
    }

    async fn what_chats_point_at_is_buried_and_not_erased(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let (id, other) = (draft(&database, ana, 1).await, draft(&database, ana, 2).await);
        let is_spoken_of = |campus| database.read(move |tx| store::is_spoken_of(tx, campus, id));
        let chat_of = |campus, buyer| database.read(move |tx| store::chat_of_buyer(tx, campus, id, buyer));
        assert!(!is_spoken_of(here()).await);
        let chat = ChatId::from_bits(1);
        assert!(database.write(move |tx| insert_chat(tx, here(), chat, id, ben, ana)).await);
        assert!(is_spoken_of(here()).await && !is_spoken_of(there()).await);
        assert_eq!(chat_of(here(), ben).await, Some(chat));
        assert_eq!((chat_of(here(), ana).await, chat_of(there(), ben).await), (None, None));

        database.refused(move |tx| store::delete(tx, here(), id)).await;
        set(&database, id, ItemStatus::Active).await;
        database.write(move |tx| store::bury(tx, there(), id)).await;
        assert!(!database.stored_item(id).await.deleted);
        database.write(move |tx| store::bury(tx, here(), id)).await;
        let buried = database.stored_item(id).await;
        assert_eq!((buried.deleted, buried.status, buried.title.as_str()), (true, ItemStatus::Withdrawn, "Lamp"));
        assert_eq!((buried.description.as_str(), buried.pickup, buried.expires_at), ("", None, None));

        database.write(move |tx| store::delete(tx, there(), other)).await;
        let left = |campus| database.read(move |tx| store::of_seller(tx, campus, ana));
        let ids: Vec<ItemId> = left(here()).await.iter().map(|item| item.id).collect();
        assert_eq!(ids, [other]);
        assert!(left(there()).await.is_empty());
        database.write(move |tx| store::delete(tx, here(), other)).await;
        assert!(left(here()).await.is_empty());
    }

    async fn listed_items_are_counted(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for (number, to) in [(1, ItemStatus::Active), (2, ItemStatus::Reserved), (3, ItemStatus::Sold)] {
            let id = draft(&database, ana, number).await;
            set(&database, id, to).await;
        }
        draft(&database, ana, 4).await;
        let count = |campus, seller| database.read(move |tx| store::count_listed(tx, campus, seller));
        assert_eq!((count(here(), ana).await, count(here(), ben).await, count(there(), ana).await), (2, 0, 0));
    }

    async fn active_items_end_with_their_time(database: Database) {
        let ana = database.student(here(), "ana").await;
        for (number, to) in [(1, ItemStatus::Active), (2, ItemStatus::Withdrawn), (3, ItemStatus::Active)] {
            let id = draft(&database, ana, number).await;
            set(&database, id, to).await;
        }
        assert_eq!(database.read(|tx| store::overdue(tx, 9)).await, []);
        database.wait(60);
        let due = |number| (here(), ItemId::from_bits(number));
        let mut overdue = database.read(|tx| store::overdue(tx, 9)).await;
        overdue.sort();
        assert_eq!(overdue, [due(1), due(3)]);
        assert_eq!(database.read(|tx| store::overdue(tx, 1)).await.len(), 1);
    }

    async fn sellers_are_warned_once_of_each_end(database: Database) {
        let ana = database.student(here(), "ana").await;
        for (number, to) in [(1, ItemStatus::Active), (2, ItemStatus::Withdrawn)] {
            let id = draft(&database, ana, number).await;
            set(&database, id, to).await;
        }
        let expiring = |seconds| database.read(move |tx| store::expiring(tx, super::later(seconds), 9));
        let warn = |campus| database.write(move |tx| store::note_warned(tx, campus, ItemId::from_bits(1)));
        assert_eq!(expiring(59).await, []);
        assert_eq!(expiring(60).await, [(here(), ItemId::from_bits(1))]);
        warn(there()).await;
        assert_eq!(expiring(60).await.len(), 1);
        warn(here()).await;
        assert_eq!(expiring(60).await, []);
        let item = database.stored_item(ItemId::from_bits(1)).await;
        for (end, due) in [(60, 0), (61, 1)] {
            let item = item.clone();
            let to = (ItemStatus::Active, Some(super::later(end)));
            assert!(database.write(move |tx| store::set_status(tx, here(), &item, to.0, to.1, None)).await);
            assert_eq!(expiring(99).await.len(), due, "another end is another warning");
        }
    }

    async fn an_item_is_starred_once_by_each(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let id = draft(&database, ana, 1).await;
        let star = |user| database.write(move |tx| store::insert_favorite(tx, here(), user, id));
        let unstar = |campus| database.write(move |tx| store::delete_favorite(tx, campus, ben, id));
        let starred = |campus, user| database.read(move |tx| store::is_favorite(tx, campus, user, id));
        assert!(star(ben).await && !star(ben).await);
        assert!(starred(here(), ben).await && !starred(here(), ana).await && !starred(there(), ben).await);
        let fans = |campus| database.read(move |tx| store::fans(tx, campus, id));
        assert_eq!((fans(here()).await, fans(there()).await), (vec![ben], vec![]));
        assert!(!unstar(there()).await && unstar(here()).await && !unstar(here()).await);
        assert!(!starred(here(), ben).await);
        database.refused(move |tx| store::insert_favorite(tx, there(), ben, id)).await;

        let count = |campus, by| database.write(move |tx| store::count_favorite(tx, campus, id, by));
        count(here(), 3).await;
        count(here(), -1).await;
        count(there(), 9).await;
        assert_eq!(database.stored_item(id).await.favorites, 2);

        star(ben).await;
        database.write(move |tx| store::delete_favorites(tx, there(), ben)).await;
        assert!(starred(here(), ben).await);
        database.write(move |tx| store::delete_favorites(tx, here(), ben)).await;
        assert!(!starred(here(), ben).await);
        assert_eq!(database.stored_item(id).await.favorites, 1);
    }

    async fn a_viewer_counts_once_a_day(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let id = draft(&database, ana, 1).await;
        let look = |viewer, day| database.write(move |tx| store::count_view(tx, here(), id, viewer, day));
        look(ben, 1).await;
        look(ben, 1).await;
        look(ben, 2).await;
        look(ana, 1).await;
        assert_eq!(database.stored_item(id).await.views, 3);
        let has = |campus, viewer, day| database.read(move |tx| store::has_viewed(tx, campus, id, viewer, day));
        assert!(has(here(), ben, 2).await && !has(here(), ana, 2).await && !has(there(), ben, 2).await);
        database.refused(move |tx| store::count_view(tx, there(), id, ben, 1)).await;
    }
}
