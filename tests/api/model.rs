//! Random deals of several users against a model of the rules: after every step both agree on every state and balance,
//! and the books are in order.

use std::{collections::BTreeSet, time::Duration};

use campuszon_server::{check, params};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::market::{ACCEPTED, CONFIRM, Market, PENDING};
use crate::support::{Engine, Person};

/// What somebody does. Users, items and bookings are named by numbers, taken modulo how many there are.
#[derive(Clone, Debug)]
enum Step {
    Unlock { user: usize, item: usize },
    Request { user: usize, item: usize, first_day: i64 },
    Act { user: usize, booking: usize, act: Act },
    Item { item: usize, action: &'static str },
    Pass(u64),
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Counter { stale: bool },
    Accept,
    Decline,
    Cancel,
    Extend,
    Confirm,
    Code { right: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let act = prop_oneof![
        3 => any::<bool>().prop_map(|stale| Act::Counter { stale }),
        6 => Just(Act::Accept),
        2 => Just(Act::Decline),
        2 => Just(Act::Cancel),
        1 => Just(Act::Extend),
        3 => Just(Act::Confirm),
        3 => prop::bool::weighted(0.7).prop_map(|right| Act::Code { right }),
    ];
    let item = prop_oneof![3 => Just("withdraw"), 6 => Just("relist"), 1 => Just("sold")];
    let pass =
        prop_oneof![Just(1), Just(250), Just(CONFIRM.as_secs()), Just(PENDING.as_secs()), Just(ACCEPTED.as_secs())];
    let step = prop_oneof![
        2 => (0..4_usize, 0..4_usize).prop_map(|(user, item)| Step::Unlock { user, item }),
        8 => (0..4_usize, 0..4_usize, 0..6_i64)
            .prop_map(|(user, item, first_day)| Step::Request { user, item, first_day }),
        20 => (0..4_usize, 0..6_usize, act).prop_map(|(user, booking, act)| Step::Act { user, booking, act }),
        2 => (0..4_usize, item).prop_map(|(item, action)| Step::Item { item, action }),
        4 => pass.prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 20..60)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sale,
    Free,
    Rent,
}

#[derive(Debug)]
struct Item {
    id: String,
    seller: usize,
    kind: Kind,
    status: &'static str,
}

#[derive(Debug)]
struct Unlock {
    buyer: usize,
    item: usize,
    price: i64,
    accepted: bool,
    open: bool,
}

#[derive(Debug)]
struct Booking {
    id: String,
    buyer: usize,
    item: usize,
    unlock: usize,
    status: &'static str,
    sellers_turn: bool,
    version: i64,
    rounds: i64,
    deadline: Option<i64>,
    extended: bool,
    confirmed: [bool; 2],
    wrong_codes: i64,
    days: Option<(i64, i64)>,
}

impl Booking {
    fn is_open(&self) -> bool {
        self.status == "pending" || self.status == "accepted"
    }

    fn meets(&self, days: Option<(i64, i64)>) -> bool {
        match (self.days, days) {
            (Some(ours), Some(theirs)) => ours.0 <= theirs.1 && theirs.0 <= ours.1,
            _ => true,
        }
    }
}

/// What should be, by the rules of the product alone.
struct Model {
    items: Vec<Item>,
    unlocks: Vec<Unlock>,
    bookings: Vec<Booking>,
    balances: [i64; 4],
    rewarded: BTreeSet<(usize, usize)>,
    now: i64,
}

const BUYER: usize = 0;
const SELLER: usize = 1;

impl Model {
    fn seller_of(&self, booking: usize) -> usize {
        self.items[self.bookings[booking].item].seller
    }

    /// The unlock that `user` has or could buy: its price, or why not.
    fn unlock(&mut self, user: usize, item: usize) -> Result<usize, u16> {
        let Item { seller, kind, status, .. } = self.items[item];
        if status != "active" && status != "reserved" {
            return Err(if status == "sold" && self.has_chat(user, item) || seller == user { 409 } else { 404 });
        }
        if seller == user {
            return Err(409);
        }
        if let Some(open) = self.unlocks.iter().position(|old| old.open && old.buyer == user && old.item == item) {
            return Ok(open);
        }
        let price = i64::from(kind != Kind::Free);
        if self.balances[user] < price {
            return Err(402);
        }
        self.balances[user] -= price;
        self.unlocks.push(Unlock { buyer: user, item, price, accepted: false, open: true });
        Ok(self.unlocks.len() - 1)
    }

    fn has_chat(&self, user: usize, item: usize) -> bool {
        self.bookings.iter().any(|booking| booking.buyer == user && booking.item == item)
    }

    fn held_days(&self, item: usize) -> impl Iterator<Item = (i64, i64)> {
        let holds = move |booking: &&Booking| {
            booking.item == item && (booking.status == "accepted" || booking.status == "completed")
        };
        self.bookings.iter().filter(holds).filter_map(|booking| booking.days)
    }

    fn request(&mut self, user: usize, item: usize, days: Option<(i64, i64)>) -> Result<Booking, u16> {
        let is_open = |booking: &Booking| booking.buyer == user && booking.item == item && booking.is_open();
        let status = self.items[item].status;
        let is_listed = status == "active" || status == "reserved";
        if is_listed && self.bookings.iter().any(is_open) {
            return Err(409);
        }
        let (balances, unlocks) = (self.balances, self.unlocks.len());
        let unlock = self.unlock(user, item)?;
        let taken = days.is_some_and(|(from, to)| self.held_days(item).any(|held| held.0 <= to && from <= held.1));
        if taken {
            // One transaction: what was paid for the unlock is not paid.
            self.balances = balances;
            self.unlocks.truncate(unlocks);
            return Err(409);
        }
        let deadline = (status == "active").then(|| self.now + millis(PENDING));
        Ok(Booking {
            id: String::new(),
            buyer: user,
            item,
            unlock,
            status: "pending",
            sellers_turn: true,
            version: 1,
            rounds: 0,
            deadline,
            extended: false,
            confirmed: [false; 2],
            wrong_codes: 0,
            days,
        })
    }

    /// Whether the act succeeds; it has happened then.
    fn act(&mut self, user: usize, index: usize, act: Act) -> bool {
        let seller = self.seller_of(index);
        let booking = &mut self.bookings[index];
        let is_seller = user == seller;
        if !is_seller && user != booking.buyer {
            return false;
        }
        let side = if is_seller { SELLER } else { BUYER };
        let my_turn = booking.status == "pending" && booking.sellers_turn == is_seller;
        match act {
            Act::Counter { stale } => {
                if !my_turn || stale || booking.rounds == 6 {
                    return false;
                }
                booking.rounds += 1;
                booking.sellers_turn = !booking.sellers_turn;
                booking.deadline = booking.deadline.map(|_| self.now + millis(PENDING));
            }
            Act::Accept => return my_turn && self.accept(index),
            Act::Decline => {
                if booking.status != "pending" || !is_seller {
                    return false;
                }
                self.end(index, "declined", true);
                return true;
            }
            Act::Cancel => match booking.status {
                "pending" if !is_seller => self.end(index, "cancelled", false),
                "accepted" => {
                    self.end(index, "cancelled", is_seller);
                    self.let_go(index);
                }
                _ => return false,
            },
            Act::Extend => {
                if booking.status != "accepted" || !is_seller || booking.extended {
                    return false;
                }
                booking.extended = true;
                booking.deadline = booking.deadline.map(|deadline| deadline + millis(ACCEPTED));
            }
            Act::Confirm => {
                if booking.status != "accepted" || booking.confirmed[side] {
                    return false;
                }
                booking.confirmed[side] = true;
                if booking.confirmed == [true; 2] {
                    self.complete(index);
                    return true;
                }
                booking.deadline = Some(self.now + millis(CONFIRM));
            }
            Act::Code { right } => {
                if booking.status != "accepted" || !is_seller || booking.wrong_codes == 5 {
                    return false;
                }
                if !right {
                    booking.wrong_codes += 1;
                    return false;
                }
                self.complete(index);
                return true;
            }
        }
        let booking = &mut self.bookings[index];
        if booking.is_open() {
            booking.version += 1;
        }
        true
    }

    fn accept(&mut self, index: usize) -> bool {
        let (item, days) = (self.bookings[index].item, self.bookings[index].days);
        let clashes = match days {
            Some((from, to)) => self.held_days(item).any(|held| held.0 <= to && from <= held.1),
            None => false,
        };
        if self.items[item].status != "active" || clashes {
            return false;
        }
        let begins = days.map_or(self.now, |(from, _)| self.now.max(from * 86_400_000));
        let booking = &mut self.bookings[index];
        booking.status = "accepted";
        booking.version += 1;
        booking.deadline = Some(begins + millis(ACCEPTED));
        let unlock = booking.unlock;
        self.unlocks[unlock].accepted = true;
        if days.is_none() {
            self.items[item].status = "reserved";
        }
        let others = self.bookings.iter_mut().filter(|other| other.item == item && other.status == "pending");
        others.filter(|other| other.meets(days)).for_each(|other| other.deadline = None);
        true
    }

    fn end(&mut self, index: usize, status: &'static str, refund: bool) {
        let booking = &mut self.bookings[index];
        booking.status = status;
        booking.deadline = None;
        booking.version += 1;
        if refund {
            let unlock = booking.unlock;
            self.refund(unlock);
        }
    }

    fn refund(&mut self, unlock: usize) {
        let unlock = &mut self.unlocks[unlock];
        if unlock.open {
            unlock.open = false;
            self.balances[unlock.buyer] += unlock.price;
        }
    }

    fn let_go(&mut self, index: usize) {
        let item = self.bookings[index].item;
        if self.items[item].status == "reserved" {
            self.items[item].status = "active";
        }
        let held: Vec<(i64, i64)> = self.held_days(item).collect();
        let deadline = self.now + millis(PENDING);
        for other in self.bookings.iter_mut().filter(|other| other.item == item && other.status == "pending") {
            let is_held = other.days.is_some_and(|(from, to)| held.iter().any(|days| days.0 <= to && from <= days.1));
            if other.deadline.is_none() && !is_held {
                other.deadline = Some(deadline);
            }
        }
    }

    fn complete(&mut self, index: usize) {
        let seller = self.seller_of(index);
        let Booking { buyer, item, unlock, days, .. } = self.bookings[index];
        let pair = (buyer.min(seller), buyer.max(seller));
        if self.unlocks[unlock].price > 0 && self.unlocks[unlock].open && self.rewarded.insert(pair) {
            self.balances[buyer] += 1;
            self.balances[seller] += 1;
        }
        self.end(index, "completed", false);
        if days.is_none() {
            self.item_ends(item, "sold");
            return;
        }
        for other in 0..self.bookings.len() {
            let found = &self.bookings[other];
            if found.item == item && found.status == "pending" && found.meets(days) {
                self.end(other, "superseded", true);
            }
        }
    }

    fn item_ends(&mut self, item: usize, status: &'static str) {
        self.items[item].status = status;
        for index in 0..self.bookings.len() {
            match (self.bookings[index].item == item, self.bookings[index].status) {
                (true, "pending") if status == "sold" => self.end(index, "superseded", true),
                (true, "pending" | "accepted") => self.end(index, "cancelled", true),
                _ => {}
            }
        }
        for unlock in 0..self.unlocks.len() {
            if self.unlocks[unlock].item == item && !self.unlocks[unlock].accepted {
                self.refund(unlock);
            }
        }
    }

    fn item_acts(&mut self, item: usize, action: &str) -> bool {
        match (self.items[item].status, action) {
            ("active" | "reserved", "withdraw") => self.item_ends(item, "withdrawn"),
            ("active" | "reserved", "sold") => self.item_ends(item, "sold"),
            ("withdrawn", "relist") => self.items[item].status = "active",
            _ => return false,
        }
        true
    }

    /// Ends what is due, in the order of deadlines.
    fn run_out(&mut self) {
        let due = |model: &Self| {
            let due = model.bookings.iter().enumerate().filter_map(|(index, booking)| Some((booking.deadline?, index)));
            due.filter(|(deadline, _)| *deadline <= model.now).min()
        };
        while let Some((_, index)) = due(self) {
            let booking = &self.bookings[index];
            match booking.status {
                "accepted" if booking.confirmed != [false; 2] => self.complete(index),
                "accepted" => {
                    self.end(index, "expired", false);
                    self.let_go(index);
                }
                _ => self.end(index, "expired", true),
            }
        }
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).expect("short")
}

/// The real thing and the model, side by side.
struct Pair {
    market: Market,
    people: [Person; 4],
    model: Model,
}

impl Pair {
    async fn new(engine: Engine) -> Self {
        let market = Market::new(engine).await;
        let people = [&market.ana, &market.ben, &market.cem, &market.dua].map(Person::clone);
        let kinds = [(0, Kind::Sale), (0, Kind::Free), (1, Kind::Rent), (2, Kind::Sale)];
        let mut items = Vec::new();
        for (seller, kind) in kinds {
            let more = match kind {
                Kind::Sale => json!({}),
                Kind::Free => json!({"listing": "free", "price": 0}),
                Kind::Rent => json!({"listing": "rent", "rent_period": "day"}),
            };
            let id = super::offer(&market, &people[seller], "A thing", more).await;
            items.push(Item { id, seller, kind, status: "active" });
        }
        let model = Model {
            items,
            unlocks: Vec::new(),
            bookings: Vec::new(),
            balances: [2; 4],
            rewarded: BTreeSet::new(),
            now: 0,
        };
        Self { market, people, model }
    }

    async fn take(&mut self, step: &Step) {
        self.market.wait(Duration::from_millis(1));
        self.model.now = self.market.app.clock.now().millis();
        match *step {
            Step::Unlock { user, item } => {
                let expected = self.model.unlock(user, item).map(|_| 200).unwrap_or_else(|status| status);
                let path = format!("/api/items/{}/unlock", self.model.items[item].id);
                let answer = self.market.post(&self.people[user], &path, json!({})).await;
                assert_eq!(answer.status, expected, "{}", answer.json());
            }
            Step::Request { user, item, first_day } => self.request(user, item, first_day).await,
            Step::Act { user, booking, act } => self.act(user, booking, act).await,
            Step::Item { item, action } => {
                let expected = self.model.item_acts(item, action);
                let (seller, path) =
                    (self.model.items[item].seller, format!("/api/items/{}/{action}", self.model.items[item].id));
                let answer = self.market.post(&self.people[seller], &path, json!({})).await;
                assert_eq!(answer.status, if expected { 200 } else { 409 }, "{}", answer.json());
            }
            Step::Pass(seconds) => {
                self.market.pass(Duration::from_secs(seconds)).await;
                self.model.now = self.market.app.clock.now().millis();
                self.model.run_out();
            }
        }
    }

    async fn request(&mut self, user: usize, item: usize, first_day: i64) {
        let rents = self.model.items[item].kind == Kind::Rent;
        let today = self.model.now.div_euclid(86_400_000);
        let days = rents.then(|| (today + 10 + first_day, today + 11 + first_day));
        let day = |number| campuszon_core::Day::from_number(number).to_string();
        let wish = days.map_or(json!({}), |(from, to)| json!({"from": day(from), "to": day(to)}));
        let path = format!("/api/items/{}/bookings", self.model.items[item].id);
        let answer = self.market.post(&self.people[user], &path, wish).await;
        match self.model.request(user, item, days) {
            Ok(booking) => {
                let id = answer.expect(201).text("/id");
                self.model.bookings.push(Booking { id, ..booking });
            }
            Err(status) => assert_eq!(answer.status, status, "{}", answer.json()),
        }
    }

    async fn act(&mut self, user: usize, booking: usize, act: Act) {
        let Some(count) = std::num::NonZero::new(self.model.bookings.len()) else { return };
        // The newest are the ones where something can still happen.
        let index = count.get() - 1 - booking % count;
        let found = &self.model.bookings[index];
        let (id, version, buyer) = (found.id.clone(), found.version, found.buyer);
        let (action, body) = match act {
            Act::Counter { stale } => ("counter", json!({"price": 7, "version": version + i64::from(stale)})),
            Act::Accept => ("accept", json!({})),
            Act::Decline => ("decline", json!({})),
            Act::Cancel => ("cancel", json!({})),
            Act::Extend => ("extend", json!({})),
            Act::Confirm => ("complete", json!({})),
            Act::Code { right } => {
                let code = self.market.booking(&self.people[buyer], &id).await["handover_code"].clone();
                let wrong = if code == "123456" { "654321" } else { "123456" };
                ("complete", json!({"handover_code": if right { code } else { json!(wrong) }}))
            }
        };
        // Without a code there is nothing right to say: the same as the caller's own confirmation.
        let act = if body == json!({"handover_code": Value::Null}) { Act::Confirm } else { act };
        let answer = self.market.post(&self.people[user], &format!("/api/bookings/{id}/{action}"), body).await;
        let expected = self.model.act(user, index, act);
        assert_eq!(answer.status == 200, expected, "{act:?} by {user}: {}", answer.json());
        assert!(expected || [404, 409, 422].contains(&answer.status.as_u16()), "{}", answer.json());
    }

    /// Both agree, and the books are in order.
    async fn compare(&self) {
        let campus = self.market.campus().await;
        let (bookings, items, balances, unruly) = self
            .market
            .app
            .read(move |tx| {
                let bookings: Vec<(String, String, i64, Option<i64>)> = tx.query(
                    "SELECT id, status, version, deadline_at FROM bookings WHERE campus_id = ?1 ORDER BY id",
                    params![campus],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )?;
                let items: Vec<(String, String)> = tx.query(
                    "SELECT id, status FROM items WHERE campus_id = ?1 ORDER BY number",
                    params![campus],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?;
                let balances: Vec<(String, i64)> =
                    tx.query("SELECT id, tokens FROM users WHERE campus_id = ?1", params![campus], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })?;
                let unruly: Vec<String> = tx.query(UNRULY, params![campus], |row| row.get(0))?;
                Ok((bookings, items, balances, unruly))
            })
            .await
            .expect("a read");
        assert_eq!(unruly, Vec::<String>::new());
        for ours in &self.model.bookings {
            let theirs = bookings.iter().find(|theirs| theirs.0 == ours.id).expect("a booking");
            let expected = (ours.status.to_owned(), ours.version, ours.deadline);
            assert_eq!((theirs.1.clone(), theirs.2, theirs.3), expected, "{ours:?}");
        }
        for ours in &self.model.items {
            assert!(items.contains(&(ours.id.clone(), ours.status.to_owned())), "{ours:?} in {items:?}");
        }
        for (person, tokens) in self.people.iter().zip(self.model.balances) {
            assert!(
                balances.contains(&(person.id.clone(), tokens)),
                "{} should have {tokens}: {balances:?}",
                person.email
            );
        }
    }
}

/// What must never be, whatever the model says.
const UNRULY: &str = "
    SELECT 'a balance is not the sum of its entries: ' || u.id FROM users u WHERE u.campus_id = ?1 AND u.tokens <>
        (SELECT CAST(COALESCE(SUM(e.delta), 0) AS BIGINT) FROM token_entries e WHERE e.campus_id = ?1 AND e.user_id = u.id)
    UNION ALL SELECT 'an unlock was refunded twice: ' || e.reference FROM token_entries e
        WHERE e.campus_id = ?1 AND e.reason = 'refund' GROUP BY e.reference HAVING COUNT(*) > 1
    UNION ALL SELECT 'two accepted bookings of one item: ' || b.item_id FROM bookings b
        WHERE b.campus_id = ?1 AND b.status = 'accepted' AND b.first_day IS NULL GROUP BY b.item_id HAVING COUNT(*) > 1
    UNION ALL SELECT 'accepted rentals overlap: ' || a.id FROM bookings a
        JOIN bookings b ON b.campus_id = a.campus_id AND b.item_id = a.item_id AND b.id > a.id
            AND a.first_day <= b.last_day AND b.first_day <= a.last_day
        WHERE a.campus_id = ?1 AND a.status IN ('accepted', 'completed') AND b.status IN ('accepted', 'completed')
    UNION ALL SELECT 'reserved without a booking, or the other way: ' || i.id FROM items i
        WHERE i.campus_id = ?1 AND i.listing <> 'rent' AND (i.status = 'reserved') <> EXISTS (SELECT 1 FROM bookings b
            WHERE b.campus_id = ?1 AND b.item_id = i.id AND b.status = 'accepted')
    UNION ALL SELECT 'a chat with a gap: ' || c.id FROM chats c WHERE c.campus_id = ?1 AND c.last_seq <>
        (SELECT COUNT(*) FROM messages m WHERE m.campus_id = ?1 AND m.chat_id = c.id)
    UNION ALL SELECT 'an open booking without its unlock: ' || b.id FROM bookings b
        JOIN unlocks u ON u.campus_id = b.campus_id AND u.id = b.unlock_id
        WHERE b.campus_id = ?1 AND b.status IN ('pending', 'accepted') AND u.closed_at IS NOT NULL";

/// How many random stories are told on each database.
const STORIES: u32 = 24;

fn stories(engine: Engine) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let config = Config { cases: STORIES, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let mut pair = Pair::new(engine).await;
            for step in &steps {
                pair.take(step).await;
                pair.compare().await;
            }
            assert_eq!(check::run(&pair.market.app).await.expect("a check"), []);
        });
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn random_deals_follow_the_rules() {
    Engine::all().into_iter().for_each(stories);
}
