//! Forms: moving in one, writing, and sending it.

use std::time::Duration;

use campuszon_core::safe::SafeText;
use crossterm::event::{Event, KeyCode, KeyEvent};
use serde_json::{Map, Value};
use tui_input::{InputRequest, backend::crossterm::to_input_request};

use super::{Effects, files, notice, sending, uploads};
use crate::tui::{
    effect::Effect,
    keys::Action,
    layout::FormParts,
    message::{Failure, Ticket, Timer},
    model::{Connection, Deed, Dialog, Form, FormPurpose, Kind, Model, Overlay, Rules, Upload, pasted, paths},
};

/// How long the writing rests before it is kept.
const REST: Duration = Duration::from_secs(1);

/// Opens a form; what was open is gone.
pub(super) fn open(model: &mut Model, form: Form) {
    model.form = Some(Box::new(form));
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match action {
        Action::NextField => step(model, 1),
        Action::PreviousField => step(model, -1),
        Action::Down => down(model, 1),
        Action::Up => down(model, -1),
        Action::Open => enter(model, effects),
        Action::Submit => submit(model, effects),
        Action::Back => close(model, effects),
        Action::AddPhoto => pick(model, effects),
        Action::Discard => ask_to_discard(model),
        _ => {}
    }
}

/// Goes to another field, and says what is wrong with the one that is left.
fn step(model: &mut Model, by: isize) {
    let Some(form) = &mut model.form else { return };
    let faults = form.faults(model.rules.as_ref(), model.now);
    if let Some(name) = form.focused().map(|entry| entry.name) {
        form.check(name, &faults);
    }
    let last = form.shown().count().saturating_sub(1);
    form.focus = form.focus.saturating_add_signed(by).min(last);
}

/// Goes a line down or up in a text of several lines, at its edge to the next field.
fn down(model: &mut Model, by: isize) {
    let width = model.panes().map_or(1, |panes| FormParts::of(&panes).writing_width());
    let moved = model.form.as_mut().and_then(|form| form.focused_mut()).is_some_and(|entry| {
        let mut composer = entry.composer();
        let moved = entry.kind == Kind::Block && composer.go(by > 0, width);
        entry.field.input = composer.input;
        moved
    });
    if !moved {
        step(model, by);
    }
}

/// A new line where there are several, else the next field.
fn enter(model: &mut Model, effects: &mut Effects) {
    let in_block = model.form.as_ref().and_then(|form| form.focused()).is_some_and(|entry| entry.kind == Kind::Block);
    if in_block { edit(model, [InputRequest::InsertChar('\n')], effects) } else { step(model, 1) }
}

/// A key that is text, chooses or moves the cursor.
pub(super) fn write(model: &mut Model, event: KeyEvent, effects: &mut Effects) {
    let entry = model.form.as_mut().and_then(|form| form.focused_mut());
    let Some(entry) = entry.filter(|entry| matches!(entry.kind, Kind::Choice(_))) else {
        return edit(model, to_input_request(&Event::Key(event)), effects);
    };
    match event.code {
        KeyCode::Left => entry.choose(-1),
        KeyCode::Right | KeyCode::Char(' ') => entry.choose(1),
        KeyCode::Char(letter) => entry.choose_by(letter),
        _ => return,
    }
    touched(model, effects);
}

/// Pasted text goes into the field that has the keys, with its lines where there are several.
pub(super) fn paste(model: &mut Model, text: &str, effects: &mut Effects) {
    let listing = model.form.as_ref().is_some_and(|form| matches!(form.purpose, FormPurpose::Listing { .. }));
    if let Some(paths) = paths(text).filter(|_| listing) {
        return uploads::add(model, paths, effects);
    }
    let kind = model.form.as_ref().and_then(|form| form.focused()).map(|entry| entry.kind.clone());
    match kind {
        Some(Kind::Line) => edit(model, pasted(text), effects),
        Some(Kind::Block) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
            edit(model, text.chars().map(InputRequest::InsertChar), effects);
        }
        _ => model.changed = false,
    }
}

fn edit(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>, effects: &mut Effects) {
    let Some(entry) = model.form.as_mut().and_then(|form| form.focused_mut()) else { return };
    let before = entry.field.input.value().to_owned();
    entry.field.edit(requests);
    if entry.field.input.value() != before {
        touched(model, effects);
    }
}

/// Something else is written now: that will be kept.
pub(super) fn touched(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    let Some(form) = &mut model.form else { return };
    form.is_written = true;
    form.problem = None;
    form.awaits_photos = false;
    if form.is_new_item() {
        effects.push(Effect::After(REST, Timer::Form(ticket)));
    }
}

/// Keeps what is written of a new listing; tells whether that is to be seen, which it never is.
pub(super) fn keep(model: &mut Model, effects: &mut Effects) -> bool {
    let draft = uploads::listing(model).and_then(|form| form.draft());
    effects.extend(draft.map(|draft| Effect::KeepListing(Some(Box::new(draft)))));
    false
}

fn pick(model: &mut Model, effects: &mut Effects) {
    let Some(form) = &mut model.form else { return };
    let Some(photos) = form.shown().position(|entry| entry.kind == Kind::Photos) else {
        return notice(model, "There are no photos here: a listing has some", false, effects);
    };
    form.focus = photos;
    files::open(model, effects);
}

/// Closes the form. A listing stays as it is, and its pictures go on; what would be lost is asked about.
fn close(model: &mut Model, effects: &mut Effects) {
    let Some(form) = &model.form else { return };
    if !form.is_written || form.is_sent {
        return discard(model, effects);
    }
    if matches!(form.purpose, FormPurpose::Listing { .. }) {
        put_aside(model, effects);
        return notice(model, "What you wrote is kept: a opens it again", false, effects);
    }
    ask_to_discard(model);
}

/// Puts a listing aside that is being written; other forms stay where they are.
pub(super) fn put_aside(model: &mut Model, effects: &mut Effects) {
    let is_listing = model.form.as_ref().is_some_and(|form| matches!(form.purpose, FormPurpose::Listing { .. }));
    if !is_listing {
        return;
    }
    keep(model, effects);
    model.selling.draft = model.form.take().filter(|form| form.is_written || form.is_sent);
}

fn ask_to_discard(model: &mut Model) {
    let question = SafeText::fixed("Discard what you have written?");
    let detail = SafeText::fixed("It is lost then, and photos on their way are called off.");
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Discard", Deed::CloseForm)));
}

/// Closes the form with what is written in it.
pub(super) fn discard(model: &mut Model, effects: &mut Effects) {
    let Some(form) = model.form.take() else { return };
    if form.is_sent && matches!(form.purpose, FormPurpose::Listing { .. }) {
        model.selling.draft = Some(form);
        return;
    }
    uploads::cancel_all(&form, effects);
    if form.is_new_item() && form.is_written {
        effects.push(Effect::KeepListing(None));
    }
}

/// Whether something is being written or sent that is not there yet.
pub(super) fn is_unsent(model: &Model) -> bool {
    let forms = [model.form.as_deref(), model.selling.draft.as_deref()];
    let has_unsent = |form: &Form| form.is_written || form.photos.iter().any(Upload::is_running);
    forms.into_iter().flatten().any(has_unsent) || sending::is_under_way(model)
}

pub(super) fn ask_to_quit(model: &mut Model) {
    let running =
        uploads::listing(model).map_or(0, |form| form.photos.iter().filter(|photo| photo.is_running()).count());
    let (question, detail) = match running {
        _ if sending::is_under_way(model) => {
            ("Quit? A picture is still being sent", "Its conversation does not get it then.")
        }
        0 => ("Quit? Something you wrote is not sent", "A new listing is kept until the next time."),
        _ => ("Quit? Photos are still being sent", "They are sent when you open the listing the next time."),
    };
    let dialog = Dialog::new(SafeText::fixed(question), SafeText::fixed(detail), "Quit", Deed::Quit);
    model.overlay = Some(Overlay::Dialog(dialog));
}

/// Closes the form of a listing that came through; tells whether it was a new one.
pub(super) fn finish(model: &mut Model, ticket: Ticket) -> Option<bool> {
    for place in [&mut model.form, &mut model.selling.draft] {
        if let Some(form) = place.take_if(|form| form.ticket == ticket) {
            return Some(form.is_new_item());
        }
    }
    None
}

/// A listing that was put aside did not come through.
pub(super) fn fail_aside(model: &mut Model, ticket: Ticket, failure: &Failure) {
    if let Some(form) = model.selling.draft.as_mut().filter(|form| form.ticket == ticket) {
        form.is_sent = false;
        form.problem = Some(failure.sentence.clone());
    }
}

/// Sends a listing wherever it is, open or put aside.
pub(super) fn send_listing(model: &mut Model, effects: &mut Effects) {
    let is_aside = model.form.is_none();
    if is_aside {
        model.form = model.selling.draft.take();
    }
    submit(model, effects);
    if is_aside {
        model.selling.draft = model.form.take();
    }
}

/// Sends what is written, unless something is wrong with it.
fn submit(model: &mut Model, effects: &mut Effects) {
    let is_offline = model.connection == Connection::Offline;
    let key = model.next_key();
    let Some(form) = &mut model.form else { return };
    if form.is_sent {
        return notice(model, "It is on its way already", false, effects);
    }
    if form.refuse(&form.faults(model.rules.as_ref(), model.now)) {
        return;
    }
    if is_offline {
        form.problem = Some(SafeText::fixed(
            "There is no connection to the server. What you have written stays here: Ctrl+S tries again.",
        ));
        return;
    }
    if form.photos.iter().any(Upload::is_running) {
        form.awaits_photos = true;
        return notice(model, "It is sent as soon as its photos are there", false, effects);
    }
    if form.photos.iter().any(|photo| photo.image().is_none()) {
        form.problem = Some(SafeText::fixed(uploads::PHOTO_FAILED));
        return;
    }
    let body = form.body(model.rules.as_ref());
    // The same again after a failure is taken once, another text anew.
    let key = form.sent.take().filter(|(sent, _)| *sent == body).map_or(key, |(_, key)| key);
    form.sent = Some((body.clone(), key.clone()));
    match request(form, body, key, model.rules.as_ref()) {
        Ok(effect) => {
            form.is_sent = true;
            effects.push(effect);
        }
        Err(error) => form.problem = Some(SafeText::line(&error.to_string())),
    }
}

fn request(
    form: &Form,
    body: Map<String, Value>,
    key: String,
    rules: Option<&Rules>,
) -> Result<Effect, serde_json::Error> {
    let ticket = form.ticket;
    let body = Value::Object(body);
    Ok(match &form.purpose {
        FormPurpose::Listing { item: None, .. } => {
            Effect::List { item: serde_json::from_value(body)?, form: ticket, key }
        }
        FormPurpose::Listing { item: Some(id), etag } => {
            let (patch, images) = (form.changes(rules), form.changed_images(rules));
            Effect::EditItem { id: *id, patch, images, etag: etag.clone(), form: ticket }
        }
        FormPurpose::Booking { item, .. } => Effect::Book { id: *item, wish: serde_json::from_value(body)?, key },
        FormPurpose::Review { booking } => {
            Effect::Review { booking: *booking, review: serde_json::from_value(body)?, form: form.ticket, key }
        }
    })
}

/// The form that was sent for a purpose came through, or not: then it stays, with the reason. Tells whether there was one.
pub(super) fn answered(model: &mut Model, is_it: impl Fn(&Form) -> bool, failure: Option<&Failure>) -> bool {
    let Some(form) = model.form.as_mut().filter(|form| form.is_sent && is_it(form)) else { return false };
    form.is_sent = false;
    match failure {
        Some(failure) => form.problem = Some(failure.sentence.clone()),
        None => model.form = None,
    }
    true
}

/// Whether this is the form of a number.
pub(super) fn is(ticket: Ticket) -> impl Fn(&Form) -> bool {
    move |form| form.ticket == ticket
}
