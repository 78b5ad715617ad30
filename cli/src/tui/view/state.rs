//! What a pane says when it has nothing to show: what is the matter, and what to do about it.

use campuszon_core::safe::SafeText;
use ratatui::layout::Rect;

use super::{
    pen::{Pen, fixed, row},
    wrap::wrap,
};
use crate::tui::{
    message::{Failure, FailureKind},
    model::Load,
    theme::Role,
};

/// Says what is the matter with a pane that has nothing to show: on its way, not to be had, or empty.
pub(super) fn nothing(pen: &mut Pen<'_>, area: Rect, load: &Load, answered: bool, why: &SafeText, next: &SafeText) {
    if *load == Load::Idle && answered {
        return empty(pen, area, why, next);
    }
    not_here(pen, area, load);
}

/// Says why what is asked for is not here yet.
pub(super) fn not_here(pen: &mut Pen<'_>, area: Rect, load: &Load) {
    match load {
        Load::Failed(failure) => failed(pen, area, failure),
        load => loading(pen, area, load),
    }
}

/// Says that something is on its way, once that takes long.
fn loading(pen: &mut Pen<'_>, area: Rect, load: &Load) {
    if matches!(load, Load::Running { slow: true, .. }) {
        let text = if pen.theme.ascii { "Loading..." } else { "Loading…" };
        paragraph(pen, area, 0, &fixed(text), Role::Muted);
    }
}

/// Says why there is nothing, and what to press.
fn empty(pen: &mut Pen<'_>, area: Rect, why: &SafeText, next: &SafeText) {
    let used = paragraph(pen, area, 0, why, Role::Text);
    paragraph(pen, area, used, next, Role::Muted);
}

/// Says what failed, and what to do about it.
fn failed(pen: &mut Pen<'_>, area: Rect, failure: &Failure) {
    let (what, next) = match failure.kind {
        FailureKind::SignedOut => (fixed("You are not signed in."), "Enter or any tab takes you to the sign-in."),
        FailureKind::Offline => (fixed("There is no connection to the server."), "r tries again."),
        FailureKind::Gone => (fixed("This is not there any more."), "Esc goes back."),
        FailureKind::Refused => (fixed("This is not allowed."), "Esc goes back."),
        FailureKind::Broken => (fixed("That did not work."), "r tries again."),
    };
    let mut used = paragraph(pen, area, 0, &what, Role::Warning);
    if failure.kind != FailureKind::SignedOut {
        used = paragraph(pen, area, used, &failure.sentence, Role::Text);
    }
    paragraph(pen, area, used, &fixed(next), Role::Muted);
}

/// Writes a paragraph from a row on; tells the row after it.
fn paragraph(pen: &mut Pen<'_>, area: Rect, from: u16, text: &SafeText, role: Role) -> u16 {
    let mut at = from;
    for line in wrap(text, area.width) {
        pen.text(row(area, at), &line, role);
        at = at.saturating_add(1);
    }
    at
}
