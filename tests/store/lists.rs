//! Lists and search, as the item service asks for them.

use std::collections::BTreeSet;

use campuszon_core::{
    CampusId, Id, ItemId, UserId,
    form::Form,
    item::{Condition, ItemFilter, ItemPatch, ItemRules, ItemStatus, Listing, NewItem, Sort, Terms},
};
use campuszon_server::items::{
    listing,
    service::{self, Page},
    store,
};

use super::{Database, here, student, there, wanted};
use crate::on_every_database;

fn rules() -> ItemRules {
    ItemRules {
        currency: "EUR".parse().expect("a currency"),
        categories: ["books", "electronics"].map(str::to_owned).to_vec(),
        max_images: 8,
        require_image: false,
    }
}

/// The filter that these parameters of a request make.
fn filter(me: UserId, parameters: &[(&str, &str)]) -> ItemFilter {
    let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut form = Form::query(pairs);
    let filter = ItemFilter::read(&mut form, &rules(), me, super::later(0));
    form.finish(Some(filter)).expect("a filter")
}

async fn page(
    database: &Database,
    campus: CampusId,
    reader: UserId,
    parameters: &[(&str, &str)],
    position: Option<listing::Position>,
    limit: usize,
) -> Page {
    let filter = filter(reader, parameters);
    database.read(move |tx| service::list(tx, &student(campus, reader), &filter, position, limit, true)).await
}

/// The titles of all that is found here.
async fn titles(database: &Database, reader: UserId, parameters: &[(&str, &str)]) -> Vec<String> {
    let page = page(database, here(), reader, parameters, None, 100).await;
    assert_eq!(page.total, Some(page.items.len() as i64), "{parameters:?}");
    page.items.into_iter().map(|item| item.title).collect()
}

const SHELF: [(&str, i64, &str, Condition, Listing); 5] = [
    ("Calculus, 3rd edition", 1200, "books", Condition::Good, Listing::Sale),
    ("Linear algebra and calculus", 800, "books", Condition::Poor, Listing::Sale),
    ("Graphing calculator", 3000, "electronics", Condition::LikeNew, Listing::Sale),
    ("Notes on algebra", 0, "books", Condition::Fair, Listing::Free),
    ("Lamp wanted", 800, "electronics", Condition::Good, Listing::Wanted),
];

/// Lists the items of the shelf, a second apart.
async fn shelf(database: &Database, seller: UserId) -> Vec<ItemId> {
    let mut ids = Vec::new();
    for (title, price, category, condition, listing) in SHELF {
        database.wait(1);
        let terms = Terms { listing, price, rent_period: None };
        let new = NewItem { terms, category: category.to_owned(), condition, draft: true, ..wanted(title) };
        ids.push(
            database
                .write(move |tx| {
                    let id = service::create(tx, &student(here(), seller), &new)?;
                    activate(tx, id)?;
                    Ok::<_, campuszon_server::Error>(id)
                })
                .await,
        );
    }
    ids
}

/// Publishes an item as if a picture of it were ready.
fn activate(tx: &mut campuszon_server::platform::database::Tx<'_>, id: ItemId) -> Result<(), campuszon_server::Error> {
    let item = store::item(tx, here(), id)?.expect("an item");
    assert!(store::set_status(tx, here(), &item, ItemStatus::Processing, None, None)?);
    let image = super::picture(tx, item.seller, &id.to_string(), campuszon_core::wire::image::ImageStatus::Ready);
    campuszon_server::images::store::insert(tx, here(), &image)?;
    campuszon_server::images::store::place(tx, here(), image.id, id, 0)?;
    let event = campuszon_server::event::Event::ImageSettled {
        campus: here(),
        image: image.id,
        owner: item.seller,
        item: Some(id),
    };
    service::follow(tx, &event)
}

on_every_database! {
    async fn filters_let_through_what_they_name(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let ids = shelf(&database, ana).await;
        let star = ids[2];
        database.write(move |tx| service::add_favorite(tx, &student(here(), ben), star)).await;
        let seller = ana.to_string();
        let other = ben.to_string();
        let expected: [(&[_], &[usize]); 14] = [
            (&[], &[4, 3, 2, 1, 0]),
            (&[("category", "electronics")], &[4, 2]),
            (&[("condition", "poor,fair")], &[3, 1]),
            (&[("listing", "free,wanted")], &[4, 3]),
            (&[("min_price", "8"), ("max_price", "12")], &[4, 1, 0]),
            (&[("seller", &seller)], &[4, 3, 2, 1, 0]),
            (&[("seller", &other)], &[]),
            (&[("status", "reserved")], &[]),
            (&[("has_image", "true")], &[4, 3, 2, 1, 0]),
            (&[("has_image", "false")], &[]),
            (&[("favorite", "true")], &[2]),
            (&[("favorite", "false"), ("category", "electronics")], &[4]),
            (&[("since", "2027-01-15T08:00:04Z")], &[4, 3]),
            (&[("q", "posted:<=2027-01-15T08:00:02Z")], &[1, 0]),
        ];
        for (parameters, found) in expected {
            let found: Vec<&str> = found.iter().map(|index| SHELF[*index].0).collect();
            assert_eq!(titles(&database, ben, parameters).await, found, "{parameters:?}");
        }
    }

    async fn words_are_found_by_their_beginning_as_phrases_and_by_absence(database: Database) {
        let ana = database.student(here(), "ana").await;
        shelf(&database, ana).await;
        let expected: [(&str, &[&str]); 8] = [
            ("CALCUL", &["Calculus, 3rd edition", "Graphing calculator", "Linear algebra and calculus"]),
            ("calculus algebra", &["Linear algebra and calculus"]),
            ("\"linear algebra\"", &["Linear algebra and calculus"]),
            ("\"algebra linear\"", &[]),
            ("algebra -linear", &["Notes on algebra"]),
            ("calc category:electronics", &["Graphing calculator"]),
            ("-calc -lamp", &["Notes on algebra"]),
            ("' OR 1=1 -- & | ! ( ) : * \\ \" NEAR(", &[]),
        ];
        for (query, found) in expected {
            let mut shown = titles(&database, ana, &[("q", query)]).await;
            shown.sort();
            assert_eq!(shown, found, "{query}");
        }
        assert_eq!(titles(&database, ana, &[("q", "described")]).await.len(), SHELF.len());
    }

    /// Every order, page by page, shows each item once, and a page may begin where another one ended.
    async fn pages_follow_one_another_without_gap_or_repeat(database: Database) {
        let ana = database.student(here(), "ana").await;
        shelf(&database, ana).await;
        let orders: [(&[(&str, &str)], Sort); 5] = [
            (&[("sort", "newest")], Sort::Newest),
            (&[("sort", "oldest")], Sort::Oldest),
            (&[("sort", "price")], Sort::Price),
            (&[("sort", "-price")], Sort::PriceDescending),
            (&[("q", "described")], Sort::Relevance),
        ];
        for (parameters, sort) in orders {
            let whole = page(&database, here(), ana, parameters, None, 100).await;
            let is_sorted = whole.items.is_sorted_by(|a, b| match sort {
                Sort::Newest | Sort::Relevance => a.number > b.number,
                Sort::Oldest => a.number < b.number,
                Sort::Price => (a.terms.price, a.number) < (b.terms.price, b.number),
                Sort::PriceDescending => (a.terms.price, a.number) > (b.terms.price, b.number),
            });
            assert!(is_sorted && whole.next.is_none() && whole.items.len() == 5, "{sort:?}");
            for limit in 1..=5 {
                let (mut position, mut seen) = (None, Vec::new());
                loop {
                    let page = page(&database, here(), ana, parameters, position, limit).await;
                    assert!(page.items.len() <= limit);
                    seen.extend(page.items);
                    position = page.next;
                    if position.is_none() {
                        break;
                    }
                }
                assert_eq!(seen, whole.items, "{sort:?} by {limit}");
            }
        }
    }

    async fn a_title_that_matches_ranks_above_a_description(database: Database) {
        let ana = database.student(here(), "ana").await;
        let described = NewItem { description: "Goes well with a telescope".to_owned(), ..wanted("Star map") };
        database.item(here(), ana, "Telescope").await;
        database.wait(1);
        database.write(move |tx| service::create(tx, &student(here(), ana), &described)).await;
        assert_eq!(titles(&database, ana, &[("q", "telescope")]).await, ["Telescope", "Star map"]);
    }

    async fn a_typing_error_is_forgiven_within_the_campus(database: Database) {
        let (ana, eve) = (database.student(here(), "ana").await, database.student(there(), "eve").await);
        database.item(here(), ana, "Calculus").await;
        let found = page(&database, here(), ana, &[("q", "calclus")], None, 9).await;
        assert_eq!(found.items.len(), 1);
        assert_eq!(found.corrected.map(|query| query.to_string()).as_deref(), Some("calculus"));
        let elsewhere = page(&database, there(), eve, &[("q", "calclus")], None, 9).await;
        assert!(elsewhere.items.is_empty() && elsewhere.corrected.is_none());
    }

    async fn another_campus_lists_finds_and_counts_nothing(database: Database) {
        let (ana, eve) = (database.student(here(), "ana").await, database.student(there(), "eve").await);
        let first = shelf(&database, ana).await[0];
        for parameters in [[("sort", "newest")], [("q", "calculus")], [("sort", "price")]] {
            let page = page(&database, there(), eve, &parameters, None, 9).await;
            assert!(page.items.is_empty() && page.total == Some(0) && page.corrected.is_none(), "{parameters:?}");
        }
        let one = |campus| database.read(move |tx| listing::one(tx, campus, ana, first));
        assert_eq!(one(here()).await.map(|item| item.id), Some(first));
        assert_eq!(one(there()).await, None);
    }

    async fn a_row_shows_its_seller_and_the_readers_star(database: Database) {
        let (ana, ben) = (database.student(here(), "ana").await, database.student(here(), "ben").await);
        let id = database.item(here(), ana, "Lamp").await;
        database.write(move |tx| service::add_favorite(tx, &student(here(), ben), id)).await;
        let row = |reader| database.read(move |tx| listing::one(tx, here(), reader, id));
        let (anas, bens) = (row(ana).await.expect("an item"), row(ben).await.expect("an item"));
        assert_eq!((anas.favorite, bens.favorite), (false, true));
        assert_eq!((bens.seller, bens.seller_name.as_str(), bens.seller_rating), (ana, "ana", None));
        assert_eq!((bens.status, bens.thumbnail, bens.seller_hidden), (ItemStatus::Active, None, false));
        let nothing = ItemId::from_bits(9);
        assert_eq!(database.read(move |tx| listing::one(tx, here(), ana, nothing)).await, None);
    }

    /// What leaves the list leaves the index too, with its words.
    async fn the_index_follows_the_item(database: Database) {
        let ana = database.student(here(), "ana").await;
        let id = database.item(here(), ana, "Lamp").await;
        let mut form = Form::json(serde_json::json!({"title": "Kettle"}).as_object().expect("fields").clone());
        let patch = ItemPatch::read(&mut form, &rules());
        database.write(move |tx| service::edit(tx, &student(here(), ana), id, &patch, None)).await;
        assert_eq!(titles(&database, ana, &[("q", "kettle")]).await, ["Kettle"]);
        assert!(titles(&database, ana, &[("q", "lam")]).await.len() <= 1, "the description still has the word");
        database.write(move |tx| service::delete(tx, &student(here(), ana), id, None)).await;
        assert!(titles(&database, ana, &[("q", "kettle")]).await.is_empty());
        assert_eq!(database.number("SELECT COUNT(*) FROM item_words").await, 0);
        assert_eq!(database.number("SELECT COUNT(*) FROM vocabulary").await, 0);
    }

    async fn numbers_are_different(database: Database) {
        let ana = database.student(here(), "ana").await;
        let ids: BTreeSet<ItemId> = shelf(&database, ana).await.into_iter().collect();
        assert_eq!(ids.len(), 5);
        assert_eq!(database.number("SELECT COUNT(DISTINCT number) FROM items").await, 5);
    }
}
