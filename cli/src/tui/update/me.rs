//! The Me tab, and whoever is signed in.

use campuszon_core::{safe::SafeText, wire::account::Profile};

use super::{Effects, SLOW, live, note, toast, wizard};
use crate::tui::{
    effect::Effect,
    format,
    keys::Action,
    message::{Failure, Timer},
    model::{Account, Card, Connection, Link, Load, Model, Tab, Unread, Wizard},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    if action == Action::Retry {
        load(model, effects);
    }
}

/// Asks who is signed in.
pub(super) fn load(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    model.me.load = Load::running(ticket);
    effects.push(Effect::LoadProfile);
    effects.push(Effect::After(SLOW, Timer::SlowTab(Tab::Me, ticket)));
}

pub(super) fn arrived(model: &mut Model, result: Result<Box<Profile>, Failure>, effects: &mut Effects) {
    match result {
        Ok(profile) => {
            let enters = model.wizard.open && !matches!(model.account, Account::SignedIn { .. });
            if model.account == Account::Unknown {
                tell_backlog(model, &profile, effects);
            }
            model.connection = Connection::Online;
            model.account = Account::SignedIn {
                name: SafeText::line(&profile.name),
                campus: SafeText::line(&profile.campus),
                tokens: profile.tokens,
            };
            model.unread = Unread { messages: profile.unread_messages, alerts: profile.unread_notifications };
            model.me.load = Load::Idle;
            model.me.card = Some(Card::new(&profile));
            if model.link == Link::Off {
                // Whoever has just signed in may have left something here before.
                effects.push(Effect::LoadKept);
            }
            live::connect(model, effects);
            if enters {
                model.wizard = Wizard::default();
                wizard::load_all(model, effects);
            }
        }
        Err(failure) => {
            note(model, &failure);
            model.me.load = Load::Failed(failure);
        }
    }
}

/// What happened since the last time, in one sentence.
fn tell_backlog(model: &mut Model, profile: &Profile, effects: &mut Effects) {
    let messages = (profile.unread_messages, "new message", 2);
    let alerts = (profile.unread_notifications, "new alert", 5);
    let parts: Vec<String> = [messages, alerts]
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, noun, key)| format!("{} (key {key})", format::count(number, noun)))
        .collect();
    if !parts.is_empty() {
        toast::show(model, SafeText::line(&parts.join(", ")), effects);
    }
}
