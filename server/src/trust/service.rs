//! Reports: who may report what, once, and what many reports do.

use campuszon_core::{
    ChatId, ItemId, MessageId, UserId,
    form::Form,
    text,
    wire::{
        notification::NotificationKind,
        trust::{AuditAction, Report, ReportStatus, TargetKind},
    },
};

use super::{
    audit::{self, Act},
    store::{self, StoredReport},
};
use crate::{
    Error, Principal, chat, items,
    notifications::service::{News, tell},
    platform::database::Tx,
    users,
};

/// How many more of somebody's reports may have been dismissed than upheld before their reports hide nothing any more.
/// They are still read by moderators.
pub const TOLERANCE: i64 = 2;

/// The text of a checked report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReport {
    /// One line.
    pub reason: String,
    /// More of it.
    pub detail: Option<String>,
}

impl NewReport {
    /// Reads the body of a report; the faults stay with the form.
    pub fn read(form: &mut Form) -> Option<Self> {
        let reason = form.required_text("reason").and_then(|raw| form.check(text::line("reason", &raw, 1..=100)));
        let detail = form.text("detail").and_then(|raw| form.check(text::block("detail", &raw, 1..=2_000)));
        reason.map(|reason| Self { reason, detail })
    }
}

/// Reports an item. Enough reports by people of some standing hide it until a moderator decides.
///
/// # Errors
/// The caller cannot see it, it is theirs, or they have reported it before.
pub fn report_item(tx: &mut Tx<'_>, who: &Principal, id: ItemId, new: &NewReport) -> Result<Report, Error> {
    require_first(tx, who, TargetKind::Item, &id.to_string())?;
    let item = items::service::visible(tx, who, id)?;
    if item.seller == who.user {
        return Err(Error::Conflict("this is your own item: edit it, or take it off".to_owned()));
    }
    let report = insert(tx, who, TargetKind::Item, &id.to_string(), None, item.seller, new)?;
    let threshold = i64::from(tx.settings().moderation.hide_after_reports);
    let reports = store::count_of_standing(tx, who.campus, TargetKind::Item, &id.to_string(), TOLERANCE)?;
    if reports >= threshold && !item.hidden {
        items::service::hide(tx, who.campus, id, true)?;
        let (target, detail) = (id.to_string(), format!("{reports} reports"));
        let action = AuditAction::Hide;
        let act = Act { actor: None, action, kind: TargetKind::Item, target: &target, detail: Some(&detail) };
        audit::note(tx, who.campus, &act)?;
        let title = format!("{} is hidden until a moderator has looked at it", item.title);
        let body = Some("Several people reported it. You need to do nothing.".to_owned());
        let news = News { body, item: Some(id), ..News::new(NotificationKind::Moderation, title) };
        tell(tx, who.campus, item.seller, news)?;
    }
    Ok(report)
}

/// Reports a user.
///
/// # Errors
/// There is none, it is the caller, or they have reported them before.
pub fn report_user(tx: &mut Tx<'_>, who: &Principal, id: UserId, new: &NewReport) -> Result<Report, Error> {
    if id == who.user {
        return Err(Error::Conflict("you cannot report yourself".to_owned()));
    }
    let user = users::service::known(tx, who.campus, id)?;
    require_first(tx, who, TargetKind::User, &user.id.to_string())?;
    insert(tx, who, TargetKind::User, &user.id.to_string(), None, user.id, new)
}

/// Reports a message of one of the caller's conversations.
///
/// # Errors
/// The caller is no member, wrote it themselves, or has reported it before.
pub fn report_message(
    tx: &mut Tx<'_>,
    who: &Principal,
    chat: ChatId,
    id: MessageId,
    new: &NewReport,
) -> Result<Report, Error> {
    let message = chat::service::message(tx, who, chat, id)?;
    let sender = message.sender_id.filter(|sender| *sender != who.user);
    let sender = sender.ok_or_else(|| Error::Conflict("only what the other has written can be reported".to_owned()))?;
    require_first(tx, who, TargetKind::Message, &id.to_string())?;
    insert(tx, who, TargetKind::Message, &id.to_string(), Some(chat), sender, new)
}

/// Refuses a second report of the same thing by the caller, whatever became of the first.
fn require_first(tx: &mut Tx<'_>, who: &Principal, kind: TargetKind, target: &str) -> Result<(), Error> {
    if store::has_reported(tx, who.campus, who.user, kind, target)? {
        return Err(Error::Conflict(format!("you have reported this {kind} already")));
    }
    Ok(())
}

fn insert(
    tx: &mut Tx<'_>,
    who: &Principal,
    kind: TargetKind,
    target: &str,
    chat: Option<ChatId>,
    subject: UserId,
    new: &NewReport,
) -> Result<Report, Error> {
    let report = StoredReport {
        id: tx.new_id(),
        reporter: who.user,
        kind,
        target: target.to_owned(),
        chat,
        subject,
        reason: new.reason.clone(),
        detail: new.detail.clone(),
        status: ReportStatus::Open,
        created_at: tx.now(),
    };
    store::insert(tx, who.campus, &report)?;
    Ok(report.shown())
}
