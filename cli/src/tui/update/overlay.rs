//! The help.

use crossterm::event::{Event, KeyEvent};
use tui_input::{Input, backend::crossterm::EventHandler};

use super::{Effects, notice, run};
use crate::tui::{
    keys::Action,
    model::{Help, Model, Overlay, edit_text, pasted},
};

/// How far a page of the help goes.
const PAGE: usize = 10;

/// The longest filter, in characters.
const LONGEST: usize = 40;

pub(super) fn open_help(model: &mut Model) {
    model.overlay = match model.overlay.take() {
        Some(Overlay::Help(_)) => None,
        _ => Some(Overlay::Help(Help { over: model.scope(), filter: Input::default(), selected: 0 })),
    };
}

/// A key that is text or moves the cursor in the help's filter.
pub(super) fn write(model: &mut Model, event: KeyEvent) {
    let Some(Overlay::Help(help)) = &mut model.overlay else { return };
    let changed = help.filter.handle_event(&Event::Key(event));
    if changed.is_some_and(|changed| changed.value) {
        help.selected = 0;
    }
}

/// Pasted text goes into the help's filter.
pub(super) fn paste(model: &mut Model, text: &str) {
    let Some(Overlay::Help(help)) = &mut model.overlay else { return };
    edit_text(&mut help.filter, LONGEST, pasted(text));
    help.selected = 0;
}

pub(super) fn act_in_help(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Help(help)) = &mut model.overlay else { return };
    let last = help.rows().len().saturating_sub(1);
    match action {
        Action::Down => help.selected = help.selected.saturating_add(1).min(last),
        Action::Up => help.selected = help.selected.saturating_sub(1),
        Action::PageDown => help.selected = help.selected.saturating_add(PAGE).min(last),
        Action::PageUp => help.selected = help.selected.saturating_sub(PAGE),
        Action::Back => model.overlay = None,
        Action::Open => run_selected(model, effects),
        _ => {}
    }
}

/// Closes the help and performs its selected row, if that works where the help was opened.
fn run_selected(model: &mut Model, effects: &mut Effects) {
    let Some(Overlay::Help(help)) = model.overlay.take() else { return };
    let Some(key) = help.rows().get(help.selected).copied() else { return };
    if help.over.chain().any(|scope| scope == key.scope) {
        return run(model, key, effects);
    }
    notice(model, &format!("“{}” works {}", key.label, key.scope.heading()), false, effects);
}
