//! `booking` and `item unlock`: a whole deal by commands alone.

use super::{Scene, Transcript};

#[test]
fn a_deal_by_commands() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    ada.json(&["user", "edit", "--phone", "+1 555 0100"]);
    let mut told = Transcript::of(ben);
    told.tell(ben, &["booking", "list"]);
    told.tell(ben, &["item", "unlock", &scene.calculus]);
    told.tell(ben, &["item", "unlock", &scene.calculus, "--json=contact.phone,tokens"]);
    told.tell(ben, &["booking", "request", &scene.calculus, "--offer", "20", "--dry-run"]);
    told.tell(ben, &["booking", "request", &scene.calculus, "--offer", "20.505"]);
    told.tell(
        ben,
        &["booking", "request", &scene.calculus, "--offer", "20", "--message", "Tomorrow?", "--format", "table"],
    );
    let id = ben.made(&["booking", "list"]);
    told.tell(
        ada,
        &["booking", "list", "--role", "seller", "--status", "pending", "--fields", "item,peer,status,turn,price"],
    );
    told.tell(ben, &["booking", "accept", &id]);
    told.tell(ada, &["booking", "counter", &id, "--price", "25", "--json=version,turn,price"]);
    told.tell(ada, &["booking", "counter", &id, "--price", "24", "--version", "2", "--json"]);
    told.tell(ben, &["booking", "accept", &id, "--fields", "status,price"]);
    let code = ben.json(&["booking", "show", &id])["handover_code"].as_str().expect("a code").to_owned();
    told.hide(&code, "CODE");
    let wrong = if code == "000000" { "111111" } else { "000000" };
    told.tell(ada, &["booking", "complete", &id, "--code", wrong]);
    told.tell(ada, &["booking", "extend", &id, "--fields", "status"]);
    told.tell(ada, &["booking", "complete", &id, "--code", &code, "--fields", "status,reviewed"]);
    told.tell(ben, &["booking", "cancel", &id, "--yes"]);
    told.tell(ben, &["booking", "review", &id, "--rating", "6"]);
    told.tell(ben, &["booking", "review", &id, "--rating", "5", "--comment", "Kind", "--fields", "rating,shown"]);
    told.tell(ada, &["booking", "review", &id, "--rating", "4", "--fields", "rating,shown"]);
    told.tell(ada, &["user", "reviews", "@me", "--fields", "author,rating,comment"]);
    let review = ada.made(&["user", "reviews", "@me"]);
    told.tell(ada, &["booking", "answer", &review, "Thanks", "--fields", "answer"]);
    told.tell(ben, &["user", "show", &ada.id, "--fields", "rating,review_count"]);
    told.tell(ben, &["chat", "show", &ben.made(&["chat", "list"]), "--fields", "kind,body"]);

    // A request that is declined, and one that is cancelled.
    told.tell(ben, &["booking", "request", &scene.novel, "--fields", "status"]);
    let second = ben.made(&["booking", "list", "--status", "pending"]);
    told.tell(ben, &["booking", "cancel", &second]);
    told.tell(ada, &["booking", "decline", &second, "--reason", "Promised to a friend", "--fields", "status,reason"]);
    told.tell(ben, &["user", "show", "@me", "--fields", "tokens"]);
    told.check("deals");
}
