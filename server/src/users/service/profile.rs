//! What users change of themselves, and how they leave.

use campuszon_core::{
    Fault, account,
    form::{Form, Patch},
    permission::Role,
    text,
};

use super::{super::store, User, load, require_password, user};
use crate::{
    App, Error, Principal,
    event::Event,
    platform::database::{Announcement, Tx},
};

/// What a user may change of their profile.
pub struct ProfilePatch {
    name: Option<String>,
    residence: Patch<String>,
    phone: Patch<String>,
    hide_presence: Option<bool>,
}

impl ProfilePatch {
    /// Reads the body of a change.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        if form.is_null("name") {
            form.fault(Fault::new("name", "required", "cannot be cleared"));
        }
        let patch = Self {
            name: form.text("name").and_then(|raw| form.check(account::name(&raw))),
            residence: form.patch_text("residence", |raw| text::line("residence", raw, 1..=120)),
            phone: form.patch_text("phone", |raw| text::line("phone", raw, 1..=40)),
            hide_presence: form.boolean("hide_presence"),
        };
        Ok(form.finish(Some(patch))?)
    }
}

/// Changes the caller's profile.
///
/// # Errors
/// The database's.
pub fn update_profile(tx: &mut Tx<'_>, who: &Principal, patch: &ProfilePatch) -> Result<(), Error> {
    let before = user(tx, who.campus, who.user)?;
    let was_hidden = before.hide_presence;
    let after = User {
        name: patch.name.clone().unwrap_or(before.name),
        residence: patch.residence.clone().apply(before.residence),
        phone: patch.phone.clone().apply(before.phone),
        hide_presence: patch.hide_presence.unwrap_or(before.hide_presence),
        ..before
    };
    store::update_profile(tx, &after)?;
    if after.hide_presence == was_hidden {
        return Ok(());
    }
    tx.emit(&Event::PresenceSwitched { campus: who.campus, user: who.user, hidden: after.hide_presence })
}

/// Erases the caller's account.
///
/// # Errors
/// The password is wrong, or the caller is the last administrator.
pub async fn delete_account(app: &App, who: &Principal, password: String) -> Result<(), Error> {
    let user = load(app, who).await?;
    require_password(app, &user, "password", password).await?;
    app.write(move |tx| {
        tx.emit(&Event::AccountDeleted { campus: user.campus, user: user.id })?;
        store::erase_user(tx, user.campus, user.id)?;
        if user.role == Role::Admin && !store::has_administrator(tx)? {
            let message = "you are the last administrator: make somebody else one first";
            return Err(Error::Conflict(message.to_owned()));
        }
        tx.announce(Announcement::CredentialsChanged(user.id));
        Ok(())
    })
    .await
}
