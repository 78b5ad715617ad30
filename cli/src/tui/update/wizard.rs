//! The sign-in: taking the answers one by one, asking the server where it has a say, and beginning anew once signed in.

use std::time::Duration;

use campuszon_core::{
    Fault,
    account::{self, Email},
    safe::SafeText,
    wire::account::Profile,
};
use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::to_input_request;

use super::{Effects, composer, form, me, notice, tabs};
use crate::tui::{
    effect::{Effect, Entered, Entry, Errand, Refused},
    keys::Action,
    message::{FailureKind, Ticket, Timer},
    model::{Account, Hall, Model, Path, Step, Tab, Wizard, pasted},
    secret::Secret,
};

/// How long a server lets pass before it mails another code, unless it is told otherwise.
const RESEND_AFTER: Duration = Duration::from_secs(60);

/// How often the seconds until then are counted.
const TICK: Duration = Duration::from_secs(1);

/// Opens the sign-in for whoever turned out to be signed out. A session that ended is begun anew with its password.
pub(super) fn open(model: &mut Model) {
    let mut wizard = Wizard { open: true, ..Wizard::default() };
    wizard.server = wizard.server.with(model.settings.address());
    if let Some(card) = &model.me.card {
        wizard.email = wizard.email.with(card.email.as_str());
        wizard.returning = true;
        wizard.step = Step::Password;
    }
    model.wizard = wizard;
}

/// Whether an action is one for which somebody has to sign in first.
pub(super) fn is_due(model: &Model, action: Action) -> bool {
    let is_free = matches!(
        action,
        Action::Quit | Action::QuitNow | Action::Redraw | Action::Suspend | Action::Help | Action::Theme
    ) || matches!(
        action,
        Action::Down | Action::Up | Action::PageDown | Action::PageUp | Action::Top | Action::Bottom
    ) || matches!(action, Action::Back | Action::SwitchPane | Action::Servers | Action::Log);
    !is_free && model.account == Account::SignedOut && !model.wizard.open && model.overlay.is_none()
}

/// Shows the sign-in again, as it was left. What led here is not done afterwards.
pub(super) fn reopen(model: &mut Model, action: Action) {
    if let Action::GoTo(tab) = action {
        model.tab = tab;
    }
    if model.wizard.server.text().is_empty() {
        open(model);
    }
    model.wizard.open = true;
}

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match action {
        Action::Open if model.wizard.asked.is_none() => go_on(model, effects),
        Action::Back => back(&mut model.wizard),
        Action::NewAccount => begin(model, Path::New, effects),
        Action::Forgotten => begin(model, Path::Forgotten, effects),
        Action::Resend => resend(model, effects),
        _ => {}
    }
}

/// A key that is text or moves the cursor in the field.
pub(super) fn write(model: &mut Model, event: KeyEvent) {
    model.wizard.focused().edit(to_input_request(&Event::Key(event)));
}

pub(super) fn paste(model: &mut Model, text: &str) {
    model.wizard.focused().edit(pasted(text));
}

/// One question back, and from the first one out. What the server was asked meanwhile is not waited for.
fn back(wizard: &mut Wizard) {
    if wizard.asked.take().is_some() {
        return;
    }
    let Some(before) = wizard.before() else {
        wizard.open = false;
        return;
    };
    if before == Step::Email {
        wizard.path = Path::Known;
    }
    wizard.go_to(before, None);
}

/// Takes the answer to the present question, or says what is wrong with it.
fn go_on(model: &mut Model, effects: &mut Effects) {
    if let Err(problem) = take(model, effects) {
        model.wizard.focused().problem = Some(problem);
    }
}

fn take(model: &mut Model, effects: &mut Effects) -> Result<(), SafeText> {
    let path = model.wizard.path;
    match (model.wizard.step, path) {
        (Step::Server, _) => look(model, effects),
        (Step::Email, _) => {
            email(&model.wizard)?;
            model.wizard.path = Path::Known;
            model.wizard.go_to(Step::Password, None);
            Ok(())
        }
        (Step::Name, _) => {
            account::name(model.wizard.name.text()).map_err(|fault| said(&fault))?;
            model.wizard.go_to(Step::Password, None);
            Ok(())
        }
        (Step::Password, Path::Known) => login(model, effects),
        (Step::Password, _) => {
            let wizard = &model.wizard;
            let email = Email::parse(wizard.email.text()).ok();
            account::password("password", wizard.password.input.value(), wizard.name.text(), email.as_ref())
                .map_err(|fault| said(&fault))?;
            model.wizard.go_to(Step::Again, None);
            Ok(())
        }
        (Step::Again, _) => agree(model, effects),
        (Step::Code, Path::Forgotten) => {
            code(&model.wizard)?;
            model.wizard.go_to(Step::Password, None);
            Ok(())
        }
        (Step::Code, _) => verify(model, effects),
    }
}

/// What is wrong, as a sentence.
fn said(fault: &Fault) -> SafeText {
    SafeText::line(&format!("It {}.", fault.message))
}

fn email(wizard: &Wizard) -> Result<Email, SafeText> {
    Email::parse(wizard.email.text()).map_err(|fault| said(&fault))
}

fn code(wizard: &Wizard) -> Result<String, SafeText> {
    if wizard.tries == 0 {
        return Err(SafeText::fixed("This code cannot be tried again: Ctrl+R mails another one."));
    }
    account::code("code", wizard.code.text()).map_err(|fault| said(&fault))
}

fn ask(model: &mut Model, entry: Entry, effects: &mut Effects) {
    let ticket = model.next_ticket();
    model.wizard.asked = Some(ticket);
    effects.push(Effect::Account(Errand::Enter(ticket, entry)));
}

fn look(model: &mut Model, effects: &mut Effects) -> Result<(), SafeText> {
    let server = model.wizard.server.text().to_owned();
    if server.is_empty() {
        return Err(SafeText::fixed("Write the address of your campus's server, such as market.uni.example."));
    }
    let ticket = model.next_ticket();
    model.wizard.asked = Some(ticket);
    effects.push(Effect::Account(Errand::Look(ticket, server)));
    Ok(())
}

fn login(model: &mut Model, effects: &mut Effects) -> Result<(), SafeText> {
    let email = email(&model.wizard)?.as_str().to_owned();
    let password = Secret::new(model.wizard.password.input.value());
    if password == Secret::default() {
        return Err(SafeText::fixed("Write your password, or press Ctrl+N for a new account."));
    }
    ask(model, Entry::Login { email, password }, effects);
    Ok(())
}

/// The password was written twice: with the second one the account is asked for, or the new password set.
fn agree(model: &mut Model, effects: &mut Effects) -> Result<(), SafeText> {
    let wizard = &model.wizard;
    if wizard.again.input.value() != wizard.password.input.value() {
        return Err(SafeText::fixed("It is not the same password. Esc goes back to the first one."));
    }
    let (email, password) = (email(wizard)?.as_str().to_owned(), Secret::new(wizard.password.input.value()));
    let entry = match wizard.path {
        Path::Forgotten => Entry::Reset { email, code: wizard.code.text().to_owned(), password },
        _ => Entry::Register { email, name: wizard.name.text().to_owned(), password },
    };
    ask(model, entry, effects);
    Ok(())
}

fn verify(model: &mut Model, effects: &mut Effects) -> Result<(), SafeText> {
    let email = email(&model.wizard)?.as_str().to_owned();
    let code = code(&model.wizard)?;
    ask(model, Entry::Verify { email, code }, effects);
    Ok(())
}

/// Turns to a new account or a new password, once the address is known.
fn begin(model: &mut Model, path: Path, effects: &mut Effects) {
    if model.wizard.asked.is_some() || matches!(model.wizard.step, Step::Server | Step::Code) {
        return;
    }
    match may_begin(&model.wizard, path) {
        Err(problem) => model.wizard.go_to(Step::Email, Some(problem)),
        Ok(email) if path == Path::Forgotten => {
            model.wizard.forget_secrets();
            ask(model, Entry::Forgot(email.as_str().to_owned()), effects);
            model.wizard.path = path;
            model.wizard.go_to(Step::Email, None);
        }
        Ok(_) => {
            model.wizard.forget_secrets();
            model.wizard.path = path;
            model.wizard.go_to(Step::Name, None);
        }
    }
}

/// Whether the address may go on like this, as far as the server's rules say.
fn may_begin(wizard: &Wizard, path: Path) -> Result<Email, SafeText> {
    let email = email(wizard)?;
    let Some(hall) = wizard.hall.as_ref().filter(|_| path == Path::New) else { return Ok(email) };
    let is_taken = |domain: &String| {
        let (own, domain) = (email.domain(), domain.trim_start_matches("*."));
        own == domain || own.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    };
    if !hall.open || !hall.domains.is_empty() && !hall.domains.iter().any(is_taken) {
        return Err(hall.rules());
    }
    Ok(email)
}

fn resend(model: &mut Model, effects: &mut Effects) {
    let wizard = &model.wizard;
    let waits = wizard.resend_at.is_some_and(|at| at > model.now);
    if wizard.step != Step::Code || wizard.asked.is_some() || waits {
        return;
    }
    let email = wizard.email.text().to_owned();
    let entry = if wizard.confirms() { Entry::Resend(email) } else { Entry::Forgot(email) };
    ask(model, entry, effects);
}

/// Another second of the waiting for a code is over; tells whether anybody counts.
pub(super) fn ticked(model: &mut Model, effects: &mut Effects) -> bool {
    let counts = model.wizard.open && model.wizard.step == Step::Code;
    let Some(until) = model.wizard.resend_at.filter(|_| counts) else { return false };
    if until > model.now {
        tick(model, effects);
    }
    true
}

fn tick(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    effects.push(Effect::After(TICK, Timer::Resend(ticket)));
}

/// An answer of the server. A session that came counts even for whoever went back meanwhile.
pub(super) fn arrived(model: &mut Model, ticket: Ticket, result: Result<Entered, Refused>, effects: &mut Effects) {
    let awaited = model.wizard.asked == Some(ticket);
    match result {
        Ok(Entered::SignedIn(profile)) => signed_in(model, profile, effects),
        _ if !awaited => model.changed = false,
        Ok(Entered::Found(hall)) => found(model, *hall, effects),
        Ok(Entered::CodeSent) => code_sent(model, effects),
        Err(refused) => {
            model.wizard.asked = None;
            explain(model, &refused, effects);
        }
    }
}

/// The server is there: everything else is asked of it from now on.
fn found(model: &mut Model, hall: Hall, effects: &mut Effects) {
    model.wizard.asked = None;
    if hall.address != model.settings.address() {
        move_to(model, &hall, effects);
        effects.push(Effect::Account(Errand::Keep { key: "server", value: hall.address.clone() }));
        me::load(model, effects);
    }
    model.wizard.hall = Some(hall);
    model.wizard.go_to(Step::Email, None);
}

/// Turns to another server. Nothing of the one before is shown any more; what was written there is kept there.
pub(super) fn move_to(model: &mut Model, hall: &Hall, effects: &mut Effects) {
    composer::keep(model, effects);
    form::keep(model, effects);
    model.settings.move_to(hall);
    model.forget();
    effects.push(Effect::Account(Errand::UseServer(hall.address.clone())));
}

fn code_sent(model: &mut Model, effects: &mut Effects) {
    model.wizard.asked = None;
    model.wizard.mailed(model.now + RESEND_AFTER);
    if model.wizard.path != Path::Forgotten {
        model.wizard.forget_secrets();
    }
    model.wizard.go_to(Step::Code, None);
    tick(model, effects);
}

/// Says what the server refused, under the field that it is about.
fn explain(model: &mut Model, refused: &Refused, effects: &mut Effects) {
    let wizard = &mut model.wizard;
    if refused.code.as_deref() == Some("unverified") {
        let email = wizard.email.text().to_owned();
        return ask(model, Entry::Resend(email), effects);
    }
    let fault = refused.faults.iter().find_map(|(field, message)| Some((step_of(field)?, message)));
    match fault {
        Some((Step::Code, _)) => wrong_code(wizard),
        Some((step, message)) if wizard.path.steps().contains(&step) => {
            wizard.go_to(step, Some(SafeText::line(&format!("It {message}."))));
        }
        _ => wizard.focused().problem = Some(sentence(refused)),
    }
}

fn step_of(field: &str) -> Option<Step> {
    Some(match field {
        "email" => Step::Email,
        "name" => Step::Name,
        "password" => Step::Password,
        "code" => Step::Code,
        _ => return None,
    })
}

fn wrong_code(wizard: &mut Wizard) {
    wizard.tries = wizard.tries.saturating_sub(1);
    let problem = match wizard.tries {
        0 => "It is wrong, and cannot be tried again: Ctrl+R mails another one.".to_owned(),
        1 => "It is wrong or has ended. 1 try remains.".to_owned(),
        tries => format!("It is wrong or has ended. {tries} tries remain."),
    };
    wizard.go_to(Step::Code, Some(SafeText::line(&problem)));
}

fn sentence(refused: &Refused) -> SafeText {
    let said = &refused.failure.sentence;
    match (refused.pause, refused.failure.kind) {
        (Some(pause), _) => SafeText::line(&format!("{said} (in {} s)", pause.as_secs())),
        (None, FailureKind::Offline) => SafeText::line(&format!("{said}. Enter tries again.")),
        _ => said.clone(),
    }
}

/// Begins anew as whoever signed in. What led to the sign-in is not done: it was meant before.
fn signed_in(model: &mut Model, profile: Box<Profile>, effects: &mut Effects) {
    let who = format!("Signed in as {} on campus {}", profile.name, profile.campus);
    model.forget();
    model.wizard.open = true;
    me::arrived(model, Ok(profile), effects);
    notice(model, &who, false, effects);
}

/// Asks for everything that is on the screen.
pub(super) fn load_all(model: &mut Model, effects: &mut Effects) {
    effects.push(Effect::LoadCategories);
    tabs::load(model, Tab::Browse, effects);
    if !matches!(model.tab, Tab::Browse | Tab::Me) {
        tabs::load(model, model.tab, effects);
    }
}
