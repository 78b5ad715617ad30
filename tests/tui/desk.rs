//! A model with what it asked for, answers to give it, and a screen to draw it on.

use std::fmt::Write;

use campuszon::tui::{
    effect::{Effect, Errand, Outcome},
    graphics::Images,
    message::{Arrival, Ask, Failure, Message, News, Timer},
    model::{Model, Settings, Start, Tab},
    theme::{Colours, Depth, Theme},
    update::{start, update},
    view::view,
};
use campuszon_core::{
    Timestamp,
    safe::SafeText,
    wire::{
        booking::Bookings,
        chat::Message as Spoken,
        item::{Item, Items},
        live::ServerFrame,
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend, layout::Size};

use super::stock::{NOW, alerts, bookings, chats, id, page, profile, stock, talk};

/// A model, what it asked for, and a screen to draw it on.
pub(super) struct Desk {
    pub(super) model: Model,
    pub(super) asked: Vec<Effect>,
}

impl Desk {
    pub(super) fn new(size: (u16, u16)) -> Self {
        Self::beginning(size, Start::default())
    }

    /// One that begins elsewhere than in Browse.
    pub(super) fn beginning(size: (u16, u16), begin: Start) -> Self {
        let settings = Settings {
            theme: Theme { depth: Depth::Indexed, ascii: false, colours: Colours::Terminal },
            images: Images::default(),
            server: SafeText::fixed("uni"),
            link_base: "https://uni.example/items/".to_owned(),
            start: begin,
            run: "run".to_owned(),
            quiet_hours: None,
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

    /// On a tab with all that the server has for it.
    pub(super) fn on(tab: Tab, size: (u16, u16)) -> Self {
        let mut desk = Self::stocked(size);
        desk.key(&tab.number().to_string());
        desk.answer_tab(tab);
        desk.send(Message::Profile(Ok(Box::new(profile()))));
        desk.wait_for(|timer| matches!(timer, Timer::Toast(_)));
        desk
    }

    /// In the first conversation, connected, with what was said there.
    pub(super) fn talking(size: (u16, u16)) -> Self {
        let mut desk = Self::on(Tab::Chats, size);
        desk.send(Message::Live(News::Up));
        desk.answer_tab(Tab::Chats);
        desk.key("Enter");
        desk.answer_messages(Ok(talk()));
        desk
    }

    /// Answers the last question for messages.
    pub(super) fn answer_messages(&mut self, result: Result<Vec<Spoken>, Failure>) {
        let asked = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::LoadMessages { chat, range, ticket } => Some((*chat, *range, *ticket)),
            _ => None,
        });
        let (chat, range, ticket) = asked.expect("a question");
        self.send(Message::Messages { chat, range, ticket, result });
    }

    /// Answers the last question for bookings.
    pub(super) fn answer_bookings(&mut self, bookings: Bookings) {
        let ticket = self.asked_for(Tab::Bookings).ticket;
        self.send(Message::Bookings(Arrival { ticket, first: true, result: Ok(bookings) }));
    }

    /// Answers the last question for one's own items.
    pub(super) fn answer_selling(&mut self, items: Items) {
        let ticket = self.asked_for(Tab::Selling).ticket;
        self.send(Message::Selling(Arrival { ticket, first: true, result: Ok(items) }));
    }

    /// What the live connection brings.
    pub(super) fn frame(&mut self, frame: ServerFrame) {
        self.send(Message::Live(News::Frame(Box::new(frame))));
    }

    /// Answers what a tab asked for last.
    pub(super) fn answer_tab(&mut self, tab: Tab) {
        let ticket = self.asked_for(tab).ticket;
        self.send(match tab {
            Tab::Browse => Message::Items(Arrival { ticket, first: true, result: Ok(page(stock(), None)) }),
            Tab::Chats => Message::Chats(Arrival { ticket, first: true, result: Ok(chats()) }),
            Tab::Bookings => Message::Bookings(Arrival { ticket, first: true, result: Ok(bookings()) }),
            Tab::Selling => Message::Selling(Arrival { ticket, first: true, result: Ok(page(stock(), None)) }),
            Tab::Alerts => Message::Alerts(Arrival { ticket, first: true, result: Ok(alerts()) }),
            Tab::Me => Message::Profile(Ok(Box::new(profile()))),
        });
    }

    /// Answers that what a tab asked for last cannot be had.
    pub(super) fn fail_tab(&mut self, tab: Tab, failure: Failure) {
        let ticket = self.asked_for(tab).ticket;
        self.send(match tab {
            Tab::Browse => Message::Items(Arrival { ticket, first: true, result: Err(failure) }),
            Tab::Chats => Message::Chats(Arrival { ticket, first: true, result: Err(failure) }),
            Tab::Bookings => Message::Bookings(Arrival { ticket, first: true, result: Err(failure) }),
            Tab::Selling => Message::Selling(Arrival { ticket, first: true, result: Err(failure) }),
            Tab::Alerts => Message::Alerts(Arrival { ticket, first: true, result: Err(failure) }),
            Tab::Me => Message::Profile(Err(failure)),
        });
    }

    /// What a tab asked for last.
    pub(super) fn asked_for(&self, tab: Tab) -> Ask {
        let found = self.asked.iter().rev().find_map(|effect| match (tab, effect) {
            (Tab::Browse, Effect::LoadItems(_, ask))
            | (Tab::Chats, Effect::LoadChats(ask))
            | (Tab::Bookings, Effect::LoadBookings(ask))
            | (Tab::Selling, Effect::LoadSelling(ask))
            | (Tab::Alerts, Effect::LoadAlerts(ask)) => Some(ask.clone()),
            (Tab::Me, Effect::LoadProfile) => Some(Ask { ticket: 0, cursor: None }),
            _ => None,
        });
        found.expect("a question")
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

    /// Lets a tab take so long that it says so.
    pub(super) fn wait_for_tab(&mut self, tab: Tab) {
        self.wait_for(|timer| matches!(timer, Timer::SlowTab(slow, _) if *slow == tab));
    }

    /// Lets the newest timer that fits fall due.
    pub(super) fn wait_for(&mut self, wanted: impl Fn(&Timer) -> bool) {
        let timer = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::After(_, timer) if wanted(timer) => Some(*timer),
            _ => None,
        });
        self.send(Message::Due(timer.expect("a timer")));
    }

    pub(super) fn ticket(&self) -> u64 {
        self.asked_for(Tab::Browse).ticket
    }

    pub(super) fn answer(&mut self, result: Result<Items, Failure>) {
        self.answer_to(self.ticket(), true, result);
    }

    pub(super) fn answer_to(&mut self, ticket: u64, first: bool, result: Result<Items, Failure>) {
        self.send(Message::Items(Arrival { ticket, first, result }));
    }

    pub(super) fn answer_item(&mut self, result: Result<Box<Item>, Failure>) {
        let asked = self.asked.iter().rev().find_map(|effect| match effect {
            Effect::LoadItem { ticket, id } => Some((*ticket, *id)),
            _ => None,
        });
        let (ticket, id) = asked.expect("a question");
        self.send(Message::Item { ticket, id, result });
    }

    /// What was asked for last about the account, the server or the settings.
    pub(super) fn errand(&self) -> Errand {
        let errands = self.asked.iter().rev().filter_map(|effect| match effect {
            Effect::Account(errand) => Some(errand.clone()),
            _ => None,
        });
        errands.into_iter().next().expect("an errand")
    }

    pub(super) fn account(&mut self, outcome: Outcome) {
        self.send(Message::Account(outcome));
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
        if terminal.backend().cursor_visible() {
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
    let (modifiers, base) = match (chord.strip_prefix("Ctrl+"), chord.strip_prefix("Alt+")) {
        (Some(base), _) => (KeyModifiers::CONTROL, base),
        (_, Some(base)) => (KeyModifiers::ALT, base),
        _ => (KeyModifiers::NONE, chord),
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
        "Backspace" => KeyCode::Backspace,
        "Space" => KeyCode::Char(' '),
        "F1" => KeyCode::F(1),
        "F2" => KeyCode::F(2),
        letter => KeyCode::Char(letter.chars().next().expect("a letter").to_ascii_lowercase()),
    };
    match (code, base) {
        (KeyCode::Char(_), capital) if modifiers.is_empty() && capital.chars().all(char::is_uppercase) => {
            KeyEvent::new(KeyCode::Char(capital.chars().next().expect("a letter")), KeyModifiers::SHIFT)
        }
        _ => KeyEvent::new(code, modifiers),
    }
}
