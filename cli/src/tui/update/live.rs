//! The live connection: what it says of itself, and handing on what it brings.

use std::time::Duration;

use campuszon_core::{UserId, safe::SafeText, wire::live::ServerFrame};

use super::{Effects, alerts, chats, deals, me, note, selling, tabs, talk};
use crate::tui::{
    effect::Effect,
    message::{Failure, FailureKind, News, Timer},
    model::{Connection, Link, Model, Tab},
};

/// How often the seconds until the next attempt are counted.
const TICK: Duration = Duration::from_secs(1);

/// Opens the connection, unless there is one.
pub(super) fn connect(model: &mut Model, effects: &mut Effects) {
    if matches!(model.link, Link::Off | Link::Ended(_)) {
        model.link = Link::Connecting;
        effects.push(Effect::Connect);
    }
}

/// Tries again at once.
pub(super) fn reconnect(model: &mut Model, effects: &mut Effects) {
    match model.link {
        Link::Waiting { .. } => effects.push(Effect::Reconnect),
        _ => connect(model, effects),
    }
}

pub(super) fn arrived(model: &mut Model, news: News, effects: &mut Effects) {
    match news {
        News::Up => {
            model.link = Link::Up;
            model.connection = Connection::Online;
            chats::connected(model, effects);
        }
        News::Missed => catch_up(model, effects),
        News::Frame(frame) => take(model, *frame, effects),
        News::Down { reason, retry_in } => {
            model.connection = Connection::Offline;
            model.link = Link::Waiting { reason, until: model.now + retry_in };
            tick(model, effects);
        }
        News::Ended(failure) => ended(model, failure),
    }
}

/// Whoever is signed out has no connection, which is nothing to warn of: every pane says so.
fn ended(model: &mut Model, failure: Failure) {
    note(model, &failure);
    model.link = if failure.kind == FailureKind::SignedOut { Link::Off } else { Link::Ended(failure.sentence) };
}

fn tick(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    effects.push(Effect::After(TICK, Timer::Tick(ticket)));
}

/// Another second is over; tells whether anybody counts.
pub(super) fn ticked(model: &mut Model, effects: &mut Effects) -> bool {
    let Link::Waiting { until, .. } = model.link else { return false };
    if until > model.now {
        tick(model, effects);
    }
    true
}

/// Too much was missed to be sent again: what is on show is fetched.
fn catch_up(model: &mut Model, effects: &mut Effects) {
    me::load(model, effects);
    for tab in [Tab::Chats, Tab::Bookings, Tab::Alerts] {
        if model.tab == tab || tabs::is_answered(model, tab) {
            tabs::load(model, tab, effects);
        }
    }
    talk::load(model, effects);
}

fn take(model: &mut Model, frame: ServerFrame, effects: &mut Effects) {
    match frame {
        ServerFrame::Message { message, .. } => chats::said(model, &message, effects),
        ServerFrame::MessageUpdated { message, .. } => chats::changed(model, &message),
        ServerFrame::Receipt { chat_id, user_id, seq, .. } => chats::read(model, chat_id, user_id, seq),
        ServerFrame::Typing { chat_id, user_id, on } => talk::typing(model, chat_id, user_id, on, effects),
        ServerFrame::Presence { user_id, online, last_seen } => chats::presence(model, user_id, online, last_seen),
        ServerFrame::Notification { notification, .. } => alerts::told(model, &notification, effects),
        ServerFrame::Booking { booking, .. } => {
            deals::changed(model, &booking);
            selling::asked_for(model, &booking, effects);
        }
        _ => model.changed = false,
    }
}

/// Says something that others did: in a corner, and aloud where nobody looks at the terminal.
pub(super) fn tell(model: &mut Model, text: &SafeText, effects: &mut Effects) {
    super::toast::show(model, text.clone(), effects);
    if !model.attended && !model.is_quiet() {
        effects.push(Effect::Ring(text.clone()));
    }
}

/// Whether this is the reader.
pub(super) fn is_me(model: &Model, user: UserId) -> bool {
    model.me.card.as_ref().is_some_and(|card| card.id == user)
}
