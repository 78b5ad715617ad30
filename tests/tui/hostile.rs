//! Everything that a server sends, with hostile text in it.

use std::time::Duration;

use campuszon::tui::{
    message::{FailureKind, News, Range},
    model::{KeptPhoto, ListingDraft},
};
use campuszon_core::{
    ChatId, Id, Timestamp, UserId,
    booking::{BookingStatus, Side},
    item::ItemStatus,
    safe::SafeText,
    wire::{
        account::Profile,
        booking::{Booking, Bookings, Contact, Review},
        chat::{Chat, Chats, Message as Spoken},
        item::Item,
        live::ServerFrame,
        notification::{Notification, Notifications},
    },
};

use super::stock::{NOW, alert, booking, card, chat, chat_id, failure, picture, profile, review, said, summary, whole};

/// What a peer may try: escapes, other controls, bidirectional text, wide, combining and invisible characters.
pub(super) const HOSTILE: [&str; 10] = [
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

pub(super) fn hostile_item(number: u128, text: &str) -> Item {
    let mut item = *whole(summary(number, text));
    item.description = format!("{text}\n{text}");
    item.pickup = Some(text.to_owned());
    item.summary.category = text.to_owned();
    item.summary.currency = text.to_owned();
    item.summary.seller.name = text.to_owned();
    item
}

pub(super) fn hostile(number: u128) -> &'static str {
    HOSTILE[number as usize % HOSTILE.len()]
}

pub(super) fn hostile_chat(number: u128) -> Chat {
    let mut chat = chat(number, hostile(number), hostile(number));
    chat.last_message.as_mut().expect("a message").body = hostile(number).to_owned();
    chat.unread = i64::from(number.is_multiple_of(3));
    chat
}

pub(super) fn hostile_chats(count: u8) -> Chats {
    Chats { chats: (0..u128::from(count)).map(hostile_chat).collect(), next_cursor: None }
}

/// A text, a picture or a card, by one or the other, in one of five conversations.
pub(super) fn hostile_message(number: u128) -> Spoken {
    let (chat, seq) = (number % 5, i64::try_from(number / 5 + 1).expect("small"));
    match number % 4 {
        0 => picture(chat, seq),
        1 => card(chat, seq, number),
        _ => said(chat, seq, 1 + 6 * (number % 2), &format!("{}\n{}", hostile(number), hostile(number + 1))),
    }
}

pub(super) fn hostile_messages(chat: ChatId, range: Range, count: u128) -> Vec<Spoken> {
    let from = match range {
        Range::Newest => 20,
        Range::Before(seq) => (seq - i64::try_from(count).expect("small")).max(1),
        Range::After(seq) => seq + 1,
    };
    let count = i64::try_from(count).expect("small");
    let end = if let Range::Before(seq) = range { seq } else { from + count };
    let message = |seq: i64| Spoken { chat_id: chat, seq, ..hostile_message(u128::from(seq.unsigned_abs())) };
    (from..end).map(message).collect()
}

/// What the live connection may bring.
pub(super) fn hostile_frame(number: u128) -> ServerFrame {
    let (chat, user) = (chat_id(number % 5), UserId::from_bits(1 + 6 * (number % 2)));
    let small = i64::try_from(number % 30).expect("small");
    match number % 8 {
        0 | 1 => ServerFrame::Message { message: hostile_message(number), since: 1 },
        2 => ServerFrame::MessageUpdated { message: hostile_message(number), since: 1 },
        3 => ServerFrame::Receipt { chat_id: chat, user_id: user, seq: small, since: 1 },
        4 => ServerFrame::Typing { chat_id: chat, user_id: user, on: !number.is_multiple_of(3) },
        5 => ServerFrame::Presence { user_id: user, online: !number.is_multiple_of(3), last_seen: None },
        6 => {
            let notification = Notification { body: None, ..alert(number, hostile(number)) };
            ServerFrame::Notification { notification, since: 1 }
        }
        _ => ServerFrame::Booking { booking: Box::new(hostile_booking(number)), since: 1 },
    }
}

pub(super) fn hostile_news(number: u8) -> News {
    let sentence = SafeText::line(hostile(number.into()));
    match number % 5 {
        0 | 1 => News::Up,
        2 => News::Missed,
        3 => News::Down { reason: sentence, retry_in: Duration::from_secs(number.into()) },
        _ => News::Ended(failure(FailureKind::Broken)),
    }
}

pub(super) fn hostile_booking(number: u128) -> Booking {
    let roles = [Side::Buyer, Side::Seller];
    let status = BookingStatus::ALL[number as usize % BookingStatus::ALL.len()];
    let mut booking = booking(number, roles[number as usize % 2], status);
    booking.meet_place = Some(hostile(number).to_owned());
    booking.reason = Some(hostile(number).to_owned());
    booking.handover_code = Some(hostile(number).to_owned());
    booking.contact = Some(hostile_contact(number));
    booking.deadline_at = Some(Timestamp::from_millis(NOW + i64::try_from(number).expect("small") * 1_000_000));
    booking.item.title = hostile(number).to_owned();
    booking.peer.name = hostile(number).to_owned();
    booking.currency = hostile(number).to_owned();
    booking.message = Some(hostile(number).to_owned());
    booking
}

pub(super) fn hostile_contact(number: u128) -> Contact {
    let text = || hostile(number).to_owned();
    Contact { name: text(), residence: Some(text()), phone: Some(text()), email: text() }
}

pub(super) fn hostile_review(number: u128) -> Box<Review> {
    let text = || Some(format!("{}\n{}", hostile(number), hostile(number + 1)));
    Box::new(Review { comment: text(), answer: text().filter(|_| number.is_multiple_of(3)), ..review(number, 1, 7) })
}

pub(super) fn hostile_whole(number: u128) -> Box<Item> {
    let statuses = ItemStatus::ALL;
    let mut item = hostile_item(number % 7, hostile(number));
    item.summary.status = statuses[number as usize % statuses.len()];
    Box::new(item)
}

pub(super) fn hostile_draft(number: u128) -> ListingDraft {
    let fields = ["title", "description", "price", "listing", "category"]
        .map(|name| (name.to_owned(), hostile(number).to_owned()));
    let photos = vec![KeptPhoto { path: hostile(number).into(), key: "kept".to_owned() }];
    ListingDraft { fields: fields.into(), photos }
}

pub(super) fn hostile_bookings(count: u8) -> Bookings {
    Bookings { bookings: (0..u128::from(count)).map(hostile_booking).collect(), next_cursor: None }
}

pub(super) fn hostile_alerts(count: u8) -> Notifications {
    let notifications = (0..u128::from(count)).map(|number| {
        let body = Some(hostile(number).to_owned());
        Notification { body, ..alert(number, hostile(number)) }
    });
    Notifications { notifications: notifications.collect(), next_cursor: None }
}

pub(super) fn hostile_profile(number: u8) -> Profile {
    let text = || hostile(number.into()).to_owned();
    Profile { name: text(), email: text(), campus: text(), ..profile() }
}
