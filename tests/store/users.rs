//! Users, mailed codes, sessions, access tokens and the ledger.

use campuszon_core::{
    CampusId, Id, SessionId, TokenId, UserId,
    permission::{Role, Scope, UserStatus},
    wire::wallet::TokenReason,
};
use campuszon_server::users::store::{self, Code, Pending, StoredSession, StoredToken, User};

use super::{Database, here, later, there};
use crate::on_every_database;

async fn user(database: &Database, id: UserId) -> User {
    database.read(move |tx| store::user(tx, here(), id)).await.expect("a user")
}

fn session(number: u128, user: UserId) -> StoredSession {
    StoredSession {
        id: SessionId::from_bits(number),
        user,
        device: Some("laptop".to_owned()),
        salt: vec![0, 1, 255],
        generation: 0,
        created_at: later(0),
        rotated_at: later(0),
        expires_at: later(100),
    }
}

fn token(number: u128, user: UserId) -> StoredToken {
    StoredToken {
        id: TokenId::from_bits(number),
        user,
        name: "script".to_owned(),
        scopes: vec![Scope::Read, Scope::Write],
        secret_hash: vec![7; 32],
        created_at: later(0),
        last_used_at: None,
        expires_at: later(100),
    }
}

fn pending(number: i64) -> Pending {
    let code = Code { hash: vec![7; 32], attempts: 0, sent_at: later(0), expires_at: later(600) };
    Pending { number, name: format!("Ana {number}"), password_hash: format!("hash {number}"), code }
}

on_every_database! {
    async fn registrations_wait_each_with_its_code(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for (user, number) in [(ana, 1), (ana, 2), (ana, 3), (ben, 1)] {
            database.write(move |tx| store::insert_pending(tx, here(), user, &pending(number))).await;
        }
        database.refused(move |tx| store::insert_pending(tx, here(), ana, &pending(2))).await;
        let waiting = |campus, user| database.read(move |tx| store::pending(tx, campus, user));
        assert_eq!(waiting(here(), ana).await, [pending(3), pending(2), pending(1)]);
        assert_eq!(waiting(there(), ana).await, []);

        let code = Code { hash: vec![8; 32], attempts: 0, sent_at: later(60), expires_at: later(660) };
        for campus in [there(), here()] {
            let code = code.clone();
            database.write(move |tx| {
                store::count_pending_attempt(tx, campus, ana)?;
                store::set_pending_code(tx, campus, ana, 2, &code)?;
                store::delete_pending(tx, campus, ana, 1)
            }).await;
            if campus == there() {
                assert_eq!(waiting(here(), ana).await, [pending(3), pending(2), pending(1)]);
            }
        }
        let tried = Pending { code: Code { attempts: 1, ..pending(3).code }, ..pending(3) };
        assert_eq!(waiting(here(), ana).await, [tried, Pending { code, ..pending(2) }]);
        assert_eq!(waiting(here(), ben).await, [pending(1)]);

        database.write(|tx| store::sweep_pending(tx, later(601))).await;
        assert_eq!(waiting(here(), ana).await.len(), 1);
        assert_eq!(waiting(here(), ben).await, []);
    }

    async fn a_setup_link_is_replaced_and_closed(database: Database) {
        let link = |hash: &str| store::SetupLink { hash: hash.to_owned(), expires_at: later(9) };
        assert_eq!(database.read(store::setup_link).await, None);
        for hash in ["first", "second"] {
            database.write(move |tx| store::put_setup_link(tx, &link(hash))).await;
            assert_eq!(database.read(store::setup_link).await, Some(link(hash)));
        }
        database.write(store::delete_setup_link).await;
        assert_eq!(database.read(store::setup_link).await, None);
    }

    async fn a_role_is_set_on_its_campus_only(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| store::set_role(tx, there(), ana, Role::Admin)).await;
        assert!(!database.read(store::has_administrator).await);
        database.write(move |tx| store::set_role(tx, here(), ana, Role::Admin)).await;
        assert!(database.read(store::has_administrator).await);
        assert_eq!(user(&database, ana).await.role, Role::Admin);
        database.write(move |tx| store::set_status(tx, here(), ana, UserStatus::Suspended)).await;
        assert!(!database.read(store::has_administrator).await);
    }

    async fn campuses_have_domains(database: Database) {
        let id = CampusId::from_bits(3);
        database.write(move |tx| {
            store::insert_campus(tx, id, "Third")?;
            store::insert_domain(tx, id, "third.example")?;
            // Whoever came first keeps it.
            store::insert_domain(tx, here(), "third.example")
        }).await;
        assert_eq!(database.read(|tx| store::campus_of_domain(tx, "third.example")).await, Some(id));
        assert_eq!(database.read(|tx| store::campus_of_domain(tx, "fourth.example")).await, None);
        assert_eq!(database.read(|tx| store::campus_of_name(tx, "Third")).await, Some(id));
        assert_eq!(database.read(|tx| store::campus_of_name(tx, "third")).await, None);
        database.refused(move |tx| store::insert_campus(tx, id, "Again")).await;
        database.refused(|tx| store::insert_domain(tx, CampusId::from_bits(9), "nobody.example")).await;

        assert_eq!(database.read(store::domains).await, [(id, "third.example".to_owned())]);
        database.write(|tx| store::delete_domain(tx, here(), "third.example")).await;
        assert_eq!(database.read(store::domains).await.len(), 1);
        database.write(|tx| store::move_domain(tx, here(), "third.example")).await;
        database.write(|tx| store::move_domain(tx, here(), "fourth.example")).await;
        database.write(|tx| store::delete_domain(tx, here(), "fourth.example")).await;
        assert_eq!(database.read(store::domains).await, [(here(), "third.example".to_owned())]);
    }

    async fn campuses_are_named_and_counted(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(|tx| store::rename_campus(tx, there(), "Elsewhere")).await;
        assert_eq!(database.read(|tx| store::campus_name(tx, there())).await.as_deref(), Some("Elsewhere"));
        assert_eq!(database.read(|tx| store::campus_name(tx, CampusId::from_bits(9))).await, None);
        let counted = |campus| database.read(move |tx| store::accounts_of_domain(tx, campus, "uni.example"));
        assert_eq!((counted(here()).await, counted(there()).await), (1, 0));
        assert_eq!(database.read(|tx| store::accounts_of_domain(tx, here(), "ni.example")).await, 0);
        let campuses = database.read(store::campuses).await;
        let seen: Vec<_> = campuses.iter().map(|campus| (campus.name.as_str(), campus.users)).collect();
        assert_eq!(seen, [("Elsewhere", 0), ("Here", 1)]);
        database.write(move |tx| store::set_status(tx, here(), ana, UserStatus::Unverified)).await;
        assert_eq!((counted(here()).await, database.read(store::campuses).await[1].users), (0, 0));
        database.write(move |tx| {
            store::note_campus_act(tx, here(), ana, campuszon_core::wire::trust::AuditAction::EditCampus, there(), "x")
        }).await;
        assert_eq!(database.number("SELECT COUNT(*) FROM audit WHERE action = 'edit_campus' AND target_kind = 'campus'").await, 1);
    }

    async fn a_new_user_begins_with_nothing(database: Database) {
        let ana = database.student(here(), "ana").await;
        let found = user(&database, ana).await;
        assert_eq!((found.campus, found.campus_name.as_str()), (here(), "Here"));
        assert_eq!((found.email.as_str(), found.name.as_str()), ("ana@uni.example", "ana"));
        assert_eq!(found.password_hash, "hash");
        assert_eq!((found.role, found.status), (Role::Student, UserStatus::Active));
        assert_eq!((found.tokens, found.rating(), found.hide_presence), (0, None, false));
        assert_eq!((found.residence, found.phone, found.joined_at, found.last_seen_at), (None, None, later(0), None));
    }

    async fn users_are_found_on_their_campus_only(database: Database) {
        let ana = database.student(here(), "ana").await;
        assert_eq!(database.read(move |tx| store::user(tx, there(), ana)).await, None);
        let by_email = |campus| database.read(move |tx| store::user_by_email(tx, campus, "ana@uni.example"));
        assert_eq!(by_email(here()).await.map(|user| user.id), Some(ana));
        assert_eq!(by_email(there()).await, None);
    }

    async fn an_address_belongs_to_one_user_of_a_campus(database: Database) {
        let ana = database.student(here(), "ana").await;
        let add = |tx: &mut campuszon_server::platform::database::Tx<'_>, campus, id| {
            store::insert_user(tx, campus, id, "ana@uni.example", "Ana", "hash", UserStatus::Active)
        };
        database.refused(move |tx| add(tx, here(), UserId::from_bits(9))).await;
        database.refused(move |tx| store::insert_user(tx, here(), ana, "x@y", "x", "h", UserStatus::Active)).await;
        database.write(move |tx| add(tx, there(), ana)).await;
        let nowhere = CampusId::from_bits(9);
        database.refused(move |tx| add(tx, nowhere, ana)).await;
    }

    async fn accounts_change_on_their_campus_only(database: Database) {
        let ana = database.student(here(), "ana").await;
        let before = user(&database, ana).await;
        let changes = |campus| database.write(move |tx| {
            store::set_status(tx, campus, ana, UserStatus::Unverified)?;
            store::update_unverified(tx, campus, ana, "Ana B.", "second")?;
            store::set_status(tx, campus, ana, UserStatus::Active)?;
            // Too late.
            store::update_unverified(tx, campus, ana, "Eve", "third")?;
            store::set_last_seen(tx, campus, ana)
        });
        database.wait(5);
        changes(there()).await;
        assert_eq!(user(&database, ana).await, before);
        changes(here()).await;
        let after = user(&database, ana).await;
        assert_eq!((after.name.as_str(), after.password_hash.as_str()), ("Ana B.", "second"));
        assert_eq!((after.status, after.last_seen_at), (UserStatus::Active, Some(later(5))));
        database.write(move |tx| store::set_password(tx, there(), ana, "stolen")).await;
        assert_eq!(user(&database, ana).await.password_hash, "second");
        database.write(move |tx| store::set_password(tx, here(), ana, "fourth")).await;
        assert_eq!(user(&database, ana).await.password_hash, "fourth");
    }

    async fn profiles_keep_what_was_written(database: Database) {
        let ana = database.student(here(), "ana").await;
        let changed = User {
            name: "Ana 🙂".to_owned(),
            residence: Some("House 4".to_owned()),
            phone: Some("+49 1".to_owned()),
            hide_presence: true,
            ..user(&database, ana).await
        };
        let (elsewhere, wanted) = (User { campus: there(), ..changed.clone() }, changed.clone());
        database.write(move |tx| store::update_profile(tx, &elsewhere)).await;
        assert_ne!(user(&database, ana).await, changed);
        database.write(move |tx| store::update_profile(tx, &wanted)).await;
        assert_eq!(user(&database, ana).await, changed);
    }

    async fn erasing_leaves_nothing_personal(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| {
            store::put_code(tx, here(), ana, "reset", b"hash", later(60))?;
            store::insert_session(tx, here(), &session(1, ana))?;
            store::insert_token(tx, here(), &token(1, ana))
        }).await;
        database.write(move |tx| store::erase_user(tx, there(), ana)).await;
        assert_eq!(user(&database, ana).await.status, UserStatus::Active);
        database.write(move |tx| store::erase_user(tx, here(), ana)).await;
        let gone = user(&database, ana).await;
        assert_eq!((gone.status, gone.name.as_str()), (UserStatus::Deleted, "deleted user"));
        assert_eq!((gone.email, gone.password_hash), (format!("deleted:{ana}"), String::new()));
        assert_eq!(database.number("SELECT COUNT(*) FROM codes").await, 0);
        assert_eq!(database.number("SELECT COUNT(*) FROM sessions").await, 0);
        assert_eq!(database.number("SELECT COUNT(*) FROM access_tokens").await, 0);
    }

    async fn a_code_is_open_once_for_each_purpose(database: Database) {
        let ana = database.student(here(), "ana").await;
        let code = |campus, purpose| database.read(move |tx| store::code(tx, campus, ana, purpose));
        database.write(move |tx| {
            store::put_code(tx, here(), ana, "verify", b"first", later(60))?;
            store::count_code_attempt(tx, there(), ana, "verify")?;
            store::count_code_attempt(tx, here(), ana, "verify")
        }).await;
        let open = code(here(), "verify").await.expect("a code");
        assert_eq!((open.hash.as_slice(), open.attempts), (b"first".as_slice(), 1));
        assert_eq!((open.sent_at, open.expires_at), (later(0), later(60)));
        assert_eq!(code(there(), "verify").await, None);
        assert_eq!(code(here(), "reset").await, None);

        database.wait(10);
        database.write(move |tx| store::put_code(tx, here(), ana, "verify", b"second", later(70))).await;
        let open = code(here(), "verify").await.expect("a code");
        assert_eq!((open.hash.as_slice(), open.attempts, open.sent_at), (b"second".as_slice(), 0, later(10)));

        database.write(move |tx| store::delete_code(tx, there(), ana, "verify")).await;
        assert!(code(here(), "verify").await.is_some());
        database.write(move |tx| store::delete_code(tx, here(), ana, "verify")).await;
        assert_eq!(code(here(), "verify").await, None);
        database.refused(move |tx| store::put_code(tx, there(), ana, "verify", b"x", later(60))).await;
    }

    async fn sessions_are_listed_newest_first_until_they_end(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        database.write(move |tx| {
            store::insert_session(tx, here(), &session(1, ana))?;
            store::insert_session(tx, here(), &session(2, ana))?;
            store::insert_session(tx, here(), &session(3, ben))
        }).await;
        let sessions = |campus| database.read(move |tx| store::sessions(tx, campus, ana));
        assert_eq!(sessions(here()).await, [session(2, ana), session(1, ana)]);
        assert_eq!(sessions(there()).await, []);
        let one = |campus| database.read(move |tx| store::session(tx, campus, SessionId::from_bits(1)));
        assert_eq!(one(here()).await, Some(session(1, ana)));
        assert_eq!(one(there()).await, None);

        database.wait(100);
        assert_eq!(sessions(here()).await, []);
        database.write(store::sweep_sessions).await;
        assert_eq!(one(here()).await, None);
        database.refused(move |tx| store::insert_session(tx, there(), &session(4, ana))).await;
    }

    async fn a_session_moves_on_from_its_own_generation_only(database: Database) {
        let ana = database.student(here(), "ana").await;
        database.write(move |tx| store::insert_session(tx, here(), &session(1, ana))).await;
        database.wait(10);
        let id = SessionId::from_bits(1);
        let rotate = |campus, from| database.write(move |tx| store::rotate_session(tx, campus, id, from, later(200)));
        assert!(!rotate(there(), 0).await);
        assert!(rotate(here(), 0).await);
        assert!(!rotate(here(), 0).await);
        let rotated = database.read(move |tx| store::session(tx, here(), id)).await.expect("a session");
        assert_eq!((rotated.generation, rotated.rotated_at, rotated.expires_at), (1, later(10), later(200)));
    }

    async fn users_end_their_own_sessions(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let id = SessionId::from_bits;
        database.write(move |tx| {
            [session(1, ana), session(2, ana), session(3, ana), session(4, ben)]
                .iter()
                .try_for_each(|session| store::insert_session(tx, here(), session))
        }).await;
        let delete = |campus, user, number| {
            database.write(move |tx| store::delete_session(tx, campus, user, id(number)))
        };
        assert!(!delete(there(), ana, 1).await);
        assert!(!delete(here(), ben, 1).await);
        assert!(delete(here(), ana, 1).await);
        assert!(!delete(here(), ana, 1).await);

        let others = |campus, except| database.write(move |tx| store::delete_other_sessions(tx, campus, ana, except));
        let left = |user| database.read(move |tx| store::sessions(tx, here(), user));
        others(there(), None).await;
        assert_eq!(left(ana).await.len(), 2);
        others(here(), Some(id(3))).await;
        assert_eq!(left(ana).await, [session(3, ana)]);
        others(here(), None).await;
        assert_eq!(left(ana).await, []);
        assert_eq!(left(ben).await.len(), 1);
    }

    async fn access_tokens_come_back_as_they_were(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        database.write(move |tx| {
            store::insert_token(tx, here(), &token(1, ana))?;
            store::insert_token(tx, here(), &token(2, ana))
        }).await;
        let tokens = |campus| database.read(move |tx| store::tokens(tx, campus, ana));
        assert_eq!(tokens(here()).await, [token(2, ana), token(1, ana)]);
        assert_eq!(tokens(there()).await, []);
        let id = TokenId::from_bits(1);
        let one = |campus| database.read(move |tx| store::token(tx, campus, id));
        assert_eq!(one(there()).await, None);

        database.wait(60);
        database.write(move |tx| store::touch_token(tx, there(), id)).await;
        assert_eq!(one(here()).await, Some(token(1, ana)));
        database.write(move |tx| store::touch_token(tx, here(), id)).await;
        assert_eq!(one(here()).await.and_then(|token| token.last_used_at), Some(later(60)));

        let delete = |campus, user| database.write(move |tx| store::delete_token(tx, campus, user, id));
        assert!(!delete(there(), ana).await);
        assert!(!delete(here(), ben).await);
        assert!(delete(here(), ana).await);
        assert!(!delete(here(), ana).await);

        let all = |campus, user| database.write(move |tx| store::delete_tokens(tx, campus, user));
        all(there(), ana).await;
        all(here(), ben).await;
        assert_eq!(tokens(here()).await, [token(2, ana)]);
        all(here(), ana).await;
        assert_eq!(tokens(here()).await, []);
        database.refused(move |tx| store::insert_token(tx, there(), &token(3, ana))).await;
    }

    async fn a_mailbox_has_its_first_tokens_once_on_each_campus(database: Database) {
        let grant = |campus| database.write(move |tx| store::remember_granted(tx, campus, b"hash of ana"));
        assert!(grant(here()).await);
        assert!(!grant(here()).await);
        assert!(grant(there()).await);
    }

    async fn the_balance_is_the_sum_of_the_ledger_and_never_below_zero(database: Database) {
        let ana = database.student(here(), "ana").await;
        let entry = |delta, reference: &'static str| move |tx: &mut campuszon_server::platform::database::Tx<'_>| {
            store::insert_token_entry(tx, here(), ana, delta, TokenReason::Grant, reference)
        };
        database.write(entry(5, "a")).await;
        database.write(entry(-3, "b")).await;
        assert_eq!(user(&database, ana).await.tokens, 2);
        database.refused(entry(-3, "c")).await;
        database.refused(entry(1, "a")).await;
        assert_eq!(user(&database, ana).await.tokens, 2);
        assert_eq!(database.number("SELECT CAST(SUM(delta) AS BIGINT) FROM token_entries").await, 2);
        assert_eq!(database.number("SELECT balance FROM token_entries WHERE number = 2").await, 2);
        database.refused(move |tx| store::insert_token_entry(tx, there(), ana, 1, TokenReason::Grant, "d")).await;
    }

    async fn ratings_add_up(database: Database) {
        let ana = database.student(here(), "ana").await;
        for (campus, rating) in [(here(), 4), (there(), 5), (here(), 5)] {
            database.write(move |tx| store::add_rating(tx, campus, ana, rating)).await;
        }
        let ana = user(&database, ana).await;
        assert_eq!((ana.rating_sum, ana.rating_count, ana.rating()), (9, 2, Some(4.5)));
    }
}

#[test]
fn ratings_are_averages_to_one_decimal() {
    assert_eq!([store::rating(0, 0), store::rating(14, 3), store::rating(5, 1)], [None, Some(4.7), Some(5.0)]);
}
