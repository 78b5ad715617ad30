//! Campuses: which one an address belongs to, those that the settings list, and their administration.
//!
//! Everything of a campus carries its id, so an account cannot move from one to another. Hence a domain that accounts use
//! stays where it is, and two campuses that both have accounts never become one.

use std::{collections::HashMap, fmt, str::FromStr};

use campuszon_core::{
    CampusId,
    account::{self, Email},
    form::Form,
    text,
    wire::{campus::Campus, trust::AuditAction},
};

use super::store::{self, StoredCampus};
use crate::{
    Error, Principal,
    platform::database::Tx,
    settings::{self, Settings},
};

/// The campus of `email`, made when a new domain may have one of its own; `None` when nobody may sign up from there.
///
/// # Errors
/// The database's.
pub fn of_new_user(tx: &mut Tx<'_>, settings: &Settings, email: &Email) -> Result<Option<CampusId>, Error> {
    if let Some(campus) = store::campus_of_domain(tx, email.domain())? {
        return Ok(Some(campus));
    }
    if !accepts(settings, email) {
        return Ok(None);
    }
    let campus = tx.new_id();
    store::insert_campus(tx, campus, email.domain())?;
    store::insert_domain(tx, campus, email.domain())?;
    Ok(Some(campus))
}

/// Whether somebody with this address may sign up.
pub fn accepts(settings: &Settings, email: &Email) -> bool {
    let listed = settings.campuses.iter().flat_map(|campus| &campus.domains).any(|domain| domain == email.domain());
    if listed {
        return true;
    }
    if !settings.campuses.is_empty() {
        return false;
    }
    let domains = &settings.registration.domains;
    if domains.is_empty() { !email.is_public_provider() } else { domains.iter().any(|domain| domain == email.domain()) }
}

/// Makes the campuses that the settings list, and gives them their domains. A campus under another name is recognized by
/// its domains, so that it can be renamed.
///
/// # Errors
/// A domain is used by accounts of another campus.
pub fn ensure_listed(tx: &mut Tx<'_>, settings: &Settings) -> Result<(), Error> {
    for listed in &settings.campuses {
        let campus = match store::campus_of_name(tx, &listed.name)? {
            Some(campus) => campus,
            None => recognized_or_new(tx, settings, listed)?,
        };
        listed.domains.iter().try_for_each(|domain| take_domain(tx, campus, domain))?;
    }
    Ok(())
}

/// The campus that has the listed domains under a name that is not listed, renamed: the one where most accounts use
/// them. Otherwise a new one.
fn recognized_or_new(tx: &mut Tx<'_>, settings: &Settings, listed: &settings::Campus) -> Result<CampusId, Error> {
    let mut owners: HashMap<CampusId, i64> = HashMap::new();
    for domain in &listed.domains {
        let Some(owner) = store::campus_of_domain(tx, domain)? else { continue };
        let name = store::campus_name(tx, owner)?.unwrap_or_default();
        if !settings.campuses.iter().any(|other| other.name == name) {
            *owners.entry(owner).or_default() += store::accounts_of_domain(tx, owner, domain)?;
        }
    }
    // Of equals the oldest, so that every start decides alike.
    let owner = owners.into_iter().max_by_key(|(owner, accounts)| (*accounts, std::cmp::Reverse(*owner)));
    let Some((owner, _)) = owner else {
        let campus = tx.new_id();
        store::insert_campus(tx, campus, &listed.name)?;
        return Ok(campus);
    };
    store::rename_campus(tx, owner, &listed.name)?;
    Ok(owner)
}

/// Gives a domain to a campus, unless accounts of another one use it.
fn take_domain(tx: &mut Tx<'_>, campus: CampusId, domain: &str) -> Result<(), Error> {
    if let Some(owner) = store::campus_of_domain(tx, domain)?.filter(|owner| *owner != campus) {
        let accounts = store::accounts_of_domain(tx, owner, domain)?;
        if accounts > 0 {
            let owner = store::campus_name(tx, owner)?.unwrap_or_default();
            let accounts = text::count(accounts, "account");
            return Err(Error::Conflict(format!(
                "the domain {domain} belongs to the campus {owner} and is that of {accounts} there, and no account can \
                 move to another campus: list the domain there, or leave it out"
            )));
        }
    }
    Ok(store::move_domain(tx, campus, domain)?)
}

/// A checked e-mail domain, in lower case.
struct Domain(String);

/// The text is no domain.
struct NoDomain;

impl fmt::Display for NoDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be an e-mail domain, such as uni.example")
    }
}

impl FromStr for Domain {
    type Err = NoDomain;
    fn from_str(text: &str) -> Result<Self, NoDomain> {
        let domain = text.trim().to_lowercase();
        if account::is_domain(&domain) { Ok(Self(domain)) } else { Err(NoDomain) }
    }
}

/// A checked wish for a campus.
pub struct NewCampus {
    name: String,
    domains: Vec<Domain>,
}

impl NewCampus {
    /// Reads the body of a new campus.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let name = form.required_text("name").and_then(|raw| form.check(text::line("name", &raw, 1..=80)));
        let domains = form.parsed_list("domains").filter(|domains: &Vec<Domain>| !domains.is_empty());
        let domains = form.require("domains", domains);
        Ok(form.finish(name.zip(domains).map(|(name, domains)| Self { name, domains }))?)
    }
}

/// What an administrator may change of a campus.
pub struct CampusPatch {
    name: Option<String>,
    add: Vec<Domain>,
    remove: Vec<Domain>,
}

impl CampusPatch {
    /// Reads the body of a change.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let patch = Self {
            name: form.text("name").and_then(|raw| form.check(text::line("name", &raw, 1..=80))),
            add: form.parsed_list("add_domains").unwrap_or_default(),
            remove: form.parsed_list("remove_domains").unwrap_or_default(),
        };
        Ok(form.finish(Some(patch))?)
    }
}

/// All campuses with their domains, newest first.
///
/// # Errors
/// The database's.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Campus>, Error> {
    let mut domains: HashMap<CampusId, Vec<String>> = HashMap::new();
    for (campus, domain) in store::domains(tx)? {
        domains.entry(campus).or_default().push(domain);
    }
    let shown = |StoredCampus { id, name, users, created_at }| Campus {
        id,
        name,
        domains: domains.remove(&id).unwrap_or_default(),
        users,
        created_at,
    };
    Ok(store::campuses(tx)?.into_iter().map(shown).collect())
}

/// One campus.
///
/// # Errors
/// There is no such campus.
pub fn one(tx: &mut Tx<'_>, id: CampusId) -> Result<Campus, Error> {
    all(tx)?.into_iter().find(|campus| campus.id == id).ok_or(Error::NotFound("campus"))
}

/// Makes a campus.
///
/// # Errors
/// The name is taken, or a domain is a public provider's or used by accounts of another campus.
pub fn create(tx: &mut Tx<'_>, who: &Principal, new: &NewCampus) -> Result<Campus, Error> {
    refuse_taken(tx, &new.name, None)?;
    let id = tx.new_id();
    store::insert_campus(tx, id, &new.name)?;
    add_domains(tx, id, "domains", &new.domains)?;
    let domains: Vec<&str> = new.domains.iter().map(|domain| domain.0.as_str()).collect();
    let detail = format!("{}: {}", new.name, domains.join(", "));
    store::note_campus_act(tx, who.campus, who.user, AuditAction::CreateCampus, id, &detail)?;
    one(tx, id)
}

/// Changes a campus.
///
/// # Errors
/// There is none, the name is taken, or a domain cannot come or go.
pub fn edit(tx: &mut Tx<'_>, who: &Principal, id: CampusId, patch: &CampusPatch) -> Result<Campus, Error> {
    let before = one(tx, id)?;
    if let Some(name) = patch.name.as_ref().filter(|name| **name != before.name) {
        refuse_taken(tx, name, Some(id))?;
        store::rename_campus(tx, id, name)?;
    }
    add_domains(tx, id, "add_domains", &patch.add)?;
    for Domain(domain) in &patch.remove {
        let accounts = store::accounts_of_domain(tx, id, domain)?;
        if accounts > 0 {
            let accounts = text::count(accounts, "account");
            return Err(Error::Conflict(format!("the domain {domain} is that of {accounts}: it cannot be removed")));
        }
        store::delete_domain(tx, id, domain)?;
    }
    let after = one(tx, id)?;
    if after != before {
        let detail = format!("{}: {}", after.name, after.domains.join(", "));
        store::note_campus_act(tx, who.campus, who.user, AuditAction::EditCampus, id, &detail)?;
    }
    Ok(after)
}

fn refuse_taken(tx: &mut Tx<'_>, name: &str, own: Option<CampusId>) -> Result<(), Error> {
    match store::campus_of_name(tx, name)? {
        Some(other) if Some(other) != own => Err(Error::Conflict(format!("there is a campus called {name} already"))),
        _ => Ok(()),
    }
}

fn add_domains(tx: &mut Tx<'_>, campus: CampusId, field: &str, domains: &[Domain]) -> Result<(), Error> {
    for Domain(domain) in domains {
        let is_listed = tx.settings().campuses.iter().any(|campus| campus.domains.contains(domain));
        if account::is_public_provider(domain) && !is_listed {
            let message = format!("{domain} is a public mail provider: only server.toml can make it a campus");
            return Err(Error::invalid(field, "domain_not_accepted", message));
        }
        take_domain(tx, campus, domain)?;
    }
    Ok(())
}
