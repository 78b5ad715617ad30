//! What the export takes from each table: a user's own, of their campus.

use campuszon_core::{
    UserId,
    booking::Side,
    wire::{image::ImageStatus, wallet::TokenReason},
};
use campuszon_server::{params, users::store::insert_token_entry, views::export::store};

use super::{Database, here, there};
use crate::on_every_database;

/// Ana's item, and what Ben has to do with it.
async fn stage(database: &Database) -> (UserId, UserId) {
    let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
    let item = database.item(here(), ana, "A lamp").await;
    let picture = database.picture(ana, "key", ImageStatus::Pending).await;
    database
        .write(move |tx| {
            campuszon_server::images::store::place(tx, here(), picture.id, item, 0)?;
            insert_token_entry(tx, here(), ben, 2, TokenReason::Signup, "signup")?;
            tx.execute(
                "INSERT INTO favorites (campus_id, user_id, item_id, created_at) VALUES (?1, ?2, ?3, 0)",
                params![here(), ben, item],
            )?;
            tx.execute(
                "INSERT INTO blocks (campus_id, blocker_id, blocked_id, created_at) VALUES (?1, ?2, ?3, 0)",
                params![here(), ben, ana],
            )?;
            let (chat, unlock) = (tx.new_id::<campuszon_core::ChatId>(), tx.new_id::<campuszon_core::id::UnlockId>());
            let booking = tx.new_id::<campuszon_core::BookingId>();
            tx.execute(
                "INSERT INTO chats (campus_id, id, item_id, buyer_id, seller_id, last_seq, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, 0)",
                params![here(), chat, item, ben, ana],
            )?;
            for (user, peer) in [(ana, ben), (ben, ana)] {
                tx.execute(
                    "INSERT INTO chat_members (campus_id, chat_id, user_id, peer_id, read_seq, unread, muted, updated_at)
                     VALUES (?1, ?2, ?3, ?4, 1, 0, 0, 0)",
                    params![here(), chat, user, peer],
                )?;
            }
            tx.execute(
                "INSERT INTO messages (campus_id, chat_id, seq, id, sender_id, kind, body, created_at)
                 VALUES (?1, ?2, 1, ?3, ?4, 'text', 'Hello', 0)",
                params![here(), chat, tx.new_id::<campuszon_core::MessageId>(), ben],
            )?;
            tx.execute(
                "INSERT INTO unlocks (campus_id, id, item_id, buyer_id, price, accepted, created_at)
                 VALUES (?1, ?2, ?3, ?4, 1, 0, 0)",
                params![here(), unlock, item, ben],
            )?;
            tx.execute(
                "INSERT INTO bookings (campus_id, id, item_id, buyer_id, seller_id, chat_id, unlock_id, status, turn,
                     version, rounds, listing, title, list_price, price, code_attempts, buyer_confirmed,
                     seller_confirmed, extended, rewarded, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'completed', 'buyer', 1, 0, 'sale', 'A lamp', 500, 450, 0, 1, 1, 0,
                     0, 0, 0)",
                params![here(), booking, item, ben, ana, chat, unlock],
            )?;
            for (author, subject) in [(ben, ana), (ana, ben)] {
                tx.execute(
                    "INSERT INTO reviews (campus_id, id, booking_id, author_id, subject_id, rating, revealed, reveal_at,
                         created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, 5, 0, 0, 0)",
                    params![here(), tx.new_id::<campuszon_core::ReviewId>(), booking, author, subject],
                )?;
            }
            tx.execute(
                "INSERT INTO notifications (campus_id, user_id, id, kind, title, seen, created_at)
                 VALUES (?1, ?2, ?3, 'tokens', 'Two tokens', 0, 0)",
                params![here(), ben, tx.new_id::<campuszon_core::NotificationId>()],
            )?;
            tx.execute(
                "INSERT INTO searches (campus_id, id, user_id, name, query, digest, digested_at, created_at)
                 VALUES (?1, ?2, ?3, 'Lamps', 'lamp', 1, 0, 0)",
                params![here(), tx.new_id::<campuszon_core::SearchId>(), ben],
            )
        })
        .await;
    (ana, ben)
}

on_every_database! {
    async fn a_seller_gets_what_is_theirs(database: Database) {
        let (ana, _) = stage(&database).await;
        let items = database.read(move |tx| store::items(tx, here(), ana)).await;
        let images = database.read(move |tx| store::images(tx, here(), ana)).await;
        assert_eq!((items.len(), items[0].title.as_str(), &items[0].images), (1, "A lamp", &vec![images[0].id]));
        let bookings = database.read(move |tx| store::bookings(tx, here(), ana)).await;
        assert_eq!((bookings.len(), bookings[0].role), (1, Side::Seller));
        assert_eq!(database.read(move |tx| store::messages(tx, here(), ana)).await.len(), 1);
        // The other's is not shown yet.
        assert_eq!(database.read(move |tx| store::reviews(tx, here(), ana)).await.len(), 1);
        assert_eq!(database.read(move |tx| store::unlocks(tx, here(), ana)).await, []);
        assert_eq!(database.read(move |tx| store::favorites(tx, here(), ana)).await, []);
        assert_eq!(database.read(move |tx| store::blocks(tx, here(), ana)).await, [], "nobody is told who blocked them");
    }

    async fn a_buyer_gets_what_is_theirs(database: Database) {
        let (ana, ben) = stage(&database).await;
        assert_eq!(database.read(move |tx| store::items(tx, here(), ben)).await, []);
        assert_eq!(database.read(move |tx| store::images(tx, here(), ben)).await, []);
        let bookings = database.read(move |tx| store::bookings(tx, here(), ben)).await;
        assert_eq!((bookings[0].role, bookings[0].peer, bookings[0].price.to_string()), (Side::Buyer, ana, "4.5".into()));
        let messages = database.read(move |tx| store::messages(tx, here(), ben)).await;
        assert_eq!((messages[0].body.as_str(), messages[0].sender_id), ("Hello", Some(ben)));
        assert_eq!(database.read(move |tx| store::unlocks(tx, here(), ben)).await[0].price, 1);
        assert_eq!(database.read(move |tx| store::tokens(tx, here(), ben)).await[0].balance, 2);
        database.write(|tx| tx.execute("UPDATE reviews SET revealed = 1", &[])).await;
        assert_eq!(database.read(move |tx| store::reviews(tx, here(), ben)).await.len(), 2);
        assert_eq!(database.read(move |tx| store::searches(tx, here(), ben)).await[0].query, "lamp");
        assert_eq!(database.read(move |tx| store::notifications(tx, here(), ben)).await[0].title, "Two tokens");
        assert_eq!(database.read(move |tx| store::favorites(tx, here(), ben)).await.len(), 1);
        assert_eq!(database.read(move |tx| store::blocks(tx, here(), ben)).await, [ana]);
    }

    async fn another_campus_has_nothing_of_it(database: Database) {
        let (ana, ben) = stage(&database).await;
        for user in [ana, ben] {
            assert_eq!(database.read(move |tx| store::items(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::images(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::messages(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::bookings(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::unlocks(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::tokens(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::reviews(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::searches(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::notifications(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::favorites(tx, there(), user)).await, []);
            assert_eq!(database.read(move |tx| store::blocks(tx, there(), user)).await, []);
        }
    }
}
