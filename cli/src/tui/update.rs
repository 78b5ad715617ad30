//! What changes, and what is to be done, when something happens: pure functions of the model and a message.

mod alerts;
mod bookings;
mod browse;
mod chats;
mod composer;
mod deals;
mod detail;
mod dialog;
mod files;
mod filters;
mod form;
mod list;
mod live;
mod log;
mod me;
mod mouse;
mod overlay;
mod palette;
mod scroll;
mod search;
mod section;
mod selling;
mod sending;
mod servers;
mod slash;
mod tabs;
mod talk;
mod toast;
mod unlock;
mod uploads;
mod wizard;

use std::time::Duration;

use campuszon_core::{ItemId, safe::SafeText, wire::booking::Booking};
use crossterm::event::{KeyEvent, KeyEventKind};

use super::{
    effect::{Effect, Outcome},
    keys::{self, Action, Key, Scope},
    message::{Failure, FailureKind, Message, Timer},
    model::{Account, Connection, Drawing, Form, FormPurpose, Model, Notice, PhotoState, Rules, Tab},
};

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);

/// How long a pane waits before it says that it is loading.
const SLOW: Duration = Duration::from_millis(150);

type Effects = Vec<Effect>;

/// What to do before anything has happened.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![Effect::LoadCategories];
    effects.push(Effect::LoadKept);
    live::connect(model, &mut effects);
    me::load(model, &mut effects);
    browse::reload(model, &mut effects);
    detail::load(model, &mut effects);
    if !matches!(model.tab, Tab::Browse | Tab::Me) {
        tabs::load(model, model.tab, &mut effects);
    }
    if let Some(chat) = model.settings.start.chat {
        chats::open(model, chat, &mut effects);
    }
    effects
}

/// What to do before the end, however it comes: nothing that was written is lost.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    let mut effects = Effects::new();
    composer::keep(model, &mut effects);
    effects
}

/// Takes a message into the model and says what is to be done about it.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = Effects::new();
    model.changed = true;
    match message {
        Message::Key(event) => press(model, event, &mut effects),
        Message::Paste(text) => paste(model, &text, &mut effects),
        Message::Resize(size) => {
            model.size = size;
            detail::rest(model, &mut effects);
        }
        Message::Mouse(event) => mouse::point(model, event, &mut effects),
        Message::Attended(attended) => {
            model.changed = model.attended != attended;
            model.attended = attended;
        }
        Message::Live(news) => live::arrived(model, news, &mut effects),
        Message::Due(timer) => due(model, timer, &mut effects),
        Message::Remembered(pages) => tabs::remembered(model, pages, &mut effects),
        Message::Items(arrival) => browse::arrived(model, arrival, &mut effects),
        Message::Chats(arrival) => chats::arrived(model, arrival, &mut effects),
        Message::Bookings(arrival) => bookings::arrived(model, arrival, &mut effects),
        Message::Selling(arrival) => selling::arrived(model, arrival, &mut effects),
        Message::Alerts(arrival) => alerts::arrived(model, arrival, &mut effects),
        Message::Item { ticket, id, result } => detail::arrived(model, ticket, id, result, &mut effects),
        Message::Photo { key, drawing } => {
            model.changed = model.shows_detail() || model.shows_talk();
            effects.extend(drawing.as_deref().and_then(Drawing::kept).cloned().map(Effect::Show));
            model.photos.set(key, drawing.map_or(PhotoState::Failed, PhotoState::Ready));
        }
        Message::Favorite { id, on, result } => favorite_arrived(model, id, on, result, &mut effects),
        Message::Booked(result) => booked(model, result, &mut effects),
        Message::Started(result) => chats::started(model, result, &mut effects),
        Message::Chat { id, result } => chats::came(model, id, result, &mut effects),
        Message::Messages { chat, range, ticket, result } => {
            talk::arrived(model, (chat, range, ticket), result, &mut effects);
        }
        Message::Kept { waiting, drafts } => composer::kept(model, waiting, drafts, &mut effects),
        Message::Delivered(delivered) => composer::delivered(model, delivered, &mut effects),
        Message::Edited(result) => talk::edited(model, result, &mut effects),
        Message::Unsaid { chat, id, result } => talk::unsaid(model, (chat, id), result, &mut effects),
        Message::Muted { chat, on, result } => chats::muted(model, chat, on, result, &mut effects),
        Message::Reported(result) => talk::reported(model, result, &mut effects),
        Message::Deal(result) => deals::arrived(model, result, &mut effects),
        Message::Written(result) => composer::written(model, result, &mut effects),
        Message::Deleted { id, result } => selling::deleted(model, id, result, &mut effects),
        Message::Profile(result) => me::arrived(model, result, &mut effects),
        Message::Categories(categories) => model.categories = categories,
        Message::Account(outcome) => account(model, outcome, &mut effects),
        Message::Rules(meta) => model.rules = Rules::new(&meta),
        Message::Requests(items) => selling::requested(model, &items),
        Message::Stepped(result) => selling::stepped(model, result, &mut effects),
        Message::Editable(result) => selling::editable(model, result, &mut effects),
        Message::Listed { form, result } => selling::listed(model, form, result, &mut effects),
        Message::ListingKept(draft) => selling::kept(model, &draft, &mut effects),
        Message::Files { ticket, result } => files::arrived(model, ticket, result),
        Message::UploadStep { number, step } => uploads::stepped(model, number, step),
        Message::Uploaded { number, result } => uploads::done(model, number, result, &mut effects),
        Message::Unlocked { id, result } => unlock::arrived(model, id, result, &mut effects),
        Message::Reviewed { form, result } => bookings::reviewed(model, form, result, &mut effects),
        Message::Answered(result) => bookings::answered(model, result, &mut effects),
        Message::Reviews { booking, mine, theirs } => {
            bookings::reviews_came(model, booking, (mine.as_deref(), theirs.as_deref()));
        }
    }
    settle(model, &mut effects);
    effects
}

/// Brings what depends on everything else into line.
fn settle(model: &mut Model, effects: &mut Effects) {
    if model.panes().is_none() {
        return;
    }
    tabs::settle(model, effects);
    talk::settle(model, effects);
    bookings::settle(model, effects);
    detail::clamp_scroll(model);
}

/// Pasted text goes into whatever takes text.
fn paste(model: &mut Model, text: &str, effects: &mut Effects) {
    match model.scope() {
        Scope::Browse | Scope::Search => search::paste(model, text, effects),
        Scope::Help => overlay::paste(model, text),
        Scope::Prompt => dialog::paste(model, text),
        Scope::Palette => palette::paste(model, text),
        Scope::Composer | Scope::Messages => composer::paste(model, text, effects),
        Scope::Wizard => wizard::paste(model, text),
        Scope::Form | Scope::Photos => form::paste(model, text, effects),
        Scope::Files => files::paste(model, text, effects),
        Scope::FilterField => filters::paste(model, text),
        _ => model.changed = false,
    }
}

fn press(model: &mut Model, event: KeyEvent, effects: &mut Effects) {
    if event.kind == KeyEventKind::Release {
        model.changed = false;
        return;
    }
    let scope = model.scope();
    let Some(key) = keys::lookup(scope, event) else {
        model.changed = scope.is_text();
        return match scope {
            Scope::Search => search::write(model, event, effects),
            Scope::Help => overlay::write(model, event),
            Scope::Prompt => dialog::write(model, event),
            Scope::Palette => palette::write(model, event),
            Scope::Composer => composer::write(model, event, effects),
            Scope::Wizard => wizard::write(model, event),
            Scope::Form => form::write(model, event, effects),
            Scope::Files => files::write(model, event, effects),
            Scope::FilterField => filters::write(model, event),
            _ => {}
        };
    };
    let is_blind = model.panes().is_none();
    if is_blind && !matches!(key.action, Action::Quit | Action::QuitNow | Action::Suspend) {
        return;
    }
    run(model, key, effects);
}

/// Performs a row of the key table, a dangerous one only when it was asked for twice in a row.
fn run(model: &mut Model, key: &Key, effects: &mut Effects) {
    let armed = model.armed.take() == Some(key.action);
    if key.danger && !armed {
        let chord = key.chords.first().copied().unwrap_or_default();
        notice(model, &format!("{chord} again to {}", key.label), false, effects);
        model.armed = Some(key.action);
        return;
    }
    if wizard::is_due(model, key.action) {
        return wizard::reopen(model, key.action);
    }
    match key.action {
        Action::Quit if form::is_unsent(model) => form::ask_to_quit(model),
        Action::Quit | Action::QuitNow => {
            form::keep(model, effects);
            model.quit = true;
        }
        Action::Redraw => effects.push(Effect::Redraw),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Help => overlay::open_help(model),
        Action::Palette => palette::open(model),
        Action::Mouse => mouse::toggle(model, effects),
        Action::Log => log::open(model),
        Action::Servers => servers::open(model, effects),
        Action::Theme => servers::next_theme(model, effects),
        Action::Refresh => refresh(model, effects),
        Action::GoTo(tab) => tabs::go_to(model, tab, effects),
        action => act(model, action, effects),
    }
}

fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match model.scope() {
        Scope::Browse => browse::act(model, action, effects),
        Scope::Search => search::act(model, action, effects),
        Scope::Detail => detail::act(model, action, effects),
        Scope::Help => overlay::act_in_help(model, action, effects),
        Scope::Picker => selling::act_in_menu(model, action, effects),
        Scope::Dialog => dialog::act_in_dialog(model, action, effects),
        Scope::Prompt => dialog::act_in_prompt(model, action, effects),
        Scope::Palette => palette::act(model, action, effects),
        Scope::Chats => chats::act(model, action, effects),
        Scope::Messages => talk::act(model, action, effects),
        Scope::Composer => composer::act(model, action, effects),
        Scope::Bookings => bookings::act(model, action, effects),
        Scope::Selling => selling::act(model, action, effects),
        Scope::Alerts => alerts::act(model, action, effects),
        Scope::Me => me::act(model, action, effects),
        Scope::Wizard => wizard::act(model, action, effects),
        Scope::Section => section::act(model, action, effects),
        Scope::Log => log::act(model, action),
        Scope::Booking => bookings::act_in_detail(model, action, effects),
        Scope::Form => form::act(model, action, effects),
        Scope::Photos => uploads::act(model, action, effects),
        Scope::Files => files::act(model, action, effects),
        Scope::Servers => servers::act(model, action, effects),
        Scope::Filters => filters::act(model, action, effects),
        Scope::FilterField => filters::act_in_field(model, action, effects),
        Scope::Everywhere | Scope::Rows | Scope::Deal => {}
    }
}

/// What came of something about the account, the server or the settings.
fn account(model: &mut Model, outcome: Outcome, effects: &mut Effects) {
    match outcome {
        Outcome::Entered(ticket, result) => wizard::arrived(model, ticket, result, effects),
        Outcome::Kept(Err(problem)) => notice(model, &format!("It could not be kept: {problem}"), true, effects),
        Outcome::Kept(Ok(())) => model.changed = false,
        Outcome::Wallet(arrival) => section::wallet_arrived(model, arrival, effects),
        Outcome::Devices(arrival) => section::devices_arrived(model, arrival, effects),
        Outcome::Preferences(arrival) => section::preferences_arrived(model, arrival, effects),
        Outcome::PreferencesSet(result) => section::preferences_set(model, result, effects),
        Outcome::SessionEnded(id, result) => section::session_ended(model, id, result, effects),
        Outcome::ProfileEdited(result) => me::edited(model, result, effects),
        Outcome::Redeemed(result) => me::redeemed(model, result, effects),
        Outcome::SignedOut(result) => me::signed_out(model, result, effects),
        Outcome::AlertsMarked(result) => alerts::marked(model, result, effects),
        Outcome::AlertsCleared(result) => alerts::cleared(model, result, effects),
        Outcome::Servers(result) => servers::arrived(model, result),
        Outcome::Searches(arrival) => section::searches_arrived(model, arrival, effects),
        Outcome::SearchSaved(result) => filters::saved(model, result, effects),
        Outcome::SearchDeleted(id, result) => section::search_deleted(model, id, result, effects),
    }
}

fn due(model: &mut Model, timer: Timer, effects: &mut Effects) {
    model.changed = match timer {
        Timer::Search(ticket) => search::ask(model, ticket, effects),
        Timer::Rest(ticket) => {
            let rested = model.detail.rest == ticket && model.shows_detail();
            if rested {
                detail::load(model, effects);
            }
            rested
        }
        Timer::SlowTab(tab, ticket) => model.load_mut(tab).turn_slow(ticket) && model.tab == tab,
        Timer::SlowItem(ticket) => model.detail.load.turn_slow(ticket),
        Timer::Notice(ticket) => end_notice(model, ticket),
        Timer::SlowTalk(ticket) => model.chats.talk_mut().is_some_and(|talk| talk.load.turn_slow(ticket)),
        Timer::Typing(chat, ticket) => talk::typing_ended(model, chat, ticket),
        Timer::Drafts(_) => {
            composer::keep(model, effects);
            false
        }
        Timer::Deliver => composer::try_again(model, effects),
        Timer::Tick(_) => live::ticked(model, effects),
        Timer::Toast(ticket) => model.toasts.remove(ticket),
        Timer::Resend(_) => wizard::ticked(model, effects),
        Timer::SlowSection(section, ticket) => section::turn_slow(model, section, ticket),
        Timer::Countdown(ticket) => bookings::counted(model, ticket),
        Timer::Form(_) => form::keep(model, effects),
    };
}

/// Everything on the screen is asked for anew; what is here stays until the answers come.
fn refresh(model: &mut Model, effects: &mut Effects) {
    live::reconnect(model, effects);
    effects.push(Effect::LoadCategories);
    if model.tab != Tab::Me {
        me::load(model, effects);
    }
    tabs::load(model, model.tab, effects);
    model.photos.retry();
    model.detail.forget();
    if model.shows_detail() {
        detail::load(model, effects);
    }
}

/// Stars an item, or takes the star away. The screen believes it at once.
fn toggle_favorite(model: &mut Model, id: ItemId, effects: &mut Effects) {
    let row = model.detail.full().map(|full| &full.row).filter(|row| row.id == id);
    let Some(row) = model.browse.list.find(id).or(row) else { return };
    let on = !row.favorite;
    set_favorite(model, id, on);
    effects.push(Effect::SetFavorite { id, on });
}

fn favorite_arrived(model: &mut Model, id: ItemId, on: bool, result: Result<(), Failure>, effects: &mut Effects) {
    let Err(failure) = result else {
        model.changed = false;
        return;
    };
    set_favorite(model, id, !on);
    note(model, &failure);
    let action = if on { "starred" } else { "unstarred" };
    notice(model, &format!("It was not {action}: {}", failure.sentence), true, effects);
}

fn set_favorite(model: &mut Model, id: ItemId, on: bool) {
    let lists = [Some(&mut model.browse.list), model.browse.home.as_deref_mut(), Some(&mut model.selling.list)];
    for list in lists.into_iter().flatten() {
        list.change(id, |row| row.favorite = on);
    }
    model.detail.set_favorite(id, on);
}

/// An item was asked for, or not.
fn booked(model: &mut Model, result: Result<Box<Booking>, Failure>, effects: &mut Effects) {
    let of_booking = |form: &Form| matches!(form.purpose, FormPurpose::Booking { .. });
    let had_form = form::answered(model, of_booking, result.as_ref().err());
    match result {
        Ok(booking) => {
            deals::changed(model, &booking);
            bookings::refresh(model, effects);
            let place = booking.waiting.map_or_else(
                || "the seller is asked".to_owned(),
                |place| format!("reserved for someone else, you are number {place} in line"),
            );
            notice(model, &format!("Booked “{}”: {place}; 3 shows bookings", booking.item.title), false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            if !had_form {
                notice(model, &format!("It was not booked: {}", failure.sentence), true, effects);
            }
        }
    }
}

fn copy_link(model: &mut Model, id: ItemId, effects: &mut Effects) {
    let link = format!("{}{id}", model.settings.link_base);
    // The link is shown too: not every terminal lets a program write its clipboard, and none says so.
    notice(model, &format!("Link copied: {link}"), false, effects);
    effects.push(Effect::Copy(link));
}

/// Draws the general conclusions from a failure.
fn note(model: &mut Model, failure: &Failure) {
    match failure.kind {
        FailureKind::Offline => model.connection = Connection::Offline,
        FailureKind::SignedOut => {
            model.connection = Connection::Online;
            if std::mem::replace(&mut model.account, Account::SignedOut) != Account::SignedOut && !model.wizard.open {
                wizard::open(model);
            }
        }
        _ => model.connection = Connection::Online,
    }
}

fn notice(model: &mut Model, text: &str, bad: bool, effects: &mut Effects) {
    let ticket = model.next_ticket();
    let text = SafeText::line(text);
    model.write_down(&text, bad);
    model.notice = Some(Notice { ticket, text, bad });
    effects.push(Effect::After(NOTICE, Timer::Notice(ticket)));
}

fn end_notice(model: &mut Model, ticket: u64) -> bool {
    let ends = model.notice.as_ref().is_some_and(|notice| notice.ticket == ticket);
    if ends {
        model.notice = None;
        model.armed = None;
    }
    ends
}
