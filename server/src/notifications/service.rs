//! What users are told of, stored with the change it tells of. Every service below may tell.

use std::time::Duration;

use campuszon_core::{
    BookingId, CampusId, ChatId, Fault, Id, ItemId, NotificationId, Timestamp, UserId,
    form::Form,
    permission::UserStatus,
    wire::{
        live::ServerFrame,
        notification::{Notification, NotificationKind, Preferences},
    },
};

use super::store::{self, StoredPreferences};
use crate::{
    Error, Principal,
    event::Event,
    platform::{database::Tx, inbox},
};

/// How long an entry stays in a feed that goes on.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How many entries are marked at once.
const MAX_MARKED: usize = 100;

/// What to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What it is about.
    pub kind: NotificationKind,
    /// One line.
    pub title: String,
    /// More of it.
    pub body: Option<String>,
    /// The item it concerns.
    pub item: Option<ItemId>,
    /// The chat it concerns.
    pub chat: Option<ChatId>,
    /// The booking it concerns.
    pub booking: Option<BookingId>,
}

impl News {
    /// News that consist of a title.
    pub fn new(kind: NotificationKind, title: impl Into<String>) -> Self {
        Self { kind, title: title.into(), body: None, item: None, chat: None, booking: None }
    }
}

/// Tells a user: an entry of their feed, pushed live after the commit. Who muted this kind, or is gone, is not told; who
/// is suspended finds it when they come back.
///
/// # Errors
/// The database's.
pub fn tell(tx: &mut Tx<'_>, campus: CampusId, user: UserId, news: News) -> Result<(), Error> {
    let Some((status, muted)) = store::reader(tx, campus, user)? else { return Ok(()) };
    if status == UserStatus::Deleted || muted.contains(&news.kind) {
        return Ok(());
    }
    let notification = Notification {
        id: next_id(tx, campus, user)?,
        kind: news.kind,
        title: news.title,
        body: news.body,
        item: news.item,
        chat: news.chat,
        booking: news.booking,
        read: false,
        created_at: tx.now(),
    };
    store::insert(tx, campus, user, &notification)?;
    // Here and not in a sweep: the key leads straight to what is old, and a feed grows nowhere else.
    store::delete_before(tx, campus, user, first_id(tx.now() - KEPT))?;
    inbox::deliver(tx, campus, user, |since| ServerFrame::Notification { notification, since })
}

/// An id above all of a feed, which is read in the order of ids: what is told in one moment stays in its order.
fn next_id(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<NotificationId, Error> {
    let id: NotificationId = tx.new_id();
    let newest = store::newest(tx, campus, user)?;
    Ok(newest.map_or(id, |newest| id.max(NotificationId::from_bits(newest.bits().saturating_add(1)))))
}

/// The smallest id of a time.
fn first_id(time: Timestamp) -> NotificationId {
    NotificationId::new(time, 0)
}

/// How many notifications a user has not read.
///
/// # Errors
/// The database's.
pub fn unread_total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, Error> {
    Ok(store::unread_total(tx, campus, user)?)
}

/// The caller's entries before `before`, newest first; only unread ones where asked.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    who: &Principal,
    unread: bool,
    before: Option<NotificationId>,
    limit: usize,
) -> Result<Vec<Notification>, Error> {
    let before = before.unwrap_or(NotificationId::from_bits(u128::MAX));
    Ok(store::page(tx, who.campus, who.user, unread, before, limit)?)
}

/// Which entries to mark as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// These.
    Some(Vec<NotificationId>),
    /// All there are.
    All,
}

impl Marked {
    /// Reads `ids` or `all`.
    ///
    /// # Errors
    /// Every fault; both or neither of them is one.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let (has_ids, has_all) = (form.has("ids") && !form.is_null("ids"), form.has("all") && !form.is_null("all"));
        let (ids, all) = (form.parsed_list("ids"), form.boolean("all"));
        let marked = match (ids, all) {
            _ if has_ids == has_all => {
                form.fault(Fault::new("ids", "invalid", "give either ids, or all"));
                None
            }
            (Some(ids), _) if ids.len() > MAX_MARKED => {
                let message = format!("names {} notifications: at most {MAX_MARKED} at once, or all", ids.len());
                form.fault(Fault::new("ids", "too_many", message));
                None
            }
            (Some(ids), _) => Some(Self::Some(ids)),
            (None, Some(true)) => Some(Self::All),
            (None, Some(false)) => {
                form.fault(Fault::new("all", "invalid", "can only be true: name ids to mark some"));
                None
            }
            (None, None) => None,
        };
        Ok(form.finish(marked)?)
    }
}

/// Marks entries of the caller as read: all that are named, or none.
///
/// # Errors
/// One of them is not there.
pub fn mark(tx: &mut Tx<'_>, who: &Principal, marked: &Marked) -> Result<(), Error> {
    let Marked::Some(ids) = marked else { return Ok(store::mark_all(tx, who.campus, who.user)?) };
    for id in ids {
        if !store::mark(tx, who.campus, who.user, *id)? {
            return Err(Error::NotFound("notification"));
        }
    }
    Ok(())
}

/// Deletes an entry of the caller.
///
/// # Errors
/// There is none.
pub fn delete(tx: &mut Tx<'_>, who: &Principal, id: NotificationId) -> Result<(), Error> {
    if store::delete(tx, who.campus, who.user, id)? { Ok(()) } else { Err(Error::NotFound("notification")) }
}

/// Deletes all entries of the caller.
///
/// # Errors
/// The database's.
pub fn clear(tx: &mut Tx<'_>, who: &Principal) -> Result<(), Error> {
    Ok(store::clear(tx, who.campus, who.user)?)
}

/// Whether a user was told of messages in a conversation after `since`.
///
/// # Errors
/// The database's.
pub fn was_told_of_chat(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    chat: ChatId,
    since: Timestamp,
) -> Result<bool, Error> {
    Ok(store::has_chat(tx, campus, user, chat, first_id(since))?)
}

/// A user has read a conversation, and with it what told them to.
///
/// # Errors
/// The database's.
pub fn chat_was_read(tx: &mut Tx<'_>, campus: CampusId, user: UserId, chat: ChatId) -> Result<(), Error> {
    Ok(store::mark_chat(tx, campus, user, chat)?)
}

/// What the caller wants to be told of: everything, and no mail, unless they said otherwise.
///
/// # Errors
/// The database's.
pub fn preferences(tx: &mut Tx<'_>, who: &Principal) -> Result<Preferences, Error> {
    let stored = stored_preferences(tx, who)?;
    Ok(Preferences { muted: stored.muted, digest: stored.digest })
}

fn stored_preferences(tx: &mut Tx<'_>, who: &Principal) -> Result<StoredPreferences, Error> {
    let stored = store::preferences(tx, who.campus, who.user)?;
    Ok(stored.unwrap_or(StoredPreferences { muted: Vec::new(), digest: false, digested_at: tx.now() }))
}

/// A change of preferences; what is `None` stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferencesPatch {
    muted: Option<Vec<NotificationKind>>,
    digest: Option<bool>,
}

impl PreferencesPatch {
    /// Reads a patch; `null` stands for how it was at the beginning.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let (unmute, no_digest) = (form.is_null("muted"), form.is_null("digest"));
        let muted = form.parsed_list("muted").or(unmute.then(Vec::new));
        let digest = form.boolean("digest").or(no_digest.then_some(false));
        Ok(form.finish(Some(Self { muted, digest }))?)
    }
}

/// Changes what the caller wants to be told of. Mails begin with what comes after they were asked for.
///
/// # Errors
/// The database's.
pub fn set_preferences(tx: &mut Tx<'_>, who: &Principal, patch: &PreferencesPatch) -> Result<Preferences, Error> {
    let before = stored_preferences(tx, who)?;
    let wanted = patch.muted.as_ref().unwrap_or(&before.muted);
    let digest = patch.digest.unwrap_or(before.digest);
    let after = StoredPreferences {
        // In one order and once, however they were named.
        muted: NotificationKind::ALL.iter().copied().filter(|kind| wanted.contains(kind)).collect(),
        digest,
        digested_at: if digest && !before.digest { tx.now() } else { before.digested_at },
    };
    store::put_preferences(tx, who.campus, who.user, &after)?;
    Ok(Preferences { muted: after.muted, digest: after.digest })
}

/// Who wants a mail about what they have not read, and had none since `before`; of every campus.
///
/// # Errors
/// The database's.
pub fn digests_due(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<Vec<(CampusId, UserId)>, Error> {
    Ok(store::digests_due(tx, before, limit)?)
}

/// How long messages wait before a mail says so: whoever is about to read them needs none.
const WAITING: Duration = Duration::from_secs(60 * 60);

/// What a daily mail says a user has not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// The titles of news.
    pub titles: Vec<String>,
    /// Who wrote, and how many messages.
    pub messages: Vec<(String, i64)>,
}

/// Takes what a user's daily mail is to say: what came since the one before and was not read, at most `limit` of each
/// kind. Nothing when they want none.
///
/// # Errors
/// The database's.
pub fn take_digest(tx: &mut Tx<'_>, campus: CampusId, user: UserId, limit: i64) -> Result<Unread, Error> {
    let Some(preferences) = store::preferences(tx, campus, user)?.filter(|preferences| preferences.digest) else {
        return Ok(Unread::default());
    };
    let (since, now) = (preferences.digested_at, tx.now());
    let titles = store::unread_since(tx, campus, user, since, limit)?;
    let messages = if preferences.muted.contains(&NotificationKind::ChatMessage) {
        Vec::new()
    } else {
        store::waiting_messages(tx, campus, user, since - WAITING, now - WAITING, limit)?
    };
    store::put_preferences(tx, campus, user, &StoredPreferences { digested_at: now, ..preferences })?;
    Ok(Unread { titles, messages })
}

/// Follows what other services tell of.
///
/// # Errors
/// The cause must be rolled back.
pub fn follow(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    if let Event::AccountDeleted { campus, user } = event {
        store::clear(tx, *campus, *user)?;
        store::delete_preferences(tx, *campus, *user)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &serde_json::Value) -> Result<Marked, String> {
        let form = Form::json(body.as_object().expect("an object").clone());
        Marked::read(form).map_err(|error| match error {
            Error::Invalid(faults) => faults.iter().map(|fault| format!("{} {}", fault.field, fault.code)).collect(),
            other => other.to_string(),
        })
    }

    #[test]
    fn some_or_all_are_marked() {
        let id = NotificationId::from_bits(7);
        assert_eq!(read(&json!({"ids": [id], "all": null})), Ok(Marked::Some(vec![id])));
        assert_eq!(read(&json!({"all": true})), Ok(Marked::All));
        for (body, fault) in [
            (json!({}), "ids invalid"),
            (json!({"ids": [id], "all": true}), "ids invalid"),
            (json!({"all": false}), "all invalid"),
            (json!({"ids": ["itm_1"]}), "ids[0] invalid"),
            (json!({"ids": vec![id; 101]}), "ids too_many"),
        ] {
            assert_eq!(read(&body), Err(fault.to_owned()), "{body}");
        }
    }

    #[test]
    fn ids_of_a_time_are_parted_by_its_first() {
        let (before, after) = (Timestamp::from_millis(999), Timestamp::from_millis(1_000));
        assert!(NotificationId::new(before, u128::MAX) < first_id(after));
        assert!(NotificationId::new(after, 1) > first_id(after));
    }
}
