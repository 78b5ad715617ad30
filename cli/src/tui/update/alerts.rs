//! The Alerts tab.

use campuszon_core::wire::notification::{Notification, NotificationKind, Notifications};

use super::{Effects, list, live};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::Arrival,
    model::{AlertRow, Model, Tab, alert_page},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.alerts.list, action, page) {
        return;
    }
    if action == Action::Retry {
        load(model, None, effects);
    }
}

/// Asks for a page of the notifications.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Alerts, cursor, effects);
    effects.push(Effect::LoadAlerts(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Notifications>, effects: &mut Effects) {
    let taken = list::take(&mut model.alerts.list, arrival, alert_page);
    list::conclude(model, taken, effects);
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
