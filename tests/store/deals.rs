//! Unlocks, bookings, what they hold, and reviews.

use campuszon_core::{
    BookingId, ChatId, Day, Id, ItemId, ReviewId, UserId,
    booking::{BookingStatus, Deal, Side, WHOLE_ITEM},
    id::UnlockId,
    item::Listing,
};
use campuszon_server::{
    chat::store::insert_chat,
    deals::store::{self, StoredBooking, StoredReview, StoredUnlock, Wanted},
    items::store as items,
};

use super::{Database, here, later, there};
use crate::on_every_database;

/// Ana's lamp, which Ben and Cem have unlocked and talk about.
struct Stage {
    database: Database,
    ana: UserId,
    ben: UserId,
    cem: UserId,
    item: ItemId,
}

fn unlock_of(buyer: UserId, item: ItemId, number: u128) -> StoredUnlock {
    let id = UnlockId::from_bits(number);
    StoredUnlock { id, item, buyer, price: 1, accepted: false, created_at: later(0), closed_at: None }
}

impl Stage {
    async fn new(engine: crate::support::Engine) -> Self {
        let database = Database::new(engine).await;
        let ana = database.student(here(), "ana").await;
        let (ben, cem) = (database.student(here(), "ben").await, database.student(here(), "cem").await);
        let item = database.item(here(), ana, "Lamp").await;
        for (number, buyer) in [(1, ben), (2, cem)] {
            database
                .write(move |tx| {
                    insert_chat(tx, here(), ChatId::from_bits(number), item, buyer, ana)?;
                    store::insert_unlock(tx, here(), &unlock_of(buyer, item, number))
                })
                .await;
        }
        Self { database, ana, ben, cem, item }
    }

    /// A pending booking: 1 is Ben's, 2 is Cem's.
    fn pending(&self, number: u128) -> StoredBooking {
        StoredBooking {
            id: BookingId::from_bits(number),
            item: self.item,
            buyer: if number == 1 { self.ben } else { self.cem },
            seller: self.ana,
            chat: ChatId::from_bits(number),
            unlock: UnlockId::from_bits(number),
            deal: Deal::requested(),
            listing: Listing::Sale,
            rent_period: None,
            title: "Lamp".to_owned(),
            thumbnail: Some("key".to_owned()),
            list_price: 500,
            price: 450,
            message: Some("Hello".to_owned()),
            meet_at: Some(later(9)),
            meet_place: Some("Gate".to_owned()),
            days: Some((Day::from_number(100), Day::from_number(101))),
            handover_code: None,
            code_attempts: 0,
            rewarded: false,
            reason: None,
            deadline_at: Some(later(60)),
            created_at: later(0),
            updated_at: later(0),
            accepted_at: None,
            ended_at: None,
        }
    }

    async fn add(&self, booking: &StoredBooking) -> bool {
        let booking = booking.clone();
        self.database.write(move |tx| store::insert_booking(tx, here(), &booking)).await
    }

    async fn stored(&self, number: u128) -> Option<StoredBooking> {
        self.database.read(move |tx| store::booking(tx, here(), BookingId::from_bits(number))).await
    }

    /// Makes a booking a deal that was rewarded.
    async fn complete(&self, booking: &StoredBooking) {
        let mut done = StoredBooking { rewarded: true, ended_at: Some(later(5)), deadline_at: None, ..booking.clone() };
        done.deal.status = BookingStatus::Completed;
        assert!(self.database.write(move |tx| store::update_booking(tx, here(), 1, &done)).await);
    }

    fn review(&self, number: u128, author: UserId, subject: UserId) -> StoredReview {
        StoredReview {
            id: ReviewId::from_bits(number),
            booking: BookingId::from_bits(1),
            author,
            author_name: if author == self.ana { "ana" } else { "ben" }.to_owned(),
            subject,
            rating: 4,
            comment: Some("Kind".to_owned()),
            answer: None,
            revealed: false,
            reveal_at: later(30),
            created_at: later(1),
        }
    }
}

on_every_database! {
    async fn an_unlock_is_open_until_it_is_closed(stage: Stage) {
        let (database, ben, item) = (&stage.database, stage.ben, stage.item);
        let again = move || unlock_of(ben, item, 3);
        assert!(!database.write(move |tx| store::insert_unlock(tx, here(), &again())).await);
        let open = |campus| database.read(move |tx| store::open_unlock(tx, campus, item, ben));
        assert_eq!(open(here()).await, Some(unlock_of(ben, item, 1)));
        assert_eq!(open(there()).await, None);
        let all = |campus| database.read(move |tx| store::open_unlocks_of_item(tx, campus, item));
        assert_eq!((all(here()).await.len(), all(there()).await.len()), (2, 0));

        let one = UnlockId::from_bits(1);
        database.write(move |tx| store::note_accepted(tx, there(), one)).await;
        database.write(move |tx| store::note_accepted(tx, here(), one)).await;
        let close = |campus| database.write(move |tx| store::close_unlock(tx, campus, one));
        database.wait(4);
        assert_eq!((close(there()).await, close(here()).await, close(here()).await), (false, true, false));
        let closed = database.read(move |tx| store::unlock(tx, here(), one)).await.expect("an unlock");
        assert_eq!((closed.accepted, closed.closed_at), (true, Some(later(4))));
        assert_eq!(database.read(move |tx| store::unlock(tx, there(), one)).await, None);
        assert!(database.write(move |tx| store::insert_unlock(tx, here(), &again())).await, "the next one is paid again");
    }

    async fn a_booking_reads_back_and_changes_from_the_version_it_was_read_in(stage: Stage) {
        let mut booking = stage.pending(1);
        assert!(stage.add(&booking).await);
        assert_eq!(stage.stored(1).await.as_ref(), Some(&booking));
        assert!(!stage.add(&StoredBooking { id: BookingId::from_bits(7), ..booking.clone() }).await, "one open a buyer");
        let elsewhere = stage.database.read(|tx| store::booking(tx, there(), BookingId::from_bits(1))).await;
        assert_eq!(elsewhere, None);

        booking.deal = Deal {
            status: BookingStatus::Accepted,
            turn: Side::Buyer,
            version: 2,
            rounds: 3,
            extended: true,
            buyer_confirmed: true,
            seller_confirmed: false,
        };
        booking.price = 400;
        booking.handover_code = Some("012345".to_owned());
        booking.code_attempts = 2;
        booking.reason = Some("why".to_owned());
        booking.deadline_at = None;
        (booking.updated_at, booking.accepted_at) = (later(2), Some(later(2)));
        let update = |campus| {
            let booking = booking.clone();
            stage.database.write(move |tx| store::update_booking(tx, campus, 1, &booking))
        };
        assert_eq!((update(there()).await, update(here()).await, update(here()).await), (false, true, false));
        assert_eq!(stage.stored(1).await, Some(booking));
    }

    async fn bookings_are_found_by_item_buyer_and_side(stage: Stage) {
        assert!(stage.add(&stage.pending(1)).await);
        assert!(stage.add(&StoredBooking { deadline_at: None, ..stage.pending(2) }).await);
        let (database, item, ana, ben, cem) = (&stage.database, stage.item, stage.ana, stage.ben, stage.cem);
        let of_item = |campus| database.read(move |tx| store::open_of_item(tx, campus, item));
        assert_eq!((of_item(here()).await.len(), of_item(there()).await.len()), (2, 0));
        let of_both = |campus, buyer| database.read(move |tx| store::open_of_buyer_and_item(tx, campus, item, buyer));
        assert_eq!(of_both(here(), ben).await, Some(stage.pending(1)));
        assert_eq!((of_both(here(), ana).await, of_both(there(), ben).await), (None, None));
        let of_buyer = |campus, buyer| database.read(move |tx| store::open_of_buyer(tx, campus, buyer));
        assert_eq!((of_buyer(here(), cem).await.len(), of_buyer(there(), cem).await.len()), (1, 0));

        let waiting = stage.stored(2).await.expect("a booking");
        let place = |campus| {
            let waiting = waiting.clone();
            database.read(move |tx| store::waiting_place(tx, campus, &waiting))
        };
        assert_eq!((place(here()).await, place(there()).await), (1, 0));

        let list = |campus, user, role, statuses: &[BookingStatus], before| {
            let wanted = Wanted { role, statuses: statuses.to_vec(), before, limit: 9 };
            database.read(move |tx| store::bookings(tx, campus, user, &wanted))
        };
        let ids = |found: Vec<StoredBooking>| found.iter().map(|booking| booking.id.bits()).collect::<Vec<_>>();
        assert_eq!(ids(list(here(), ana, None, &[], None).await), [2, 1]);
        assert_eq!(ids(list(here(), ana, None, &[], Some(BookingId::from_bits(2))).await), [1]);
        assert_eq!(ids(list(here(), ana, Some(Side::Buyer), &[], None).await), [0_u128; 0]);
        assert_eq!(ids(list(here(), ben, Some(Side::Buyer), &[BookingStatus::Pending], None).await), [1]);
        assert_eq!(ids(list(here(), ana, Some(Side::Seller), &[BookingStatus::Declined], None).await), [0_u128; 0]);
        assert_eq!(ids(list(there(), ana, None, &[], None).await), [0_u128; 0]);
    }

    async fn what_a_booking_holds_nobody_else_can(stage: Stage) {
        assert!(stage.add(&stage.pending(1)).await && stage.add(&stage.pending(2)).await);
        let (database, item) = (&stage.database, stage.item);
        let (one, two) = (BookingId::from_bits(1), BookingId::from_bits(2));
        let claim = |day, booking| database.write(move |tx| store::claim(tx, here(), item, day, booking));
        for day in [100, 102, WHOLE_ITEM] {
            assert!(claim(day, one).await);
        }
        assert_eq!((claim(100, two).await, claim(101, two).await, claim(WHOLE_ITEM, two).await), (false, true, false));
        database.refused(move |tx| store::claim(tx, there(), item, 5, one)).await;
        let days = |campus| {
            let span = [99, 101].map(Day::from_number);
            database.read(move |tx| store::claimed_days(tx, campus, item, span[0], span[1]))
        };
        assert_eq!(days(here()).await, [100, 101].map(Day::from_number));
        assert_eq!(days(there()).await, []);
        database.write(move |tx| store::release_claims(tx, there(), one)).await;
        database.write(move |tx| store::release_claims(tx, here(), one)).await;
        assert_eq!(days(here()).await, [Day::from_number(101)]);
    }

    async fn deadlines_come_in_order(stage: Stage) {
        let database = &stage.database;
        let next = || database.read(store::next_booking);
        assert_eq!(next().await, None);
        assert!(stage.add(&stage.pending(1)).await);
        assert!(stage.add(&StoredBooking { deadline_at: Some(later(30)), ..stage.pending(2) }).await);
        assert_eq!(next().await, Some(later(30)));
        let due = |limit| database.read(move |tx| store::due_bookings(tx, limit));
        assert_eq!(due(9).await, []);
        database.wait(60);
        assert_eq!(due(9).await, [(here(), BookingId::from_bits(2)), (here(), BookingId::from_bits(1))]);
        assert_eq!(due(1).await.len(), 1);
    }

    async fn a_reward_is_remembered_for_the_two_of_them(stage: Stage) {
        assert!(stage.add(&stage.pending(1)).await);
        let (database, ana, ben, cem) = (&stage.database, stage.ana, stage.ben, stage.cem);
        let had = |campus, one, other, since| {
            database.read(move |tx| store::had_reward(tx, campus, one, other, later(since)))
        };
        assert!(!had(here(), ana, ben, 0).await);
        stage.complete(&stage.pending(1)).await;
        assert!(had(here(), ana, ben, 0).await && had(here(), ben, ana, 4).await);
        assert!(!had(here(), ana, cem, 0).await && !had(here(), ana, ben, 5).await && !had(there(), ana, ben, 0).await);
    }

    async fn reviews_are_one_a_side_and_shown_in_time(stage: Stage) {
        assert!(stage.add(&stage.pending(1)).await);
        let (database, ana, ben, cem) = (&stage.database, stage.ana, stage.ben, stage.cem);
        let add = |review: StoredReview| database.write(move |tx| store::insert_review(tx, here(), &review));
        let next = || database.read(store::next_review);
        assert_eq!(next().await, None);
        assert!(add(stage.review(1, ben, ana)).await);
        assert!(!add(stage.review(2, ben, ana)).await);
        assert!(add(stage.review(3, ana, ben)).await);
        let booking = BookingId::from_bits(1);
        let both = |campus| database.read(move |tx| store::reviews_of_booking(tx, campus, booking));
        assert_eq!(both(here()).await, [stage.review(1, ben, ana), stage.review(3, ana, ben)]);
        assert_eq!(both(there()).await, []);
        let wrote = |campus, author| database.read(move |tx| store::has_reviewed(tx, campus, booking, author));
        assert!(wrote(here(), ben).await && !wrote(here(), cem).await && !wrote(there(), ben).await);

        // Only its author sees one that is not shown yet.
        let one = ReviewId::from_bits(1);
        let list = |campus, reader, before| {
            database.read(move |tx| store::reviews(tx, campus, ana, reader, before, 9))
        };
        assert_eq!((list(here(), cem, None).await.len(), list(here(), ben, None).await.len()), (0, 1));
        assert_eq!(next().await, Some(later(30)));
        database.wait(30);
        let due = database.read(|tx| store::due_reviews(tx, 9)).await;
        assert_eq!(due, [(here(), one), (here(), ReviewId::from_bits(3))]);
        let reveal = |campus| database.write(move |tx| store::reveal(tx, campus, one));
        assert_eq!((reveal(there()).await, reveal(here()).await, reveal(here()).await), (false, true, false));
        assert_eq!((list(here(), cem, None).await.len(), list(there(), cem, None).await.len()), (1, 0));
        assert_eq!(list(here(), cem, Some(one)).await, []);

        let answer = |campus| database.write(move |tx| store::answer(tx, campus, one, "Thanks"));
        assert_eq!((answer(there()).await, answer(here()).await, answer(here()).await), (false, true, false));
        let read = database.read(move |tx| store::review(tx, here(), one)).await.expect("a review");
        assert_eq!((read.answer.as_deref(), read.revealed), (Some("Thanks"), true));
        assert_eq!(database.read(move |tx| store::review(tx, there(), one)).await, None);
    }

    async fn an_item_is_held_by_what_is_accepted(stage: Stage) {
        let (database, item) = (&stage.database, stage.item);
        let is_held = |campus| database.read(move |tx| items::is_held(tx, campus, item));
        let mut booking = stage.pending(1);
        assert!(stage.add(&booking).await && !is_held(here()).await);
        booking.deal.status = BookingStatus::Accepted;
        assert!(database.write(move |tx| store::update_booking(tx, here(), 1, &booking)).await);
        assert!(is_held(here()).await && !is_held(there()).await);
    }
}

/// Rentals exclude each other where their days meet; two of a whole item always do.
#[test]
fn bookings_exclude_each_other_by_days() {
    let with = |days: Option<(i64, i64)>| {
        let days = days.map(|(from, to)| (Day::from_number(from), Day::from_number(to)));
        StoredBooking { days, ..blank() }
    };
    assert!(with(None).excludes(&with(None)));
    assert!(with(Some((1, 3))).excludes(&with(Some((3, 5)))) && with(Some((3, 5))).excludes(&with(Some((1, 3)))));
    assert!(!with(Some((1, 2))).excludes(&with(Some((3, 5)))));
    assert_eq!(with(None).side_of(UserId::from_bits(9)), None);
}

fn blank() -> StoredBooking {
    StoredBooking {
        id: BookingId::from_bits(1),
        item: ItemId::from_bits(1),
        buyer: UserId::from_bits(1),
        seller: UserId::from_bits(2),
        chat: ChatId::from_bits(1),
        unlock: UnlockId::from_bits(1),
        deal: Deal::requested(),
        listing: Listing::Rent,
        rent_period: None,
        title: String::new(),
        thumbnail: None,
        list_price: 0,
        price: 0,
        message: None,
        meet_at: None,
        meet_place: None,
        days: None,
        handover_code: None,
        code_attempts: 0,
        rewarded: false,
        reason: None,
        deadline_at: None,
        created_at: later(0),
        updated_at: later(0),
        accepted_at: None,
        ended_at: None,
    }
}
