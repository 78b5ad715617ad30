//! What changes, and what is to be done, when something happens: pure functions of the model and a message.

mod browse;
mod detail;
mod overlay;
mod search;

use std::time::Duration;

use campuszon_core::{ItemId, safe::SafeText};
use crossterm::event::{KeyEvent, KeyEventKind};

use super::{
    effect::Effect,
    keys::{self, Action, Key, Scope},
    message::{Failure, FailureKind, Message, Timer},
    model::{Account, Connection, Focus, Model, Notice, PhotoState},
};

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);

/// How long a pane waits before it says that it is loading.
const SLOW: Duration = Duration::from_millis(150);

type Effects = Vec<Effect>;

/// What to do before anything has happened.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![Effect::LoadProfile, Effect::LoadCategories];
    browse::reload(model, &mut effects);
    detail::load(model, &mut effects);
    effects
}

/// Takes a message into the model and says what is to be done about it.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = Effects::new();
    model.changed = true;
    match message {
        Message::Key(event) => press(model, event, &mut effects),
        Message::Paste(text) => search::paste(model, &text, &mut effects),
        Message::Resize(size) => {
            model.size = size;
            detail::rest(model, &mut effects);
        }
        Message::Due(timer) => due(model, timer, &mut effects),
        Message::Items { ticket, first, result } => browse::arrived(model, ticket, first, result, &mut effects),
        Message::Item { ticket, id, result } => detail::arrived(model, ticket, id, result, &mut effects),
        Message::Photo { key, pixels } => {
            model.changed = model.shows_detail();
            model.photos.set(key, pixels.map_or(PhotoState::Failed, PhotoState::Ready));
        }
        Message::Favorite { id, on, result } => favorite_arrived(model, id, on, result, &mut effects),
        Message::Profile(result) => match result {
            Ok(profile) => {
                model.connection = Connection::Online;
                model.account = Account::SignedIn {
                    name: SafeText::line(&profile.name),
                    campus: SafeText::line(&profile.campus),
                    tokens: profile.tokens,
                };
            }
            Err(failure) => note(model, &failure),
        },
        Message::Categories(categories) => model.categories = categories,
    }
    settle(model, &mut effects);
    effects
}

/// Brings what depends on everything else into line: scrolling, and the next page before the end is reached.
fn settle(model: &mut Model, effects: &mut Effects) {
    let Some(panes) = model.panes() else { return };
    let height = panes.list_rows();
    model.browse.list.keep_in_view(height);
    detail::clamp_scroll(model);
    browse::load_more(model, height, effects);
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
    match key.action {
        Action::Quit | Action::QuitNow => model.quit = true,
        Action::Redraw => effects.push(Effect::Redraw),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Help => overlay::open_help(model),
        Action::Refresh => refresh(model, effects),
        Action::BrowseTab => {
            model.overlay = None;
            model.focus = Focus::List;
        }
        action => act(model, action, effects),
    }
}

fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match model.scope() {
        Scope::List => browse::act(model, action, effects),
        Scope::Search => search::act(model, action, effects),
        Scope::Detail => detail::act(model, action, effects),
        Scope::Help => overlay::act_in_help(model, action, effects),
        Scope::Picker => overlay::act_in_picker(model, action, effects),
        Scope::Everywhere => {}
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
        Timer::SlowList(ticket) => model.browse.load.turn_slow(ticket),
        Timer::SlowItem(ticket) => model.detail.load.turn_slow(ticket),
        Timer::Notice(ticket) => end_notice(model, ticket),
    };
}

/// Everything on the screen is asked for anew; what is here stays until the answers come.
fn refresh(model: &mut Model, effects: &mut Effects) {
    effects.extend([Effect::LoadProfile, Effect::LoadCategories]);
    browse::reload(model, effects);
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
    model.browse.list.set_favorite(id, on);
    if let Some(home) = &mut model.browse.home {
        home.set_favorite(id, on);
    }
    model.detail.set_favorite(id, on);
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
            model.account = Account::SignedOut;
        }
        _ => model.connection = Connection::Online,
    }
}

fn notice(model: &mut Model, text: &str, bad: bool, effects: &mut Effects) {
    let ticket = model.next_ticket();
    model.notice = Some(Notice { ticket, text: SafeText::line(text), bad });
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
