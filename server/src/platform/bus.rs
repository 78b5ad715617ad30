//! The bus: carries announcements of committed transactions to whoever listens. In one process it is a list of
//! functions; between nodes it will be a broker. It may lose announcements: heartbeats repair what was lost.

use super::database::Announcement;

/// Takes announcements.
pub trait Bus: Send + Sync {
    /// Hands announcements to all listeners, in order. Called on database threads: it must not block.
    fn publish(&self, announcements: &[Announcement]);
}

/// A listener.
pub type Listener = Box<dyn Fn(&Announcement) + Send + Sync>;

/// The bus inside one process.
#[derive(Default)]
pub struct MemoryBus {
    listeners: Vec<Listener>,
}

impl MemoryBus {
    /// A bus with these listeners.
    pub fn new(listeners: Vec<Listener>) -> Self {
        Self { listeners }
    }
}

impl Bus for MemoryBus {
    fn publish(&self, announcements: &[Announcement]) {
        for announcement in announcements {
            for listener in &self.listeners {
                listener(announcement);
            }
        }
    }
}
