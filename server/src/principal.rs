//! Who is asking. Built by the gateway from a verified credential, never from anything else a request says; the campus
//! of every tenant read comes from here.

use campuszon_core::{
    CampusId, SessionId, Timestamp, UserId,
    permission::{self, Credential, Permission, Role},
};

use crate::Error;

/// A signed-in, active user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user's campus: the tenant.
    pub campus: CampusId,
    /// The user.
    pub user: UserId,
    /// What the user is on the campus.
    pub role: Role,
    /// How they proved it.
    pub credential: Credential,
    /// The session, unless an access token was used.
    pub session: Option<SessionId>,
    /// When the credential ends.
    pub expires_at: Timestamp,
}

impl Principal {
    /// Asks the table of permissions.
    ///
    /// # Errors
    /// Forbidden, with what is missing.
    pub fn require(&self, permission: Permission) -> Result<(), Error> {
        Ok(permission::check(self.role, &self.credential, permission)?)
    }
}
