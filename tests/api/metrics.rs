//! What a server says of itself to Prometheus.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use axum::{body::Body, http::Request};
use campuszon_core::permission::Role;
use campuszon_server::{
    check,
    gateway::{self, listener::PeerAddress},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    Free, offer,
    routes::{enroll, found},
};
use crate::{
    on_every_database,
    support::{Engine, START, World},
};

/// The samples by their series, as text: `name{label="value"}`.
type Samples = BTreeMap<String, f64>;

/// What `/metrics` says, after a look at its form.
async fn samples(world: &World) -> Samples {
    let answer = world.call("", "GET", "/metrics", Value::Null).await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    let text = String::from_utf8(answer.bytes).expect("text");
    parse(&text)
}

/// Reads the text format: every sample belongs to a described family, none is there twice.
fn parse(text: &str) -> Samples {
    let (mut samples, mut types, mut helped) = (Samples::new(), BTreeMap::new(), BTreeSet::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').expect("a text");
            assert!(words.ends_with('.') && helped.insert(name), "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type");
            assert!(["counter", "gauge", "histogram"].contains(&kind) && helped.contains(name), "{line}");
            assert!(types.insert(name, kind).is_none(), "{line}");
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let name = series.split('{').next().expect("a name");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
            assert!(types.contains_key(family(name, &types)), "{line} is of no family");
            assert!(samples.insert(series.to_owned(), value.parse().expect("a number")).is_none(), "{line}");
        }
    }
    samples
}

/// The family of a sample: histograms have several samples.
fn family<'a>(name: &'a str, types: &BTreeMap<&str, &str>) -> &'a str {
    let stem = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
    stem.filter(|stem| types.get(stem) == Some(&"histogram")).unwrap_or(name)
}

fn requests(samples: &Samples, method: &str, route: &str, status: &str) -> f64 {
    let series = format!("campuszon_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
    samples.get(&series).copied().unwrap_or_default()
}

on_every_database! {
    async fn requests_are_counted_by_their_routes(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let item = offer(&world, &ana, "Lamp", json!({})).await;
        for _ in 0..3 {
            world.get(&ana, &format!("/api/items/{item}")).await.expect(200);
        }
        world.get(&ana, "/api/items/itm_00000000000000000000000000").await.expect(404);
        let found = samples(&world).await;
        assert_eq!(requests(&found, "GET", "/api/items/{id}", "2xx"), 3.0);
        assert_eq!(requests(&found, "GET", "/api/items/{id}", "4xx"), 1.0);
        assert_eq!(requests(&found, "POST", "/api/items", "2xx"), 1.0);
        let timed = "campuszon_http_request_duration_seconds";
        let labels = "method=\"GET\",route=\"/api/items/{id}\"";
        assert_eq!(found[&format!("{timed}_count{{{labels}}}")], 4.0);
        assert_eq!(found[&format!("{timed}_bucket{{{labels},le=\"+Inf\"}}")], 4.0);
        assert!(!found.keys().any(|series| series.contains(&item) || series.contains("itm_")));
        assert_eq!(found["campuszon_database_up"], 1.0);
        assert!(found["campuszon_database_bytes"] > 100_000.0);
        assert_eq!(found["campuszon_image_jobs{state=\"waiting\"}"], 0.0);
        assert_eq!(found["campuszon_check_interval_seconds"], 7.0 * 24.0 * 3600.0);
        assert_eq!(found["campuszon_check_last_clean_timestamp_seconds"], 0.0);
        assert_eq!(found["campuszon_start_time_seconds"], crate::support::START.seconds() as f64);
    }

    async fn a_flood_adds_no_series(world: Free) {
        world.call("", "GET", "/nowhere", Value::Null).await.expect(404);
        world.call("", "BREW", "/nowhere", Value::Null).await.expect(404);
        samples(&world).await;
        let before = samples(&world).await;
        for number in 0..300 {
            let id = format!("flood-{number}");
            world.call("", "GET", &format!("/{id}/{number}?q={id}"), Value::Null).await.expect(404);
            world.call("", &format!("BREW{number}"), &format!("/{id}"), Value::Null).await.expect(404);
        }
        let after = samples(&world).await;
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        assert_eq!(requests(&after, "GET", "unmatched", "4xx") - requests(&before, "GET", "unmatched", "4xx"), 300.0);
        assert_eq!(requests(&after, "other", "unmatched", "4xx"), 301.0);
    }
}

#[tokio::test]
async fn refusals_are_counted_by_budget() {
    let world = World::with(Engine::Sqlite, "[limits]\nitems_read = \"2/1m\"").await;
    let ana = world.sign_up("ana@uni.example", "Ana").await;
    for status in [200, 200, 429, 429] {
        world.get(&ana, "/api/items").await.expect(status);
    }
    assert_eq!(samples(&world).await["campuszon_rate_limited_total{budget=\"items_read\"}"], 2.0);
}

#[tokio::test]
async fn commits_are_counted_and_nothing_waits_when_all_is_done() {
    let world = Free::new(Engine::Sqlite).await;
    let count = |samples: &Samples| samples["campuszon_database_batch_size_count"];
    let before = samples(&world).await;
    let ana = world.sign_up("ana@uni.example", "Ana").await;
    offer(&world, &ana, "Lamp", json!({})).await;
    let after = samples(&world).await;
    assert!(count(&after) > count(&before));
    for pool in ["reader", "writer"] {
        assert_eq!(after[&format!("campuszon_database_queue{{pool=\"{pool}\"}}")], 0.0);
    }
}

/// Asks from an address, with further headers.
async fn status(world: &World, address: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = Request::builder().uri("/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    request.extensions_mut().insert(PeerAddress(address.parse::<IpAddr>().expect("an address")));
    gateway::router(world.app.clone()).oneshot(request).await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn only_those_who_may_know_are_told() {
    let world = Free::new(Engine::Sqlite).await;
    for (address, expected) in
        [("127.0.0.1", 200), ("127.1.2.3", 200), ("::1", 200), ("10.0.0.1", 403), ("fe80::1", 403)]
    {
        assert_eq!(status(&world, address, &[]).await, expected, "{address}");
    }
    // Behind a proxy of this machine that nobody trusts, everybody seems to be here.
    for header in [("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1")] {
        assert_eq!(status(&world, "127.0.0.1", &[header]).await, 403, "{header:?}");
    }
    let world = Free::with(Engine::Sqlite, "[metrics]\nallow = [\"10.0.0.0/8\", \"fe80::1\"]\n").await;
    for (address, expected) in [("127.0.0.1", 403), ("10.9.9.9", 200), ("fe80::1", 200), ("fe80::2", 403)] {
        assert_eq!(status(&world, address, &[]).await, expected, "{address}");
    }
}

#[tokio::test]
async fn administrators_see_the_numbers_of_the_server() {
    let world = Free::with(Engine::Sqlite, "[backup]\nevery = \"24h\"\n").await;
    let campus = found(&world).await;
    let root = enroll(&world, campus, "Ada", Role::Admin).await;
    let moderator = enroll(&world, campus, "Mia", Role::Moderator).await;
    for _ in 0..3 {
        world.get(&root, "/api/items").await.expect(200);
    }
    world.get(&moderator, "/api/admin/vouchers").await.expect(403);
    world.app.write(|tx| Ok(check::store::note_check(tx, START, 2)?)).await.expect("a write");
    world.wait(std::time::Duration::from_secs(60));

    let server = world.get(&root, "/api/admin/stats").await.expect(200).json()["server"].clone();
    assert_eq!((&server["started"], &server["version"]), (&json!(START), &json!(env!("CARGO_PKG_VERSION"))));
    assert_eq!(server["statuses"], json!([{"name": "2xx", "count": 3}, {"name": "4xx", "count": 1}]));
    let busiest = &server["routes"][0];
    assert_eq!(
        (&busiest["method"], &busiest["route"], &busiest["count"]),
        (&json!("GET"), &json!("/api/items"), &json!(3))
    );
    assert!(
        busiest["p50_ms"].as_f64() <= busiest["p99_ms"].as_f64() && busiest["p50_ms"].as_f64() > Some(0.0),
        "{busiest}"
    );
    assert_eq!(server["requests"]["count"], 4);
    assert!(
        server["database"]["bytes"].as_i64() > Some(100_000) && server["database"]["commits"].as_i64() > Some(0),
        "{server}"
    );
    assert_eq!(server["mails"], json!({"waiting": 0, "active": 0, "dead": 0}));
    assert_eq!(server["check"], json!({"last": START, "faults": 2, "every_s": 604_800}));
    assert_eq!(server["backup"], json!({"last": null, "every_s": 86_400}));
    let budgets =
        server["refusals"].as_array().expect("budgets").iter().map(|budget| budget["name"].as_str().expect("a name"));
    assert_eq!(budgets.collect::<Vec<_>>(), ["auth", "chat", "frames", "images", "items_read", "items_write"]);

    let stats = world.get(&moderator, "/api/admin/stats").await.expect(200).json();
    assert_eq!((&stats["server"], &stats["users_active"]), (&Value::Null, &json!(2)));
}
