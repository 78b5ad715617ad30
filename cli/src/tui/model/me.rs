//! The Me tab: who is signed in.

use campuszon_core::{Timestamp, UserId, safe::SafeText, wire::account::Profile};

use super::Load;

/// One's own profile, made safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub id: UserId,
    pub name: SafeText,
    pub email: SafeText,
    pub campus: SafeText,
    pub tokens: i64,
    pub rating: Option<f64>,
    pub review_count: i64,
    pub joined: Timestamp,
}

impl Card {
    /// The card of a profile.
    pub fn new(profile: &Profile) -> Self {
        Self {
            id: profile.id,
            name: SafeText::line(&profile.name),
            email: SafeText::line(&profile.email),
            campus: SafeText::line(&profile.campus),
            tokens: profile.tokens,
            rating: profile.rating,
            review_count: profile.review_count,
            joined: profile.joined,
        }
    }
}

/// The Me tab.
#[derive(Clone, Debug, Default)]
pub struct Me {
    pub load: Load,
    pub card: Option<Card>,
}
