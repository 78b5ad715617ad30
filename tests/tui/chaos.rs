//! Hostile text, and whatever else may happen in whatever order: no panic, no harm, nothing out of range.

use campuszon::tui::{
    effect::{Effect, Entered, Entry as Entering, Errand, Outcome, Refused},
    keys::{self, Scope},
    message::{Arrival, Ask, Delivered, Failure, FailureKind, Message, UploadStep},
    model::{Entry, FileEntry, Hall, Tab},
    servers::Named,
};
use campuszon_core::{
    Id, ImageId, SearchId, SessionId, Timestamp,
    safe::SafeText,
    wire::{
        account::{Device, Devices},
        booking::Unlocked,
        chat::{Chat, Message as Spoken, SendMessage},
        item::Items,
        notification::{Preferences, Search, Searches},
        wallet::{Redeemed, TokenEntry, TokenReason, Wallet},
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui::layout::Size;

use super::{
    desk::{Desk, press},
    hostile::{
        HOSTILE, hostile, hostile_alerts, hostile_booking, hostile_bookings, hostile_chat, hostile_chats,
        hostile_contact, hostile_draft, hostile_frame, hostile_item, hostile_message, hostile_messages, hostile_news,
        hostile_profile, hostile_review, hostile_whole,
    },
    stock::{chat_id, failure, id, page, said, summary},
};

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

#[test]
fn hostile_text_reaches_no_cell_of_a_conversation() {
    for size in [(40, 12), (80, 24), (120, 40)] {
        let mut desk = Desk::talking(size);
        for number in 0..40 {
            desk.frame(hostile_frame(number));
            assert_harmless(&desk);
        }
        desk.send(Message::Paste(HOSTILE.join("\n")));
        assert_harmless(&desk);
        desk.key("Enter");
        assert_harmless(&desk);
        desk.key("Esc");
        for _ in 0..12 {
            desk.key("k");
            assert_harmless(&desk);
        }
    }
}

#[test]
fn hostile_text_reaches_no_cell_of_any_tab() {
    for size in [(40, 12), (80, 24), (120, 40)] {
        let mut desk = Desk::new(size);
        for tab in Tab::ALL {
            desk.key(&tab.number().to_string());
            let asked = desk.asked.clone();
            for message in asked.into_iter().filter_map(|effect| answer(effect, Some(10))) {
                desk.send(message);
            }
            assert_harmless(&desk);
        }
    }
}

fn arrival<P>(ask: Ask, page: Option<P>) -> Arrival<P> {
    let result = page.ok_or_else(|| failure(FailureKind::Offline));
    Arrival { ticket: ask.ticket, first: ask.cursor.is_none(), result }
}

/// Something that may happen.
#[derive(Clone, Debug)]
enum Happening {
    Key(KeyEvent),
    Paste(String),
    Resize(u16, u16),
    /// The mouse does something at a place.
    Mouse(MouseEventKind, u16, u16),
    /// The terminal comes into view, or leaves it.
    Attended(bool),
    /// The live connection brings something, or says something of itself.
    Frame(u128),
    News(u8),
    /// A timer of those started, by number from the newest.
    Due(usize),
    /// An answer to one of the questions asked, by number from the newest.
    Answer(usize, Option<u8>),
}

fn mouse() -> impl Strategy<Value = MouseEventKind> {
    let down = MouseEventKind::Down(MouseButton::Left);
    prop::sample::select(vec![down, down, MouseEventKind::ScrollDown, MouseEventKind::ScrollUp, MouseEventKind::Moved])
}

fn happening() -> impl Strategy<Value = Happening> {
    let chords: Vec<&'static str> =
        keys::all().flat_map(|key| key.chords).copied().filter(|chord| *chord != "q").collect();
    prop_oneof![
        8 => prop::sample::select(chords).prop_map(|chord| Happening::Key(press(chord))),
        2 => any::<char>().prop_map(|letter| Happening::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE))),
        1 => any::<String>().prop_map(Happening::Paste),
        2 => (1..=300_u16, 1..=100_u16).prop_map(|(width, height)| Happening::Resize(width, height)),
        2 => (mouse(), 0..120_u16, 0..40_u16).prop_map(|(kind, x, y)| Happening::Mouse(kind, x, y)),
        1 => any::<bool>().prop_map(Happening::Attended),
        4 => (0..200_u128).prop_map(Happening::Frame),
        1 => any::<u8>().prop_map(Happening::News),
        4 => (0..6_usize).prop_map(Happening::Due),
        4 => (0..4_usize, prop::option::weighted(0.8, 0..40_u8)).prop_map(|(which, count)| Happening::Answer(which, count)),
    ]
}

fn happen(desk: &mut Desk, happening: Happening) {
    match happening {
        Happening::Key(event) => desk.send(Message::Key(event)),
        Happening::Paste(text) => desk.send(Message::Paste(text)),
        Happening::Resize(width, height) => desk.send(Message::Resize(Size::new(width, height))),
        Happening::Mouse(kind, column, row) => {
            desk.send(Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        }
        Happening::Attended(attended) => desk.send(Message::Attended(attended)),
        Happening::Frame(number) => desk.frame(hostile_frame(number)),
        Happening::News(number) => desk.send(Message::Live(hostile_news(number))),
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
        Effect::LoadItems(_, Ask { ticket, cursor }) => {
            let from = cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0_u128);
            let result = count.map(|count| {
                let end = from + u128::from(count);
                let items = (from..end).map(|number| summary(number, HOSTILE[number as usize % 10])).collect();
                page(items, Some(&end.to_string()).filter(|_| count > 20).map(String::as_str))
            });
            Message::Items(Arrival { ticket, first: cursor.is_none(), result: result.ok_or_else(refused) })
        }
        Effect::LoadItem { ticket, id } => {
            let item = count.map(|count| {
                let mut item = hostile_item(0, HOSTILE[usize::from(count) % 10]);
                item.summary.id = id;
                Box::new(item)
            });
            Message::Item { ticket, id, result: item.ok_or_else(refused) }
        }
        Effect::LoadSelling(ask) => {
            let rows =
                |count| page((0..u128::from(count)).map(|number| summary(number, hostile(number))).collect(), None);
            Message::Selling(arrival(ask, count.map(rows)))
        }
        Effect::LoadChats(ask) => Message::Chats(arrival(ask, count.map(hostile_chats))),
        Effect::LoadBookings(ask) => Message::Bookings(arrival(ask, count.map(hostile_bookings))),
        Effect::LoadAlerts(ask) => Message::Alerts(arrival(ask, count.map(hostile_alerts))),
        Effect::LoadProfile => {
            Message::Profile(count.map(|count| Box::new(hostile_profile(count))).ok_or_else(refused))
        }
        Effect::Book { .. } => {
            Message::Booked(count.map(|count| Box::new(hostile_booking(count.into()))).ok_or_else(refused))
        }
        Effect::DeleteItem(id) => Message::Deleted { id, result: count.map(|_| ()).ok_or_else(refused) },
        Effect::StartChat { .. } => {
            Message::Started(count.map(|count| Box::new(hostile_chat(count.into()))).ok_or_else(refused))
        }
        Effect::LoadChat(id) => {
            let chat = count.map(|count| Box::new(Chat { id, ..hostile_chat(count.into()) }));
            Message::Chat { id, result: chat.ok_or_else(refused) }
        }
        Effect::LoadMessages { chat, range, ticket } => {
            let result = count.map(|count| hostile_messages(chat, range, count.into())).ok_or_else(refused);
            Message::Messages { chat, range, ticket, result }
        }
        Effect::LoadKept => {
            let waiting =
                count.map(|count| SendMessage::text(format!("kept-{count}"), hostile(count.into()).to_owned()));
            let drafts = count.map(|count| (chat_id(u128::from(count) % 5), hostile(count.into()).to_owned()));
            let waiting = waiting.into_iter().map(|message| (chat_id(1), message)).collect();
            Message::Kept { waiting, drafts: drafts.into_iter().collect() }
        }
        Effect::Post { chat, message } => Message::Delivered(match count {
            None => Delivered { stopped: Some(refused()), ..Delivered::default() },
            Some(count) if count % 3 == 0 => {
                let refused = vec![(chat, message.client_id, failure(FailureKind::Refused).sentence)];
                Delivered { refused, ..Delivered::default() }
            }
            Some(count) => {
                let body = message.body.unwrap_or_default();
                let sent =
                    Spoken { chat_id: chat, client_id: Some(message.client_id), ..said(1, count.into(), 1, &body) };
                Delivered { sent: vec![sent], ..Delivered::default() }
            }
        }),
        Effect::EditMessage { .. } => {
            Message::Edited(count.map(|count| Box::new(hostile_message(count.into()))).ok_or_else(refused))
        }
        Effect::DeleteMessage { chat, id } => {
            Message::Unsaid { chat, id, result: count.map(|_| ()).ok_or_else(refused) }
        }
        Effect::Mute { chat, on } => Message::Muted { chat, on, result: count.map(|_| ()).ok_or_else(refused) },
        Effect::Report { .. } => Message::Reported(count.map(|_| ()).ok_or_else(refused)),
        Effect::LoadDeal(_) | Effect::Step { .. } => {
            Message::Deal(count.map(|count| Box::new(hostile_booking(count.into()))).ok_or_else(refused))
        }
        Effect::LoadRequests => Message::Requests((0..u128::from(count?)).map(|number| id(number % 7)).collect()),
        Effect::StepItem { .. } | Effect::AwaitItem(_) => {
            Message::Stepped(count.map(|count| hostile_whole(count.into())).ok_or_else(refused))
        }
        Effect::LoadForEdit(_) => {
            Message::Editable(count.map(|count| (hostile_whole(count.into()), None)).ok_or_else(refused))
        }
        Effect::List { form, .. } | Effect::EditItem { form, .. } => {
            Message::Listed { form, result: count.map(|count| hostile_whole(count.into())).ok_or_else(refused) }
        }
        Effect::LoadListing => Message::ListingKept(Box::new(hostile_draft(count?.into()))),
        Effect::ListFiles { ticket, .. } => {
            let entry = |number: u8| FileEntry {
                name: hostile(number.into()).to_owned(),
                is_directory: number.is_multiple_of(2),
                bytes: number.into(),
            };
            Message::Files {
                ticket,
                result: count.map(|count| (0..count).map(entry).collect()).ok_or(refused().sentence),
            }
        }
        Effect::Upload { number, .. } => match count {
            Some(count) if count % 3 == 0 => Message::UploadStep { number, step: UploadStep::Sending(count.into()) },
            Some(count) if count % 3 == 1 => Message::UploadStep { number, step: UploadStep::Ready { from: 9, to: 5 } },
            _ => {
                let image = count.map(|count| ImageId::from_bits(count.into()));
                Message::Uploaded { number, result: image.ok_or(SafeText::line(HOSTILE[0])) }
            }
        },
        Effect::Unlock { id, .. } => {
            let unlocked = count.map(|count| Box::new(Unlocked { contact: hostile_contact(count.into()), tokens: 1 }));
            Message::Unlocked { id, result: unlocked.ok_or_else(refused) }
        }
        Effect::Review { form, .. } => {
            Message::Reviewed { form, result: count.map(|count| hostile_review(count.into())).ok_or_else(refused) }
        }
        Effect::Answer { .. } => Message::Answered(count.map(|count| hostile_review(count.into())).ok_or_else(refused)),
        Effect::LoadReviews { booking, .. } => Message::Reviews {
            booking,
            mine: count.map(|count| hostile_review(count.into())),
            theirs: count.filter(|count| count % 2 == 0).map(|count| hostile_review(count.into())),
        },
        Effect::Compose(text) => {
            Message::Written(count.map(|count| text + hostile(count.into())).ok_or(refused().sentence))
        }
        Effect::LoadPhoto(key) => Message::Photo { key, drawing: None },
        Effect::LoadCategories => Message::Categories(HOSTILE.map(str::to_owned).to_vec()),
        Effect::SetFavorite { id, on } => Message::Favorite { id, on, result: count.map(|_| ()).ok_or_else(refused) },
        Effect::Account(errand) => Message::Account(outcome(errand, count)),
        _ => return None,
    })
}

/// What comes of an errand: what was hoped for, or a failure.
fn outcome(errand: Errand, count: Option<u8>) -> Outcome {
    match errand {
        Errand::Look(ticket, _) => Outcome::Entered(ticket, entered(count.map(|_| Entered::Found(hostile_hall())))),
        Errand::Enter(ticket, Entering::Resend(_) | Entering::Forgot(_) | Entering::Register { .. }) => {
            Outcome::Entered(ticket, entered(count.map(|_| Entered::CodeSent)))
        }
        Errand::Enter(ticket, _) => {
            let profile = count.map(|count| Entered::SignedIn(Box::new(hostile_profile(count))));
            Outcome::Entered(ticket, entered(profile))
        }
        Errand::LoadWallet(ask) => Outcome::Wallet(arrival(ask, count.map(some_wallet))),
        Errand::LoadDevices(ask) => Outcome::Devices(arrival(ask, count.map(hostile_devices))),
        Errand::LoadPreferences(ask) => {
            Outcome::Preferences(arrival(ask, count.map(|_| Preferences { muted: Vec::new(), digest: true })))
        }
        Errand::SetPreferences(_) => Outcome::PreferencesSet(done(count)),
        Errand::EndSession(id) => Outcome::SessionEnded(id, done(count)),
        Errand::EditProfile { .. } => {
            let profile = count.map(|count| Box::new(hostile_profile(count)));
            Outcome::ProfileEdited(profile.ok_or_else(|| failure(FailureKind::Offline)))
        }
        Errand::Redeem { .. } => {
            let redeemed = count.map(|count| Redeemed { added: count.into(), tokens: count.into() });
            Outcome::Redeemed(redeemed.ok_or_else(|| failure(FailureKind::Offline)))
        }
        Errand::SignOut => Outcome::SignedOut(done(count)),
        Errand::MarkAlert(_) | Errand::MarkAllAlerts => Outcome::AlertsMarked(done(count)),
        Errand::ClearAlerts => Outcome::AlertsCleared(done(count)),
        Errand::LoadSearches(ask) => Outcome::Searches(arrival(ask, count.map(hostile_searches))),
        Errand::SaveSearch { .. } => {
            let saved = count.map(|count| Box::new(hostile_search(count.into())));
            Outcome::SearchSaved(saved.ok_or_else(|| failure(FailureKind::Offline)))
        }
        Errand::DeleteSearch(id) => Outcome::SearchDeleted(id, done(count)),
        Errand::ListServers => Outcome::Servers(count.map(hostile_servers).ok_or_else(SafeText::default)),
        Errand::UseServer(_) | Errand::Keep { .. } => Outcome::Kept(count.map(|_| ()).ok_or_else(SafeText::default)),
    }
}

fn done(count: Option<u8>) -> Result<(), Failure> {
    count.map(|_| ()).ok_or_else(|| failure(FailureKind::Offline))
}

fn some_wallet(count: u8) -> Wallet {
    let entries = (0..i64::from(count)).map(|number| TokenEntry {
        delta: number - 7,
        reason: TokenReason::Grant,
        reference: hostile(0).to_owned(),
        balance: i64::MAX,
        created_at: Timestamp::from_millis(number),
    });
    Wallet {
        balance: i64::MIN,
        entries: entries.collect(),
        next_cursor: Some("more".to_owned()).filter(|_| count > 20),
    }
}

fn hostile_devices(count: u8) -> Devices {
    let sessions = (0..u128::from(count)).map(|number| Device {
        id: SessionId::from_bits(number),
        device: Some(hostile(number).to_owned()),
        current: number == 0,
        created_at: Timestamp::from_millis(0),
        last_used_at: Timestamp::from_millis(i64::MAX),
        expires_at: Timestamp::from_millis(0),
    });
    Devices { sessions: sessions.collect(), next_cursor: None }
}

fn hostile_search(number: u128) -> Search {
    Search {
        id: SearchId::from_bits(number),
        name: hostile(number).to_owned(),
        query: hostile(number + 1).to_owned(),
        digest: true,
        matches: i64::MAX,
        created_at: Timestamp::from_millis(0),
    }
}

fn hostile_searches(count: u8) -> Searches {
    Searches { searches: (0..u128::from(count)).map(hostile_search).collect(), next_cursor: None }
}

fn hostile_servers(count: u8) -> Vec<Named> {
    let named = |number: u8| Named {
        name: hostile(number.into()).to_owned(),
        address: format!("https://{number}.example"),
        user: Some(hostile(number.into()).to_owned()),
    };
    (0..count).map(named).collect()
}

fn entered(came: Option<Entered>) -> Result<Entered, Refused> {
    let fault = ("code".to_owned(), SafeText::line(hostile(0)));
    let refused = Refused { faults: vec![fault], ..Refused::plain(failure(FailureKind::Offline)) };
    came.ok_or(refused)
}

fn hostile_hall() -> Box<Hall> {
    Box::new(Hall {
        address: "https://other.example".to_owned(),
        called: SafeText::line(hostile(1)),
        name: SafeText::line(hostile(2)),
        open: true,
        domains: vec![hostile(3).to_owned()],
    })
}

fn assert_sound(desk: &Desk) {
    let list = &desk.model.browse.list;
    assert_eq!(list.index().is_none(), list.rows.is_empty(), "something is selected exactly when there is something");
    // What is not on the screen comes into view when it is shown again.
    let panes = desk.model.panes().filter(|_| desk.model.tab == Tab::Browse);
    if let (Some(panes), Some(index)) = (panes, list.index()) {
        assert!((list.top..list.top + panes.list_rows()).contains(&index), "the selection is in view");
    }
    let talk = desk.model.chats.talk();
    if let Some(entry) = talk.and_then(|talk| talk.selected.as_ref()).filter(|_| desk.model.scope() == Scope::Messages)
    {
        assert!(
            matches!(entry, Entry::Pending(_)) || desk.model.chats.entries().contains(entry),
            "{entry:?} is selected"
        );
    }
    assert!(desk.model.unread.messages >= 0);
    if let Some(full) = desk.model.detail.full() {
        assert!(desk.model.detail.photo < full.photos.len().max(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_happens(starts_talking: bool, happenings in prop::collection::vec(happening(), 1..60)) {
        let mut desk = if starts_talking { Desk::talking((80, 24)) } else { Desk::new((80, 24)) };
        for happening in happenings {
            happen(&mut desk, happening);
            assert_sound(&desk);
            assert_harmless(&desk);
        }
    }
}
