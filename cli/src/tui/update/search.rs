//! The search box: what is here is filtered with every key, the server is asked once the typing rests.

use std::time::Duration;

use crossterm::event::{Event, KeyEvent};
use tui_input::{Input, InputRequest, backend::crossterm::to_input_request};

use super::{Effects, browse, detail};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Ticket, Timer},
    model::{Focus, List, Load, Model, Row, edit_text, pasted},
};

/// How long the typing has to rest.
const PAUSE: Duration = Duration::from_millis(150);

/// The longest query, in characters.
const LONGEST: usize = 200;

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match action {
        Action::Open => {
            model.browse.focus = Focus::List;
            model.browse.list.select(0);
            detail::follow(model, effects);
        }
        Action::SwitchPane => model.browse.focus = Focus::List,
        Action::Back => {
            model.browse.focus = Focus::List;
            end(model, effects);
        }
        _ => {}
    }
}

/// A key that is text or moves the cursor.
pub(super) fn write(model: &mut Model, event: KeyEvent, effects: &mut Effects) {
    let Some(request) = to_input_request(&Event::Key(event)) else { return };
    edit(model, [request], effects);
}

/// Pasted text goes into the search box, and opens it from the list.
pub(super) fn paste(model: &mut Model, text: &str, effects: &mut Effects) {
    model.browse.focus = Focus::Search;
    edit(model, pasted(text), effects);
}

fn edit(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>, effects: &mut Effects) {
    let before = model.browse.words().to_owned();
    edit_text(&mut model.browse.input, LONGEST, requests);
    if model.browse.words() != before {
        changed(model, &before, effects);
    }
}

/// Shows at once what matches among the rows that are here, and starts the pause after which the server is asked.
fn changed(model: &mut Model, before: &str, effects: &mut Effects) {
    if !model.browse.is_searching() {
        return restore(model, effects);
    }
    if before.is_empty() {
        model.browse.home = Some(Box::new(std::mem::take(&mut model.browse.list)));
    }
    model.browse.list = guess(model, before);
    model.browse.corrected = None;
    detail::follow(model, effects);
    let ticket = model.next_ticket();
    model.browse.list.load = Load::running(ticket);
    effects.push(Effect::After(PAUSE, Timer::Search(ticket)));
}

fn guess(model: &Model, before: &str) -> List<Row> {
    let browse = &model.browse;
    let narrows = !before.is_empty() && browse.words().starts_with(before);
    let source = if narrows { &browse.list } else { browse.home.as_deref().unwrap_or(&browse.list) };
    source.filtered(browse.words())
}

/// The pause is over: asks, unless a later key started another one. Tells whether that changed anything.
pub(super) fn ask(model: &mut Model, ticket: Ticket, effects: &mut Effects) -> bool {
    if model.browse.list.load.awaits(ticket) {
        browse::ask(model, ticket, effects);
    }
    false
}

/// Empties the box and brings the list back as it was.
pub(super) fn end(model: &mut Model, effects: &mut Effects) {
    if model.browse.is_searching() {
        model.browse.input = Input::default();
        return restore(model, effects);
    }
    model.browse.input = Input::default();
}

fn restore(model: &mut Model, effects: &mut Effects) {
    let home = model.browse.home.take().filter(|home| home.answered);
    model.browse.corrected = None;
    model.browse.list.load = Load::Idle;
    match home {
        Some(home) => model.browse.list = List { load: Load::Idle, ..*home },
        None => browse::start_over(model, effects),
    }
    detail::follow(model, effects);
}
