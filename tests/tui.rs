//! The terminal interface without a terminal: keys and answers go into `update`, frames come out of `view`.
#![cfg(test)]

use std::fmt::Write;

use campuszon::tui::{
    effect::Effect,
    keys::{self, KEYS, Scope},
    message::{Failure, FailureKind, Message, Timer},
    model::{Focus, Help, Load, Model, Settings},
    theme::{Depth, Theme},
    update::{start, update},
    view::view,
};
use campuszon_core::{
    Id, ImageId, ItemId, Timestamp, UserId,
    item::{Condition, ItemStatus, Listing},
    safe::SafeText,
    wire::{
        image::{Image, ImageStatus, Variant, Variants},
        item::{Item, ItemSummary, Items, Seller, Viewer},
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::{Terminal, backend::TestBackend, layout::Size};

const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;
const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (120, 40)];

const TITLES: [(&str, &str, Condition, i64); 6] = [
    ("Calculus, 3rd ed.", "12.5", Condition::Good, 2),
    ("Calculus notes", "4", Condition::New, 5),
    ("Desk lamp with a remarkably long name that no column of any terminal holds", "1250", Condition::Fair, 9),
    ("日本語の教科書 📚", "20", Condition::LikeNew, 40),
    ("Fahrrad für große Leute", "85", Condition::Poor, 400),
    ("Kettle", "0", Condition::Good, 0),
];

fn id(number: u128) -> ItemId {
    ItemId::from_bits(number)
}

fn summary(number: u128, title: &str) -> ItemSummary {
    let created_at = Timestamp::from_millis(NOW - DAY);
    ItemSummary {
        id: id(number),
        title: title.to_owned(),
        price: "12.5".parse().expect("a price"),
        currency: "EUR".to_owned(),
        listing: Listing::Sale,
        rent_period: None,
        category: "books".to_owned(),
        condition: Condition::Good,
        status: ItemStatus::Active,
        thumbnail: None,
        placeholder: None,
        seller: Seller { id: UserId::from_bits(7), name: "Ben K.".to_owned(), rating: Some(4.8), online: true },
        favorite: false,
        created_at,
        updated_at: created_at,
    }
}

fn stock() -> Vec<ItemSummary> {
    let mut items: Vec<ItemSummary> = (1..)
        .zip(TITLES)
        .map(|(number, (title, price, condition, days))| ItemSummary {
            price: price.parse().expect("a price"),
            condition,
            created_at: Timestamp::from_millis(NOW - days * DAY),
            ..summary(number, title)
        })
        .collect();
    items[1].favorite = true;
    items[2].status = ItemStatus::Reserved;
    items[2].category = "furniture".to_owned();
    items[5].listing = Listing::Free;
    items
}

fn page(items: Vec<ItemSummary>, next: Option<&str>) -> Items {
    let total = i64::try_from(items.len()).ok();
    Items { items, next_cursor: next.map(str::to_owned), corrected_query: None, total }
}

fn photo() -> Image {
    let variant =
        Variant { url: "http://localhost/images/a/thumbnail.webp".to_owned(), width: 300, height: 225, bytes: 9 };
    let variants = Variants { thumbnail: variant.clone(), medium: variant.clone(), large: variant };
    Image {
        id: ImageId::from_bits(1),
        status: ImageStatus::Ready,
        error: None,
        width: 1600,
        height: 1200,
        placeholder: None,
        variants: Some(variants),
    }
}

fn whole(summary: ItemSummary) -> Box<Item> {
    Box::new(Item {
        summary,
        description:
            "Hardly used, no marks.\n\nCovers everything up to multiple integrals, with the answers to all odd \
                      exercises. I can bring it to the library any weekday after four."
                .to_owned(),
        pickup: Some("the library".to_owned()),
        images: vec![photo(), Image { status: ImageStatus::Pending, variants: None, ..photo() }],
        views: 12,
        favorites: 1,
        expires_at: Some(Timestamp::from_millis(NOW + 50 * DAY)),
        image_status: None,
        viewer: Viewer { favorite: false, unlocked: false, booking: None, chat: None },
    })
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, sentence: SafeText::fixed("the server said no") }
}

/// A model, what it asked for, and a screen to draw it on.
struct Desk {
    model: Model,
    asked: Vec<Effect>,
}

impl Desk {
    fn new(size: (u16, u16)) -> Self {
        let settings = Settings {
            theme: Theme { depth: Depth::Indexed, ascii: false },
            server: SafeText::fixed("uni"),
            link_base: "https://uni.example/items/".to_owned(),
            start_item: None,
        };
        let mut model = Model::new(settings, Size::new(size.0, size.1), Timestamp::from_millis(NOW));
        let asked = start(&mut model);
        Self { model, asked }
    }

    /// With the stock in the list.
    fn stocked(size: (u16, u16)) -> Self {
        let mut desk = Self::new(size);
        desk.answer(Ok(page(stock(), None)));
        desk
    }

    fn send(&mut self, message: Message) {
        self.asked.extend(update(&mut self.model, message));
    }

    fn key(&mut self, chord: &str) {
        self.send(Message::Key(press(chord)));
    }

    fn write(&mut self, text: &str) {
        for letter in text.chars() {
            self.send(Message::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        }
    }

    /// Lets the newest timer that fits fall due.
    fn wait_for(&mut self, wanted: fn(&Timer) -> bool) {
        let timer = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::After(_, timer) if wanted(timer) => Some(*timer),
            _ => None,
        });
        self.send(Message::Due(timer.expect("a timer")));
    }

    fn ticket(&self) -> u64 {
        let newest = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::LoadItems { ticket, .. } => Some(*ticket),
            _ => None,
        });
        newest.expect("a question")
    }

    fn answer(&mut self, result: Result<Items, Failure>) {
        self.answer_to(self.ticket(), true, result);
    }

    fn answer_to(&mut self, ticket: u64, first: bool, result: Result<Items, Failure>) {
        self.send(Message::Items { ticket, first, result });
    }

    fn answer_item(&mut self, result: Result<Box<Item>, Failure>) {
        let asked = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::LoadItem { ticket, id } => Some((*ticket, *id)),
            _ => None,
        });
        let (ticket, id) = asked.expect("a question");
        self.send(Message::Item { ticket, id, result });
    }

    fn draw(&self) -> Terminal<TestBackend> {
        let size = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).expect("a screen");
        terminal.draw(|frame| view(frame, &self.model)).expect("a frame");
        terminal
    }

    /// The screen as text, with the cursor where there is one.
    fn screen(&self) -> String {
        let mut terminal = self.draw();
        let mut text = terminal.backend().to_string();
        if self.model.focus == Focus::Search {
            let position = terminal.get_cursor_position().expect("a cursor");
            writeln!(text, "cursor at {},{}", position.x, position.y).expect("text");
        }
        text
    }

    fn selected(&self) -> Option<u128> {
        (1..100).find(|number| self.model.browse.list.selected == Some(id(*number)))
    }
}

/// The key press that the table spells so.
fn press(chord: &str) -> KeyEvent {
    let (modifiers, base) = match chord.strip_prefix("Ctrl+") {
        Some(base) => (KeyModifiers::CONTROL, base),
        None => (KeyModifiers::NONE, chord),
    };
    let code = match base {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Shift+Tab" => KeyCode::BackTab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "F1" => KeyCode::F(1),
        letter => KeyCode::Char(letter.chars().next().expect("a letter").to_ascii_lowercase()),
    };
    match (code, base) {
        (KeyCode::Char(_), "G" | "R") if modifiers.is_empty() => {
            KeyEvent::new(KeyCode::Char(base.chars().next().expect("a letter")), KeyModifiers::SHIFT)
        }
        _ => KeyEvent::new(code, modifiers),
    }
}

fn snapshot(name: &str, desk: &Desk) {
    let size = desk.model.size;
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(format!("tui-{name}-{}x{}", size.width, size.height), desk.screen()));
}

#[test]
fn every_state_of_the_list() {
    for size in SIZES {
        let mut desk = Desk::new(size);
        desk.wait_for(|timer| matches!(timer, Timer::SlowList(_)));
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
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    let desk = Desk::stocked((60, 12));
    settings.bind(|| insta::assert_snapshot!("tui-styles-60x12", format!("{:?}", desk.draw().backend().buffer())));
}

#[test]
fn a_newer_search_makes_the_older_answer_stale() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("/");
    desk.write("c");
    desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
    let older = desk.ticket();
    desk.write("a");
    desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
    desk.answer_to(older, true, Ok(page(vec![summary(50, "stale")], None)));
    assert!(!desk.model.changed);
    assert!(desk.model.browse.list.find(id(50)).is_none());
    desk.answer(Ok(page(vec![summary(51, "fresh")], None)));
    assert_eq!(desk.selected(), Some(51));
}

#[test]
fn rows_that_are_here_are_filtered_at_once_and_esc_restores() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("j");
    desk.key("/");
    desk.write("fahrrad gross");
    assert_eq!(desk.selected(), Some(5), "without case and accents");
    assert_eq!(desk.model.browse.list.rows.len(), 1);
    desk.key("Esc");
    assert_eq!(desk.model.browse.list.rows.len(), 6);
    assert_eq!((desk.selected(), desk.model.focus), (Some(2), Focus::List));
    desk.wait_for(|timer| matches!(timer, Timer::Search(_)));
    assert_eq!(desk.model.browse.load, Load::Idle, "the pause of an ended search asks nothing");
}

#[test]
fn printable_keys_write_while_the_search_has_the_focus() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("/");
    desk.write("qsj*?");
    assert!(!desk.model.quit && desk.model.overlay.is_none());
    assert_eq!(desk.model.browse.input.value(), "qsj*?");
}

#[test]
fn enter_goes_from_the_search_to_the_first_row_and_opens_it() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("G");
    desk.key("/");
    desk.key("Enter");
    assert_eq!((desk.model.focus, desk.selected()), (Focus::List, Some(1)));
    desk.key("Enter");
    assert_eq!((desk.model.focus, desk.model.detail.id), (Focus::Detail, Some(id(1))));
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::LoadItem { .. })));
    desk.key("]");
    assert_eq!(desk.model.detail.id, Some(id(2)));
    desk.key("Esc");
    assert_eq!((desk.model.focus, desk.selected()), (Focus::List, Some(2)));
}

#[test]
fn the_selection_follows_its_item() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("j");
    desk.key("R");
    let mut items = stock();
    items.rotate_right(2);
    desk.answer(Ok(page(items, None)));
    assert_eq!((desk.selected(), desk.model.browse.list.index()), (Some(2), Some(3)));
}

#[test]
fn the_next_page_is_asked_for_before_the_end() {
    let mut desk = Desk::new((80, 24));
    desk.answer(Ok(page((1..=60).map(|number| summary(number, "thing")).collect(), Some("more"))));
    let before = desk.ticket();
    desk.key("j");
    assert_eq!(desk.ticket(), before, "far from the end");
    desk.key("G");
    assert_ne!(desk.ticket(), before);
    let again = (55..=70).map(|number| summary(number, "thing")).collect();
    desk.answer_to(desk.ticket(), false, Ok(page(again, None)));
    assert_eq!(desk.model.browse.list.rows.len(), 70, "nothing twice");
}

#[test]
fn a_star_that_the_server_refuses_goes_out_again() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("*");
    assert!(desk.model.browse.list.rows[0].favorite);
    desk.send(Message::Favorite { id: id(1), on: true, result: Err(failure(FailureKind::Refused)) });
    assert!(!desk.model.browse.list.rows[0].favorite);
    assert!(desk.screen().contains("It was not starred"));
}

#[test]
fn a_link_is_copied_and_shown() {
    let mut desk = Desk::stocked((120, 40));
    desk.key("y");
    let link = format!("https://uni.example/items/{}", id(1));
    assert!(desk.screen().contains(&link));
    assert!(desk.asked.contains(&Effect::Copy(link)));
}

#[test]
fn quitting_at_once_takes_two_presses() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("Ctrl+C");
    desk.key("j");
    desk.key("Ctrl+C");
    assert!(!desk.model.quit);
    desk.key("Ctrl+C");
    assert!(desk.model.quit);
}

#[test]
fn signed_out_says_how_to_sign_in() {
    let mut desk = Desk::new((80, 24));
    desk.answer(Err(failure(FailureKind::SignedOut)));
    assert!(desk.screen().contains("campuszon auth login"));
}

#[test]
fn every_action_is_in_the_help_and_every_hint_in_the_footer() {
    let help = Help { over: Scope::List, filter: "".into(), selected: 0 };
    assert_eq!(help.rows().len(), KEYS.len());
    let screen = Desk::stocked((120, 40)).screen();
    for key in keys::available(Scope::List).filter(|key| key.hint) {
        assert!(screen.contains(&format!("{} {}", key.chords[0], key.label)), "{}", key.label);
    }
}

/// What a peer may try: escapes, other controls, bidirectional text, wide, combining and invisible characters.
const HOSTILE: [&str; 10] = [
    "\u{1b}[2J\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;aGFjaw==\u{7}\u{1b}P+q\u{1b}\\",
    "a\rb\nc\td\u{8}e\u{b}f",
    "\u{9b}31m\u{90}\u{9d}8;;http://evil\u{9c}",
    "\u{202e}gnp.exe\u{2066}\u{2069}\u{200f}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦🏳\u{fe0f}\u{200d}🌈ﾞﾟｶﾞ",
    "\u{200b}\u{2060}\u{feff}\u{e0041}\u{e007f}\u{ad}",
    "\u{7f}\u{0}\u{85}\u{2028}\u{2029}",
];

fn hostile_item(number: u128, text: &str) -> Item {
    let mut item = *whole(summary(number, text));
    item.description = format!("{text}\n{text}");
    item.pickup = Some(text.to_owned());
    item.summary.category = text.to_owned();
    item.summary.currency = text.to_owned();
    item.summary.seller.name = text.to_owned();
    item
}

/// No cell holds anything that a terminal would act on, and no line is wider than the screen.
fn assert_harmless(desk: &Desk) {
    let terminal = desk.draw();
    for cell in terminal.backend().buffer().content() {
        let hostile = |letter: char| {
            letter.is_control()
                || matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
                || matches!(letter, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        };
        assert!(!cell.symbol().chars().any(hostile), "{:?}", cell.symbol());
    }
}

#[test]
fn hostile_text_reaches_no_cell() {
    for size in [(40, 12), (61, 15), (80, 24), (120, 40), (200, 50)] {
        let mut desk = Desk::new(size);
        let items = (1..).zip(HOSTILE).map(|(number, text)| hostile_item(number, text).summary).collect();
        desk.answer(Ok(Items { corrected_query: Some(HOSTILE.concat()), ..page(items, None) }));
        desk.send(Message::Categories(HOSTILE.map(str::to_owned).to_vec()));
        assert_harmless(&desk);
        for (number, text) in (1..).zip(HOSTILE) {
            desk.key("Enter");
            desk.answer_item(Ok(Box::new(hostile_item(number, text))));
            assert_harmless(&desk);
            desk.key("Esc");
            desk.key("j");
        }
        desk.key("f");
        assert_harmless(&desk);
        desk.key("Esc");
        desk.send(Message::Paste(HOSTILE.concat()));
        assert_harmless(&desk);
    }
}

/// Something that may happen.
#[derive(Clone, Debug)]
enum Happening {
    Key(KeyEvent),
    Paste(String),
    Resize(u16, u16),
    /// A timer of those started, by number from the newest.
    Due(usize),
    /// An answer to one of the questions asked, by number from the newest.
    Answer(usize, Option<u8>),
}

fn happening() -> impl Strategy<Value = Happening> {
    let chords: Vec<&'static str> =
        KEYS.iter().flat_map(|key| key.chords).copied().filter(|chord| *chord != "q").collect();
    prop_oneof![
        8 => prop::sample::select(chords).prop_map(|chord| Happening::Key(press(chord))),
        2 => any::<char>().prop_map(|letter| Happening::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE))),
        1 => any::<String>().prop_map(Happening::Paste),
        2 => (1..=300_u16, 1..=100_u16).prop_map(|(width, height)| Happening::Resize(width, height)),
        4 => (0..6_usize).prop_map(Happening::Due),
        4 => (0..4_usize, prop::option::weighted(0.8, 0..40_u8)).prop_map(|(which, count)| Happening::Answer(which, count)),
    ]
}

fn happen(desk: &mut Desk, happening: Happening) {
    match happening {
        Happening::Key(event) => desk.send(Message::Key(event)),
        Happening::Paste(text) => desk.send(Message::Paste(text)),
        Happening::Resize(width, height) => desk.send(Message::Resize(Size::new(width, height))),
        Happening::Due(number) => {
            let mut timers = desk.asked.iter().rev().filter_map(|effect| match effect {
                Effect::After(_, timer) => Some(*timer),
                _ => None,
            });
            if let Some(timer) = timers.nth(number) {
                desk.send(Message::Due(timer));
            }
        }
        Happening::Answer(number, count) => {
            let mut questions = desk.asked.iter().rev().filter(|effect| !matches!(effect, Effect::After(..)));
            if let Some(message) = questions.nth(number).cloned().and_then(|effect| answer(effect, count)) {
                desk.send(message);
            }
        }
    }
}

/// An answer to a question: so many items, or a failure.
fn answer(question: Effect, count: Option<u8>) -> Option<Message> {
    let refused = || failure(FailureKind::Offline);
    Some(match question {
        Effect::LoadItems { ticket, cursor, .. } => {
            let from = cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0_u128);
            let result = count.map(|count| {
                let end = from + u128::from(count);
                let items = (from..end).map(|number| summary(number, HOSTILE[number as usize % 10])).collect();
                page(items, Some(&end.to_string()).filter(|_| count > 20).map(String::as_str))
            });
            Message::Items { ticket, first: cursor.is_none(), result: result.ok_or_else(refused) }
        }
        Effect::LoadItem { ticket, id } => {
            let item = count.map(|count| {
                let mut item = hostile_item(0, HOSTILE[usize::from(count) % 10]);
                item.summary.id = id;
                Box::new(item)
            });
            Message::Item { ticket, id, result: item.ok_or_else(refused) }
        }
        Effect::LoadPhoto(key) => Message::Photo { key, pixels: None },
        Effect::LoadCategories => Message::Categories(HOSTILE.map(str::to_owned).to_vec()),
        Effect::SetFavorite { id, on } => Message::Favorite { id, on, result: count.map(|_| ()).ok_or_else(refused) },
        _ => return None,
    })
}

fn assert_sound(desk: &Desk) {
    let list = &desk.model.browse.list;
    assert_eq!(list.index().is_none(), list.rows.is_empty(), "something is selected exactly when there is something");
    let panes = desk.model.panes();
    if let (Some(panes), Some(index)) = (panes, list.index()) {
        assert!((list.top..list.top + panes.list_rows()).contains(&index), "the selection is in view");
    }
    if let Some(full) = desk.model.detail.full() {
        assert!(desk.model.detail.photo < full.photos.len().max(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_happens(happenings in prop::collection::vec(happening(), 1..60)) {
        let mut desk = Desk::new((80, 24));
        for happening in happenings {
            happen(&mut desk, happening);
            assert_sound(&desk);
            assert_harmless(&desk);
        }
    }
}
