//! What saved searches cost an item that is offered: the transaction of offering one, with 1,000 searches of its campus
//! and with none, and the share of it that is matching.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so and ends")]

#[path = "embedded.rs"]
mod embedded;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use campuszon_core::{
    CampusId, Id, SearchId, UserId,
    account::Email,
    item::{Action, Candidate, Condition, ItemFilter, ItemStatus, Listing, NewItem, Terms},
    permission::{Credential, Role, UserStatus},
    query,
};
use campuszon_server::{
    App, Principal,
    items::{
        saved::store::{self, StoredSearch},
        service,
    },
    platform::entropy::{Clock, SystemClock},
    users,
};

const WORDS: [&str; 24] = [
    "calculus", "physics", "lamp", "chair", "desk", "bicycle", "guitar", "kettle", "monitor", "keyboard", "novel",
    "jacket", "boots", "tent", "camera", "printer", "backpack", "notes", "mirror", "shelf", "racket", "ticket",
    "heater", "plant",
];

/// How many items are offered for each figure.
const ROUNDS: usize = 200;

fn main() {
    let count = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(1_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(count));
}

async fn run(count: usize) {
    let database = std::env::var("CAMPUSZON_BENCH_POSTGRES").ok();
    let folder = tempfile::tempdir().expect("a folder");
    let opened =
        embedded::open(folder.path(), "[items]\nrequire_image = false\n", database, Arc::new(SystemClock)).await;
    let app = opened.app.clone();
    let (campus, seller, buyers) = people(&app, count.div_ceil(50)).await;
    let seller = principal(campus, seller);

    println!("{:34} {:>9} {:>9} {:>9}", "", "p50 ms", "p99 ms", "matches");
    tell("offered with no saved search", &measure(&app, &seller, "plain").await);
    matching(count);
    save(&app, campus, &buyers, count, rare).await;
    tell(&format!("offered with {count}, few match"), &measure(&app, &seller, "lamp").await);
    save(&app, campus, &buyers, count, |_| "lamp".to_owned()).await;
    tell(&format!("offered with {count}, all match"), &measure(&app, &seller, "lamp").await);
}

/// A query as people write them; about one in a hundred asks for a lamp of the price it has.
fn rare(number: usize) -> String {
    let word = |step: usize| WORDS.get((number * step + number / 24) % WORDS.len()).copied().unwrap_or_default();
    match number % 4 {
        0 => format!("{} {}", word(1), word(5)),
        1 => format!("{} price:<{} condition:good,new", word(1), number % 90 + 10),
        2 => format!("\"{} {}\" -broken category:books", word(7), word(1)),
        _ => format!("{} -{} has:image posted:<3d", word(1), word(11)),
    }
}

/// A campus with a seller and buyers.
async fn people(app: &App, buyers: usize) -> (CampusId, UserId, Vec<UserId>) {
    let parts = app.clone();
    app.write(move |tx| {
        let email = Email::parse("ana@bench.example").expect("an address");
        let campus = users::campus::of_new_user(tx, &parts.settings, &email)?.expect("a campus");
        let mut people = Vec::new();
        for number in 0..=buyers {
            let (id, email) = (tx.new_id(), format!("user{number}@bench.example"));
            users::store::insert_user(tx, campus, id, &email, "Ana", "", UserStatus::Active)?;
            people.push(id);
        }
        let seller = people.pop().expect("somebody");
        Ok((campus, seller, people))
    })
    .await
    .expect("people")
}

fn principal(campus: CampusId, user: UserId) -> Principal {
    let expires_at = SystemClock.now() + Duration::from_secs(3600);
    Principal { campus, user, role: Role::Student, credential: Credential::Session, session: None, expires_at }
}

/// Saves `count` searches, in place of those before.
async fn save(app: &App, campus: CampusId, buyers: &[UserId], count: usize, query: fn(usize) -> String) {
    let buyers = buyers.to_vec();
    app.write(move |tx| {
        for user in &buyers {
            store::delete_all(tx, campus, *user)?;
        }
        for (number, user) in (0..count).zip(buyers.iter().cycle()) {
            let search = StoredSearch {
                id: SearchId::new(tx.now(), number as u128),
                user: *user,
                name: format!("Search {number}"),
                query: query(number),
                digest: false,
                matches: 0,
                created_at: tx.now(),
            };
            store::insert(tx, campus, &search)?;
        }
        Ok(())
    })
    .await
    .expect("searches");
}

/// How long offering takes within its transaction: from a draft to the list, searches told.
async fn measure(app: &App, seller: &Principal, word: &'static str) -> Vec<(Duration, usize)> {
    let mut spans = Vec::with_capacity(ROUNDS);
    for number in 0..ROUNDS {
        let who = seller.clone();
        let span = app.write(move |tx| {
            let id = service::create(tx, &who, &NewItem { draft: true, ..item(word, number) })?;
            let began = Instant::now();
            service::act(tx, &who, id, Action::Publish { waiting: false })?;
            let span = began.elapsed();
            let found = tx.query(
                "SELECT search_id FROM search_matches WHERE campus_id = ?1 AND item_id = ?2",
                campuszon_server::params![who.campus, id],
                |row| row.get::<SearchId>(0),
            )?;
            Ok((span, found.len()))
        });
        spans.push(span.await.expect("an item"));
    }
    spans
}

fn item(word: &str, number: usize) -> NewItem {
    NewItem {
        title: format!("{word}, no. {number}, bright"),
        description: "In good shape, hardly used, without a scratch. Can be seen any evening after six.".to_owned(),
        terms: Terms { listing: Listing::Sale, price: 2_500, rent_period: None },
        category: "books".to_owned(),
        condition: Condition::Good,
        pickup: None,
        images: Vec::new(),
        draft: false,
    }
}

fn tell(name: &str, spans: &[(Duration, usize)]) {
    let mut sorted: Vec<Duration> = spans.iter().map(|(span, _)| *span).collect();
    sorted.sort_unstable();
    let at =
        |share: usize| sorted.get((sorted.len() - 1) * share / 100).map_or(0.0, |span| span.as_secs_f64() * 1000.0);
    let matches = spans.first().map_or(0, |(_, matches)| *matches);
    println!("{name:34} {:>9.3} {:>9.3} {matches:>9}", at(50), at(99));
}

/// The matching alone: reading the queries and holding an item against them.
fn matching(count: usize) {
    let queries: Vec<String> = (0..count).map(rare).collect();
    let new = item("lamp", 1);
    let candidate = Candidate {
        id: campuszon_core::ItemId::from_bits(1),
        title: Vec::new(),
        description: Vec::new(),
        category: new.category,
        condition: new.condition,
        terms: new.terms,
        status: ItemStatus::Active,
        seller: UserId::from_bits(1),
        has_image: false,
        created_at: SystemClock.now(),
    };
    let candidate = candidate.with_words(&new.title, &new.description);
    let (me, now) = (UserId::from_bits(2), SystemClock.now());
    let currency = "USD".parse().expect("a currency");
    let mut spans = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let is_found =
            |text: &&String| ItemFilter::of_query(query::parse(text), currency, me, now).lets_through(&candidate);
        let found = queries.iter().filter(is_found).count();
        spans.push((began.elapsed(), found));
    }
    tell(&format!("matching {count} queries alone"), &spans);
}
