//! How a fixed answer is drawn.

use campuszon_core::wire::trust::Stats;
use serde_json::{Value, json};

use super::figures;
use crate::output::{Terminal, dashboard};

fn route(method: &str, route: &str, count: i64, p50: f64, p99: f64) -> Value {
    json!({"method": method, "route": route, "count": count, "p50_ms": p50, "p99_ms": p99})
}

/// What a busy server answers `later` seconds after a reading.
fn answer(later: i64) -> Stats {
    let time = |seconds: i64| campuszon_core::Timestamp::from_millis((1_800_000_000 + seconds) * 1_000);
    let server = json!({
        "version": "1.2.3", "time": time(later), "started": time(-3 * 86_400),
        "maintenance": {"message": "New disks;\u{1b}[2J back at six", "since": time(-7_200)},
        "requests": {"count": 1_234_000 + later * 25, "p50_ms": 1.23, "p99_ms": 48.7},
        "statuses": [{"name": "2xx", "count": 1_190_000}, {"name": "3xx", "count": 40_000}, {"name": "4xx", "count": 3_999}, {"name": "5xx", "count": 1}],
        "routes": [
            route("GET", "/api/items", 600_000, 1.1, 21.0), route("GET", "/api/items/{id}", 300_000, 0.8, 9.5),
            route("POST", "/api/chats/{id}/messages/{msg}/report", 334_000, 5.25, 130.0),
        ],
        "database": {"bytes": 123_400_000, "writes_waiting": 1, "reads_waiting": 0, "commits": 45_678 + later * 3, "batch_size": 2.41},
        "sockets": 1_012, "fan_out": {"count": 77, "p50_ms": 0.75, "p99_ms": 2.5},
        "images": {"waiting": 3, "active": 1, "dead": 2}, "mails": {"waiting": 0, "active": 0, "dead": 0},
        "refusals": [{"name": "auth", "count": 17}, {"name": "chat", "count": 0}, {"name": "items_read", "count": 1_200}],
        "blob_bytes": 4_900_000_000_i64,
        "backup": {"last": time(-10_800), "every_s": 86_400}, "check": {"last": time(-172_800), "faults": 0, "every_s": 604_800},
    });
    let stats = json!({
        "users_active": 2_345, "users_unverified": 12, "users_suspended": 1, "items_listed": 6_789, "items_hidden": 2,
        "bookings_pending": 34, "bookings_accepted": 56, "bookings_completed": 7_890, "messages": 123_456, "reports_open": 1,
        "tokens_in_wallets": 9_876, "connections": 1_012, "server": server,
    });
    serde_json::from_value(stats).expect("an answer")
}

fn drawn(width: usize, ascii: bool, accessible: bool, colour: bool) -> String {
    let (earlier, stats) = (answer(0), answer(2));
    let server = stats.server.as_ref().expect("a server");
    let terminal = Terminal {
        stdin: true,
        stdout: true,
        stderr: true,
        colour,
        stderr_colour: colour,
        links: false,
        width,
        height: None,
        accessible,
    };
    let text = dashboard::draw(&figures::lines(&stats, server, earlier.server.as_ref()), &terminal, ascii);
    for line in text.lines().filter(|_| !colour && !accessible) {
        assert!(line.chars().count() <= width, "{line}");
    }
    text
}

#[test]
fn numbers_are_seen_at_a_glance() {
    insta::with_settings!({snapshot_path => "../../../../../tests/snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("stats-80", drawn(80, false, false, false));
        insta::assert_snapshot!("stats-160", drawn(160, false, false, false));
        insta::assert_snapshot!("stats-60-ascii", drawn(60, true, false, false));
        insta::assert_snapshot!("stats-colour", drawn(80, false, false, true).replace('\u{1b}', "␛"));
        insta::assert_snapshot!("stats-accessible", drawn(80, false, true, true));
    });
}

#[test]
fn a_server_that_did_nothing_yet_has_numbers_too() {
    let mut stats = serde_json::to_value(answer(0)).expect("JSON");
    stats["server"]["requests"] = json!({"count": 0, "p50_ms": null, "p99_ms": null});
    stats["server"]["routes"] = json!([]);
    stats["server"]["statuses"] = json!([]);
    stats["server"]["backup"] = json!({"last": null, "every_s": null});
    stats["server"]["check"] = json!({"last": null, "faults": 0, "every_s": 604_800});
    let stats: Stats = serde_json::from_value(stats).expect("an answer");
    let server = stats.server.as_ref().expect("a server");
    let lines = format!("{:?}", figures::lines(&stats, server, None));
    assert!(lines.contains("no backup wanted") && lines.contains("no check yet") && !lines.contains("NaN"), "{lines}");
    assert!(!lines.contains("/s"), "there is nothing to compare with: {lines}");
}
