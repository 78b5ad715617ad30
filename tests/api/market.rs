//! Students who trade: a server with short deadlines, and the calls a deal is made of.

use std::{ops::Deref, time::Duration};

use campuszon_core::{CampusId, wire::wallet::TokenReason};
use campuszon_server::{users, worker};
use serde_json::{Value, json};

use super::offer;
use crate::support::{Answer, Engine, Person, World};

/// How long an offer waits for its answer here.
pub const PENDING: Duration = Duration::from_secs(600);
/// How long an accepted booking waits for the handover.
pub const ACCEPTED: Duration = Duration::from_secs(1200);
/// How long a confirmation waits for the other.
pub const CONFIRM: Duration = Duration::from_secs(300);
/// How long reviews may be written.
pub const REVEAL: Duration = Duration::from_secs(900);

const SETTINGS: &str = "
[items]
require_image = false
[sessions]
access_lifetime = \"1d\"
[bookings]
pending_timeout = \"10m\"
accepted_timeout = \"20m\"
confirm_timeout = \"5m\"
[reviews]
reveal_after = \"15m\"
[limits]
auth = \"off\"
items_read = \"off\"
items_write = \"off\"
chat = \"off\"
images = \"off\"
";

/// Ana sells; Ben, Cem and Dua buy.
pub struct Market {
    world: World,
    pub ana: Person,
    pub ben: Person,
    pub cem: Person,
    pub dua: Person,
}

impl Deref for Market {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Market {
    pub async fn new(engine: Engine) -> Self {
        let world = World::with(engine, SETTINGS).await;
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let cem = world.sign_up("cem@uni.example", "Cem").await;
        let dua = world.sign_up("dua@uni.example", "Dua").await;
        Self { world, ana, ben, cem, dua }
    }

    /// Lists an item of Ana's.
    pub async fn offer(&self, title: &str, more: Value) -> String {
        offer(self, &self.ana, title, more).await
    }

    /// Asks for an item, a moment later.
    pub async fn request(&self, who: &Person, item: &str, wish: Value) -> Answer {
        self.wait(Duration::from_millis(1));
        self.post(who, &format!("/api/items/{item}/bookings"), wish).await
    }

    /// Asks for an item and must succeed; the booking's id.
    pub async fn booked(&self, who: &Person, item: &str) -> String {
        self.request(who, item, json!({})).await.expect(201).text("/id")
    }

    /// Acts on a booking, a moment later.
    pub async fn act(&self, who: &Person, booking: &str, action: &str, body: Value) -> Answer {
        self.wait(Duration::from_millis(1));
        self.post(who, &format!("/api/bookings/{booking}/{action}"), body).await
    }

    /// The booking as somebody sees it.
    pub async fn booking(&self, who: &Person, booking: &str) -> Value {
        self.get(who, &format!("/api/bookings/{booking}")).await.expect(200).json()
    }

    /// The item as Ana sees it.
    pub async fn item(&self, item: &str) -> Value {
        self.get(&self.ana, &format!("/api/items/{item}")).await.expect(200).json()
    }

    /// The balance of somebody.
    pub async fn tokens(&self, who: &Person) -> i64 {
        self.get(who, "/api/users/me").await.expect(200).json()["tokens"].as_i64().expect("a number")
    }

    /// Gives somebody tokens, as an administrator would.
    pub async fn give(&self, who: &Person, tokens: i64, reference: &'static str) {
        let campus = self.campus().await;
        let user = who.id.parse().expect("an id");
        let given =
            self.app.write(move |tx| users::ledger::give(tx, campus, user, tokens, TokenReason::Grant, reference));
        given.await.expect("tokens");
    }

    /// The campus of `uni.example`.
    pub async fn campus(&self) -> CampusId {
        let found = self.app.read(|tx| Ok(users::store::campus_of_domain(tx, "uni.example")?));
        found.await.expect("a read").expect("a campus")
    }

    /// Moves the clock, and ends what is due then.
    pub async fn pass(&self, time: Duration) {
        self.wait(time);
        worker::end_due(&self.app).await.expect("deadlines are kept");
    }

    /// What somebody was told of a booking, oldest first.
    pub async fn told(&self, who: &Person, booking: &str) -> Vec<String> {
        let (campus, user, booking) = (self.campus().await, who.id.clone(), booking.to_owned());
        let told = self.app.read(move |tx| {
            let sql =
                "SELECT kind FROM notifications WHERE campus_id = ?1 AND user_id = ?2 AND booking_id = ?3 ORDER BY id";
            Ok(tx.query(sql, campuszon_server::params![campus, user, booking], |row| row.get(0))?)
        });
        told.await.expect("a read")
    }
}
