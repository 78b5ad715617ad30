//! Every screen in every state and size, as it looks.

use campuszon::tui::{
    message::{FailureKind, Message, Timer},
    model::Tab,
};
use campuszon_core::wire::item::Items;

use super::{
    desk::Desk,
    stock::{failure, page, stock, whole},
};

pub(super) const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (120, 40)];

pub(super) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings
}

pub(super) fn snapshot(name: &str, desk: &Desk) {
    let size = desk.model.size;
    settings().bind(|| insta::assert_snapshot!(format!("tui-{name}-{}x{}", size.width, size.height), desk.screen()));
}

#[test]
fn every_state_of_the_list() {
    for size in SIZES {
        let mut desk = Desk::new(size);
        desk.wait_for(|timer| matches!(timer, Timer::SlowTab(Tab::Browse, _)));
        snapshot("loading", &desk);
        desk.answer(Ok(page(Vec::new(), None)));
        snapshot("empty", &desk);
        for (name, kind) in
            [("failed", FailureKind::Broken), ("offline", FailureKind::Offline), ("signed-out", FailureKind::SignedOut)]
        {
            let mut desk = Desk::new(size);
            desk.answer(Err(failure(kind)));
            snapshot(name, &desk);
        }
        snapshot("loaded", &Desk::stocked(size));
    }
}

#[test]
fn searching() {
    for size in SIZES {
        let mut desk = Desk::stocked(size);
        desk.key("/");
        desk.write("calc");
        snapshot("searching", &desk);
        desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
        desk.answer(Ok(Items { corrected_query: Some("lamp".to_owned()), ..page(stock()[2..3].to_vec(), None) }));
        snapshot("corrected", &desk);
    }
}

#[test]
fn an_item() {
    for size in SIZES {
        let mut desk = Desk::stocked(size);
        desk.key("Enter");
        desk.wait_for(|timer| matches!(timer, Timer::SlowItem(_)));
        snapshot("item-loading", &desk);
        desk.answer_item(Ok(whole(stock().remove(0))));
        snapshot("item", &desk);
    }
}

#[test]
fn overlays_and_tiny_terminals() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("?");
    desk.write("photo");
    snapshot("help", &desk);
    desk.key("Esc");
    desk.send(Message::Categories(vec!["books".to_owned(), "sports".to_owned()]));
    desk.key("f");
    snapshot("categories", &desk);
    snapshot("too-small", &Desk::stocked((30, 4)));
}

#[test]
fn looks_of_the_list() {
    let desk = Desk::stocked((60, 12));
    settings().bind(|| insta::assert_snapshot!("tui-styles-60x12", format!("{:?}", desk.draw().backend().buffer())));
}
