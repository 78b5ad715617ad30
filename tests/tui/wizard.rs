//! The sign-in: every question, every way through it, and what is left of it afterwards.

use campuszon::tui::{
    effect::{Effect, Entered, Entry, Errand, Outcome, Refused},
    keys::Scope,
    message::{FailureKind, Timer},
    model::{Account, Hall, Path, Step, Tab},
    secret::Secret,
};
use campuszon_core::{Timestamp, safe::SafeText};

use super::{
    desk::Desk,
    states::{SIZES, snapshot},
    stock::{NOW, failure, page, profile, stock},
};

const PASSWORD: &str = "correct horse battery";

fn signed_out(size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size);
    desk.fail_tab(Tab::Me, failure(FailureKind::SignedOut));
    desk.answer(Err(failure(FailureKind::SignedOut)));
    desk
}

fn hall() -> Hall {
    Hall {
        address: "https://uni.example".to_owned(),
        called: SafeText::fixed("uni"),
        name: SafeText::fixed("Uni Market"),
        open: true,
        domains: vec!["uni.example".to_owned()],
    }
}

/// Answers what the sign-in asked last.
fn answer(desk: &mut Desk, result: Result<Entered, Refused>) {
    let ticket = match desk.errand() {
        Errand::Look(ticket, _) | Errand::Enter(ticket, _) => ticket,
        other => panic!("{other:?} is no question of the sign-in"),
    };
    desk.account(Outcome::Entered(ticket, result));
}

fn say(desk: &mut Desk, text: &str) {
    desk.write(text);
    desk.key("Enter");
}

fn refused(field: &str, message: &'static str) -> Refused {
    let faults = vec![(field.to_owned(), SafeText::fixed(message))];
    Refused { faults, ..Refused::plain(failure(FailureKind::Broken)) }
}

/// At the password, the server and the address being known.
fn at_password(size: (u16, u16)) -> Desk {
    let mut desk = signed_out(size);
    desk.key("Enter");
    answer(&mut desk, Ok(Entered::Found(Box::new(hall()))));
    say(&mut desk, "ana@uni.example");
    desk
}

/// At the code for a new account.
fn at_code(size: (u16, u16)) -> Desk {
    let mut desk = at_password(size);
    desk.key("Ctrl+N");
    say(&mut desk, "Ana");
    say(&mut desk, PASSWORD);
    say(&mut desk, PASSWORD);
    answer(&mut desk, Ok(Entered::CodeSent));
    desk
}

fn entry(desk: &Desk) -> Entry {
    match desk.errand() {
        Errand::Enter(_, entry) => entry,
        other => panic!("{other:?} is no question of the sign-in"),
    }
}

#[test]
fn every_question() {
    for size in SIZES {
        let mut desk = signed_out(size);
        snapshot("wizard-server", &desk);
        desk.key("Enter");
        snapshot("wizard-asking", &desk);
        answer(&mut desk, Ok(Entered::Found(Box::new(hall()))));
        desk.write("ana");
        desk.key("Enter");
        snapshot("wizard-email", &desk);
        let mut desk = at_password(size);
        desk.write(PASSWORD);
        snapshot("wizard-password", &desk);
        desk.key("Enter");
        answer(&mut desk, Err(Refused::plain(failure(FailureKind::SignedOut))));
        assert!(desk.screen().contains("the server said no"));
        let mut desk = at_code(size);
        say(&mut desk, "123456");
        answer(&mut desk, Err(refused("code", "is wrong")));
        snapshot("wizard-code", &desk);
    }
}

#[test]
fn whoever_has_an_account_signs_in_and_everything_is_asked_for_anew() {
    let mut desk = Desk::on(Tab::Selling, (80, 24));
    desk.key("1");
    desk.key("R");
    desk.answer(Err(failure(FailureKind::SignedOut)));
    assert_eq!((desk.model.scope(), desk.model.wizard.step), (Scope::Wizard, Step::Password));
    assert!(desk.screen().contains("Your session has ended") && desk.screen().contains("ana@uni.example"));
    say(&mut desk, PASSWORD);
    let sent = Entry::Login { email: "ana@uni.example".to_owned(), password: Secret::new(PASSWORD) };
    assert_eq!(entry(&desk), sent);
    desk.asked.clear();
    let ticket = desk.model.wizard.asked.expect("a question");
    desk.account(Outcome::Entered(ticket, Ok(Entered::SignedIn(Box::new(profile())))));
    assert!(matches!(desk.model.account, Account::SignedIn { .. }));
    assert_eq!((desk.model.scope(), desk.model.browse.list.rows.len()), (Scope::Browse, 0));
    assert!(desk.model.selling.list.rows.is_empty(), "nothing of before is shown");
    assert!(desk.asked.contains(&Effect::Connect));
    desk.answer(Ok(page(stock(), None)));
    assert_eq!(desk.model.browse.list.rows.len(), 6);
    assert!(desk.screen().contains("Signed in as Ana"));
}

#[test]
fn a_new_account_is_asked_for_question_by_question() {
    let mut desk = at_password((80, 24));
    desk.key("Ctrl+N");
    assert_eq!((desk.model.wizard.path, desk.model.wizard.step), (Path::New, Step::Name));
    say(&mut desk, "Ana");
    say(&mut desk, "short");
    assert!(desk.screen().contains("at least 10 characters"));
    for _ in 0..5 {
        desk.key("Backspace");
    }
    say(&mut desk, PASSWORD);
    say(&mut desk, "something else");
    assert!(desk.screen().contains("not the same password"));
    desk.key("Ctrl+U");
    say(&mut desk, PASSWORD);
    let (email, name) = ("ana@uni.example".to_owned(), "Ana".to_owned());
    assert_eq!(entry(&desk), Entry::Register { email: email.clone(), name, password: Secret::new(PASSWORD) });
    assert!(!format!("{:?}", desk.asked).contains(PASSWORD), "no trace shows it");
    assert!(!desk.screen().contains(PASSWORD));
    answer(&mut desk, Ok(Entered::CodeSent));
    assert_eq!(desk.model.wizard.step, Step::Code);
    assert!(!format!("{:?}", desk.model.wizard).contains(PASSWORD), "it is not kept");
    say(&mut desk, "12x456");
    assert!(desk.screen().contains("six digits"));
    desk.key("Ctrl+U");
    say(&mut desk, "123456");
    assert_eq!(entry(&desk), Entry::Verify { email, code: "123456".to_owned() });
    answer(&mut desk, Ok(Entered::SignedIn(Box::new(profile()))));
    assert_eq!(desk.model.scope(), Scope::Browse);
}

#[test]
fn an_address_that_the_server_does_not_take_is_refused_at_once() {
    let mut desk = at_password((80, 24));
    desk.key("Esc");
    desk.key("Ctrl+U");
    desk.write("ana@elsewhere.example");
    desk.key("Ctrl+N");
    assert_eq!(desk.model.wizard.step, Step::Email);
    assert!(desk.screen().contains("need an address at uni.example"));
}

#[test]
fn a_wrong_code_says_how_many_tries_remain_and_another_one_can_be_mailed_after_a_while() {
    let mut desk = at_code((80, 24));
    for remaining in ["4 tries remain", "3 tries remain", "2 tries remain", "1 try remains", "Ctrl+R mails another"] {
        desk.key("Ctrl+U");
        say(&mut desk, "000000");
        answer(&mut desk, Err(refused("code", "is wrong")));
        assert!(desk.screen().contains(remaining), "{remaining}");
    }
    let before = desk.asked.len();
    desk.key("Enter");
    desk.key("Ctrl+R");
    assert_eq!(desk.asked.len(), before, "neither tried again nor mailed yet");
    assert!(desk.screen().contains("in 60 s"));
    desk.model.now = Timestamp::from_millis(NOW + 60_000);
    desk.wait_for(|timer| matches!(timer, Timer::Resend(_)));
    desk.key("Ctrl+R");
    assert_eq!(entry(&desk), Entry::Resend("ana@uni.example".to_owned()));
    answer(&mut desk, Ok(Entered::CodeSent));
    assert_eq!(desk.model.wizard.tries, 5);
}

#[test]
fn a_forgotten_password_is_replaced_by_a_mailed_code() {
    let mut desk = at_password((80, 24));
    desk.key("Ctrl+F");
    assert_eq!(entry(&desk), Entry::Forgot("ana@uni.example".to_owned()));
    answer(&mut desk, Ok(Entered::CodeSent));
    say(&mut desk, "123456");
    say(&mut desk, PASSWORD);
    say(&mut desk, PASSWORD);
    let (email, code) = ("ana@uni.example".to_owned(), "123456".to_owned());
    assert_eq!(entry(&desk), Entry::Reset { email, code, password: Secret::new(PASSWORD) });
    answer(&mut desk, Err(refused("code", "is wrong")));
    assert_eq!(desk.model.wizard.step, Step::Code, "back to what was wrong");
    assert!(desk.screen().contains("4 tries remain"));
}

#[test]
fn an_account_that_is_not_confirmed_is_sent_another_code() {
    let mut desk = at_password((80, 24));
    say(&mut desk, PASSWORD);
    let unverified = Refused { code: Some("unverified".to_owned()), ..refused("", "") };
    answer(&mut desk, Err(unverified));
    assert_eq!(entry(&desk), Entry::Resend("ana@uni.example".to_owned()));
    answer(&mut desk, Ok(Entered::CodeSent));
    assert_eq!((desk.model.wizard.step, desk.model.wizard.confirms()), (Step::Code, true));
}

#[test]
fn esc_goes_back_question_by_question_then_out_and_any_tab_leads_back_in() {
    let mut desk = at_password((80, 24));
    desk.write("half");
    desk.key("Esc");
    desk.key("Esc");
    assert_eq!(desk.model.wizard.step, Step::Server);
    desk.key("Esc");
    assert_eq!(desk.model.scope(), Scope::Browse);
    assert!(desk.screen().contains("You are not signed in."));
    desk.key("?");
    assert_eq!(desk.model.scope(), Scope::Help);
    desk.key("Esc");
    desk.key("3");
    assert_eq!((desk.model.scope(), desk.model.tab), (Scope::Wizard, Tab::Bookings));
    assert_eq!(desk.model.wizard.email.text(), "ana@uni.example", "nothing is lost");
    assert_eq!(desk.model.wizard.password.input.value(), "half");
}

#[test]
fn another_server_is_turned_to_and_kept() {
    let mut desk = signed_out((80, 24));
    desk.key("Ctrl+U");
    say(&mut desk, "market.other.example");
    let other = Hall { address: "https://market.other.example".to_owned(), ..hall() };
    answer(&mut desk, Ok(Entered::Found(Box::new(other))));
    let address = || "https://market.other.example".to_owned();
    for errand in [Errand::UseServer(address()), Errand::Keep { key: "server", value: address() }] {
        assert!(desk.asked.contains(&Effect::Account(errand)));
    }
    assert_eq!(desk.model.settings.link_base, "https://market.other.example/items/");
    assert_eq!(desk.model.wizard.step, Step::Email);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut desk = signed_out((80, 24));
    desk.key("Enter");
    let errand = desk.errand();
    desk.key("Esc");
    let Errand::Look(ticket, _) = errand else { panic!("{errand:?}") };
    desk.account(Outcome::Entered(ticket, Ok(Entered::Found(Box::new(hall())))));
    assert_eq!((desk.model.wizard.step, desk.model.changed), (Step::Server, false));
}
