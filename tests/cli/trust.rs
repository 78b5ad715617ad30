//! `wallet`, blocks and reports, and `admin` by way of the server.

use super::{Scene, Transcript};
use crate::story::{Student, until};

/// Makes somebody a moderator or an administrator, behind the server's back.
fn crown(scene: &Scene, who: &Student, role: &str) {
    let database = rusqlite::Connection::open(scene.campus.database()).expect("a database");
    let changed = database.execute("UPDATE users SET role = ?1 WHERE id = ?2", [role, &who.id]).expect("a change");
    assert_eq!(changed, 1);
    // A server remembers for a moment who somebody is.
    until("the server knows the role", || (who.run(&["admin", "stats"]).code == Some(0)).then_some(()));
}

#[test]
fn vouchers_fill_a_wallet() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let mut told = Transcript::of(ada);
    told.tell(ben, &["wallet", "balance"]);
    told.tell(ben, &["wallet", "balance", "--json"]);
    told.tell(ben, &["wallet", "history"]);
    told.tell(ben, &["wallet", "redeem", "0000-0000-0000"]);
    told.tell(ben, &["admin", "voucher", "create", "--tokens", "5"]);
    crown(&scene, ada, "admin");
    told.tell(ada, &["admin", "voucher", "create"]);
    told.tell(ada, &["admin", "voucher", "create", "--tokens", "5", "--uses", "300", "--dry-run"]);
    let code = ada.run(&["admin", "voucher", "create", "--tokens", "5", "--uses", "300", "--quiet"]).expect(0);
    let code = code.trim();
    assert_eq!(code.len(), 14, "the code alone: {code}");
    told.hide(code, "CODE");
    told.tell(ben, &["wallet", "redeem", code]);
    told.tell(ben, &["wallet", "redeem", code]);
    told.tell(ben, &["wallet", "history", "--limit", "1"]);
    told.tell(ben, &["wallet", "history", "--json=delta,reason,balance"]);
    told.tell(ada, &["admin", "voucher", "list"]);
    told.tell(ada, &["admin", "voucher", "list", "--json"]);
    told.tell(ada, &["admin", "voucher", "delete", "nonsense"]);
    told.tell(ada, &["admin", "voucher", "delete", code]);
    told.tell(ada, &["admin", "voucher", "delete", code, "--yes"]);
    told.tell(ada, &["admin", "voucher", "delete", code, "--yes"]);
    told.tell(ada, &["admin", "token", "grant", &ben.id, "3", "--reason", "helped at the fair", "--json=name,tokens"]);
    told.tell(ada, &["admin", "token", "grant", &ben.id, "0"]);
    told.check("wallet");
}

#[test]
fn reports_and_blocks() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let chat = ben.made(&["chat", "start", &scene.calculus]);
    let message = ben.made(&["chat", "send", &chat, "Give it to me for free!"]);
    let mut told = Transcript::of(ada);
    told.tell(ada, &["chat", "report", &chat, &message, "--reason", "rude"]);
    told.tell(ada, &["user", "report", &ben.id]);
    told.tell_with(ada, &["user", "report", &ben.id, "--reason", "rude", "--detail", "-", "--json"], "Every day.\n");
    told.tell(ada, &["user", "report", &ben.id, "--reason", "rude"]);
    told.tell(ada, &["item", "report", &scene.calculus, "--reason", "spam"]);
    told.tell(ben, &["item", "report", &scene.calculus, "--reason", "spam", "--dry-run"]);
    told.tell(ben, &["item", "report", &scene.calculus, "--reason", "spam", "--json=reason,status"]);
    told.tell(ada, &["user", "block", &ben.id]);
    told.tell(ada, &["user", "block", &ada.id, "--json"]);
    told.tell(ben, &["chat", "send", &chat, "Hello?"]);
    told.tell(ada, &["chat", "send", &chat, "Hello?"]);
    told.tell(ada, &["user", "unblock", &ben.id, "--json"]);
    told.tell(ben, &["chat", "send", &chat, "Sorry.", "--json=body"]);
    told.check("reports");
}

#[test]
fn moderating_a_campus() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let eve = scene.campus.sign_up("eve@uni.example", "Eve");
    for item in [&scene.calculus, &scene.novel] {
        ben.run(&["item", "report", item, "--reason", "spam"]).expect(0);
    }
    let mut told = Transcript::of(ada);
    told.tell(&eve, &["admin", "report", "list"]);
    told.tell(&eve, &["admin", "stats", "--json"]);
    crown(&scene, &eve, "admin");
    told.tell(&eve, &["admin", "user", "role", &ben.id, "moderator"]);
    told.tell(&eve, &["admin", "user", "role", &eve.id, "student"]);
    told.tell(&eve, &["admin", "user", "list"]);
    told.tell(&eve, &["admin", "user", "list", "ADA", "--json"]);
    told.tell(&eve, &["admin", "report", "list"]);
    told.tell(&eve, &["admin", "report", "list", "--limit", "1", "--json"]);
    told.tell(&eve, &["admin", "item", "remove", &scene.novel, "--reason", "not a book"]);
    told.tell(&eve, &["admin", "item", "remove", &scene.novel]);
    told.tell(&eve, &["admin", "item", "list"]);
    told.tell(&eve, &["admin", "item", "list", "--status", "removed", "--json"]);
    told.tell(&eve, &["admin", "item", "restore", &scene.novel, "--json=title,status"]);
    let report = eve.made(&["admin", "report", "list", "--limit", "1"]);
    told.tell(&eve, &["admin", "report", "dismiss", &report, "--reason", "a fair offer"]);
    told.tell(&eve, &["admin", "report", "dismiss", &report]);
    told.tell(&eve, &["admin", "report", "list", "--status", "all", "--json=excerpt,status,note"]);
    told.tell(&eve, &["admin", "user", "warn", &ada.id]);
    told.tell(&eve, &["admin", "user", "warn", &ada.id, "--message", "Be kind."]);
    told.tell(&eve, &["admin", "user", "suspend", &ada.id, "usr_00000000000000000000000000", "--reason", "spam"]);
    told.tell(ada, &["item", "list"]);
    told.tell(&eve, &["admin", "user", "list", "--status", "suspended", "--fields", "name,status"]);
    told.tell(&eve, &["admin", "user", "restore", &ada.id]);
    told.tell(ada, &["item", "list", "--fields", "title"]);
    told.tell(&eve, &["admin", "audit", "--fields", "actor,action,target_kind,detail"]);
    told.tell(&eve, &["admin", "audit", "--json", "--limit", "1"]);
    told.tell(&eve, &["admin", "stats"]);
    told.check("admin");
}
