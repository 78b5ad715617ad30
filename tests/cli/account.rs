//! `auth` and `user`.

use super::{Scene, Transcript};
use crate::{story::Campus, support::PASSWORD};

#[test]
fn registering_and_signing_in() {
    let campus = Campus::free();
    let ada = campus.visitor();
    let mut told = Transcript::of(&ada);
    let register = ["auth", "register", "--email", "ada@uni.example", "--name", "Ada", "--password-stdin"];
    told.tell(&ada, &["auth", "status"]);
    told.tell(&ada, &["auth", "register", "--email", "ada@uni.example"]);
    told.tell_with(&ada, &[&register[..], &["--dry-run"]].concat(), &format!("{PASSWORD}\n"));
    told.tell_with(&ada, &register, "short\n");
    told.tell_with(&ada, &register, &format!("{PASSWORD}\n"));
    told.tell(&ada, &["auth", "verify", "--email", "ada@uni.example"]);
    told.tell(&ada, &["auth", "verify", "--email", "ada@uni.example", "--code", "12345"]);
    let code = campus.code("ada@uni.example");
    told.hide(&code, "CODE");
    told.tell(&ada, &["auth", "verify", "--email", "ada@uni.example", "--code", &code]);
    told.tell(&ada, &["auth", "status"]);
    told.tell(&ada, &["auth", "status", "--json"]);
    told.tell(&ada, &["auth", "logout"]);
    told.tell(&ada, &["auth", "logout", "--yes"]);
    told.tell(&ada, &["user", "show", "--json"]);
    let login = ["auth", "login", "--email", "ada@uni.example", "--password-stdin"];
    told.tell(&ada, &["auth", "login"]);
    told.tell_with(&ada, &login, "not the password\n");
    told.tell_with(&ada, &[&login[..], &["--device", "lab 4"]].concat(), &format!("{PASSWORD}\n"));
    told.tell(&ada, &["auth", "session", "list"]);
    told.check("sign-in");
}

#[test]
fn sessions_tokens_and_profile() {
    let scene = Scene::set();
    let (ada, mut ben) = (&scene.ada, scene.campus.visitor());
    let mut told = Transcript::of(ada);
    told.tell(ada, &["auth", "session", "list", "--fields", "device,current"]);
    told.tell(ada, &["auth", "token", "create"]);
    told.tell(ada, &["auth", "token", "create", "--name", "backup", "--json"]);
    told.tell(ada, &["auth", "token", "create", "--name", "backup", "--scope", "everything"]);
    let token = ada.run(&["auth", "token", "create", "--name", "backup", "--scope", "read", "--quiet"]).expect(0);
    let token = token.trim();
    assert!(token.len() > 20 && token.bytes().all(|byte| byte.is_ascii_graphic()), "the secret alone: {token}");
    told.tell(ada, &["auth", "token", "list"]);
    ben.token = Some(token.to_owned());
    told.tell(&ben, &["auth", "status"]);
    told.tell(&ben, &["item", "favorite", &scene.calculus]);
    told.tell(&ben, &["item", "favorite", &scene.calculus, "--json"]);
    told.tell(&ben, &["auth", "token", "list"]);
    told.tell(&ben, &["auth", "login", "--email", "ada@uni.example"]);
    ben.token = Some("no token of this server".to_owned());
    told.tell(&ben, &["auth", "status"]);
    ben.token = Some("cz_nonsense".to_owned());
    told.tell(&ben, &["auth", "status"]);
    told.tell(ada, &["user", "show", "@me", "--json"]);
    told.tell(ada, &["user", "show", &scene.ben.id, "--json"]);
    told.tell(ada, &["user", "edit", "--residence", "Hall 4", "--json=residence"]);
    told.tell(ada, &["user", "edit", "--residence", "", "--json=residence"]);
    told.tell(ada, &["user", "edit"]);
    told.tell_with(ada, &["auth", "password", "change", "--password-stdin"], "wrong password\nanother good one\n");
    told.tell_with(ada, &["user", "delete", "--password-stdin"], &format!("{PASSWORD}\n"));
    told.tell_with(ada, &["user", "delete", "--confirm", "Ada", "--password-stdin"], &format!("{PASSWORD}\n"));
    told.check("account");
}

#[test]
fn a_forgotten_password_is_set_anew() {
    let scene = Scene::set();
    let ben = &scene.ben;
    let mut told = Transcript::of(ben);
    let first = scene.campus.code("ben@uni.example");
    let reset = ["auth", "password", "reset", "--email", "ben@uni.example"];
    told.tell(ben, &reset);
    let code = crate::story::until("another code", || {
        Some(scene.campus.code("ben@uni.example")).filter(|code| *code != first)
    });
    told.hide(&code, "CODE");
    let new = [&reset[..], &["--code", &code, "--password-stdin"]].concat();
    told.tell_with(ben, &new, "an even better one\n");
    told.tell_with(ben, &new, "an even better one\n");
    told.tell(ben, &["auth", "status"]);
    let login = ["auth", "login", "--email", "ben@uni.example", "--password-stdin", "--json=name"];
    told.tell_with(ben, &login, "an even better one\n");
    told.check("password");
}
