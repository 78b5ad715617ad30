//! Every screen in every state and size, as it looks; how that is written down for all of them.

use std::fmt::Write;

use campuszon::tui::{
    message::{FailureKind, Message, Timer},
    model::Tab,
    theme::{Colours, Depth, Theme},
};
use campuszon_core::{
    Id, UserId,
    booking::{BookingStatus, Side},
    wire::{item::Items, live::ServerFrame},
};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Size,
    style::Color,
};

use super::{
    desk::Desk,
    stock::{booking, card, chat_id, failure, page, said, stock, whole},
};

pub(super) const SIZES: [(u16, u16); 5] = [(40, 12), (60, 20), (80, 24), (120, 40), (200, 60)];

pub(super) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings
}

/// Compares the screen with what was seen before: its text, its styles in three themes, and what a bare terminal gets.
pub(super) fn snapshot(name: &str, desk: &Desk) {
    let size = desk.model.size;
    settings().bind(|| insta::assert_snapshot!(format!("tui-{name}-{}x{}", size.width, size.height), looks(desk)));
}

/// As [`snapshot`], of the same state in every size.
pub(super) fn snapshot_everywhere(name: &str, desk: &Desk) {
    for (width, height) in SIZES {
        let mut desk = Desk { model: desk.model.clone(), asked: Vec::new() };
        desk.send(Message::Resize(Size::new(width, height)));
        snapshot(name, &desk);
    }
}

/// The text; then, row by row, which style how many cells have, and what that style is in each theme; then the text in ASCII.
fn looks(desk: &Desk) -> String {
    let themes = [Colours::Dark, Colours::Light, Colours::Mono];
    let buffers = themes.map(|colours| drawn(desk, Theme { colours, ..desk.model.settings.theme }));
    let mut legend: Vec<[String; 3]> = Vec::new();
    let mut styles = String::new();
    for y in 0..desk.model.size.height {
        let mut row = Vec::new();
        for x in 0..desk.model.size.width {
            let looks = buffers.each_ref().map(|buffer| written(&buffer[(x, y)]));
            let known = legend.iter().position(|other| *other == looks).unwrap_or_else(|| {
                legend.push(looks);
                legend.len() - 1
            });
            match row.last_mut() {
                Some((style, cells)) if *style == known => *cells += 1,
                _ => row.push((known, 1)),
            }
        }
        let row: Vec<String> = row.iter().map(|(style, cells)| format!("{style}x{cells}")).collect();
        writeln!(styles, "{}", row.join(" ")).expect("text");
    }
    for (number, looks) in legend.iter().enumerate() {
        writeln!(styles, "{number}: dark {}, light {}, mono {}", looks[0], looks[1], looks[2]).expect("text");
    }
    let bare = drawn(desk, Theme { ascii: true, depth: Depth::None, ..desk.model.settings.theme });
    format!("{}\nstyles\n{styles}\nASCII\n{}", desk.screen(), text(&bare))
}

fn drawn(desk: &Desk, theme: Theme) -> Buffer {
    let mut desk = Desk { model: desk.model.clone(), asked: Vec::new() };
    desk.model.settings.theme = theme;
    desk.draw().backend().buffer().clone()
}

/// A cell's style in a few letters: `252/234 bold`.
fn written(cell: &Cell) -> String {
    let color = |color: Color| match color {
        Color::Indexed(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let modifiers: Vec<String> = cell.modifier.iter_names().map(|(name, _)| name.to_lowercase()).collect();
    format!("{}/{} {}", color(cell.fg), color(cell.bg), modifiers.join("+")).trim_end().to_owned()
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.content().chunks(usize::from(buffer.area.width));
    rows.map(|row| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned() + "\n").collect()
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
    snapshot_everywhere("help", &desk);
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
