//! A campus full of items, as the benchmarks of lists and searches need it.

use std::{sync::Arc, time::Duration};

use campuszon_core::{
    Timestamp,
    account::Email,
    form::Form,
    item::NewItem,
    permission::{Credential, Role, UserStatus},
};
use campuszon_server::{
    App, Principal, items,
    platform::entropy::ManualClock,
    users::{self, service},
};
use serde_json::json;

const WORDS: [&str; 24] = [
    "calculus", "physics", "lamp", "chair", "desk", "bicycle", "guitar", "kettle", "monitor", "keyboard", "novel",
    "jacket", "boots", "tent", "camera", "printer", "backpack", "notes", "mirror", "shelf", "racket", "ticket",
    "heater", "plant",
];

/// What a third of all items is each.
const FINISHES: [&str; 3] = ["polished", "scratched", "painted"];

/// A campus of `count` items by one seller, and the token of somebody who reads them.
pub async fn fill(app: &App, clock: &Arc<ManualClock>, now: Timestamp, count: usize) -> String {
    let email = Email::parse("ana@bench.example").expect("an address");
    let parts = app.clone();
    let (campus, user, token) = app
        .write(move |tx| {
            let campus = users::campus::of_new_user(tx, &parts.settings, &email)?.expect("a campus");
            let id = tx.new_id();
            users::store::insert_user(tx, campus, id, email.as_str(), "Ana", "", UserStatus::Unverified)?;
            let user = service::activate(tx, &parts, campus, id, &email)?;
            let tokens = users::sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, None)?;
            Ok((campus, id, tokens.access_token))
        })
        .await
        .expect("a user");
    let expires_at = now + Duration::from_secs(3600);
    let who =
        Principal { campus, user, role: Role::Student, credential: Credential::Session, session: None, expires_at };
    for chunk in 0..count.div_ceil(500) {
        clock.set(now - Duration::from_secs(60 * (count / 500 - chunk) as u64));
        let (who, parts) = (who.clone(), app.clone());
        app.write(move |tx| {
            for number in chunk * 500..((chunk + 1) * 500).min(count) {
                items::service::create(tx, &who, &item(&parts, number))?;
            }
            Ok(())
        })
        .await
        .expect("items");
    }
    clock.set(now);
    token
}

fn item(app: &App, number: usize) -> NewItem {
    let word = |step: usize| WORDS[(number / step + number * step) % WORDS.len()];
    let categories = &app.settings.items.categories;
    let body = json!({
        "title": format!("{} and {} no. {number}", word(1), word(7)),
        "description": format!(
            "A {} {} in good shape, with a {} on top. Ask for the {}.",
            FINISHES[number % 3], word(3), word(5), word(11)
        ),
        "price": number % 200 + 1, "category": categories[number % categories.len()], "condition": "good",
    });
    let mut form = Form::json(body.as_object().expect("an object").clone());
    let new = NewItem::read(&mut form, &app.item_rules());
    form.finish(new).expect("an item")
}
