//! The live connection, as far as it is of interest on the screen.

use campuszon_core::{Timestamp, safe::SafeText};

/// Where the live connection stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Link {
    /// There is none: nobody is signed in, or nothing was tried yet.
    #[default]
    Off,
    /// It is being built for the first time.
    Connecting,
    /// It stands.
    Up,
    /// It broke, and is built again by itself.
    Waiting { reason: SafeText, until: Timestamp },
    /// The server closed it for good.
    Ended(SafeText),
}

impl Link {
    /// Whether the screen says so above the panes.
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Ended(_))
    }
}
