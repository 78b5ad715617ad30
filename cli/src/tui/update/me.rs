//! The Me tab, and whoever is signed in.

use campuszon_core::{
    account,
    safe::SafeText,
    wire::{account::Profile, wallet::Redeemed},
};
use serde_json::Value;

use super::{Effects, SLOW, list, live, note, notice, section, toast, wizard};
use crate::tui::{
    effect::{Effect, Errand},
    format,
    keys::Action,
    message::{Failure, Timer},
    model::{
        Account, Card, Connection, Deed, Dialog, Field, Link, Load, MenuRow, Model, Overlay, Prompt, Purpose, Section,
        Tab, Unread, Wizard,
    },
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    if let Some(row) = list::target(model.me.selected, action, list::page_height(model)) {
        model.me.selected = row.min(MenuRow::ALL.len() - 1);
        return;
    }
    match action {
        Action::Retry => load(model, effects),
        Action::Open => choose(model, effects),
        _ => {}
    }
}

fn choose(model: &mut Model, effects: &mut Effects) {
    let Some(card) = model.me.card.clone() else { return };
    match model.me.choice() {
        MenuRow::Name => ask(model, "Your name", "As others see it.", card.name.as_str(), Purpose::Rename),
        MenuRow::Residence => {
            let hint = "Whoever you have a deal with sees it. Empty takes it away.";
            ask(model, "Residence", hint, card.residence.as_str(), Purpose::Residence);
        }
        MenuRow::Phone => {
            let hint = "Whoever you have a deal with sees it. Empty takes it away.";
            ask(model, "Phone", hint, card.phone.as_str(), Purpose::Phone);
        }
        MenuRow::Presence => edit("hide_presence", (!card.hide_presence).into(), effects),
        MenuRow::Wallet => section::open(model, Section::Wallet, effects),
        MenuRow::Redeem => {
            let hint = "Upper or lower case, dashes and blanks do not matter.";
            ask(model, "Voucher", hint, "", Purpose::Redeem);
        }
        MenuRow::Searches => section::open(model, Section::Searches, effects),
        MenuRow::Notifications => section::open(model, Section::Notifications, effects),
        MenuRow::Devices => section::open(model, Section::Devices, effects),
        MenuRow::SignOut => ask_to_sign_out(model, &card),
    }
}

fn ask(model: &mut Model, label: &'static str, hint: &'static str, text: &str, purpose: Purpose) {
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::fixed(if purpose == Purpose::Redeem { "Redeem a voucher" } else { "Change your profile" }),
        field: Field::new(label, 80).with(text),
        hint: SafeText::fixed(hint),
        purpose,
    }));
}

fn edit(field: &'static str, value: Value, effects: &mut Effects) {
    effects.push(Effect::Account(Errand::EditProfile { field, value }));
}

/// Takes a new name.
pub(super) fn rename(text: &str, effects: &mut Effects) -> Result<(), SafeText> {
    let name = account::name(text).map_err(|fault| SafeText::line(&format!("It {}.", fault.message)))?;
    edit("name", name.into(), effects);
    Ok(())
}

/// Takes a text that may be taken away.
pub(super) fn set(field: &'static str, text: &str, effects: &mut Effects) {
    edit(field, if text.is_empty() { Value::Null } else { text.into() }, effects);
}

/// Takes the code of a voucher.
pub(super) fn redeem(model: &mut Model, text: &str, effects: &mut Effects) -> Result<(), SafeText> {
    if text.is_empty() {
        return Err(SafeText::fixed("Write the code of the voucher, such as 7K2M-QX9D-3FTB."));
    }
    let key = model.next_key();
    effects.push(Effect::Account(Errand::Redeem { code: text.to_owned(), key }));
    Ok(())
}

/// The profile was changed, or not.
pub(super) fn edited(model: &mut Model, result: Result<Box<Profile>, Failure>, effects: &mut Effects) {
    match result {
        Ok(profile) => {
            arrived(model, Ok(profile), effects);
            notice(model, "Profile changed", false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("Your profile was not changed: {}", failure.sentence), true, effects);
        }
    }
}

/// A voucher was redeemed, or not.
pub(super) fn redeemed(model: &mut Model, result: Result<Redeemed, Failure>, effects: &mut Effects) {
    match result {
        Ok(redeemed) => {
            set_tokens(model, redeemed.tokens);
            let added = format::count(redeemed.added, "token");
            notice(model, &format!("{added} added: you have {} now", redeemed.tokens), false, effects);
            if model.me.wallet.answered {
                section::load(model, Section::Wallet, None, effects);
            }
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It was not redeemed: {}", failure.sentence), true, effects);
        }
    }
}

/// The balance is known anew.
pub(super) fn set_tokens(model: &mut Model, balance: i64) {
    if let Account::SignedIn { tokens, .. } = &mut model.account {
        *tokens = balance;
    }
    if let Some(card) = &mut model.me.card {
        card.tokens = balance;
    }
}

fn ask_to_sign_out(model: &mut Model, card: &Card) {
    let question = SafeText::line(&format!("Sign {} out of {}?", card.email, model.settings.server));
    let detail = SafeText::fixed("Only here. Other devices stay signed in.");
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Sign out", Deed::SignOut)));
}

/// The session was ended, or not. Nothing of it stays on the screen.
pub(super) fn signed_out(model: &mut Model, result: Result<(), Failure>, effects: &mut Effects) {
    match result {
        Ok(()) => {
            model.forget();
            model.account = Account::SignedOut;
            wizard::open(model);
            notice(model, "Signed out", false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("You are still signed in: {}", failure.sentence), true, effects);
        }
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
