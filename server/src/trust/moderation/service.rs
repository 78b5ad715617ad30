//! Acts on users, items and reports. Each is one row in the audit log, and whom it concerns is told.
//!
//! Nobody acts on themselves or their own things, and only administrators act on moderators, administrators and theirs.
//! So whoever demotes an administrator remains one: the last cannot be demoted.

use campuszon_core::{
    CampusId, ItemId, ReportId, UserId,
    form::Form,
    item::Action,
    permission::{self, Permission, Role, UserStatus},
    text,
    wire::{
        notification::NotificationKind,
        trust::{AuditAction, ModeratedItem, ModeratedReport, ModeratedUser, ReportStatus, TargetKind},
        wallet::TokenReason,
    },
};

use super::super::{
    audit::{self, Act},
    overview,
    store::{self, StoredReport, Verdict},
};
use crate::{
    Error, Principal,
    items::{self, store::StoredItem},
    notifications::service::{News, tell},
    platform::database::Tx,
    users::{self, ledger, store::User, wallet::service::MOST_TOKENS},
};

/// Reads the optional field `reason` of an act; its faults stay with the form.
pub fn read_reason(form: &mut Form) -> Option<String> {
    form.text("reason").and_then(|raw| form.check(text::block("reason", &raw, 1..=500)))
}

/// Reads what a user is warned of; its faults stay with the form.
pub fn read_warning(form: &mut Form) -> Option<String> {
    form.required_text("message").and_then(|raw| form.check(text::block("message", &raw, 1..=1_000)))
}

/// Reads how many tokens to give; its faults stay with the form.
pub fn read_tokens(form: &mut Form) -> Option<i64> {
    let tokens = form.integer("tokens", 1..=MOST_TOKENS);
    form.require("tokens", tokens)
}

/// Shuts a user out at once, and upholds the open reports on them and their messages.
///
/// # Errors
/// There is none, the caller may not act on them, or they are not active.
pub fn suspend(tx: &mut Tx<'_>, who: &Principal, id: UserId, reason: Option<&str>) -> Result<ModeratedUser, Error> {
    let user = subject(tx, who, id, Permission::Moderate)?;
    users::service::suspend(tx, &user)?;
    uphold_of_user(tx, who, id, reason)?;
    note_user(tx, who, id, AuditAction::Suspend, reason)?;
    tell_user(tx, who.campus, id, "Your account was suspended", reason)?;
    shown_user(tx, who, id)
}

/// Ends a user's sessions, access tokens and live connections, as when a device was stolen. They may sign in again.
///
/// # Errors
/// There is none, or the caller may not act on them.
pub fn sign_out(tx: &mut Tx<'_>, who: &Principal, id: UserId, reason: Option<&str>) -> Result<ModeratedUser, Error> {
    let user = subject(tx, who, id, Permission::Moderate)?;
    users::service::sign_out(tx, &user)?;
    note_user(tx, who, id, AuditAction::SignOut, reason)?;
    tell_user(tx, who.campus, id, "You were signed out everywhere", reason)?;
    shown_user(tx, who, id)
}

/// Lets a suspended user in again.
///
/// # Errors
/// There is none, the caller may not act on them, or they are not suspended.
pub fn restore_user(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: UserId,
    reason: Option<&str>,
) -> Result<ModeratedUser, Error> {
    let user = subject(tx, who, id, Permission::Moderate)?;
    users::service::reinstate(tx, &user)?;
    note_user(tx, who, id, AuditAction::Restore, reason)?;
    tell_user(tx, who.campus, id, "Your account is restored", reason)?;
    shown_user(tx, who, id)
}

/// Tells a user what not to do, and upholds the open reports on them and their messages.
///
/// # Errors
/// There is none, or the caller may not act on them.
pub fn warn(tx: &mut Tx<'_>, who: &Principal, id: UserId, message: &str) -> Result<ModeratedUser, Error> {
    subject(tx, who, id, Permission::Moderate)?;
    uphold_of_user(tx, who, id, Some(message))?;
    note_user(tx, who, id, AuditAction::Warn, Some(message))?;
    tell_user(tx, who.campus, id, "A moderator warns you", Some(message))?;
    shown_user(tx, who, id)
}

/// Gives a user marketplace tokens.
///
/// # Errors
/// There is none, or the caller is no administrator or the user.
pub fn grant(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: UserId,
    tokens: i64,
    reason: Option<&str>,
) -> Result<ModeratedUser, Error> {
    subject(tx, who, id, Permission::Administer)?;
    let amount = text::count(tokens, "token");
    let detail = reason.map_or_else(|| amount.clone(), |reason| format!("{amount}: {reason}"));
    let act = note_user(tx, who, id, AuditAction::Grant, Some(&detail))?;
    ledger::give(tx, who.campus, id, tokens, TokenReason::Grant, &act)?;
    let title = format!("An administrator gave you {amount}");
    let news = News { body: reason.map(str::to_owned), ..News::new(NotificationKind::Tokens, title) };
    tell(tx, who.campus, id, news)?;
    shown_user(tx, who, id)
}

/// Makes a user a student, a moderator or an administrator of the campus.
///
/// # Errors
/// There is none, or the caller is no administrator or the user.
pub fn set_role(tx: &mut Tx<'_>, who: &Principal, id: UserId, role: Role) -> Result<ModeratedUser, Error> {
    let user = subject(tx, who, id, Permission::Administer)?;
    if user.role != role {
        users::service::set_role(tx, who.campus, id, role)?;
        note_user(tx, who, id, AuditAction::SetRole, Some(role.as_str()))?;
        tell_user(tx, who.campus, id, &format!("You are now: {role}"), None)?;
    }
    shown_user(tx, who, id)
}

/// Takes an item off, and upholds the open reports on it.
///
/// # Errors
/// There is none, the caller may not act on its seller, or it is removed already.
pub fn remove_item(tx: &mut Tx<'_>, who: &Principal, id: ItemId, reason: Option<&str>) -> Result<ModeratedItem, Error> {
    let item = item(tx, who, id)?;
    items::service::advance(tx, who.campus, id, Action::Remove)?;
    let verdict = Verdict { status: ReportStatus::Upheld, by: who.user, note: reason };
    store::decide(tx, who.campus, TargetKind::Item, &id.to_string(), &verdict)?;
    note_item(tx, who, id, AuditAction::Remove, reason)?;
    tell_seller(tx, who.campus, &item, format!("A moderator took off {}", item.title), reason)?;
    shown_item(tx, who, id)
}

/// Brings back an item that was taken off or that reports hid; open reports on it are dismissed, or one more would hide
/// it again.
///
/// # Errors
/// There is none, the caller may not act on its seller, or it is neither removed nor hidden.
pub fn restore_item(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: ItemId,
    reason: Option<&str>,
) -> Result<ModeratedItem, Error> {
    let item = item(tx, who, id)?;
    if !items::service::restore(tx, who.campus, id)? {
        return Err(Error::Conflict(format!(
            "the item is {} and not hidden: there is nothing to restore",
            item.status
        )));
    }
    let verdict = Verdict { status: ReportStatus::Dismissed, by: who.user, note: reason };
    store::decide(tx, who.campus, TargetKind::Item, &id.to_string(), &verdict)?;
    note_item(tx, who, id, AuditAction::Restore, reason)?;
    tell_seller(tx, who.campus, &item, format!("A moderator brought back {}", item.title), reason)?;
    shown_item(tx, who, id)
}

/// Sees nothing wrong in a report: all open ones on the same thing are dismissed, and an item they hid is shown again.
///
/// # Errors
/// There is none, the caller may not act on whom it is about, or it is decided already.
pub fn dismiss(tx: &mut Tx<'_>, who: &Principal, id: ReportId, reason: Option<&str>) -> Result<ModeratedReport, Error> {
    let report = store::report(tx, who.campus, id)?.ok_or(Error::NotFound("report"))?;
    authorize(tx, who, report.subject, Permission::Moderate)?;
    if report.status != ReportStatus::Open {
        return Err(Error::Conflict(format!("this report is {} already", report.status)));
    }
    let verdict = Verdict { status: ReportStatus::Dismissed, by: who.user, note: reason };
    store::decide(tx, who.campus, report.kind, &report.target, &verdict)?;
    let act = Act {
        actor: Some(who.user),
        action: AuditAction::Dismiss,
        kind: report.kind,
        target: &report.target,
        detail: reason,
    };
    audit::note(tx, who.campus, &act)?;
    show_again(tx, who, &report)?;
    overview::store::report(tx, who.campus, id)?.ok_or(Error::NotFound("report"))
}

/// Shows the item of a dismissed report again, where reports hid it.
fn show_again(tx: &mut Tx<'_>, who: &Principal, report: &StoredReport) -> Result<(), Error> {
    let Some(id) = report.target.parse().ok().filter(|_| report.kind == TargetKind::Item) else { return Ok(()) };
    let item = match items::service::find(tx, who.campus, id) {
        Ok(item) if item.hidden => item,
        Ok(_) | Err(Error::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    items::service::hide(tx, who.campus, id, false)?;
    tell_seller(tx, who.campus, &item, format!("{} is shown again: a moderator saw nothing wrong", item.title), None)
}

/// The user to act on.
fn subject(tx: &mut Tx<'_>, who: &Principal, id: UserId, permission: Permission) -> Result<User, Error> {
    who.require(permission)?;
    let user = users::service::user(tx, who.campus, id)?;
    if user.status == UserStatus::Deleted {
        return Err(Error::NotFound("user"));
    }
    authorize(tx, who, id, permission)?;
    Ok(user)
}

/// The item to act on.
fn item(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<StoredItem, Error> {
    who.require(Permission::Moderate)?;
    let item = items::service::find(tx, who.campus, id)?;
    if item.deleted {
        return Err(Error::NotFound("item"));
    }
    authorize(tx, who, item.seller, Permission::Moderate)?;
    Ok(item)
}

/// Refuses who may not act on `subject`. The caller's role is read again in this transaction: of two administrators who
/// demote each other at the same moment, one remains.
fn authorize(tx: &mut Tx<'_>, who: &Principal, subject: UserId, permission: Permission) -> Result<(), Error> {
    let actor = users::service::user(tx, who.campus, who.user)?;
    users::service::require_active(&actor)?;
    permission::check(actor.role, &who.credential, permission)?;
    if actor.id == subject {
        return Err(Error::Conflict("nobody decides on themselves or their own things: ask somebody else".to_owned()));
    }
    let subject = users::service::user(tx, who.campus, subject)?;
    if actor.role != Role::Admin && subject.role != Role::Student {
        let message = "only an administrator may act on moderators, administrators and their things";
        return Err(Error::Forbidden(message.to_owned()));
    }
    Ok(())
}

fn uphold_of_user(tx: &mut Tx<'_>, who: &Principal, id: UserId, note: Option<&str>) -> Result<(), Error> {
    let verdict = Verdict { status: ReportStatus::Upheld, by: who.user, note };
    store::decide_of_user(tx, who.campus, id, &verdict)?;
    Ok(())
}

fn note_user(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: UserId,
    action: AuditAction,
    detail: Option<&str>,
) -> Result<String, Error> {
    let target = id.to_string();
    let act = Act { actor: Some(who.user), action, kind: TargetKind::User, target: &target, detail };
    Ok(audit::note(tx, who.campus, &act)?.to_string())
}

fn note_item(
    tx: &mut Tx<'_>,
    who: &Principal,
    id: ItemId,
    action: AuditAction,
    detail: Option<&str>,
) -> Result<(), Error> {
    let target = id.to_string();
    let act = Act { actor: Some(who.user), action, kind: TargetKind::Item, target: &target, detail };
    audit::note(tx, who.campus, &act)?;
    Ok(())
}

fn tell_user(tx: &mut Tx<'_>, campus: CampusId, id: UserId, title: &str, body: Option<&str>) -> Result<(), Error> {
    let news = News { body: body.map(str::to_owned), ..News::new(NotificationKind::Moderation, title) };
    tell(tx, campus, id, news)
}

fn tell_seller(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: &StoredItem,
    title: String,
    body: Option<&str>,
) -> Result<(), Error> {
    let news =
        News { body: body.map(str::to_owned), item: Some(item.id), ..News::new(NotificationKind::Moderation, title) };
    tell(tx, campus, item.seller, news)
}

fn shown_user(tx: &mut Tx<'_>, who: &Principal, id: UserId) -> Result<ModeratedUser, Error> {
    overview::store::user(tx, who.campus, id)?.ok_or(Error::NotFound("user"))
}

fn shown_item(tx: &mut Tx<'_>, who: &Principal, id: ItemId) -> Result<ModeratedItem, Error> {
    overview::store::item(tx, who.campus, id)?.ok_or(Error::NotFound("item"))
}
