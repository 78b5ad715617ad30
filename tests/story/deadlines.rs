//! Deadlines are kept to within two seconds, and survive the server.

use std::time::Duration;

use campuszon_core::Timestamp;
use serde_json::Value;

use super::{Campus, Student, until};

/// How late an end may come.
const LATE: Duration = Duration::from_secs(2);

fn time(booking: &Value, field: &str) -> Timestamp {
    booking[field].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {field} in {booking}"))
}

/// Waits for the end of a booking; when that was.
fn expired(student: &Student, id: &str) -> Timestamp {
    let ended = until("the booking expires", || {
        let booking = student.json(&["booking", "show", id]);
        (booking["status"] == "expired").then_some(booking)
    });
    time(&ended, "ended_at")
}

#[test]
fn time_outs_are_exact_and_outlive_the_server() {
    let mut settings = vec![("ITEMS__REQUIRE_IMAGE", "false"), ("BOOKINGS__PENDING_TIMEOUT", "3s")];
    settings.extend([("LIMITS__ITEMS_READ", "off"), ("LIMITS__ITEMS_WRITE", "off")]);
    let mut campus = Campus::with(&settings);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let mut ben = campus.sign_up("ben@uni.example", "Ben");
    let token = ben.run(&["auth", "token", "create", "--name", "bot", "--scope", "write"]).expect(0);
    let item = ada.offer("A lamp", "30");
    let request = |ben: &Student| {
        let booking = ben.json(&["booking", "request", &item]);
        (booking["id"].as_str().expect("an id").to_owned(), time(&booking, "deadline_at"))
    };

    let (id, deadline) = request(&ben);
    assert!(expired(&ben, &id).since(deadline) < LATE);

    // Killed before the deadline and back in time; then killed, and back when it is over.
    ben.token = Some(token.trim().to_owned());
    for is_over in [false, true] {
        let (id, deadline) = request(&ben);
        campus.kill();
        let started = until("the time is right", || {
            let now = Timestamp::from_millis(i64::try_from(since_1970().as_millis()).expect("a time"));
            (!is_over || now > deadline).then_some(now)
        });
        campus.start();
        ben.server.clone_from(&campus.url);
        assert!(expired(&ben, &id).since(deadline.max(started)) < LATE);
    }
    assert_eq!(ben.json(&["user", "show", "@me"])["tokens"], 2, "every one was refunded");
}

fn since_1970() -> Duration {
    std::time::UNIX_EPOCH.elapsed().expect("a clock")
}
