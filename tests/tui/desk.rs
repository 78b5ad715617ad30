//! A model with what it asked for, answers to give it, and a screen to draw it on.

use std::fmt::Write;

use campuszon::tui::{
    effect::Effect,
    message::{Failure, FailureKind, Message, Timer},
    model::{Focus, Model, Settings},
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
use ratatui::{Terminal, backend::TestBackend, layout::Size};

pub(super) const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

const TITLES: [(&str, &str, Condition, i64); 6] = [
    ("Calculus, 3rd ed.", "12.5", Condition::Good, 2),
    ("Calculus notes", "4", Condition::New, 5),
    ("Desk lamp with a remarkably long name that no column of any terminal holds", "1250", Condition::Fair, 9),
    ("日本語の教科書 📚", "20", Condition::LikeNew, 40),
    ("Fahrrad für große Leute", "85", Condition::Poor, 400),
    ("Kettle", "0", Condition::Good, 0),
];

pub(super) fn id(number: u128) -> ItemId {
    ItemId::from_bits(number)
}

pub(super) fn summary(number: u128, title: &str) -> ItemSummary {
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

pub(super) fn stock() -> Vec<ItemSummary> {
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

pub(super) fn page(items: Vec<ItemSummary>, next: Option<&str>) -> Items {
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

pub(super) fn whole(summary: ItemSummary) -> Box<Item> {
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
        taken: Vec::new(),
    })
}

pub(super) fn failure(kind: FailureKind) -> Failure {
    Failure { kind, sentence: SafeText::fixed("the server said no") }
}

/// A model, what it asked for, and a screen to draw it on.
pub(super) struct Desk {
    pub(super) model: Model,
    pub(super) asked: Vec<Effect>,
}

impl Desk {
    pub(super) fn new(size: (u16, u16)) -> Self {
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
    pub(super) fn stocked(size: (u16, u16)) -> Self {
        let mut desk = Self::new(size);
        desk.answer(Ok(page(stock(), None)));
        desk
    }

    pub(super) fn send(&mut self, message: Message) {
        self.asked.extend(update(&mut self.model, message));
    }

    pub(super) fn key(&mut self, chord: &str) {
        self.send(Message::Key(press(chord)));
    }

    pub(super) fn write(&mut self, text: &str) {
        for letter in text.chars() {
            self.send(Message::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        }
    }

    /// Lets the newest timer that fits fall due.
    pub(super) fn wait_for(&mut self, wanted: fn(&Timer) -> bool) {
        let timer = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::After(_, timer) if wanted(timer) => Some(*timer),
            _ => None,
        });
        self.send(Message::Due(timer.expect("a timer")));
    }

    pub(super) fn ticket(&self) -> u64 {
        let newest = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::LoadItems { ticket, .. } => Some(*ticket),
            _ => None,
        });
        newest.expect("a question")
    }

    pub(super) fn answer(&mut self, result: Result<Items, Failure>) {
        self.answer_to(self.ticket(), true, result);
    }

    pub(super) fn answer_to(&mut self, ticket: u64, first: bool, result: Result<Items, Failure>) {
        self.send(Message::Items { ticket, first, result });
    }

    pub(super) fn answer_item(&mut self, result: Result<Box<Item>, Failure>) {
        let asked = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::LoadItem { ticket, id } => Some((*ticket, *id)),
            _ => None,
        });
        let (ticket, id) = asked.expect("a question");
        self.send(Message::Item { ticket, id, result });
    }

    pub(super) fn draw(&self) -> Terminal<TestBackend> {
        let size = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).expect("a screen");
        terminal.draw(|frame| view(frame, &self.model)).expect("a frame");
        terminal
    }

    /// The screen as text, with the cursor where there is one.
    pub(super) fn screen(&self) -> String {
        let mut terminal = self.draw();
        let mut text = terminal.backend().to_string();
        if self.model.focus == Focus::Search {
            let position = terminal.get_cursor_position().expect("a cursor");
            writeln!(text, "cursor at {},{}", position.x, position.y).expect("text");
        }
        text
    }

    pub(super) fn selected(&self) -> Option<u128> {
        (1..100).find(|number| self.model.browse.list.selected == Some(id(*number)))
    }
}

/// The key press that the table spells so.
pub(super) fn press(chord: &str) -> KeyEvent {
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
