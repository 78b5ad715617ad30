//! Which campus an address belongs to.

use campuszon_core::{CampusId, account::Email};

use super::store;
use crate::{Error, platform::database::Tx, settings::Settings};

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

/// Makes the campuses that the settings list, and gives them their domains.
///
/// # Errors
/// The database's.
pub fn ensure_listed(tx: &mut Tx<'_>, settings: &Settings) -> Result<(), Error> {
    for listed in &settings.campuses {
        let campus = match store::campus_of_name(tx, &listed.name)? {
            Some(campus) => campus,
            None => {
                let campus = tx.new_id();
                store::insert_campus(tx, campus, &listed.name)?;
                campus
            }
        };
        for domain in &listed.domains {
            store::insert_domain(tx, campus, domain)?;
        }
    }
    Ok(())
}
