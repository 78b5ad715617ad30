//! The log of what was said lately.

use super::list;
use crate::tui::{
    keys::Action,
    model::{Model, Overlay},
};

/// Opens it, or closes it where it is open.
pub(super) fn open(model: &mut Model) {
    model.overlay = match model.overlay.take() {
        Some(Overlay::Log { .. }) => None,
        _ => Some(Overlay::Log { top: 0 }),
    };
}

pub(super) fn act(model: &mut Model, action: Action) {
    let page = list::page_height(model);
    let last = model.log.len().saturating_sub(1);
    let Some(Overlay::Log { top }) = &mut model.overlay else { return };
    match list::target(*top, action, page) {
        Some(target) => *top = target.min(last),
        None if action == Action::Back => model.overlay = None,
        None => {}
    }
}
