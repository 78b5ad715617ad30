//! What others did meanwhile, said in a corner for a few seconds.

use std::collections::VecDeque;

use campuszon_core::safe::SafeText;

use crate::tui::message::Ticket;

/// How many are shown at once.
const SHOWN: usize = 3;

/// Something to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub ticket: Ticket,
    pub text: SafeText,
}

/// Those on the screen, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    shown: VecDeque<Toast>,
    /// How many the summary on the screen stands for; 0 while each is said in full.
    summed: usize,
}

impl Toasts {
    /// Those on the screen.
    pub fn iter(&self) -> impl Iterator<Item = &Toast> {
        self.shown.iter()
    }

    /// Adds one. Too many at once become one that says how many they are.
    pub fn push(&mut self, ticket: Ticket, text: SafeText) {
        if self.summed == 0 && self.shown.len() < SHOWN {
            self.shown.push_back(Toast { ticket, text });
            return;
        }
        self.summed += if self.summed == 0 { self.shown.len() + 1 } else { 1 };
        let summary = SafeText::line(&format!("{} things happened: 2 shows chats, 5 alerts", self.summed));
        self.shown = VecDeque::from([Toast { ticket, text: summary }]);
    }

    /// Takes one away; tells whether it was there.
    pub fn remove(&mut self, ticket: Ticket) -> bool {
        let before = self.shown.len();
        self.shown.retain(|toast| toast.ticket != ticket);
        if self.shown.is_empty() {
            self.summed = 0;
        }
        self.shown.len() < before
    }
}
