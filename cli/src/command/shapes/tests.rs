//! The shapes against what the API answers.

use super::*;
use crate::output::Shape;
use campuszon_core::wire::{account, booking, chat, image, item, maintenance, notification, trust, wallet};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The fields that a wire type writes, against those its shape documents.
fn agree<T: Serialize + DeserializeOwned>(shape: &Shape, sample: &Value) {
    let thing: T = serde_json::from_value(sample.clone()).expect("a sample");
    let written = serde_json::to_value(thing).expect("json");
    for field in written.as_object().expect("an object").keys() {
        assert!(shape.fields.contains(&field.as_str()), "{field}");
    }
    for column in shape.table.iter().chain(shape.columns) {
        assert!(shape.fields.contains(column), "{column}");
    }
}

const USER: &str = "usr_00000000000000000000000000";
const ITEM_ID: &str = "itm_00000000000000000000000000";
#[test]
fn shapes_of_trust_document_what_the_api_answers() {
    let report = json!({
        "id": "rpt_00000000000000000000000000", "target_kind": "user", "target_id": USER, "reason": "spam",
        "status": "open", "created_at": TIME,
    });
    agree::<trust::Report>(&REPORT, &report);
    let mut moderated = report;
    let named = json!({"id": USER, "name": "Ada"});
    let rest = json!({"reporter": named, "subject": named, "excerpt": "Ada"});
    moderated.as_object_mut().expect("an object").extend(rest.as_object().expect("an object").clone());
    agree::<trust::ModeratedReport>(&MODERATED_REPORT, &moderated);
    agree::<trust::ModeratedUser>(
        &MODERATED_USER,
        &json!({
            "id": USER, "name": "Ada", "email": "ada@uni.example", "role": "student", "status": "active",
            "tokens": 2, "open_reports": 0, "joined": TIME,
        }),
    );
    agree::<trust::ModeratedItem>(
        &MODERATED_ITEM,
        &json!({
            "id": ITEM_ID, "title": "Lamp", "price": 4.5, "status": "active", "hidden": false, "seller": named,
            "open_reports": 0, "created_at": TIME,
        }),
    );
    agree::<trust::AuditEntry>(
        &AUDIT_ENTRY,
        &json!({
            "id": "aud_00000000000000000000000000", "action": "warn", "target_kind": "user", "target_id": USER,
            "created_at": TIME,
        }),
    );
    let voucher = json!({"code": "7K2M-QX9D-3FTB", "tokens": 1, "uses": 1, "used": 0, "created_at": TIME});
    agree::<wallet::Voucher>(&VOUCHER, &voucher);
    agree::<wallet::Redeemed>(&REDEEMED, &json!({"added": 1, "tokens": 3}));
    agree::<wallet::TokenEntry>(
        &TOKEN_ENTRY,
        &json!({"delta": 2, "reason": "signup", "reference": "signup", "balance": 2, "created_at": TIME}),
    );
    let stats: serde_json::Map<String, Value> =
        STATS.columns.iter().map(|field| ((*field).to_owned(), json!(0))).collect();
    let queue = json!({
        "waiting": 0, "active": 0, "completed": 0, "failed": 0, "oldest_waiting_ms": null, "dead": [],
    });
    agree::<maintenance::MaintenanceState>(&MAINTENANCE, &json!({"on": false, "message": null, "since": null}));
    agree::<image::Queue>(&QUEUE, &queue);
    agree::<image::Retried>(&RETRIED, &json!({"retried": 1}));
    agree::<trust::Stats>(&STATS, &Value::Object(stats));
}

const TIME: &str = "2027-01-31T09:30:00.000Z";

#[test]
fn shapes_document_what_the_api_answers() {
    let mut listed = json!({
        "id": ITEM_ID, "title": "Lamp", "price": 4.5, "currency": "USD", "listing": "sale", "category": "other",
        "condition": "good", "status": "active", "favorite": false, "created_at": TIME, "updated_at": TIME,
        "seller": {"id": USER, "name": "Ada", "rating": null, "online": true},
    });
    agree::<item::ItemSummary>(&ITEM_SUMMARY, &listed);
    let rest = json!({
        "description": "", "images": [], "views": 0, "favorites": 0,
        "viewer": {"favorite": false, "unlocked": false, "booking": null, "chat": null}, "taken": [],
    });
    let all = listed.as_object_mut().expect("an object");
    all.extend(rest.as_object().expect("an object").clone());
    agree::<item::Item>(&ITEM, &listed);

    agree::<booking::Booking>(
        &BOOKING,
        &json!({
            "id": "bkg_00000000000000000000000000", "role": "buyer", "status": "pending", "turn": "seller",
            "item": {"id": ITEM_ID, "title": "Lamp", "listing": "sale", "status": "active"},
            "peer": {"id": USER, "name": "Ada"}, "version": 1, "rounds": 0, "list_price": 5, "price": 5,
            "currency": "USD", "extended": false, "confirmed": [], "reviewed": false,
            "chat": "cht_00000000000000000000000000", "created_at": TIME, "updated_at": TIME,
        }),
    );
    agree::<booking::Review>(
        &REVIEW,
        &json!({
            "id": "rev_00000000000000000000000000", "author": {"id": USER, "name": "Ada"}, "subject": USER,
            "rating": 5, "shown": true, "created_at": TIME,
        }),
    );
    agree::<chat::Message>(
        &MESSAGE,
        &json!({
            "id": "msg_00000000000000000000000000", "chat_id": "cht_00000000000000000000000000", "seq": 1,
            "kind": "text", "body": "hello", "created_at": TIME,
        }),
    );
    agree::<notification::Notification>(
        &NOTIFICATION,
        &json!({
            "id": "ntf_00000000000000000000000000", "kind": "tokens", "title": "hello", "read": false,
            "created_at": TIME,
        }),
    );
    agree::<notification::Preferences>(&PREFERENCES, &json!({"muted": [], "digest": false}));
    agree::<notification::Search>(
        &SEARCH,
        &json!({
            "id": "sch_00000000000000000000000000", "name": "maths", "query": "calculus", "digest": false,
            "matches": 0, "created_at": TIME,
        }),
    );
    agree::<account::PublicProfile>(
        &PUBLIC_PROFILE,
        &json!({
            "id": USER, "name": "Ada", "review_count": 0, "joined": TIME, "online": true, "items_active": 1,
        }),
    );
    agree::<account::Profile>(
        &PROFILE,
        &json!({
            "id": USER, "email": "ada@uni.example", "name": "Ada", "campus": "uni.example", "role": "student",
            "status": "active", "tokens": 2, "review_count": 0, "hide_presence": false, "joined": TIME,
            "unread_messages": 0, "unread_notifications": 0,
        }),
    );
    agree::<account::NewAccessToken>(
        &NEW_TOKEN,
        &json!({
            "id": "pat_00000000000000000000000000", "name": "ci", "scopes": ["read"], "created_at": TIME,
            "expires_at": TIME, "token": "secret",
        }),
    );
    agree::<account::Device>(
        &SESSION,
        &json!({
            "id": "ses_00000000000000000000000000", "current": true, "created_at": TIME, "last_used_at": TIME,
            "expires_at": TIME,
        }),
    );
}
