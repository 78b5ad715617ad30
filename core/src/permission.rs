//! Who may do what: roles, scopes of access tokens, and the one table that joins them.

crate::words! {
    /// What a person is on their campus.
    Role {
        /// Everybody.
        Student = "student",
        /// Decides on reports of their campus.
        Moderator = "moderator",
        /// Runs the server.
        Admin = "admin",
    }

    /// How an account stands.
    UserStatus {
        /// The address is not confirmed yet.
        Unverified = "unverified",
        /// In good standing.
        Active = "active",
        /// Shut out by a moderator.
        Suspended = "suspended",
        /// Gone; personal fields are erased.
        Deleted = "deleted",
    }

    /// What an access token may be used for.
    Scope {
        /// Look at what its owner can see.
        Read = "read",
        /// Change what its owner can change; includes reading.
        Write = "write",
        /// Use its owner's role as moderator or administrator.
        Admin = "admin",
    }
}

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See things of one's campus.
    Read,
    /// Change one's own things.
    Write,
    /// Change credentials: passwords, sessions, tokens. Never with an access token, which could then outlive itself.
    Credentials,
    /// Decide on others' things.
    Moderate,
    /// Run the server.
    Administer,
}

/// How the caller proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A signed-in session, which may do all that its user may.
    Session,
    /// An access token with these scopes.
    Token(Vec<Scope>),
}

/// Why a permission is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token lacks a scope.
    #[error("this access token lacks the scope {0}")]
    Scope(Scope),
    /// Not with a token at all.
    #[error("credentials cannot be changed with an access token: sign in with your password")]
    NeedsSession,
    /// The role is too low.
    #[error("only {} may do this", one_of(*.0))]
    Role(Role),
}

fn one_of(role: Role) -> &'static str {
    match role {
        Role::Student => "a student",
        Role::Moderator => "a moderator",
        Role::Admin => "an administrator",
    }
}

/// Whether a caller of `role` with `credential` has `permission`.
///
/// # Errors
/// What is missing.
pub fn check(role: Role, credential: &Credential, permission: Permission) -> Result<(), Refusal> {
    use Permission::{Administer, Credentials, Moderate, Read, Write};
    if let Credential::Token(scopes) = credential {
        let has = |scope| scopes.contains(&scope);
        match permission {
            Read if has(Scope::Read) || has(Scope::Write) => {}
            Read => return Err(Refusal::Scope(Scope::Read)),
            Write if !has(Scope::Write) => return Err(Refusal::Scope(Scope::Write)),
            Moderate | Administer if !has(Scope::Admin) => return Err(Refusal::Scope(Scope::Admin)),
            Credentials => return Err(Refusal::NeedsSession),
            _ => {}
        }
    }
    match (permission, role) {
        (Read | Write | Credentials, _) | (_, Role::Admin) | (Moderate, Role::Moderator) => Ok(()),
        (Moderate, Role::Student) => Err(Refusal::Role(Role::Moderator)),
        (Administer, _) => Err(Refusal::Role(Role::Admin)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_do_what_their_scopes_say_and_never_more_than_their_owner() {
        let token = |scope| Credential::Token(vec![scope]);
        assert_eq!(check(Role::Student, &token(Scope::Read), Permission::Read), Ok(()));
        assert_eq!(check(Role::Student, &token(Scope::Write), Permission::Read), Ok(()));
        assert_eq!(check(Role::Student, &token(Scope::Read), Permission::Write), Err(Refusal::Scope(Scope::Write)));
        assert_eq!(check(Role::Admin, &token(Scope::Write), Permission::Moderate), Err(Refusal::Scope(Scope::Admin)));
        assert_eq!(
            check(Role::Student, &token(Scope::Admin), Permission::Moderate),
            Err(Refusal::Role(Role::Moderator))
        );
        assert_eq!(check(Role::Admin, &token(Scope::Write), Permission::Credentials), Err(Refusal::NeedsSession));
    }

    #[test]
    fn roles_rank() {
        let session = Credential::Session;
        assert_eq!(check(Role::Student, &session, Permission::Credentials), Ok(()));
        assert_eq!(check(Role::Moderator, &session, Permission::Moderate), Ok(()));
        assert_eq!(check(Role::Moderator, &session, Permission::Administer), Err(Refusal::Role(Role::Admin)));
        assert_eq!(check(Role::Admin, &session, Permission::Administer), Ok(()));
    }
}
