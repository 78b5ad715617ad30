//! The six screens of the interface.

use clap::ValueEnum;

/// A screen, with its place in the header.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    Browse,
    Chats,
    Bookings,
    Selling,
    Alerts,
    Me,
}

impl Tab {
    /// All of them, in the order of their keys.
    pub const ALL: [Self; 6] = [Self::Browse, Self::Chats, Self::Bookings, Self::Selling, Self::Alerts, Self::Me];

    /// The number under which it stands in the header, which is also its key.
    pub fn number(self) -> u8 {
        match self {
            Self::Browse => 1,
            Self::Chats => 2,
            Self::Bookings => 3,
            Self::Selling => 4,
            Self::Alerts => 5,
            Self::Me => 6,
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Browse => "Browse",
            Self::Chats => "Chats",
            Self::Bookings => "Bookings",
            Self::Selling => "Selling",
            Self::Alerts => "Alerts",
            Self::Me => "Me",
        }
    }
}
