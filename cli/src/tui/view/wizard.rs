//! The sign-in: the answers so far, the question, and what to know about it.

use campuszon_core::safe::SafeText;
use ratatui::layout::{Position, Rect};

use super::{
    field,
    pen::{Pen, fixed, row, shifted},
    wrap::wrap,
};
use crate::tui::{
    layout::{Panes, inside, padded},
    model::{Model, Path, Step, Wizard},
    theme::Role,
};

/// How wide it is at most, with its frame.
const WIDEST: u16 = 72;

/// The column of the labels.
const LABELS: u16 = 10;

/// Draws the sign-in in place of the panes; tells where the cursor is.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, panes: &Panes) -> Option<Position> {
    let wizard = &model.wizard;
    let area = place(panes);
    pen.frame(area, true);
    pen.text(shifted(area, 2), &fixed(heading(wizard.path)), Role::Title);
    let area = padded(inside(area));
    let answers: Vec<Step> = wizard.answered().collect();
    let above = if area.height > 12 { 2 } else { 0 };
    if above > 0 {
        pen.text(row(area, 0), &welcome(wizard), Role::Text);
    }
    let mut at = above;
    for step in answers {
        answer(pen, row(area, at), wizard, step);
        at += 1;
    }
    let line = row(area, at);
    pen.text(line, &wizard.field(wizard.step).label, Role::Active);
    let present = wizard.field(wizard.step);
    let cursor = field::draw(pen, shifted(line, LABELS), &present.input, present.secret);
    at += 1;
    if let Some(problem) = &present.problem {
        at = paragraph(pen, area, at, problem, Role::Danger);
    }
    for (text, role) in remarks(model) {
        at = paragraph(pen, area, at, &text, role);
    }
    Some(cursor)
}

fn heading(path: Path) -> &'static str {
    match path {
        Path::Known => " Sign in ",
        Path::New => " New account ",
        Path::Forgotten => " New password ",
    }
}

fn welcome(wizard: &Wizard) -> SafeText {
    match (&wizard.hall, wizard.returning) {
        (_, true) => fixed("Your session has ended. Sign in to go on."),
        (Some(hall), false) => SafeText::line(&format!("This is {}.", hall.name)),
        (None, false) => fixed("CampusZon is where your campus trades. It takes an account."),
    }
}

/// The middle of the screen, as much of it as there is.
fn place(panes: &Panes) -> Rect {
    let top = panes.header.bottom().saturating_add(panes.banner.height);
    let room = Rect { y: top, height: panes.footer.y.saturating_sub(top), ..panes.header };
    let width = room.width.min(WIDEST);
    Rect { x: (room.width - width) / 2, width, ..room }
}

/// An answer that was given; a secret one without its length.
fn answer(pen: &mut Pen<'_>, line: Rect, wizard: &Wizard, step: Step) {
    let given = wizard.field(step);
    pen.text(line, &given.label, Role::Muted);
    let text = match &wizard.hall {
        _ if given.secret => fixed("(not shown)"),
        Some(hall) if step == Step::Server => SafeText::line(&format!("{} ({})", hall.name, hall.called)),
        _ => SafeText::line(given.text()),
    };
    pen.text(shifted(line, LABELS), &text, Role::Text);
}

/// What to know about the question.
fn remarks(model: &Model) -> Vec<(SafeText, Role)> {
    let wizard = &model.wizard;
    if wizard.asked.is_some() {
        return vec![(fixed("Asking the server. Esc stops waiting."), Role::Muted)];
    }
    let text = |text: &'static str| (fixed(text), Role::Muted);
    match (wizard.step, wizard.path) {
        (Step::Server, _) => vec![text("The address of your campus's server, or its name in your configuration.")],
        (Step::Email, _) => {
            let rules = wizard.hall.as_ref().map(|hall| (hall.rules(), Role::Muted));
            let mut remarks = vec![text("Enter signs in, Ctrl+N makes a new account.")];
            remarks.extend(rules);
            remarks
        }
        (Step::Name, _) => vec![text("As others see it.")],
        (Step::Password, Path::Known) => vec![text("Ctrl+N makes a new account, Ctrl+F sets a new password.")],
        (Step::Password, _) => vec![text("At least 10 characters; a few unrelated words are best.")],
        (Step::Again, _) => vec![text("The same once more.")],
        (Step::Code, path) => vec![text(mailed(path)), (resend(model), Role::Muted)],
    }
}

fn mailed(path: Path) -> &'static str {
    match path {
        Path::Forgotten => "If the address is registered, six digits are on their way to it.",
        _ => "Six digits are on their way to that address.",
    }
}

/// When another code can be had.
fn resend(model: &Model) -> SafeText {
    let left = model.wizard.resend_at.map_or(0, |at| at.since(model.now).as_secs_f64().ceil() as u64);
    if left == 0 {
        return fixed("None came? Ctrl+R mails another one.");
    }
    SafeText::line(&format!("None came? Ctrl+R mails another one in {left} s."))
}

/// Writes a paragraph from a row on; tells the row after it.
fn paragraph(pen: &mut Pen<'_>, area: Rect, from: u16, text: &SafeText, role: Role) -> u16 {
    let lines = wrap(text, area.width);
    for (at, line) in (from..).zip(&lines) {
        pen.text(row(area, at), line, role);
    }
    from.saturating_add(u16::try_from(lines.len()).unwrap_or(u16::MAX))
}
