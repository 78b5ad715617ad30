//! How far a piece of loading is.

use crate::tui::message::{Failure, Ticket};

/// Where a pane's data is on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load {
    /// Nothing is asked for.
    #[default]
    Idle,
    /// Asked for.
    Running {
        ticket: Ticket,
        /// It takes long enough to say so.
        slow: bool,
    },
    /// Asked for in vain.
    Failed(Failure),
}

impl Load {
    /// Just asked for, under this number.
    pub fn running(ticket: Ticket) -> Self {
        Self::Running { ticket, slow: false }
    }

    /// Whether the result with this number is still waited for.
    pub fn awaits(&self, wanted: Ticket) -> bool {
        matches!(self, Self::Running { ticket, .. } if *ticket == wanted)
    }

    /// Says from now on that it takes long; tells whether that is news.
    pub fn turn_slow(&mut self, wanted: Ticket) -> bool {
        match self {
            Self::Running { ticket, slow } if *ticket == wanted && !*slow => {
                *slow = true;
                true
            }
            _ => false,
        }
    }

    /// Whether something is asked for.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
}
