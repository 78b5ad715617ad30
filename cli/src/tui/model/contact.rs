//! How to reach somebody.

use campuszon_core::{safe::SafeText, wire::booking::Contact as Wire};

/// A contact card, made safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    pub name: SafeText,
    pub residence: Option<SafeText>,
    pub phone: Option<SafeText>,
    pub email: SafeText,
}

impl Contact {
    /// The card as it came.
    pub fn new(contact: &Wire) -> Self {
        Self {
            name: SafeText::line(&contact.name),
            residence: contact.residence.as_deref().map(SafeText::line),
            phone: contact.phone.as_deref().map(SafeText::line),
            email: SafeText::line(&contact.email),
        }
    }

    /// What is on it, without what was not filled in.
    pub fn lines(&self) -> impl Iterator<Item = &SafeText> {
        [Some(&self.name), self.residence.as_ref(), self.phone.as_ref(), Some(&self.email)].into_iter().flatten()
    }
}
