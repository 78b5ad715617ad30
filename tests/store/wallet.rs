//! The ledger and its weekly top-up, vouchers, and blocks.

use campuszon_core::{
    UserId,
    permission::{Role, UserStatus},
    wire::wallet::{TokenReason, Voucher},
};
use campuszon_server::{
    platform::database::{StoreError, Tx},
    users::{
        blocks,
        store::{self, Poor},
        wallet,
    },
};

use super::{Database, here, later, there};
use crate::on_every_database;

fn give(tx: &mut Tx<'_>, user: UserId, tokens: i64, reference: &str) -> Result<(), StoreError> {
    store::insert_token_entry(tx, here(), user, tokens, TokenReason::Grant, reference)
}

fn voucher(code: &str, uses: i64) -> Voucher {
    Voucher { code: code.to_owned(), tokens: 5, uses, used: 0, expires_at: Some(later(100)), created_at: later(0) }
}

/// Somebody whose mailbox is known and had its first tokens.
async fn granted(database: &Database, name: &'static str, hash: &'static [u8]) -> UserId {
    let id = database.student(here(), name).await;
    database
        .write(move |tx| {
            store::set_address_hash(tx, here(), id, hash)?;
            store::remember_granted(tx, here(), hash)
        })
        .await;
    id
}

on_every_database! {
    async fn the_ledger_is_read_newest_first(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        database.write(move |tx| {
            give(tx, ben, 9, "other")?;
            ["a", "b", "c"].iter().try_for_each(|reference| give(tx, ana, 2, reference))
        }).await;
        let entries = |campus, before, limit| {
            let read = database.read(move |tx| wallet::store::entries(tx, campus, ana, before, limit));
            async move { read.await.into_iter().map(|(number, entry)| (number, entry.reference, entry.balance)).collect::<Vec<_>>() }
        };
        assert_eq!(entries(here(), i64::MAX, 2).await, [(3, "c".to_owned(), 6), (2, "b".to_owned(), 4)]);
        assert_eq!(entries(here(), 2, 2).await, [(1, "a".to_owned(), 2)]);
        assert_eq!(entries(there(), i64::MAX, 2).await, []);
        let has = |campus, user, reason, reference: &'static str| {
            database.read(move |tx| store::has_token_entry(tx, campus, user, reason, reference))
        };
        assert!(has(here(), ana, TokenReason::Grant, "a").await);
        assert!(!has(here(), ana, TokenReason::Grant, "other").await);
        assert!(!has(here(), ana, TokenReason::Voucher, "a").await);
        assert!(!has(there(), ana, TokenReason::Grant, "a").await);
    }

    async fn what_was_written_stays(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| give(tx, ana, 2, "a")).await;
        for change in ["UPDATE token_entries SET delta = 9", "DELETE FROM token_entries"] {
            let refusal = database.refused(move |tx| tx.execute(change, &[])).await;
            assert!(refusal.contains("append-only"), "{refusal}");
        }
    }

    async fn a_voucher_is_used_until_it_ends(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| wallet::store::insert_voucher(tx, here(), &voucher("A", 2), ana)).await;
        database.refused(move |tx| wallet::store::insert_voucher(tx, here(), &voucher("A", 1), ana)).await;
        let used = |campus, code: &'static str| database.write(move |tx| wallet::store::use_voucher(tx, campus, code));
        assert!(!used(there(), "A").await && !used(here(), "B").await);
        assert!(used(here(), "A").await && used(here(), "A").await);
        assert!(!used(here(), "A").await, "used up");
        let found = |campus| database.read(move |tx| wallet::store::voucher(tx, campus, "A"));
        assert_eq!(found(here()).await, Some(Voucher { used: 2, ..voucher("A", 2) }));
        assert_eq!(found(there()).await, None);

        let endless = || Voucher { expires_at: None, ..voucher("C", 9) };
        database.write(move |tx| {
            wallet::store::insert_voucher(tx, here(), &voucher("B", 2), ana)?;
            wallet::store::insert_voucher(tx, here(), &endless(), ana)
        }).await;
        database.wait(99);
        assert!(used(here(), "B").await);
        database.wait(1);
        assert!(!used(here(), "B").await, "ended");
        assert!(used(here(), "C").await);

        let delete = |campus| database.write(move |tx| wallet::store::delete_voucher(tx, campus, "A"));
        assert!(!delete(there()).await);
        assert!(delete(here()).await && !delete(here()).await);
    }

    async fn vouchers_are_listed_newest_first(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| {
            let newer = Voucher { created_at: later(1), ..voucher("A", 1) };
            [voucher("B", 1), voucher("C", 1), newer]
                .iter()
                .try_for_each(|voucher| wallet::store::insert_voucher(tx, here(), voucher, ana))
        }).await;
        let page = |campus, seconds, code: &'static str| {
            let read = database.read(move |tx| wallet::store::vouchers(tx, campus, (later(seconds), code), 2));
            async move { read.await.into_iter().map(|voucher| voucher.code).collect::<Vec<_>>() }
        };
        assert_eq!(page(here(), 9, "").await, ["A", "C"]);
        assert_eq!(page(here(), 0, "C").await, ["B"]);
        assert!(page(there(), 9, "").await.is_empty());
    }

    async fn the_poor_of_a_week_are_one_for_each_mailbox(database: Database) {
        let ana = granted(&database, "ana", b"ana").await;
        database.wait(1);
        let second = granted(&database, "ana2", b"ana").await;
        let ben = granted(&database, "ben", b"ben").await;
        let rich = granted(&database, "rich", b"rich").await;
        let shut_out = granted(&database, "shut-out", b"shut-out").await;
        database.student(here(), "never granted").await;
        database.write(move |tx| {
            give(tx, rich, 2, "a")?;
            give(tx, ben, 1, "a")?;
            store::set_status(tx, here(), shut_out, UserStatus::Suspended)
        }).await;
        let poor = |week| database.read(move |tx| store::below(tx, 2, week, 9));
        let mut expected = vec![
            Poor { campus: here(), user: ana, tokens: 0, address_hash: b"ana".to_vec() },
            Poor { campus: here(), user: ben, tokens: 1, address_hash: b"ben".to_vec() },
        ];
        expected.sort_by_key(|poor| poor.user);
        assert_eq!(poor(5).await, expected);
        assert_eq!(database.read(|tx| store::below(tx, 2, 5, 1)).await, expected[..1]);

        database.write(|tx| store::note_top_up(tx, here(), b"ben", 5)).await;
        database.write(|tx| store::note_top_up(tx, there(), b"ana", 5)).await;
        assert_eq!(poor(5).await, [expected.iter().find(|poor| poor.user == ana).expect("Ana").clone()]);
        assert_eq!(poor(6).await.len(), 2);
        // The oldest account of a mailbox that is still there stands for it.
        database.write(move |tx| store::erase_user(tx, here(), ana)).await;
        assert_eq!(poor(5).await.iter().map(|poor| poor.user).collect::<Vec<_>>(), [second]);

        assert_eq!(database.read(store::top_up_week).await, None);
        for week in [5, 6] {
            database.write(move |tx| store::set_top_up_week(tx, week)).await;
            assert_eq!(database.read(store::top_up_week).await, Some(week));
        }
    }

    async fn roles_change_on_their_campus_only(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| store::set_role(tx, there(), ana, Role::Admin)).await;
        let role = || database.read(move |tx| Ok::<_, StoreError>(store::user(tx, here(), ana)?.map(|user| user.role)));
        assert_eq!(role().await, Some(Role::Student));
        database.write(move |tx| store::set_role(tx, here(), ana, Role::Admin)).await;
        assert_eq!(role().await, Some(Role::Admin));
    }

    async fn a_block_has_a_direction_and_a_campus(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for _ in 0..2 {
            database.write(move |tx| blocks::store::insert(tx, here(), ana, ben)).await;
        }
        database.refused(move |tx| blocks::store::insert(tx, there(), ana, ben)).await;
        let has = |campus, one, other| database.read(move |tx| blocks::store::has_blocked(tx, campus, one, other));
        assert!(has(here(), ana, ben).await);
        assert!(!has(here(), ben, ana).await && !has(there(), ana, ben).await);
        let between = |campus, one, other| database.read(move |tx| store::is_blocked(tx, campus, one, other));
        assert!(between(here(), ana, ben).await && between(here(), ben, ana).await);
        assert!(!between(there(), ana, ben).await);
        database.write(move |tx| blocks::store::delete(tx, there(), ana, ben)).await;
        database.write(move |tx| blocks::store::delete(tx, here(), ben, ana)).await;
        assert!(between(here(), ana, ben).await);
        database.write(move |tx| blocks::store::delete(tx, here(), ana, ben)).await;
        assert!(!between(here(), ana, ben).await);
    }
}
