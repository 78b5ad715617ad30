//! The Alerts tab.

use campuszon_core::{
    NotificationId,
    safe::SafeText,
    wire::notification::{Notification, NotificationKind, Notifications},
};

use super::{Effects, detail, list, live, me, note, notice, tabs};
use crate::tui::{
    effect::{Effect, Errand},
    keys::Action,
    message::{Arrival, Failure},
    model::{AlertRow, Deed, Dialog, List, Model, Overlay, Tab, alert_page},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.alerts.list, action, page) {
        return;
    }
    match action {
        Action::Retry => load(model, None, effects),
        Action::Open => open(model, effects),
        Action::MarkRead => mark_selected(model, effects),
        Action::MarkAllRead => mark_all(model, effects),
        Action::Delete => ask_to_clear(model),
        _ => {}
    }
}

/// Goes to what the selected notification is about, which is read with that.
fn open(model: &mut Model, effects: &mut Effects) {
    let Some(row) = model.alerts.list.row().cloned() else { return };
    mark_selected(model, effects);
    match (row.booking, row.chat, row.item) {
        (Some(booking), ..) => {
            model.bookings.list.selected = Some(booking);
            tabs::go_to(model, Tab::Bookings, effects);
        }
        (None, Some(chat), _) => {
            model.chats.open = Some(chat);
            model.chats.list.selected = Some(chat);
            tabs::go_to(model, Tab::Chats, effects);
        }
        (None, None, Some(item)) => detail::open_from(model, Tab::Alerts, item, effects),
        (None, None, None) if row.kind == NotificationKind::Tokens => tabs::go_to(model, Tab::Me, effects),
        (None, None, None) => notice(model, "There is nothing to open: it says all there is", false, effects),
    }
}

fn mark_selected(model: &mut Model, effects: &mut Effects) {
    let Some(row) = model.alerts.list.row().filter(|row| !row.read) else { return };
    let id = row.id;
    model.alerts.list.change(id, |row| row.read = true);
    model.unread.alerts = (model.unread.alerts - 1).max(0);
    effects.push(Effect::Account(Errand::MarkAlert(id)));
}

fn mark_all(model: &mut Model, effects: &mut Effects) {
    let unread: Vec<NotificationId> = model.alerts.list.rows.iter().filter(|row| !row.read).map(|row| row.id).collect();
    for id in unread {
        model.alerts.list.change(id, |row| row.read = true);
    }
    model.unread.alerts = 0;
    effects.push(Effect::Account(Errand::MarkAllAlerts));
}

/// What was marked is marked, or not: then what the server has is shown again.
pub(super) fn marked(model: &mut Model, result: Result<(), Failure>, effects: &mut Effects) {
    let Err(failure) = result else {
        model.changed = false;
        return;
    };
    note(model, &failure);
    notice(model, &format!("It was not marked: {}", failure.sentence), true, effects);
    load(model, None, effects);
    me::load(model, effects);
}

fn ask_to_clear(model: &mut Model) {
    if model.alerts.list.rows.is_empty() {
        return;
    }
    let question = SafeText::fixed("Clear all alerts?");
    let detail = SafeText::fixed("What they are about stays as it is. This cannot be undone.");
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Clear", Deed::ClearAlerts)));
}

/// All are gone, or not.
pub(super) fn cleared(model: &mut Model, result: Result<(), Failure>, effects: &mut Effects) {
    match result {
        Ok(()) => {
            model.alerts.list = List { answered: true, ..List::default() };
            model.unread.alerts = 0;
            notice(model, "Cleared", false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("Nothing was cleared: {}", failure.sentence), true, effects);
        }
    }
}

/// Asks for a page of the notifications.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Alerts, cursor, effects);
    effects.push(Effect::LoadAlerts(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Notifications>, effects: &mut Effects) {
    let taken = list::take(&mut model.alerts.list, arrival, model.now, alert_page);
    list::conclude(model, taken, effects);
    // What was not read comes first; within that, the newest.
    model.alerts.list.rows.sort_by_key(|row| row.read);
}

/// Something new happened. That somebody wrote is told with the message itself.
pub(super) fn told(model: &mut Model, notification: &Notification, effects: &mut Effects) {
    let row = AlertRow::new(notification);
    if model.alerts.list.find(row.id).is_none() && !row.read {
        model.unread.alerts += 1;
    }
    if row.kind != NotificationKind::ChatMessage {
        live::tell(model, &row.title, effects);
    }
    if model.alerts.list.answered {
        model.alerts.list.put_first(row);
    }
}
