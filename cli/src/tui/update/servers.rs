//! The choice of a server, and of how things look.

use campuszon_core::safe::SafeText;

use super::{Effects, form, list, me, notice, wizard};
use crate::tui::{
    effect::{Effect, Errand},
    keys::Action,
    model::{Deed, Dialog, Hall, Model, Overlay, Switcher, Wizard},
    servers::Named,
    theme::Depth,
};

/// Opens the choice; which servers there are is read anew.
pub(super) fn open(model: &mut Model, effects: &mut Effects) {
    if model.form.is_some() {
        return notice(model, "Send or close the form first: it is for this server", true, effects);
    }
    model.overlay = Some(Overlay::Servers(Switcher::default()));
    effects.push(Effect::Account(Errand::ListServers));
}

pub(super) fn arrived(model: &mut Model, result: Result<Vec<Named>, SafeText>) {
    let Some(Overlay::Servers(switcher)) = &mut model.overlay else {
        model.changed = false;
        return;
    };
    match result {
        Ok(servers) => {
            let here = model.settings.address();
            switcher.selected = servers.iter().position(|server| server.address == here).unwrap_or(0);
            switcher.servers = Some(servers);
        }
        Err(problem) => switcher.problem = Some(problem),
    }
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Servers(switcher)) = &mut model.overlay else { return };
    let count = switcher.servers.as_ref().map_or(0, Vec::len);
    if let Some(row) = list::target(switcher.selected, action, count) {
        switcher.selected = row.min(count);
        return;
    }
    match action {
        Action::Back => model.overlay = None,
        Action::Open => {
            let chosen = switcher.servers.as_ref().and_then(|servers| servers.get(switcher.selected)).cloned();
            model.overlay = None;
            if form::is_unsent(model) {
                return ask_to_leave(model, chosen);
            }
            leave(model, chosen.as_ref(), effects);
        }
        _ => {}
    }
}

/// A listing put aside does not come along to another server.
fn ask_to_leave(model: &mut Model, server: Option<Named>) {
    let question = SafeText::fixed("Leave this server? A listing is not sent");
    let detail = SafeText::fixed("A new one is kept until you come back; changes to an old one are lost.");
    let dialog = Dialog::new(question, detail, "Leave", Deed::LeaveServer(server));
    model.overlay = Some(Overlay::Dialog(dialog));
}

/// Turns to a named server, or asks for the address of another one.
pub(super) fn leave(model: &mut Model, server: Option<&Named>, effects: &mut Effects) {
    match server {
        Some(server) => go_to(model, server, effects),
        None => ask_for_another(model),
    }
}

/// Turns to a named server, as whoever is signed in there.
fn go_to(model: &mut Model, server: &Named, effects: &mut Effects) {
    if server.address == model.settings.address() {
        return;
    }
    let called = SafeText::line(&server.name);
    let hall = Hall { address: server.address.clone(), called, ..Hall::default() };
    model.wizard = Wizard::default();
    wizard::move_to(model, &hall, effects);
    me::load(model, effects);
    wizard::load_all(model, effects);
    notice(model, &format!("This is {} now; `campuszon server use {0}` begins there", server.name), false, effects);
}

/// Asks for the address of a server without a name.
fn ask_for_another(model: &mut Model) {
    model.wizard = Wizard { open: true, ..Wizard::default() };
}

/// Takes the next looks, and keeps them for the next time.
pub(super) fn next_theme(model: &mut Model, effects: &mut Effects) {
    if model.settings.theme.depth == Depth::None {
        return notice(model, "NO_COLOR is set: there are no colours to choose", false, effects);
    }
    let colours = model.settings.theme.colours.next();
    model.settings.theme.colours = colours;
    notice(model, &format!("Theme: {}", colours.name()), false, effects);
    effects.push(Effect::Account(Errand::Keep { key: "ui.theme", value: colours.name().to_owned() }));
    effects.push(Effect::Redraw);
}
