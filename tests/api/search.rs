//! Lists and search: words, filters, orders, and pages that stay put while others list new items.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Free, each, faults, offer};
use crate::{
    on_every_database,
    support::{Answer, Person, World},
};

/// Asks for items; the pairs need no escaping of their own.
async fn ask(world: &World, who: &Person, pairs: &[(&str, &str)]) -> Answer {
    let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    world.get(who, &format!("/api/items?{}", pairs.join("&"))).await
}

/// The titles that a query finds, in order.
async fn find(world: &World, who: &Person, q: &str) -> Vec<String> {
    titles(&ask(world, who, &[("q", q)]).await)
}

fn titles(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.json());
    each(&answer.json()["items"], "title")
}

/// Lists these titles, oldest first, each with its fields, a second apart.
async fn shelf(world: &World, who: &Person, items: &[(&str, Value)]) {
    for (title, fields) in items {
        offer(world, who, title, fields.clone()).await;
        world.wait(Duration::from_secs(1));
    }
}

/// Walks a list to its end, with a new item listed after each page.
async fn walk(world: &World, who: &Person, sort: &str, fresh: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    for page in 0.. {
        assert!(page < 20, "{sort} never ends");
        let mut pairs = vec![("q", "lamp"), ("sort", sort), ("limit", "3")];
        if !cursor.is_empty() {
            pairs.push(("cursor", &cursor));
        }
        let answer = ask(world, who, &pairs).await.expect(200).json();
        let ids = each(&answer["items"], "id");
        assert!(ids.len() == 3 || answer["next_cursor"].is_null(), "{sort}: a short page in between");
        found.extend(ids);
        let Some(next) = answer["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
        if page < 4 {
            offer(world, who, "A fresh lamp", fresh.clone()).await;
        }
    }
    found
}

on_every_database! {
    /// A beginning is found whether few words have it or more than are looked up one by one; in descriptions too.
    async fn beginnings_of_few_and_of_many_words(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for number in 0..70 {
            let word = format!("comp{}{}", char::from(b'a' + number / 26), char::from(b'a' + number % 26));
            offer(&world, &ana, &format!("Thing {number}"), json!({"description": format!("It is {word}.")})).await;
        }
        for (q, expected) in [("com", 70), ("comp", 70), ("compa", 26), ("compc", 18), ("compcr", 1), ("comp -compa", 44)] {
            let answer = ask(&world, &ana, &[("q", q), ("limit", "100")]).await;
            assert_eq!(titles(&answer).len(), expected, "{q}");
        }
    }

    async fn words_match_by_prefix_without_accents_or_case(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        shelf(&world, &ana, &[
            ("Calculus, 8th edition", json!({})),
            ("Café table", json!({})),
            ("ΣΊΣΥΦΟΣ poster", json!({})),
            ("Straße map", json!({})),
        ]).await;
        for q in ["calc", "CALCULUS", "c", "calculus 8th", "edition calc", "8th"] {
            assert!(find(&world, &ana, q).await.contains(&"Calculus, 8th edition".to_owned()), "{q}");
        }
        for q in ["cafe", "CAFÉ", "cafe\u{301}", "tab caf"] {
            assert_eq!(find(&world, &ana, q).await, ["Café table"], "{q}");
        }
        assert_eq!(find(&world, &ana, "σίσυφος").await, ["ΣΊΣΥΦΟΣ poster"]);
        assert_eq!(find(&world, &ana, "strasse").await, ["Straße map"]);
        assert_eq!(find(&world, &ana, "alculus").await, ["Calculus, 8th edition"], "as a typing error only");
        assert!(find(&world, &ana, "calculus table").await.is_empty(), "all words must match");
    }

    async fn phrases_and_negations_hold(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        shelf(&world, &ana, &[
            ("Linear algebra", json!({"description": "Hardly used"})),
            ("Algebra, linear and other", json!({"description": "Broken spine"})),
        ]).await;
        assert_eq!(find(&world, &ana, "\"linear algebra\"").await, ["Linear algebra"]);
        assert_eq!(find(&world, &ana, "algebra -broken").await, ["Linear algebra"]);
        assert_eq!(find(&world, &ana, "algebra -\"linear algebra\"").await, ["Algebra, linear and other"]);
        assert_eq!(find(&world, &ana, "-broken").await, ["Linear algebra"]);
        assert_eq!(find(&world, &ana, "\"broken spine").await, ["Algebra, linear and other"], "a quote that never ends");
    }

    async fn a_title_counts_more_than_a_description(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        shelf(&world, &ana, &[
            ("Desk lamp", json!({"description": "Old"})),
            ("Desk lamp too", json!({"description": "Newer"})),
            ("Lampshade", json!({})),
            ("Desk", json!({"description": "comes with a lamp"})),
        ]).await;
        assert_eq!(find(&world, &ana, "lamp").await, ["Desk lamp too", "Desk lamp", "Lampshade", "Desk"]);
        let newest = ask(&world, &ana, &[("q", "lamp"), ("sort", "newest")]).await;
        assert_eq!(titles(&newest), ["Desk", "Lampshade", "Desk lamp too", "Desk lamp"]);
    }

    async fn one_typing_error_is_forgiven_and_told(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let eve = world.sign_up("eve@other.example", "Eve").await;
        shelf(&world, &ana, &[("Calculus", json!({})), ("Lamp", json!({}))]).await;
        let answer = ask(&world, &ana, &[("q", "claculus price:<50"), ("count", "true")]).await.expect(200).json();
        assert_eq!(each(&answer["items"], "title"), ["Calculus"]);
        assert_eq!(answer["total"], 1);
        assert!(answer["corrected_query"].as_str().is_some_and(|query| query.starts_with("calculus")), "{answer}");
        let exact = ask(&world, &ana, &[("q", "calculus")]).await.json();
        assert_eq!(exact.get("corrected_query"), None);
        let none = ask(&world, &ana, &[("q", "zzzzzz")]).await.expect(200).json();
        assert_eq!(json!([none["items"], none.get("corrected_query")]), json!([[], null]));
        let other = ask(&world, &eve, &[("q", "claculus")]).await.json();
        assert_eq!(other.get("corrected_query"), None, "another campus's words are not disclosed");
    }

    async fn filters_combine_in_parameters_and_in_the_query_box(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        shelf(&world, &ana, &[
            ("Book", json!({"price": 10, "condition": "new"})),
            ("Phone", json!({"price": 200, "category": "electronics", "condition": "fair"})),
            ("Bike", json!({"price": 5, "category": "transport", "listing": "rent", "rent_period": "day"})),
            ("Sofa", json!({"price": 0, "category": "furniture", "listing": "free"})),
        ]).await;
        let middle = world.app.clock.now().to_string();
        let picture = world.picture(&ben, 7).await;
        shelf(&world, &ben, &[("Lamp", json!({"price": 50, "category": "other", "images": [picture]}))]).await;
        let cases: [(&[(&str, &str)], &str); 19] = [
            (&[("category", "books")], "category:books"),
            (&[("category", "books,electronics")], "category:books,electronics"),
            (&[("category", "books"), ("category", "other")], "category:books category:other"),
            (&[("condition", "new,fair")], "condition:new,fair"),
            (&[("listing", "rent,free")], "listing:rent,free"),
            (&[("min_price", "10")], "price:>=10"),
            (&[("max_price", "10")], "price:<=10"),
            (&[("min_price", "5.01"), ("max_price", "199.99")], "price:5.01..199.99"),
            (&[("min_price", "10.01")], "price:>10"),
            (&[("max_price", "9.99")], "price:<10"),
            (&[("min_price", "50"), ("max_price", "50")], "price:50"),
            (&[("seller", "me")], "seller:me"),
            (&[("seller", &ben.id)], &format!("seller:{}", ben.id)),
            (&[("has_image", "true")], "has:image"),
            (&[("since", &middle)], &format!("posted:>={middle}")),
            (&[("q", "b"), ("category", "transport")], "b category:transport"),
            (&[("q", "category:books"), ("max_price", "9")], "category:books price:<=9"),
            (&[("q", "category:books"), ("category", "other")], "category:books price:<0"),
            (&[], ""),
        ];
        let expected: [&[&str]; 19] = [
            &["Book"], &["Book", "Phone"], &["Book", "Lamp"], &["Book", "Phone"], &["Bike", "Sofa"],
            &["Book", "Lamp", "Phone"], &["Bike", "Book", "Sofa"], &["Book", "Lamp"], &["Lamp", "Phone"],
            &["Bike", "Sofa"], &["Lamp"], &["Bike", "Book", "Phone", "Sofa"], &["Lamp"], &["Lamp"], &["Lamp"],
            &["Bike"], &[], &[], &["Bike", "Book", "Lamp", "Phone", "Sofa"],
        ];
        for ((pairs, q), expected) in cases.into_iter().zip(expected) {
            let mut by_parameters = titles(&ask(&world, &ana, pairs).await);
            let mut by_query = find(&world, &ana, q).await;
            by_parameters.sort();
            by_query.sort();
            assert_eq!(by_parameters, expected, "{pairs:?}");
            assert_eq!(by_query, expected, "{q}");
            let counted = ask(&world, &ana, &[("q", q), ("count", "true"), ("limit", "1")]).await.json();
            assert_eq!(counted["total"], expected.len(), "{q}");
        }
        assert_eq!(find(&world, &ana, "colour:red").await, [""; 0], "unknown keys are words");
    }

    async fn wrong_parameters_are_named(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let pairs = [
            ("category", "boks"), ("condition", "mint"), ("listing", "lend"), ("min_price", "cheap"), ("max_price", "1.234"),
            ("seller", "itm_1"), ("status", "gone"), ("has_image", "maybe"), ("since", "yesterday"), ("favorite", "1"),
            ("sort", "best"), ("limit", "0"), ("count", "yes"), ("colour", "red"),
        ];
        let answer = ask(&world, &ana, &pairs).await.expect(422);
        let mut named: Vec<&str> = faults(&answer).into_iter().map(|(field, _)| field).collect();
        let mut sent = pairs.map(|(name, _)| name);
        named.sort_unstable();
        sent.sort_unstable();
        assert_eq!(named, sent);
        for limit in ["101", "-1", "ten", "1e1", "99999999999999999999"] {
            assert_eq!(faults(&ask(&world, &ana, &[("limit", limit)]).await.expect(422))[0].0, "limit");
        }
    }

    async fn pages_stay_put_while_items_are_added(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for number in 0..20 {
            // Prices repeat and times are equal now and then, so that ties must be told apart.
            offer(&world, &ana, &format!("Lamp {number}"), json!({"price": 1 + number * 7 % 5})).await;
            if number % 3 == 0 {
                world.wait(Duration::from_secs(60));
            }
        }
        for sort in ["newest", "oldest", "price", "-price", "relevance"] {
            let whole = ask(&world, &ana, &[("q", "lamp"), ("sort", sort), ("limit", "100")]).await.json();
            let before = each(&whole["items"], "id");
            let walked = walk(&world, &ana, sort, &json!({"price": 3})).await;
            let mut distinct = walked.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), walked.len(), "{sort} repeats");
            let old: Vec<String> = walked.into_iter().filter(|id| before.contains(id)).collect();
            assert_eq!(old, before, "{sort}");
        }
    }

    async fn equal_matches_are_neither_skipped_nor_repeated(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for number in 0..24 {
            offer(&world, &ana, &format!("Lamp {number}"), json!({})).await;
            if number % 2 == 1 {
                world.wait(Duration::from_secs(60));
            }
        }
        let whole = each(&ask(&world, &ana, &[("q", "lamp"), ("limit", "100")]).await.json()["items"], "id");
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        while found.len() <= whole.len() {
            let mut pairs = vec![("q", "lamp"), ("limit", "1")];
            pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = ask(&world, &ana, &pairs).await.expect(200).json();
            found.extend(each(&page["items"], "id"));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = Some(next.to_owned());
        }
        assert_eq!(found, whole);
    }

    async fn orders_are_what_they_say(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        shelf(&world, &ana, &[("Two", json!({"price": 2})), ("One", json!({"price": 1})), ("Three", json!({"price": 3}))]).await;
        for (sort, expected) in [
            ("newest", ["Three", "One", "Two"]),
            ("oldest", ["Two", "One", "Three"]),
            ("price", ["One", "Two", "Three"]),
            ("-price", ["Three", "Two", "One"]),
            ("relevance", ["Three", "One", "Two"]),
        ] {
            assert_eq!(titles(&ask(&world, &ana, &[("sort", sort)]).await), expected, "{sort}");
        }
    }

    async fn a_cursor_belongs_to_its_list_and_reader(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        shelf(&world, &ana, &[("One", json!({})), ("Two", json!({})), ("Three", json!({}))]).await;
        let cursor = ask(&world, &ana, &[("limit", "1"), ("category", "books")]).await.expect(200).text("/next_cursor");
        let next = ask(&world, &ana, &[("category", "books"), ("limit", "2"), ("cursor", &cursor)]).await;
        assert_eq!(titles(&next), ["Two", "One"], "the limit may change");
        let tampered = cursor.replacen(&cursor[..1], if cursor.starts_with('A') { "B" } else { "A" }, 1);
        let wrong: [(&Person, &[(&str, &str)]); 7] = [
            (&ana, &[("category", "books"), ("cursor", &tampered)]),
            (&ana, &[("category", "books"), ("cursor", "")]),
            (&ana, &[("category", "books"), ("cursor", "é")]),
            (&ana, &[("category", "other"), ("cursor", &cursor)]),
            (&ana, &[("cursor", &cursor)]),
            (&ana, &[("category", "books"), ("sort", "price"), ("cursor", &cursor)]),
            (&ben, &[("category", "books"), ("cursor", &cursor)]),
        ];
        for (who, pairs) in wrong {
            assert_eq!(faults(&ask(&world, who, pairs).await.expect(422)), [("cursor", "invalid")], "{pairs:?}");
        }
        world.get(&ana, &format!("/api/chats?cursor={cursor}")).await.expect(422);
    }

    async fn metacharacters_are_only_characters(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        offer(&world, &ana, "Lamp", json!({"description": "100% bright; 'new'"})).await;
        let hostile = [
            "'", "\"", "''", "\"\"", "*", "lamp*", "^lamp", "title:lamp", "scope:x", "{title} : lamp", "NEAR(a b)", "a AND b",
            "OR", "NOT", "AND", "lamp OR 1=1", "'; DROP TABLE items; --", "\\", "\\'", "%", "_", "lamp & desk", "lamp | desk",
            "!lamp", "lamp:*", "lamp:A", "<->", "(lamp", "lamp)", "()", "\0", "lamp\0desk", "?1", "$1", ":name", "@name",
            "\u{202e}", "\u{200b}", "\u{fffd}", "💡", "-", "--", "-\"", "-'", "price:", "price:..", "price:<", "category:",
            "price:99999999999999999999999999", "price:0.00000000000000000000000000000000001", "price:1e9", "posted:>9999d",
            "posted:<-1d", "seller:'", "condition:\"new\"", "has:", "\u{301}", "ﷺ", "İ", "ß",
        ];
        for q in hostile {
            for sort in ["relevance", "newest", "price"] {
                ask(&world, &ana, &[("q", q), ("sort", sort), ("count", "true")]).await.expect(200);
            }
        }
        for q in ["lamp ".repeat(2_000), "\"".repeat(3_000), "-a ".repeat(1_000), "ﷺ".repeat(1_000), "x".repeat(8_000)] {
            ask(&world, &ana, &[("q", &q)]).await.expect(200);
        }
        assert_eq!(find(&world, &ana, "100% bright").await, ["Lamp"]);
    }
}
