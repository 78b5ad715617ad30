//! The choice of a server while it is open.

use campuszon_core::safe::SafeText;

use crate::tui::servers::Named;

/// The named servers, and one more row for any other.
#[derive(Clone, Debug, Default)]
pub struct Switcher {
    pub selected: usize,
    /// Those with a name, once they are read.
    pub servers: Option<Vec<Named>>,
    /// Why they could not be read.
    pub problem: Option<SafeText>,
}
