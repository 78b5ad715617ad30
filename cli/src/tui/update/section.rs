//! The lists of the Me tab: the wallet, the devices, and what one wants to be told of.

use campuszon_core::{
    SearchId, SessionId,
    safe::SafeText,
    wire::{
        account::Devices,
        notification::{Preferences, Searches},
        wallet::Wallet,
    },
};

use super::{Effects, SLOW, filters, list, note, notice};
use crate::{
    settings::QuietHours,
    tui::{
        effect::{Effect, Errand},
        keys::Action,
        message::{Arrival, Ask, Failure, Ticket, Timer},
        model::{
            Deed, Dialog, Field, Load, Model, Overlay, Prompt, Purpose, Section, Wish, device_page, search_page,
            wallet_page, wish_page,
        },
    },
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(section) = model.me.section else { return };
    let page = list::page_height(model);
    let travelled = match section {
        Section::Wallet => list::travel(&mut model.me.wallet, action, page),
        Section::Notifications => list::travel(&mut model.me.wishes, action, page),
        Section::Devices => list::travel(&mut model.me.devices, action, page),
        Section::Searches => list::travel(&mut model.me.searches, action, page),
    };
    match (action, section) {
        _ if travelled => {}
        (Action::Back, _) => model.me.section = None,
        (Action::Retry, _) => load(model, section, None, effects),
        (Action::Open, Section::Notifications) => turn(model, effects),
        (Action::Open, Section::Searches) => run(model, effects),
        (Action::Delete, Section::Devices) => ask_to_end(model),
        (Action::Delete, Section::Searches) => ask_to_delete(model),
        _ => {}
    }
}

/// Opens a list, which is asked for anew.
pub(super) fn open(model: &mut Model, section: Section, effects: &mut Effects) {
    model.me.section = Some(section);
    load(model, section, None, effects);
}

/// Asks for a page of a list.
pub(super) fn load(model: &mut Model, section: Section, cursor: Option<String>, effects: &mut Effects) {
    let ticket = model.next_ticket();
    *model.me.load_of(section) = Load::running(ticket);
    let ask = Ask { ticket, cursor };
    effects.push(Effect::Account(match section {
        Section::Wallet => Errand::LoadWallet(ask),
        Section::Notifications => Errand::LoadPreferences(ask),
        Section::Devices => Errand::LoadDevices(ask),
        Section::Searches => Errand::LoadSearches(ask),
    }));
    effects.push(Effect::After(SLOW, Timer::SlowSection(section, ticket)));
}

/// A list takes long; tells whether that is news on the screen.
pub(super) fn turn_slow(model: &mut Model, section: Section, ticket: Ticket) -> bool {
    model.me.load_of(section).turn_slow(ticket) && model.me.section == Some(section)
}

/// Keeps the selection in view, and asks for the next page before the end is reached.
pub(super) fn settle(model: &mut Model, height: usize, effects: &mut Effects) {
    let Some(section) = model.me.section else { return };
    let wanted = match section {
        Section::Wallet => {
            model.me.wallet.keep_in_view(height);
            model.me.wallet.wanted(height)
        }
        Section::Notifications => {
            model.me.wishes.keep_in_view(height);
            None
        }
        Section::Devices => {
            model.me.devices.keep_in_view(height);
            model.me.devices.wanted(height)
        }
        Section::Searches => {
            model.me.searches.keep_in_view(height);
            model.me.searches.wanted(height)
        }
    };
    if let Some(cursor) = wanted {
        load(model, section, Some(cursor), effects);
    }
}

pub(super) fn wallet_arrived(model: &mut Model, arrival: Arrival<Wallet>, effects: &mut Effects) {
    let taken = list::take(&mut model.me.wallet, arrival, model.now, wallet_page);
    if let Some(wallet) = list::conclude(model, taken, effects) {
        super::me::set_tokens(model, wallet.balance);
    }
}

pub(super) fn devices_arrived(model: &mut Model, arrival: Arrival<Devices>, effects: &mut Effects) {
    let taken = list::take(&mut model.me.devices, arrival, model.now, device_page);
    list::conclude(model, taken, effects);
}

pub(super) fn searches_arrived(model: &mut Model, arrival: Arrival<Searches>, effects: &mut Effects) {
    let taken = list::take(&mut model.me.searches, arrival, model.now, search_page);
    list::conclude(model, taken, effects);
}

fn run(model: &mut Model, effects: &mut Effects) {
    let Some(row) = model.me.searches.row().cloned() else { return };
    filters::run(model, &row.query, effects);
}

fn ask_to_delete(model: &mut Model) {
    let Some(row) = model.me.searches.row() else { return };
    let question = SafeText::line(&format!("Delete the search “{}”?", row.name));
    let detail = SafeText::fixed("New matches are not told of any more.");
    let deed = Deed::DeleteSearch(row.id);
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Delete", deed)));
}

/// A saved search was deleted, or not.
pub(super) fn search_deleted(model: &mut Model, id: SearchId, result: Result<(), Failure>, effects: &mut Effects) {
    match result {
        Ok(()) => {
            model.me.searches.remove(id);
            notice(model, "Deleted", false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It was not deleted: {}", failure.sentence), true, effects);
        }
    }
}

pub(super) fn preferences_arrived(model: &mut Model, arrival: Arrival<Preferences>, effects: &mut Effects) {
    let taken = list::take(&mut model.me.wishes, arrival, model.now, wish_page);
    list::conclude(model, taken, effects);
}

/// Turns a wish on or off. The screen believes it at once.
fn turn(model: &mut Model, effects: &mut Effects) {
    let Some(wish) = model.me.wishes.selected else { return };
    if wish == Wish::Quiet {
        return ask_for_hours(model);
    }
    model.me.wishes.change(wish, |row| row.on = !row.on);
    effects.push(Effect::Account(Errand::SetPreferences(model.me.wanted())));
}

fn ask_for_hours(model: &mut Model) {
    let hours = model.settings.quiet_hours.map(|hours| hours.to_string()).unwrap_or_default();
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::fixed("No bell rings here at certain hours"),
        field: Field::new("Quiet hours", 20).with(&hours),
        hint: SafeText::fixed("Such as 22:00-07:00, by the campus's clock. Empty rings at all hours."),
        purpose: Purpose::QuietHours,
    }));
}

/// Takes the hours, and keeps them for the next time.
pub(super) fn set_hours(model: &mut Model, text: &str, effects: &mut Effects) -> Result<(), SafeText> {
    let text = if text.is_empty() { "off" } else { text };
    let hours = QuietHours::parse(text)
        .map_err(|expected| SafeText::line(&format!("“{text}” is no time of the day: write {expected}.")))?;
    model.settings.quiet_hours = hours;
    let value = hours.map_or_else(|| "off".to_owned(), |hours| hours.to_string());
    effects.push(Effect::Account(Errand::Keep { key: "ui.quiet_hours", value }));
    Ok(())
}

/// The wishes were taken, or not: then what the server has is shown again.
pub(super) fn preferences_set(model: &mut Model, result: Result<(), Failure>, effects: &mut Effects) {
    let Err(failure) = result else {
        model.changed = false;
        return;
    };
    note(model, &failure);
    notice(model, &format!("It was not changed: {}", failure.sentence), true, effects);
    load(model, Section::Notifications, None, effects);
}

fn ask_to_end(model: &mut Model) {
    let Some(row) = model.me.devices.row() else { return };
    let (question, deed) = if row.current {
        ("Sign out here?".to_owned(), Deed::SignOut)
    } else {
        (format!("Sign out {}?", row.name), Deed::EndSession(row.id))
    };
    let detail = SafeText::fixed("Whoever uses it has to sign in again.");
    model.overlay = Some(Overlay::Dialog(Dialog::new(SafeText::line(&question), detail, "Sign out", deed)));
}

/// A device was signed out, or not.
pub(super) fn session_ended(model: &mut Model, id: SessionId, result: Result<(), Failure>, effects: &mut Effects) {
    match result {
        Ok(()) => {
            model.me.devices.remove(id);
            notice(model, "Signed out", false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It was not signed out: {}", failure.sentence), true, effects);
        }
    }
}
