//! Going from server to server, and how things look.

use campuszon::tui::{
    effect::{Effect, Errand, Outcome},
    keys::Scope,
    message::FailureKind,
    model::{Account, Step, Tab},
    servers::Named,
    theme::{Colours, Depth},
};
use campuszon_core::safe::SafeText;

use super::{
    desk::Desk,
    states::{SIZES, settings, snapshot},
    stock::{failure, page, stock},
};

fn named() -> Vec<Named> {
    let named = |name: &str, address: &str, user: Option<&str>| Named {
        name: name.to_owned(),
        address: address.to_owned(),
        user: user.map(str::to_owned),
    };
    vec![named("uni", "https://uni.example", Some("ana@uni.example")), named("lab", "http://127.0.0.1:8080", None)]
}

fn opened(size: (u16, u16)) -> Desk {
    let mut desk = Desk::on(Tab::Browse, size);
    desk.key("P");
    assert_eq!(desk.errand(), Errand::ListServers);
    desk.account(Outcome::Servers(Ok(named())));
    desk
}

#[test]
fn the_choice_of_a_server() {
    for size in SIZES {
        snapshot("servers", &opened(size));
    }
    let mut desk = Desk::on(Tab::Browse, (80, 24));
    desk.key("P");
    desk.account(Outcome::Servers(Err(SafeText::fixed("the configuration cannot be read"))));
    assert!(desk.screen().contains("the configuration cannot be read"));
}

#[test]
fn going_to_another_server_leaves_nothing_of_the_first_and_asks_as_whoever_is_signed_in_there() {
    let mut desk = opened((120, 40));
    desk.key("j");
    desk.asked.clear();
    desk.key("Enter");
    let goes = Effect::Account(Errand::UseServer("http://127.0.0.1:8080".to_owned()));
    let place = |wanted: &Effect| desk.asked.iter().position(|effect| effect == wanted);
    assert!(place(&goes).expect("it goes there") < place(&Effect::LoadProfile).expect("it asks there"));
    assert_eq!(desk.model.settings.link_base, "http://127.0.0.1:8080/items/");
    assert!(desk.model.browse.list.rows.is_empty() && desk.model.account == Account::Unknown);
    assert!(desk.screen().contains("lab") && !desk.screen().contains("Ana"));
    desk.answer(Ok(page(stock(), None)));
    desk.answer_tab(Tab::Me);
    assert_eq!((desk.model.scope(), desk.model.browse.list.rows.len()), (Scope::Browse, 6));
    desk.fail_tab(Tab::Me, failure(FailureKind::SignedOut));
    assert_eq!(desk.model.scope(), Scope::Wizard);
}

#[test]
fn a_server_without_a_name_is_asked_for() {
    let mut desk = opened((80, 24));
    desk.key("G");
    desk.key("Enter");
    assert_eq!((desk.model.scope(), desk.model.wizard.step), (Scope::Wizard, Step::Server));
    assert!(desk.model.wizard.server.text().is_empty());
    desk.key("Esc");
    assert_eq!(desk.model.scope(), Scope::Browse, "nothing happened");
}

#[test]
fn what_is_being_written_is_not_left_behind_unasked() {
    let mut desk = Desk::on(Tab::Selling, (80, 24));
    desk.key("a");
    desk.write("Lamp");
    desk.key("Ctrl+K");
    desk.write("servers");
    desk.key("Enter");
    assert!(desk.screen().contains("Send or close the form first"));
    desk.key("Esc");
    desk.key("P");
    desk.account(Outcome::Servers(Ok(named())));
    desk.key("j");
    desk.key("Enter");
    assert!(desk.screen().contains("A listing is not sent"));
    desk.key("Tab");
    desk.asked.clear();
    desk.key("Enter");
    let place = |wanted: fn(&Effect) -> bool| desk.asked.iter().position(wanted).expect("it is asked for");
    let kept = place(|effect| matches!(effect, Effect::KeepListing(Some(_))));
    assert!(kept < place(|effect| matches!(effect, Effect::Account(Errand::UseServer(_)))));
    assert_eq!(desk.model.settings.address(), "http://127.0.0.1:8080");
}

#[test]
fn themes_follow_each_other_and_are_kept() {
    let mut desk = Desk::on(Tab::Browse, (80, 24));
    for colours in [Colours::Light, Colours::Dark, Colours::Contrast, Colours::Mono, Colours::Terminal] {
        desk.key("Ctrl+T");
        assert_eq!(desk.model.settings.theme.colours, colours);
        assert_eq!(desk.errand(), Errand::Keep { key: "ui.theme", value: colours.name().to_owned() });
    }
    desk.model.settings.theme.depth = Depth::None;
    desk.key("Ctrl+T");
    assert_eq!(desk.model.settings.theme.colours, Colours::Terminal);
    assert!(desk.screen().contains("NO_COLOR is set"));
}

#[test]
fn looks_of_the_dark_theme() {
    let mut desk = Desk::on(Tab::Browse, (60, 12));
    desk.model.settings.theme.colours = Colours::Dark;
    desk.key("f");
    settings()
        .bind(|| insta::assert_snapshot!("tui-styles-dark-60x12", format!("{:?}", desk.draw().backend().buffer())));
}
