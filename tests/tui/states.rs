//! Every screen in every state and size, as it looks.

use campuszon::tui::{
    message::{FailureKind, Timer},
    model::Tab,
    theme::{Depth, Theme},
};
use campuszon_core::{
    Id, UserId,
    booking::{BookingStatus, Side},
    wire::{item::Items, live::ServerFrame},
};
use ratatui::style::Color;

use super::{
    desk::Desk,
    stock::{booking, card, chat_id, failure, page, said, stock, whole},
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
    snapshot("too-small", &Desk::stocked((30, 4)));
}

#[test]
fn looks_of_the_list() {
    let desk = Desk::stocked((60, 12));
    settings().bind(|| insta::assert_snapshot!("tui-styles-60x12", format!("{:?}", desk.draw().backend().buffer())));
}

#[test]
fn looks_of_a_conversation() {
    let mut desk = Desk::talking((60, 12));
    desk.key("Esc");
    settings()
        .bind(|| insta::assert_snapshot!("tui-talk-styles-60x12", format!("{:?}", desk.draw().backend().buffer())));
}

#[test]
fn bare_terminals_get_ascii_and_no_colours() {
    let mut desk = Desk::talking((80, 24));
    desk.model.settings.theme = Theme { depth: Depth::None, ascii: true, ..desk.model.settings.theme };
    desk.frame(ServerFrame::MessageUpdated { message: said(1, 4, 7, "All plain"), since: 1 });
    desk.frame(ServerFrame::Message { message: card(1, 5, 1), since: 2 });
    desk.frame(ServerFrame::Booking { booking: Box::new(booking(1, Side::Seller, BookingStatus::Pending)), since: 3 });
    desk.frame(ServerFrame::Typing { chat_id: chat_id(1), user_id: UserId::from_bits(7), on: true });
    desk.write("One");
    desk.key("Enter");
    let terminal = desk.draw();
    for cell in terminal.backend().buffer().content() {
        assert!(cell.symbol().is_ascii(), "{:?} in\n{}", cell.symbol(), desk.screen());
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    snapshot("talk-bare", &desk);
}
