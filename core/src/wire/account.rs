//! Registration, sessions, access tokens and profiles.

use super::wire;
use crate::{
    SessionId, Timestamp, TokenId, UserId,
    permission::{Role, Scope, UserStatus},
};

wire! {
    /// `POST /api/auth/register`
    pub struct Register {
        pub email: String,
        pub password: String,
        pub name: String,
    }

    /// The answer to a registration that awaits its code.
    pub struct Registered {
        /// `verification_sent`
        pub status: String,
        pub email: String,
    }

    /// `POST /api/auth/verify`
    pub struct Verify {
        pub email: String,
        pub code: String,
    }

    /// A body that names an address only: another code, or a forgotten password.
    pub struct Address {
        pub email: String,
    }

    /// `POST /api/auth/login`
    pub struct Login {
        pub email: String,
        pub password: String,
        /// A name for this device in the list of sessions.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub device: Option<String>,
    }

    /// `POST /api/auth/refresh`
    pub struct Refresh {
        pub refresh_token: String,
    }

    /// `POST /api/auth/password/reset`
    pub struct ResetPassword {
        pub email: String,
        pub code: String,
        pub password: String,
    }

    /// `PUT /api/auth/password`
    pub struct ChangePassword {
        pub current: String,
        pub new: String,
    }

    /// `PATCH /api/users/me`: what is absent stays; `null` clears `residence` and `phone`.
    pub struct EditProfile {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub residence: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub phone: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub hide_presence: Option<bool>,
    }

    /// `DELETE /api/users/me`
    pub struct DeleteAccount {
        pub password: String,
    }

    /// A session: what a client needs to act as its user.
    pub struct Session {
        pub access_token: String,
        /// `Bearer`
        pub token_type: String,
        /// Seconds until the access token ends.
        pub expires_in: u64,
        pub refresh_token: String,
        pub user: Profile,
    }

    /// `POST /api/setup`
    pub struct SetUp {
        /// What the link of a new server ends with.
        pub token: String,
        pub email: String,
        pub password: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
    }

    /// One signed-in device.
    pub struct Device {
        pub id: SessionId,
        pub device: Option<String>,
        /// Whether it is the one that asks.
        pub current: bool,
        pub created_at: Timestamp,
        pub last_used_at: Timestamp,
        pub expires_at: Timestamp,
    }

    /// `GET /api/auth/sessions`
    pub struct Devices {
        pub sessions: Vec<Device>,
        pub next_cursor: Option<String>,
    }

    /// `POST /api/auth/tokens`
    pub struct CreateToken {
        pub name: String,
        pub scopes: Vec<Scope>,
        /// 1–365; 90 when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 365))]
        pub expires_in_days: Option<i64>,
    }

    /// A personal access token, without its secret.
    pub struct AccessToken {
        pub id: TokenId,
        pub name: String,
        pub scopes: Vec<Scope>,
        pub created_at: Timestamp,
        pub last_used_at: Option<Timestamp>,
        pub expires_at: Timestamp,
    }

    /// A new access token; its secret is shown this once.
    pub struct NewAccessToken {
        #[serde(flatten)]
        pub details: AccessToken,
        pub token: String,
    }

    /// `GET /api/auth/tokens`
    pub struct AccessTokens {
        pub tokens: Vec<AccessToken>,
        pub next_cursor: Option<String>,
    }

    /// One's own profile.
    pub struct Profile {
        pub id: UserId,
        pub email: String,
        pub name: String,
        /// The campus's name.
        pub campus: String,
        pub residence: Option<String>,
        pub phone: Option<String>,
        /// The address of the picture.
        pub avatar: Option<String>,
        pub role: Role,
        pub status: UserStatus,
        /// The balance of marketplace tokens.
        pub tokens: i64,
        /// The average of all reviews, 1–5.
        pub rating: Option<f64>,
        pub review_count: i64,
        pub hide_presence: bool,
        pub joined: Timestamp,
        pub unread_messages: i64,
        pub unread_notifications: i64,
    }

    /// What everybody of the campus may see of a user.
    pub struct PublicProfile {
        pub id: UserId,
        pub name: String,
        pub rating: Option<f64>,
        pub review_count: i64,
        pub joined: Timestamp,
        pub online: bool,
        /// Absent when hidden.
        pub last_seen: Option<Timestamp>,
        /// How many of the user's items are listed.
        pub items_active: i64,
    }
}
