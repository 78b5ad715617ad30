//! The pictures of a listing: adding them, ordering and removing them; following all pictures on their way.

use std::path::PathBuf;

use campuszon_core::{ImageId, safe::SafeText};

use super::{Effects, form, list, notice, sending};
use crate::{
    pictures::Step,
    tui::{
        effect::Effect,
        keys::Action,
        message::Ticket,
        model::{Form, FormPurpose, Model, Progress, Tab, Upload},
    },
};

/// The listing that is being written, whether it is open or put aside.
pub(super) fn listing(model: &mut Model) -> Option<&mut Form> {
    let is_open = model.form.as_ref().is_some_and(|form| matches!(form.purpose, FormPurpose::Listing { .. }));
    let form = if is_open { model.form.as_deref_mut() } else { model.selling.draft.as_deref_mut() };
    form.filter(|form| matches!(form.purpose, FormPurpose::Listing { .. }))
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(form) = listing(model) else { return };
    let count = form.photos.len();
    if let Some(index) = list::target(form.photo, action, 1).filter(|_| inner_move(form, action)) {
        form.photo = index.min(count.saturating_sub(1));
        return;
    }
    match action {
        Action::Delete => remove(model, effects),
        Action::Retry => retry(model, effects),
        Action::Earlier => swap(model, -1),
        Action::Later => swap(model, 1),
        other => form::act(model, other, effects),
    }
}

/// Whether an arrow stays among the pictures: at their ends it leads to the next field.
fn inner_move(form: &Form, action: Action) -> bool {
    match action {
        Action::Up => form.photo > 0,
        Action::Down => form.photo + 1 < form.photos.len(),
        _ => false,
    }
}

/// Adds files, and begins to send them.
pub(super) fn add(model: &mut Model, paths: Vec<PathBuf>, effects: &mut Effects) {
    let most = model.rules.as_ref().map_or(usize::MAX, |rules| rules.items.max_images);
    for path in paths {
        let (number, key) = (model.next_ticket(), model.next_key());
        let Some(form) = listing(model) else { return };
        if form.photos.len() >= most {
            return notice(model, &format!("A listing has at most {most} photos: x removes one"), true, effects);
        }
        effects.push(Effect::Upload { number, path: path.clone(), key: key.clone() });
        form.photos.push(Upload::of_file(number, path, key));
        form.photo = form.photos.len() - 1;
        form::touched(model, effects);
    }
}

/// Begins to send those that are waiting, such as those of a draft from the disk.
pub(super) fn start(form: &Form, effects: &mut Effects) {
    let waiting = form.photos.iter().filter(|photo| photo.progress == Progress::Waiting);
    effects.extend(waiting.filter_map(|photo| {
        Some(Effect::Upload { number: photo.number, path: photo.path.clone()?, key: photo.key.clone() })
    }));
}

/// Sends again only what failed.
fn retry(model: &mut Model, effects: &mut Effects) {
    let Some(form) = listing(model) else { return };
    let failed: Vec<&mut Upload> =
        form.photos.iter_mut().filter(|photo| matches!(photo.progress, Progress::Failed(_))).collect();
    if failed.is_empty() {
        return notice(model, "No photo has failed", false, effects);
    }
    for photo in failed {
        photo.progress = Progress::Waiting;
        let Some(path) = photo.path.clone() else { continue };
        effects.push(Effect::Upload { number: photo.number, path, key: photo.key.clone() });
    }
    form.problem = None;
}

fn remove(model: &mut Model, effects: &mut Effects) {
    let Some(form) = listing(model).filter(|form| form.photo < form.photos.len()) else { return };
    let photo = form.photos.remove(form.photo);
    form.photo = form.photo.min(form.photos.len().saturating_sub(1));
    if photo.is_running() {
        effects.push(Effect::CancelUpload(photo.number));
    }
    form::touched(model, effects);
    settle(model, effects);
}

fn swap(model: &mut Model, by: isize) {
    let Some(form) = listing(model) else { return };
    let other = form.photo.checked_add_signed(by).filter(|other| *other < form.photos.len());
    if let Some(other) = other {
        form.photos.swap(form.photo, other);
        form.photo = other;
        form.is_written = true;
    }
}

/// Calls off all that is on its way.
pub(super) fn cancel_all(form: &Form, effects: &mut Effects) {
    let running = form.photos.iter().filter(|photo| photo.is_running());
    effects.extend(running.map(|photo| Effect::CancelUpload(photo.number)));
}

/// A picture is further on its way; tells whether that is to be seen.
pub(super) fn stepped(model: &mut Model, number: Ticket, step: Step) {
    let is_seen = model.form.is_some() || matches!(model.tab, Tab::Selling | Tab::Chats);
    let moved = find(model, number).filter(|photo| photo.is_running()).is_some_and(|photo| photo.take(step));
    model.changed = moved && is_seen;
}

/// A picture on its way, to a listing or into a conversation.
fn find(model: &mut Model, number: Ticket) -> Option<&mut Upload> {
    let is_of_listing = listing(model).is_some_and(|form| form.photos.iter().any(|photo| photo.number == number));
    if !is_of_listing {
        return sending::find(model, number);
    }
    listing(model)?.photos.iter_mut().find(|photo| photo.number == number)
}

/// A picture is there, or failed.
pub(super) fn done(model: &mut Model, number: Ticket, result: Result<ImageId, SafeText>, effects: &mut Effects) {
    if sending::done(model, number, &result, effects) {
        return;
    }
    let photo = listing(model).and_then(|form| form.photos.iter_mut().find(|photo| photo.number == number));
    let Some(photo) = photo else {
        model.changed = false;
        return;
    };
    photo.progress = result.map_or_else(Progress::Failed, Progress::Done);
    let failure = match &photo.progress {
        Progress::Failed(why) => Some(format!("{} was not sent: {why}", photo.name)),
        _ => None,
    };
    if let Some(failure) = failure.filter(|_| model.form.is_none()) {
        notice(model, &failure, true, effects);
    }
    settle(model, effects);
}

/// Sends a listing that has waited for its pictures, once none is on its way any more.
fn settle(model: &mut Model, effects: &mut Effects) {
    let Some(form) = listing(model).filter(|form| form.awaits_photos) else { return };
    if form.photos.iter().any(Upload::is_running) {
        return;
    }
    form.awaits_photos = false;
    if form.photos.iter().any(|photo| matches!(photo.progress, Progress::Failed(_))) {
        form.problem = Some(SafeText::fixed(PHOTO_FAILED));
        return;
    }
    form::send_listing(model, effects);
}

/// What is said of a listing whose pictures are not all there.
pub(super) const PHOTO_FAILED: &str = "Not all photos could be sent: r at the photos tries those again, x removes one.";
