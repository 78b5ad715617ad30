//! Conversations: reading, writing, sending, and the bookings in them.

use std::time::{Duration, Instant};

use campuszon::tui::{
    effect::Effect,
    keys::Scope,
    message::{Delivered, FailureKind, Message, News, Range, Timer},
    model::{Entry, Start, Tab},
    update::leave,
    view::view,
};
use campuszon_core::{
    BookingId, Id, ImageId, Timestamp, UserId,
    booking::{BookingStatus, Side},
    safe::SafeText,
    wire::{
        chat::{Message as Spoken, SendMessage},
        live::{ClientFrame, ServerFrame},
    },
};
use ratatui::{Terminal, backend::TestBackend, layout::Size};

use super::{
    desk::Desk,
    states::{SIZES, snapshot},
    stock::{NOW, booking, card, chat, chat_id, chats, failure, id, picture, said, talk, whole},
};

/// The messages handed over to be sent, in order.
fn posted(desk: &Desk) -> Vec<SendMessage> {
    let message = |effect: &Effect| match effect {
        Effect::Post { message, .. } => Some(message.clone()),
        _ => None,
    };
    desk.asked.iter().filter_map(message).collect()
}

pub(super) fn bodies(desk: &Desk) -> Vec<String> {
    posted(desk).into_iter().filter_map(|message| message.body).collect()
}

pub(super) fn say(desk: &mut Desk, text: &str) {
    desk.write(text);
    desk.key("Enter");
}

/// What the server makes of a message of the reader.
fn taken(message: &SendMessage, seq: i64) -> Spoken {
    let body = message.body.clone().unwrap_or_default();
    Spoken { client_id: Some(message.client_id.clone()), ..said(1, seq, 1, &body) }
}

fn last_draft(desk: &Desk, number: u128) -> Option<String> {
    let kept = desk.asked.iter().rev().find_map(|effect| match effect {
        Effect::KeepDrafts(drafts) => Some(drafts.clone()),
        _ => None,
    });
    kept.and_then(|drafts| drafts.get(&chat_id(number)).cloned())
}

#[test]
fn every_state_of_a_conversation() {
    for size in SIZES {
        snapshot("chats", &Desk::on(Tab::Chats, size));
        let mut desk = Desk::on(Tab::Chats, size);
        desk.key("Enter");
        desk.wait_for(|timer| matches!(timer, Timer::SlowTalk(_)));
        snapshot("talk-loading", &desk);
        desk.answer_messages(Err(failure(FailureKind::Offline)));
        snapshot("talk-offline", &desk);
        let mut desk = Desk::talking(size);
        snapshot("talk", &desk);
        say(&mut desk, "At noon?");
        say(&mut desk, "Or later");
        let messages = posted(&desk);
        desk.send(Message::Delivered(Delivered { sent: vec![taken(&messages[0], 5)], ..Delivered::default() }));
        desk.frame(ServerFrame::Receipt { chat_id: chat_id(1), user_id: UserId::from_bits(7), seq: 4, since: 1 });
        desk.frame(ServerFrame::Typing { chat_id: chat_id(1), user_id: UserId::from_bits(7), on: true });
        desk.write("A draft with a word that is");
        desk.key("Alt+Enter");
        desk.write("on a second line");
        snapshot("talk-sending", &desk);
        let refused = vec![(chat_id(1), messages[1].client_id.clone(), SafeText::fixed("they have blocked you"))];
        desk.send(Message::Delivered(Delivered { refused, ..Delivered::default() }));
        desk.key("Esc");
        snapshot("talk-refused", &desk);
    }
}

#[test]
fn cards_and_pictures() {
    for size in SIZES {
        let mut desk = Desk::on(Tab::Chats, size);
        desk.key("Enter");
        let asked = |desk: &Desk| desk.asked.contains(&Effect::LoadDeal(BookingId::from_bits(1)));
        desk.answer_messages(Ok(vec![talk().remove(0), picture(1, 2), card(1, 3, 1)]));
        assert!(asked(&desk));
        desk.send(Message::Deal(Ok(Box::new(booking(1, Side::Seller, BookingStatus::Pending)))));
        snapshot("talk-card", &desk);
    }
}

#[test]
fn opening_puts_the_cursor_where_one_writes_and_reading_is_told() {
    let mut desk = Desk::talking((80, 24));
    assert_eq!((desk.model.scope(), desk.model.chats.open), (Scope::Composer, Some(chat_id(1))));
    let read = Effect::Tell(ClientFrame::Read { chat_id: chat_id(1), seq: 4 });
    assert!(desk.asked.contains(&read));
    assert_eq!((desk.model.chats.list.rows[0].unread, desk.model.unread.messages), (0, 1));
    desk.write("q1j?");
    assert_eq!((desk.model.chats.composer.text(), desk.model.quit), ("q1j?", false), "keys are text here");
    desk.key("Esc");
    desk.key("Esc");
    assert_eq!(desk.model.scope(), Scope::Chats);
}

#[test]
fn nothing_is_read_while_nobody_looks() {
    let mut desk = Desk::talking((80, 24));
    desk.send(Message::Attended(false));
    desk.frame(ServerFrame::Message { message: said(1, 5, 7, "Are you there?"), since: 1 });
    let reads = |desk: &Desk| {
        desk.asked.iter().filter(|effect| matches!(effect, Effect::Tell(ClientFrame::Read { .. }))).count()
    };
    assert_eq!((reads(&desk), desk.model.chats.list.rows[0].unread), (1, 1));
    desk.send(Message::Attended(true));
    assert_eq!((reads(&desk), desk.model.chats.list.rows[0].unread), (2, 0));
    assert!(desk.screen().contains("new"), "where it begins is marked");
}

#[test]
fn messages_go_in_order_each_under_an_id_of_its_own() {
    let mut desk = Desk::talking((80, 24));
    say(&mut desk, "one");
    desk.write("two");
    desk.key("Ctrl+J");
    desk.write("lines");
    desk.key("Enter");
    assert_eq!(bodies(&desk), ["one", "two\nlines"]);
    let messages = posted(&desk);
    assert_ne!(messages[0].client_id, messages[1].client_id);
    assert_eq!(desk.model.chats.pending.len(), 2);
    desk.frame(ServerFrame::Message { message: taken(&messages[0], 5), since: 1 });
    desk.send(Message::Delivered(Delivered { sent: vec![taken(&messages[0], 5)], ..Delivered::default() }));
    let entries = desk.model.chats.entries();
    let expected = [Entry::Said(5), Entry::Pending(messages[1].client_id.clone())];
    assert_eq!(entries[entries.len() - 2..], expected, "told twice, shown once");
    assert_eq!(desk.model.unread.messages, 1, "one's own are not new");
}

#[test]
fn what_is_refused_can_be_sent_again_under_the_same_id() {
    let mut desk = Desk::talking((80, 24));
    say(&mut desk, "hello");
    let client_id = posted(&desk)[0].client_id.clone();
    let refused = vec![(chat_id(1), client_id.clone(), SafeText::fixed("no"))];
    desk.send(Message::Delivered(Delivered { refused, ..Delivered::default() }));
    assert!(desk.screen().contains("! r retry"));
    desk.key("Esc");
    desk.key("r");
    assert_eq!(posted(&desk).iter().filter(|message| message.client_id == client_id).count(), 2);
    assert!(!desk.screen().contains("! r retry"));
}

#[test]
fn what_waited_in_an_earlier_run_is_there_again_and_goes_once_connected() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    let message = SendMessage::text("earlier-1".to_owned(), "From before".to_owned());
    let drafts = [(chat_id(1), "half a sent".to_owned())].into();
    desk.send(Message::Kept { waiting: vec![(chat_id(1), message)], drafts });
    desk.key("Enter");
    desk.answer_messages(Ok(talk()));
    assert!(desk.screen().contains("From before") && desk.screen().contains("half a sent"));
    assert!(!desk.asked.contains(&Effect::Deliver));
    desk.send(Message::Live(News::Up));
    assert!(desk.asked.contains(&Effect::Deliver));
}

#[test]
fn without_a_connection_messages_wait_and_bookings_are_refused_with_the_reason() {
    let mut desk = Desk::talking((80, 24));
    let reason = SafeText::fixed("gone");
    desk.send(Message::Live(News::Down { reason, retry_in: Duration::from_secs(5) }));
    say(&mut desk, "later, then");
    assert_eq!(bodies(&desk), ["later, then"]);
    desk.send(Message::Delivered(Delivered { stopped: Some(failure(FailureKind::Offline)), ..Delivered::default() }));
    assert!(desk.model.chats.pending[0].trouble.is_none());
    say(&mut desk, "/book");
    assert!(desk.model.overlay.is_none() && desk.screen().contains("bookings do not wait"));
    assert_eq!(desk.model.chats.composer.text(), "/book", "it stays written");
}

#[test]
fn a_pasted_block_is_written_and_never_sent() {
    let mut desk = Desk::talking((80, 24));
    desk.send(Message::Paste("one\r\ntwo\u{1b}[2J\nthree\n".to_owned()));
    assert_eq!(desk.model.chats.composer.text(), "one\ntwo[2J\nthree\n");
    assert!(posted(&desk).is_empty());
}

#[test]
fn drafts_stay_with_their_conversation() {
    let mut desk = Desk::talking((80, 24));
    desk.write("for Ben");
    desk.wait_for(|timer| matches!(timer, Timer::Drafts(_)));
    assert_eq!(last_draft(&desk, 1).as_deref(), Some("for Ben"));
    desk.key("Tab");
    desk.key("j");
    desk.key("Enter");
    assert_eq!((desk.model.chats.open, desk.model.chats.composer.text()), (Some(chat_id(2)), ""));
    desk.key("Tab");
    desk.key("k");
    desk.key("Enter");
    assert_eq!(desk.model.chats.composer.text(), "for Ben");
    desk.key("Enter");
    assert_eq!((bodies(&desk), last_draft(&desk, 1)), (vec!["for Ben".to_owned()], None));
}

#[test]
fn quitting_keeps_what_is_being_written() {
    let mut desk = Desk::talking((80, 24));
    desk.write("unfinished");
    desk.key("Ctrl+C");
    desk.key("Ctrl+C");
    assert!(desk.model.quit);
    let last = leave(&mut desk.model);
    desk.asked.extend(last);
    assert_eq!(last_draft(&desk, 1).as_deref(), Some("unfinished"));
}

#[test]
fn the_view_stays_put_unless_it_is_at_the_end() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.key("Enter");
    let many = (101..=150).map(|seq| said(1, seq, 7, &format!("message {seq}"))).collect();
    desk.answer_messages(Ok(many));
    assert!(desk.screen().contains("message 150"));
    desk.key("PgUp");
    let before = desk.screen();
    assert!(!before.contains("message 150") && before.contains("more below"));
    desk.frame(ServerFrame::Message { message: said(1, 151, 7, "message 151"), since: 1 });
    let lines =
        |screen: &str| screen.lines().filter(|line| line.contains("message")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&desk.screen()), lines(&before));
    desk.key("PgDn");
    desk.key("PgDn");
    assert!(desk.screen().contains("message 151"));
    desk.frame(ServerFrame::Message { message: said(1, 152, 7, "message 152"), since: 2 });
    assert!(desk.screen().contains("message 152"), "at the end it follows");
}

#[test]
fn older_messages_come_when_the_view_nears_them_and_nothing_jumps() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.key("Enter");
    desk.answer_messages(Ok((101..=150).map(|seq| said(1, seq, 7, &format!("message {seq}"))).collect()));
    let asks = |desk: &Desk| {
        let is_older = |effect: &&Effect| matches!(effect, Effect::LoadMessages { range: Range::Before(101), .. });
        desk.asked.iter().filter(is_older).count()
    };
    assert_eq!(asks(&desk), 0);
    desk.key("PgUp");
    desk.key("PgUp");
    assert_eq!(asks(&desk), 1, "asked for once");
    let before = desk.screen();
    desk.answer_messages(Ok((51..=100).map(|seq| said(1, seq, 7, &format!("message {seq}"))).collect()));
    let first = |screen: &str| screen.lines().find(|line| line.contains("message 1")).map(str::to_owned);
    assert_eq!(first(&desk.screen()), first(&before));
    desk.key("Esc");
    desk.key("g");
    assert!(desk.screen().contains("message 51"));
}

#[test]
fn a_gap_is_asked_for() {
    let mut desk = Desk::talking((80, 24));
    desk.frame(ServerFrame::Message { message: said(1, 9, 7, "after a gap"), since: 1 });
    let wanted = |effect: &&Effect| matches!(effect, Effect::LoadMessages { range: Range::After(4), .. });
    assert!(desk.asked.iter().any(|effect| wanted(&effect)));
    desk.answer_messages(Ok((5..=9).map(|seq| said(1, seq, 7, "filled")).collect()));
    assert_eq!(desk.model.chats.entries().len(), 9);
}

#[test]
fn the_other_writes_for_six_seconds_at_most() {
    let mut desk = Desk::talking((80, 24));
    let typing = |on| ServerFrame::Typing { chat_id: chat_id(1), user_id: UserId::from_bits(7), on };
    desk.frame(typing(true));
    assert!(desk.screen().contains("Ben K. is typing"));
    desk.wait_for(|timer| matches!(timer, Timer::Typing(..)));
    assert!(!desk.screen().contains("is typing"));
    desk.frame(typing(true));
    desk.frame(ServerFrame::Message { message: said(1, 5, 7, "done"), since: 1 });
    assert!(!desk.screen().contains("is typing"));
}

#[test]
fn writing_is_told_now_and_then_and_its_end_too() {
    let mut desk = Desk::talking((80, 24));
    let told = |desk: &Desk| {
        let on = |effect: &Effect| match effect {
            Effect::Tell(ClientFrame::Typing { on, .. }) => Some(*on),
            _ => None,
        };
        desk.asked.iter().filter_map(on).collect::<Vec<_>>()
    };
    desk.write("abc");
    assert_eq!(told(&desk), [true]);
    desk.model.now = Timestamp::from_millis(NOW + 3_500);
    desk.write("d");
    desk.key("Enter");
    assert_eq!(told(&desk), [true, true, false]);
}

#[test]
fn own_messages_are_edited_and_taken_back() {
    let mut desk = Desk::talking((80, 24));
    desk.write("a draft");
    desk.key("Esc");
    desk.key("e");
    assert!(desk.screen().contains("only for messages of your own"));
    desk.key("g");
    desk.key("e");
    assert!(desk.screen().contains("editing: Enter saves"));
    desk.write("!");
    desk.key("Enter");
    let message = said(1, 1, 1, "Hello, is the book still there?!");
    let edit = Effect::EditMessage { chat: chat_id(1), id: message.id, body: message.body.clone() };
    assert!(desk.asked.contains(&edit));
    desk.send(Message::Edited(Err(failure(FailureKind::Refused))));
    assert!(desk.model.chats.composer.text().ends_with('!'), "nothing written is lost");
    desk.send(Message::Edited(Ok(Box::new(message.clone()))));
    assert_eq!(desk.model.chats.composer.text(), "a draft");
    desk.key("Esc");
    desk.key("g");
    desk.key("D");
    desk.key("Tab");
    desk.key("Enter");
    assert!(desk.asked.contains(&Effect::DeleteMessage { chat: chat_id(1), id: message.id }));
    desk.send(Message::Unsaid { chat: chat_id(1), id: message.id, result: Ok(()) });
    assert!(desk.screen().contains("(deleted)"));
}

#[test]
fn c_on_an_item_opens_its_conversation_or_begins_one() {
    let mut desk = Desk::stocked((80, 24));
    desk.key("c");
    assert!(desk.asked.iter().any(|effect| matches!(effect, Effect::StartChat { item, .. } if *item == id(1))));
    desk.send(Message::Started(Ok(Box::new(chat(1, "Calculus, 3rd ed.", "Ben K.")))));
    assert_eq!((desk.model.scope(), desk.model.chats.open), (Scope::Composer, Some(chat_id(1))));
    let mut desk = Desk::stocked((80, 24));
    desk.key("Enter");
    let mut item = whole(super::stock::stock().remove(0));
    item.viewer.chat = Some(chat_id(3));
    desk.answer_item(Ok(item));
    desk.key("c");
    assert_eq!((desk.model.scope(), desk.model.chats.open), (Scope::Composer, Some(chat_id(3))), "it is known");
}

#[test]
fn it_begins_in_a_conversation_and_next_unread_goes_on() {
    let begin = Start { tab: Tab::Chats, chat: Some(chat_id(3)), ..Start::default() };
    let mut desk = Desk::beginning((80, 24), begin);
    assert_eq!(desk.model.scope(), Scope::Composer);
    assert!(desk.asked.contains(&Effect::LoadChat(chat_id(3))));
    desk.answer_tab(Tab::Chats);
    desk.send(Message::Chat { id: chat_id(3), result: Ok(Box::new(chats().chats.remove(2))) });
    desk.key("Ctrl+U");
    assert_eq!(desk.model.chats.open, Some(chat_id(1)));
    desk.send(Message::Live(News::Up));
    desk.answer_messages(Ok(talk()));
    desk.key("Ctrl+U");
    assert!(desk.screen().contains("Everything is read"));
}

#[test]
fn muting_is_undone_when_the_server_refuses() {
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.key("M");
    assert!(desk.model.chats.list.rows[0].muted);
    assert!(desk.asked.contains(&Effect::Mute { chat: chat_id(1), on: true }));
    desk.send(Message::Muted { chat: chat_id(1), on: true, result: Err(failure(FailureKind::Offline)) });
    assert!(!desk.model.chats.list.rows[0].muted);
}

#[test]
fn a_text_from_the_editor_is_written_and_not_sent() {
    let mut desk = Desk::talking((80, 24));
    desk.write("begun");
    desk.key("Ctrl+E");
    assert!(desk.asked.contains(&Effect::Compose("begun".to_owned())));
    desk.send(Message::Written(Ok("begun\nand ended\n".to_owned())));
    assert_eq!(desk.model.chats.composer.text(), "begun\nand ended");
    desk.send(Message::Written(Err(SafeText::fixed("vi ended with 1"))));
    assert_eq!(desk.model.chats.composer.text(), "begun\nand ended");
    assert!(posted(&desk).is_empty());
}

#[test]
fn a_picture_goes_as_a_message() {
    let mut desk = Desk::talking((80, 24));
    desk.key("Ctrl+O");
    desk.write("'/tmp/a lamp.jpg'");
    desk.key("Enter");
    let key = desk.asked.iter().find_map(|effect| match effect {
        Effect::SendPicture { path, key, .. } => Some((path.clone(), key.clone())),
        _ => None,
    });
    let (path, key) = key.expect("a picture");
    assert_eq!(path.to_str(), Some("/tmp/a lamp.jpg"));
    let message = SendMessage { client_id: key, body: None, image: Some(ImageId::from_bits(1)) };
    desk.send(Message::Pictured { chat: chat_id(1), result: Ok(message.clone()) });
    assert_eq!(posted(&desk), [message]);
    assert!(desk.screen().contains("(a picture)"));
}

/// A frame of a long conversation lays out what is new in it, and what another width or text makes of the rest.
#[test]
fn a_long_conversation_is_laid_out_again_where_it_changes() {
    let mut desk = Desk::talking((80, 24));
    let text = "Is the lamp still there, and would you take a little less for it? ".repeat(4);
    for seq in 5..1_000 {
        desk.frame(ServerFrame::Message { message: said(1, seq, 7, &text), since: 1 });
    }
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a screen");
    let mut frame = || terminal.draw(|frame| view(frame, &desk.model)).map(|_| ()).expect("a frame");
    frame();
    let start = Instant::now();
    (0..20).for_each(|_| frame());
    eprintln!("a frame of 1,000 messages takes {:?}", start.elapsed() / 20);
    desk.frame(ServerFrame::MessageUpdated { message: said(1, 999, 7, "Sold, thanks"), since: 1 });
    let whole = "Is the lamp still there, and would you take a little less for it? Is the lamp";
    let narrow = desk.screen();
    assert!(narrow.contains("Sold, thanks") && !narrow.contains(whole), "{narrow}");
    desk.send(Message::Resize(Size::new(96, 24)));
    let wide = desk.screen();
    assert!(wide.contains("Sold, thanks") && wide.contains(whole), "{wide}");
}
