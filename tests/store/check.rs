//! The rules of `admin check`, each with what breaks it.

use campuszon_core::{ItemId, UserId, wire::wallet::TokenReason};
use campuszon_server::{
    check::store,
    params,
    platform::database::{StoreError, Tx},
    users::store::insert_token_entry,
};

use super::{Database, here, later};
use crate::on_every_database;

/// The kinds of what is found, once each.
async fn found(database: &Database) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for rule in store::RULES {
        if !database.read(move |tx| store::broken(tx, rule)).await.is_empty() {
            kinds.push(rule.kind);
        }
    }
    kinds
}

/// Plants a fault behind the services' backs.
async fn plant(database: &Database, sql: &'static str) {
    database.write(move |tx| tx.execute(sql, &[]).map(drop)).await;
}

/// Ana with an item and a chat of two messages with Ben, who has three tokens in two entries.
async fn stage(database: &Database) -> (UserId, UserId, ItemId) {
    let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
    let item = database.item(here(), ana, "A lamp").await;
    database
        .write(move |tx| {
            insert_token_entry(tx, here(), ben, 2, TokenReason::Signup, "signup")?;
            insert_token_entry(tx, here(), ben, 1, TokenReason::Grant, "gift")?;
            tx.execute(
                "INSERT INTO chats (campus_id, id, item_id, buyer_id, seller_id, last_seq, created_at, updated_at)
             VALUES (?1, 'cht_1', ?2, ?3, ?4, 2, 0, 0)",
                params![here(), item, ben, ana],
            )?;
            for (user, peer, read, unread) in [(ana, ben, 1_i64, 1_i64), (ben, ana, 2, 0)] {
                tx.execute(
                "INSERT INTO chat_members (campus_id, chat_id, user_id, peer_id, read_seq, unread, muted, updated_at)
                 VALUES (?1, 'cht_1', ?2, ?3, ?4, ?5, 0, 0)",
                params![here(), user, peer, read, unread],
            )?;
            }
            for seq in [1_i64, 2] {
                tx.execute(
                    "INSERT INTO messages (campus_id, chat_id, seq, id, sender_id, kind, body, created_at)
                 VALUES (?1, 'cht_1', ?2, ?3, ?4, 'text', 'x', 0)",
                    params![here(), seq, format!("msg_{seq}"), ben],
                )?;
            }
            tx.execute("INSERT INTO inbox_heads (campus_id, user_id, head) VALUES (?1, ?2, 1)", params![here(), ana])?;
            tx.execute(
                "INSERT INTO inbox (campus_id, user_id, since, frame, created_at) VALUES (?1, ?2, 1, '{}', 0)",
                params![here(), ana],
            )
        })
        .await;
    (ana, ben, item)
}

/// A booking of Ben's for `item`, and the unlock that goes with it.
fn book(
    tx: &mut Tx<'_>,
    parties: (UserId, UserId, ItemId),
    id: &str,
    listing: &str,
    days: Option<(i64, i64)>,
) -> Result<(), StoreError> {
    let (ana, ben, item) = parties;
    let buyer = if id.ends_with('1') { ben } else { ana };
    tx.execute(
        "INSERT INTO unlocks (campus_id, id, item_id, buyer_id, price, accepted, created_at, closed_at)
         VALUES (?1, ?2, ?3, ?4, 0, 1, 0, 0)",
        params![here(), format!("unl_{id}"), item, buyer],
    )?;
    tx.execute(
        "INSERT INTO bookings (campus_id, id, item_id, buyer_id, seller_id, chat_id, unlock_id, status, turn, version,
             rounds, listing, title, list_price, price, first_day, last_day, code_attempts, buyer_confirmed,
             seller_confirmed, extended, rewarded, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'cht_1', ?6, 'accepted', 'buyer', 1, 0, ?7, 'x', 0, 0, ?8, ?9, 0, 0, 0, 0, 0, 0, 0)",
        params![
            here(),
            id,
            item,
            buyer,
            ana,
            format!("unl_{id}"),
            listing,
            days.map(|days| days.0),
            days.map(|days| days.1)
        ],
    )?;
    Ok(())
}

fn claim(tx: &mut Tx<'_>, item: ItemId, day: i64, booking: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO item_claims (campus_id, item_id, day, booking_id) VALUES (?1, ?2, ?3, ?4)",
        params![here(), item, day, booking],
    )?;
    Ok(())
}

on_every_database! {
    async fn what_agrees_breaks_no_rule(database: Database) {
        let parties = stage(&database).await;
        assert_eq!(found(&database).await, [""; 0]);
        let item = parties.2;
        database.write(move |tx| {
            book(tx, parties, "bkg_1", "rent", Some((10, 12)))?;
            (10..=12).try_for_each(|day| claim(tx, item, day, "bkg_1"))?;
            book(tx, parties, "bkg_2", "rent", Some((13, 13)))?;
            claim(tx, item, 13, "bkg_2")
        }).await;
        assert_eq!(found(&database).await, [""; 0]);
    }

    async fn balances_follow_from_the_ledger(database: Database) {
        stage(&database).await;
        plant(&database, "UPDATE users SET tokens = tokens + 1 WHERE email LIKE 'ben%'").await;
        assert_eq!(found(&database).await, ["ledger_sum", "ledger_last"]);
        plant(&database, "INSERT INTO token_entries (campus_id, user_id, number, delta, reason, reference, balance, created_at)
            SELECT campus_id, id, 4, 0, 'grant', 'x', 4, 0 FROM users WHERE email LIKE 'ben%'").await;
        assert_eq!(found(&database).await, ["ledger_sum", "ledger_entry", "ledger_gap"]);
        let broken = database.read(|tx| store::broken(tx, &store::RULES[0])).await;
        assert_eq!((broken[0].expected, broken[0].found), (3, 4));
    }

    async fn an_item_is_promised_to_one(database: Database) {
        let parties = stage(&database).await;
        let item = parties.2;
        database.write(move |tx| {
            book(tx, parties, "bkg_1", "sale", None)?;
            claim(tx, item, -1, "bkg_1")?;
            tx.execute("UPDATE items SET status = 'reserved'", &[])
        }).await;
        assert_eq!(found(&database).await, [""; 0]);
        database.write(move |tx| book(tx, parties, "bkg_2", "sale", None)).await;
        assert_eq!(found(&database).await, ["double_booking", "claims_missing"]);
        plant(&database, "UPDATE bookings SET status = 'cancelled'").await;
        assert_eq!(found(&database).await, ["claims_stray"]);
        plant(&database, "UPDATE items SET status = 'active'").await;
        assert_eq!(found(&database).await, ["claims_stray", "claimed_unreserved"]);
        plant(&database, "DELETE FROM item_claims").await;
        plant(&database, "UPDATE items SET status = 'reserved'").await;
        assert_eq!(found(&database).await, ["reserved_unclaimed"]);
    }

    async fn rentals_do_not_overlap(database: Database) {
        let parties = stage(&database).await;
        let item = parties.2;
        database.write(move |tx| {
            book(tx, parties, "bkg_1", "rent", Some((10, 12)))?;
            (10..=12).try_for_each(|day| claim(tx, item, day, "bkg_1"))?;
            book(tx, parties, "bkg_2", "rent", Some((12, 13)))?;
            claim(tx, item, 13, "bkg_2")
        }).await;
        assert_eq!(found(&database).await, ["rental_overlap", "claims_missing"]);
    }

    async fn messages_and_live_events_are_numbered_without_gaps(database: Database) {
        stage(&database).await;
        plant(&database, "UPDATE chat_members SET unread = 7 WHERE unread = 1").await;
        plant(&database, "UPDATE inbox_heads SET head = 2").await;
        assert_eq!(found(&database).await, ["chat_unread", "inbox_gap"]);
        plant(&database, "DELETE FROM messages WHERE seq = 1").await;
        assert_eq!(found(&database).await, ["chat_gap", "chat_unread", "inbox_gap"]);
    }

    async fn pictures_of_messages_are_theirs(database: Database) {
        let (ana, ben, item) = stage(&database).await;
        let picture = database.picture(ben, "key", campuszon_core::wire::image::ImageStatus::Ready).await.id;
        database.write(move |tx| {
            tx.execute("UPDATE messages SET kind = 'image', image_id = ?1 WHERE seq = 2", params![picture])
        }).await;
        assert_eq!(found(&database).await, [""; 0]);
        database.write(move |tx| tx.execute("UPDATE images SET item_id = ?1, owner_id = ?2", params![item, ana])).await;
        assert_eq!(found(&database).await, ["message_picture"]);
        plant(&database, "DELETE FROM images").await;
        assert_eq!(found(&database).await, ["message_picture"]);
        plant(&database, "UPDATE messages SET image_id = NULL").await;
        assert_eq!(found(&database).await, ["message_picture"], "a picture without one");
        plant(&database, "UPDATE messages SET deleted_at = 1").await;
        assert_eq!(found(&database).await, [""; 0]);
    }

    async fn counters_count(database: Database) {
        stage(&database).await;
        plant(&database, "UPDATE items SET favorites = 3").await;
        plant(&database, "UPDATE users SET rating_sum = 5, rating_count = 1 WHERE email LIKE 'ana%'").await;
        assert_eq!(found(&database).await, ["favorites_count", "rating_sum", "rating_count"]);
    }

    async fn vouchers_count_who_redeemed_them(database: Database) {
        let (ana, ben, _) = stage(&database).await;
        database.write(move |tx| {
            tx.execute(
                "INSERT INTO vouchers (campus_id, code, tokens, uses, used, created_by, created_at)
                 VALUES (?1, 'code', 1, 3, 1, ?2, 0)",
                params![here(), ana],
            )?;
            insert_token_entry(tx, here(), ben, 1, TokenReason::Voucher, "code")?;
            insert_token_entry(tx, here(), ana, 1, TokenReason::Grant, "code")
        }).await;
        assert_eq!(found(&database).await, [""; 0]);
        plant(&database, "UPDATE vouchers SET used = 2").await;
        assert_eq!(found(&database).await, ["voucher_uses"]);
    }

    async fn checks_and_the_last_clean_one_are_remembered(database: Database) {
        let moments = async || (database.read(store::last_check).await, database.read(store::last_clean_check).await);
        assert_eq!((moments().await, database.read(store::last_faults).await), ((None, None), 0));
        database.write(|tx| store::note_check(tx, later(1), 7)).await;
        assert_eq!(moments().await, (Some(later(1)), None));
        database.write(|tx| store::note_check(tx, later(2), 0)).await;
        assert_eq!(database.read(store::last_faults).await, 0);
        database.write(|tx| store::note_check(tx, later(3), 2)).await;
        assert_eq!((moments().await, database.read(store::last_faults).await), ((Some(later(3)), Some(later(2))), 2));
    }

    async fn pictures_and_their_queue_are_known(database: Database) {
        let ana = database.student(here(), "ana").await;
        assert_eq!(database.read(store::pictures).await, []);
        database.write(move |tx| {
            let picture = super::picture(tx, ana, "abc", campuszon_core::wire::image::ImageStatus::Ready);
            campuszon_server::images::store::insert(tx, here(), &picture)
        }).await;
        let pictures = database.read(store::pictures).await;
        assert_eq!(pictures.iter().map(|picture| picture.key.as_str()).collect::<Vec<_>>(), ["abc"]);
        database.write(|tx| campuszon_server::platform::jobs::enqueue(tx, campuszon_server::platform::jobs::Kind::Image, "{}")).await;
        assert_eq!(database.read(store::queued).await, ["{}"]);
    }
}

/// The constraint of the table allows none, so it is lifted first.
#[tokio::test]
async fn no_balance_is_negative() {
    let database = Database::new(crate::support::Engine::Sqlite).await;
    stage(&database).await;
    plant(&database, "PRAGMA ignore_check_constraints = ON").await;
    plant(&database, "UPDATE users SET tokens = -1 WHERE email LIKE 'ana%'").await;
    assert_eq!(found(&database).await, ["ledger_sum", "ledger_negative"]);
}
