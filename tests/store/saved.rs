//! Saved searches, what they find, and that they find what the search itself does.

use campuszon_core::{
    CampusId, Id, ItemId, SearchId, UserId,
    item::{Candidate, Condition, ItemFilter, Listing, NewItem, Terms},
    query,
};
use campuszon_server::{
    Error,
    items::{
        listing,
        saved::{
            service::{self, NewSearch},
            store::{self, StoredSearch, Wish},
        },
        service::{create, list},
        store::StoredItem,
    },
    notifications,
    platform::database::Announcement,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};

use super::{Database, here, later, student, there, wanted};
use crate::on_every_database;

fn id(number: u128) -> SearchId {
    SearchId::from_bits(number)
}

fn search(number: u128, user: UserId, name: &str) -> StoredSearch {
    StoredSearch {
        id: id(number),
        user,
        name: name.to_owned(),
        query: format!("{name} price:<20"),
        digest: number % 2 == 1,
        matches: 0,
        created_at: later(0),
    }
}

async fn put(database: &Database, search: StoredSearch) {
    database.write(move |tx| store::insert(tx, here(), &search)).await;
}

async fn stored(database: &Database, campus: CampusId, user: UserId, number: u128) -> Option<StoredSearch> {
    database.read(move |tx| store::search(tx, campus, user, id(number))).await
}

/// Saves a search as its owner does.
async fn save(database: &Database, user: UserId, name: &'static str, query: &'static str) -> SearchId {
    let body = serde_json::json!({"name": name, "query": query});
    let mut form = campuszon_core::form::Form::json(body.as_object().expect("an object").clone());
    let new = NewSearch::read(&mut form);
    database.wait(1);
    let new = form.finish(new).expect("a search");
    database.write(move |tx| service::create(tx, &student(here(), user), &new)).await.id
}

/// The titles of what a search has found, and of the news in its owner's feed.
async fn told(database: &Database, user: UserId) -> Vec<String> {
    let who = student(here(), user);
    let feed = database.read(move |tx| notifications::service::list(tx, &who, false, None, 100)).await;
    feed.into_iter().map(|news| news.title).collect()
}

on_every_database! {
    async fn searches_are_kept(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        for (number, name) in [(1, "lamps"), (2, "books")] {
            put(&database, search(number, ana, name)).await;
        }
        put(&database, search(3, ben, "lamps")).await;
        assert_eq!(stored(&database, here(), ana, 1).await, Some(search(1, ana, "lamps")));
        assert_eq!(stored(&database, here(), ben, 1).await, None);
        assert_eq!(stored(&database, there(), ana, 1).await, None);

        let page = |campus, before, limit| database.read(move |tx| store::page(tx, campus, ana, id(before), limit));
        let ids = |page: Vec<StoredSearch>| page.into_iter().map(|search| search.id).collect::<Vec<_>>();
        assert_eq!(ids(page(here(), 99, 9).await), [id(2), id(1)]);
        assert_eq!(ids(page(here(), 99, 1).await), [id(2)]);
        assert_eq!(ids(page(here(), 2, 9).await), [id(1)]);
        assert_eq!(ids(page(there(), 99, 9).await), []);
        let total = |campus| database.read(move |tx| store::total(tx, campus, ana));
        assert_eq!((total(here()).await, total(there()).await), (2, 0));
        let called = |campus, user, name| database.read(move |tx| store::called(tx, campus, user, name));
        assert_eq!(called(here(), ana, "books").await, Some(id(2)));
        assert_eq!(called(here(), ben, "books").await, None);
        assert_eq!(called(there(), ana, "books").await, None);

        let renamed = StoredSearch { name: "tomes".to_owned(), query: "tome".to_owned(), digest: true, ..search(2, ana, "") };
        for (campus, found) in [(there(), search(2, ana, "books")), (here(), renamed.clone())] {
            let renamed = renamed.clone();
            database.write(move |tx| store::update(tx, campus, &renamed)).await;
            assert_eq!(stored(&database, here(), ana, 2).await, Some(found));
        }

        let delete = |campus, user| database.write(move |tx| store::delete(tx, campus, user, id(1)));
        assert!(!delete(there(), ana).await && !delete(here(), ben).await && delete(here(), ana).await);
        assert!(!delete(here(), ana).await);
        database.write(move |tx| store::delete_all(tx, there(), ana)).await;
        assert_eq!(total(here()).await, 1);
        database.write(move |tx| store::delete_all(tx, here(), ana)).await;
        assert_eq!(total(here()).await, 0);
        assert!(stored(&database, here(), ben, 3).await.is_some());
    }

    async fn wishes_are_of_others_of_the_campus(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        put(&database, search(1, ana, "lamps")).await;
        put(&database, search(2, ben, "books")).await;
        let wishes = |campus, seller| database.read(move |tx| store::wishes(tx, campus, seller));
        let wish = Wish { search: id(1), user: ana, name: "lamps".to_owned(), query: "lamps price:<20".to_owned() };
        assert_eq!(wishes(here(), ben).await, [wish]);
        assert_eq!(wishes(there(), ben).await, []);
    }

    async fn an_item_is_found_once(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        put(&database, search(1, ben, "lamps")).await;
        let mut items = Vec::new();
        for title in ["First lamp", "Second lamp", "Third lamp"] {
            database.wait(1);
            let item = database.item(here(), ana, title).await;
            let add = || database.write(move |tx| store::insert_match(tx, here(), id(1), item));
            assert!(add().await && !add().await);
            items.push(item);
        }
        let first = items[0];
        database.refused(move |tx| store::insert_match(tx, there(), id(1), first)).await;
        assert_eq!(stored(&database, here(), ben, 1).await.map(|search| search.matches), Some(3));

        let found = |campus, position, limit| {
            database.read(move |tx| listing::found_by(tx, campus, ben, id(1), position, limit))
        };
        let page = found(here(), None, 2).await;
        let ids: Vec<ItemId> = page.iter().map(|(item, _)| item.id).collect();
        assert_eq!(ids, [items[2], items[1]]);
        let (last, at) = &page[1];
        let rest = found(here(), Some((*at, last.id)), 2).await;
        assert_eq!(rest.iter().map(|(item, _)| item.id).collect::<Vec<_>>(), [items[0]]);
        assert!(found(there(), None, 9).await.is_empty());

        let listed = |campus| database.read(move |tx| listing::listed(tx, campus, ben, first));
        assert!(listed(here()).await.is_some() && listed(there()).await.is_none());
        let withdrawn = campuszon_core::item::Action::Withdraw;
        database.write(move |tx| campuszon_server::items::service::advance(tx, here(), first, withdrawn)).await;
        assert!(listed(here()).await.is_none());
        assert_eq!(found(here(), None, 9).await.len(), 2, "what is no longer listed is not shown");

        database.write(move |tx| store::delete_matches(tx, there(), id(1))).await;
        assert_eq!(found(here(), None, 9).await.len(), 2);
        database.write(move |tx| store::delete_matches(tx, here(), id(1))).await;
        assert!(found(here(), None, 9).await.is_empty());
    }

    async fn mails_are_due_by_time(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        put(&database, search(1, ben, "lamps")).await;
        put(&database, search(2, ben, "others")).await;
        let item = database.item(here(), ana, "Lamp").await;
        database.wait(5);
        for number in [1, 2] {
            database.write(move |tx| store::insert_match(tx, here(), id(number), item)).await;
        }
        let due = |before| database.read(move |tx| store::searches_due(tx, before, 9));
        assert_eq!(due(later(0)).await, [(here(), ben)]);
        let found = |campus| database.read(move |tx| store::found_since_digest(tx, campus, ben, 9));
        assert_eq!(found(here()).await, [("lamps".to_owned(), item, "Lamp".to_owned())]);
        assert_eq!(found(there()).await, []);
        database.write(move |tx| store::note_digested(tx, there(), ben)).await;
        assert_eq!(found(here()).await.len(), 1);
        database.write(move |tx| store::note_digested(tx, here(), ben)).await;
        assert_eq!((found(here()).await.len(), due(later(4)).await.len(), due(later(5)).await.len()), (0, 0, 1));
        // A mail that is asked for later begins with what comes later.
        database.wait(5);
        let asked = StoredSearch { digest: true, ..search(2, ben, "others") };
        database.write(move |tx| store::update(tx, here(), &asked)).await;
        assert_eq!(found(here()).await, []);
    }

    async fn owners_are_told_of_what_is_offered_each_once(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let (cem, eve) = (database.student(here(), "cem").await, database.student(there(), "eve").await);
        for name in ["one", "two"] {
            save(&database, ben, name, "lamp").await;
        }
        save(&database, cem, "lamps", "lamp").await;
        save(&database, ana, "own", "lamp").await;
        block(&database, ana, cem).await;
        let item = database.item(here(), ana, "Desk lamp").await;
        assert_eq!(told(&database, ben).await, ["“Desk lamp” matches your search “one” and 1 more"]);
        assert_eq!((told(&database, cem).await.len(), told(&database, ana).await.len()), (0, 0));
        let offered = |announcement: &Announcement| {
            matches!(announcement, Announcement::ItemOffered { campus, item: found } if *campus == here() && found.id == item)
        };
        assert_eq!(database.bus.take().iter().filter(|announcement| offered(announcement)).count(), 1);

        use campuszon_core::item::Action;
        for action in [Action::Withdraw, Action::Relist] {
            database.write(move |tx| campuszon_server::items::service::advance(tx, here(), item, action)).await;
        }
        assert_eq!(told(&database, ben).await.len(), 1, "found before");
        assert!(database.bus.take().iter().any(offered), "but watched for again");
        database.item(there(), eve, "Desk lamp").await;
        database.item(here(), ana, "Desk chair").await;
        assert_eq!(told(&database, ben).await.len(), 1);
    }

    /// The matching in memory against the databases' own search.
    async fn matching_agrees_with_the_search(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(7), ..Config::default() });
        let mut pick = |strategy: &BoxedStrategy<String>| strategy.new_tree(&mut runner).expect("a value").current();
        let (words, queries) = (words(), queries());
        let mut items: Vec<StoredItem> = Vec::new();
        for number in 0..30_i64 {
            let terms = Terms { listing: Listing::Wanted, price: number * 100, rent_period: None };
            let category = if number % 3 == 0 { "electronics" } else { "books" };
            let condition = if number % 2 == 0 { Condition::Good } else { Condition::Poor };
            let new = NewItem {
                title: pick(&words),
                // What begins with this ends no phrase of a title: one of the databases sees both as one text.
                description: format!("pause {}", pick(&words)),
                terms,
                category: category.to_owned(),
                condition,
                ..wanted("")
            };
            let id = database.write(move |tx| create(tx, &student(here(), ana), &new)).await;
            items.push(database.stored_item(id).await);
        }
        let mut matches = 0;
        for _ in 0..150 {
            let text = pick(&queries);
            let filter = ItemFilter::of_query(query::parse(&text), "USD".parse().expect("a currency"), ben, later(0));
            let in_memory: Vec<ItemId> =
                items.iter().filter(|item| filter.lets_through(&candidate(item))).map(|item| item.id).collect();
            let asked = filter.clone();
            let page = database.read(move |tx| list(tx, &student(here(), ben), &asked, None, 100, false)).await;
            let mut found: Vec<ItemId> = match page.corrected {
                Some(_) => Vec::new(),
                None => page.items.into_iter().map(|item| item.id).collect(),
            };
            found.sort();
            let mut in_memory = in_memory;
            in_memory.sort();
            assert_eq!(in_memory, found, "{text:?}");
            matches += found.len();
        }
        assert!(matches > 200, "only {matches} matches say little");
    }
}

async fn block(database: &Database, blocker: UserId, blocked: UserId) {
    database
        .write(move |tx| {
            tx.execute(
                "INSERT INTO blocks (campus_id, blocker_id, blocked_id, created_at) VALUES (?1, ?2, ?3, 0)",
                campuszon_server::params![here(), blocker, blocked],
            )?;
            Ok::<_, Error>(())
        })
        .await;
}

fn candidate(item: &StoredItem) -> Candidate {
    let candidate = Candidate {
        id: item.id,
        title: Vec::new(),
        description: Vec::new(),
        category: item.category.clone(),
        condition: item.condition,
        terms: item.terms,
        status: item.status,
        seller: item.seller,
        has_image: item.thumbnail.is_some(),
        created_at: item.created_at,
    };
    candidate.with_words(&item.title, &item.description)
}

const WORD: &str = "(Desk|desktop|lamp|Lamps|Bücher|buch|don't|wi-fi|微积分|3rd|Łódź)";

/// Titles and descriptions made of few words, so that queries meet them.
fn words() -> BoxedStrategy<String> {
    let text = format!("{WORD}( {WORD}){{0,4}}");
    proptest::string::string_regex(&text).expect("a pattern").boxed()
}

/// Words, their beginnings, phrases, exclusions and filters.
fn queries() -> BoxedStrategy<String> {
    let term = format!("-?({WORD}|(d|de|la|bu|wi|3)|\"{WORD} {WORD}\")");
    let filter = "(category:books|category:electronics,books|condition:good|price:<15|price:5\\.\\.20|listing:sale|listing:wanted,free|seller:me|has:image|posted:<3d)";
    let text = format!("({term} ?){{0,3}}( {filter})?");
    proptest::string::string_regex(&text).expect("a pattern").boxed()
}
