//! The file picker: writing a path, going through directories, and taking pictures.

use std::path::PathBuf;

use campuszon_core::safe::SafeText;
use crossterm::event::{Event, KeyEvent};
use tui_input::{InputRequest, backend::crossterm::to_input_request};

use super::{Effects, uploads};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::Ticket,
    model::{FileEntry, Files, Load, Model, Overlay, edit_text, pasted, paths},
};

/// How far a page goes.
const PAGE: usize = 10;

/// The longest path, in characters.
const LONGEST: usize = 1_000;

/// Opens the picker where it was left, or in the user's own directory.
pub(super) fn open(model: &mut Model, effects: &mut Effects) {
    let directory = if model.selling.directory.is_empty() { "~/" } else { model.selling.directory.as_str() };
    model.overlay = Some(Overlay::Files(Files::in_directory(directory)));
    look(model, effects);
}

fn files(model: &mut Model) -> Option<&mut Files> {
    match &mut model.overlay {
        Some(Overlay::Files(files)) => Some(files),
        _ => None,
    }
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(files) = files(model) else { return };
    let last = files.matching().len().saturating_sub(1);
    match action {
        Action::Down => files.selected = files.selected.saturating_add(1).min(last),
        Action::Up => files.selected = files.selected.min(last).saturating_sub(1),
        Action::PageDown => files.selected = files.selected.saturating_add(PAGE).min(last),
        Action::PageUp => files.selected = files.selected.min(last).saturating_sub(PAGE),
        Action::NextField => {
            files.complete();
            changed(model, effects);
        }
        Action::Open => enter(model, effects),
        Action::Back => model.overlay = None,
        _ => {}
    }
}

/// Goes into the selected directory, or takes the selected picture.
fn enter(model: &mut Model, effects: &mut Effects) {
    let Some(files) = files(model) else { return };
    let Some(entry) = files.current() else {
        files.problem = Some(SafeText::fixed("There is no picture of that name here"));
        return;
    };
    let path = format!("{}{}", files.written().0, entry.name);
    if entry.is_directory {
        files.input = format!("{path}/").into();
        return changed(model, effects);
    }
    files.taken += 1;
    files.selected = files.selected.saturating_add(1).min(files.matching().len().saturating_sub(1));
    uploads::add(model, vec![PathBuf::from(path)], effects);
}

/// A key that is text or moves the cursor.
pub(super) fn write(model: &mut Model, event: KeyEvent, effects: &mut Effects) {
    edit(model, to_input_request(&Event::Key(event)), effects);
}

/// Pasted paths are taken at once; all else is written.
pub(super) fn paste(model: &mut Model, text: &str, effects: &mut Effects) {
    match paths(text) {
        Some(paths) => {
            if let Some(files) = files(model) {
                files.taken += paths.len();
            }
            uploads::add(model, paths, effects);
        }
        None => edit(model, pasted(text), effects),
    }
}

fn edit(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>, effects: &mut Effects) {
    let Some(files) = files(model) else { return };
    edit_text(&mut files.input, LONGEST, requests);
    files.selected = 0;
    files.problem = None;
    changed(model, effects);
}

/// Looks into the directory that is written now, if it is another.
fn changed(model: &mut Model, effects: &mut Effects) {
    let is_same = files(model).is_none_or(|files| files.written().0 == files.directory);
    if !is_same {
        look(model, effects);
    }
}

fn look(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    let Some(files) = files(model) else { return };
    files.directory = files.written().0.to_owned();
    files.selected = 0;
    files.load = Load::running(ticket);
    let directory = files.directory.clone();
    effects.push(Effect::ListFiles { ticket, directory: directory.clone() });
    model.selling.directory = directory;
}

pub(super) fn arrived(model: &mut Model, ticket: Ticket, result: Result<Vec<FileEntry>, SafeText>) {
    let Some(files) = files(model).filter(|files| files.load.awaits(ticket)) else {
        model.changed = false;
        return;
    };
    files.load = Load::Idle;
    match result {
        Ok(entries) => files.entries = entries,
        Err(why) => {
            files.entries.clear();
            files.problem = Some(why);
        }
    }
}
