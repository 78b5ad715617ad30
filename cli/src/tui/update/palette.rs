//! The palette: opening it, and going where its rows lead.

use crossterm::event::{Event, KeyEvent};
use tui_input::{Input, InputRequest, backend::crossterm::to_input_request};

use super::{Effects, chats, detail, list, run, tabs};
use crate::tui::{
    keys::Action,
    model::{Model, Overlay, Palette, Tab, Target, edit_text, pasted},
};

/// How far a page goes.
const PAGE: usize = 10;

/// The most letters it takes.
const LONGEST: usize = 80;

pub(super) fn open(model: &mut Model) {
    let over = model.place();
    model.overlay = Some(Overlay::Palette(Palette { over, input: Input::default(), selected: 0 }));
}

/// A key that is text or moves the cursor.
pub(super) fn write(model: &mut Model, event: KeyEvent) {
    edit(model, to_input_request(&Event::Key(event)));
}

pub(super) fn paste(model: &mut Model, text: &str) {
    edit(model, pasted(text));
}

fn edit(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>) {
    let Some(Overlay::Palette(palette)) = &mut model.overlay else { return };
    edit_text(&mut palette.input, LONGEST, requests);
    palette.selected = 0;
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Palette(palette)) = &model.overlay else { return };
    let rows = palette.rows(model);
    let selected = palette.selected.min(rows.len().saturating_sub(1));
    match action {
        Action::Back => model.overlay = None,
        Action::Open => {
            model.overlay = None;
            if let Some(row) = rows.get(selected) {
                follow(model, row.target, effects);
            }
        }
        other => {
            let target = list::target(selected, other, PAGE).map(|index| index.min(rows.len().saturating_sub(1)));
            if let (Some(target), Some(Overlay::Palette(palette))) = (target, &mut model.overlay) {
                palette.selected = target;
            }
        }
    }
}

fn follow(model: &mut Model, target: Target, effects: &mut Effects) {
    match target {
        Target::Key(key) => run(model, key, effects),
        Target::Item(id) => detail::open_from(model, model.tab, id, effects),
        Target::Chat(chat) => {
            tabs::go_to(model, Tab::Chats, effects);
            chats::open(model, chat, effects);
        }
    }
}
