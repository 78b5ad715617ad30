//! Maintenance: whether there is any, as the database says it for all nodes and as this node remembers it.

use std::sync::{Arc, PoisonError, RwLock};

use campuszon_core::{permission::Role, wire::maintenance::Maintenance};
use tokio::sync::{Mutex, MutexGuard};

use super::database::Tx;
use crate::{Error, params};

/// What this node knows of maintenance.
#[derive(Debug, Default)]
pub struct Mode {
    known: RwLock<Option<Arc<Maintenance>>>,
    turn: Mutex<()>,
}

impl Mode {
    /// What is told of it, where there is any.
    pub fn current(&self) -> Option<Arc<Maintenance>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why nobody of this role is served now; administrators are.
    pub fn refusal(&self, role: Option<Role>) -> Option<Error> {
        let maintenance = self.current().filter(|_| role != Some(Role::Admin))?;
        let message = maintenance.message.as_deref().unwrap_or("try again later");
        Some(Error::Maintenance(message.to_owned()))
    }

    /// The turn to read what the database says and to remember it: else what was read first could be remembered last.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Remembers what the database says; tells whether maintenance begins with it.
    pub fn remember(&self, maintenance: Option<Maintenance>) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let begins = known.is_none() && maintenance.is_some();
        *known = maintenance.map(Arc::new);
        begins
    }
}

/// What the database says.
///
/// # Errors
/// The database's, or it says what nobody wrote.
pub fn stored(tx: &mut Tx<'_>) -> Result<Option<Maintenance>, Error> {
    let text: Option<String> = tx.first("SELECT value FROM facts WHERE name = 'maintenance'", &[], |row| row.get(0))?;
    let read = |text: String| serde_json::from_str(&text).map_err(|error| Error::Internal(error.to_string()));
    text.map(read).transpose()
}

/// Writes down that there is maintenance.
///
/// # Errors
/// The database's.
pub fn store(tx: &mut Tx<'_>, maintenance: &Maintenance) -> Result<(), Error> {
    let text = serde_json::to_string(maintenance).map_err(|error| Error::Internal(error.to_string()))?;
    tx.execute(
        "INSERT INTO facts (name, value) VALUES ('maintenance', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![text],
    )?;
    Ok(())
}

/// Writes down that there is none; tells whether there was any.
///
/// # Errors
/// The database's.
pub fn clear(tx: &mut Tx<'_>) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM facts WHERE name = 'maintenance'", &[])? > 0)
}
