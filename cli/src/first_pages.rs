//! The first page of every list of the full screen as it came last: what is on the screen before the server has answered,
//! and while it cannot be reached. A private file for each list, by server and account, in the cache.

use std::{
    fs,
    path::{Path, PathBuf},
};

use campuszon_core::{
    Timestamp,
    wire::{booking::Bookings, chat::Chats, item::Items, notification::Notifications},
};
use serde::{Deserialize, Serialize};

use crate::{
    client::Client,
    files::{self, Access},
};

/// A first page, and of which list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstPage {
    /// Everything that is listed, without words and filters.
    Browse(Items),
    Chats(Chats),
    Bookings(Bookings),
    /// One's own items.
    Selling(Items),
    Alerts(Notifications),
}

/// A first page, and when it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    pub at: Timestamp,
    pub page: FirstPage,
}

/// Where they are kept. All that fails here is done without: the server has it.
#[derive(Clone, Debug)]
pub struct FirstPages {
    directory: PathBuf,
}

impl FirstPage {
    /// The name of its list.
    fn name(&self) -> &'static str {
        match self {
            Self::Browse(_) => NAMES[0],
            Self::Chats(_) => NAMES[1],
            Self::Bookings(_) => NAMES[2],
            Self::Selling(_) => NAMES[3],
            Self::Alerts(_) => NAMES[4],
        }
    }
}

const NAMES: [&str; 5] = ["browse", "chats", "bookings", "selling", "alerts"];

impl FirstPages {
    /// Those below the cache directory, none of which needs to exist.
    pub fn below(cache: &Path) -> Self {
        Self { directory: cache.join("lists") }
    }

    /// All that is kept for the client's account; blocks. What is damaged, or of another version, counts as missing.
    pub fn read(&self, client: &Client) -> Vec<Remembered> {
        let Some(folder) = self.folder(client) else { return Vec::new() };
        let read = |name| serde_json::from_slice(&fs::read(file(&folder, name)).ok()?).ok();
        NAMES.into_iter().filter_map(read).collect()
    }

    /// Keeps a page in place of the one before; blocks.
    pub fn keep(&self, client: &Client, remembered: &Remembered) {
        let Some(folder) = self.folder(client) else { return };
        if let Ok(bytes) = serde_json::to_vec(remembered) {
            let _ = files::replace(&file(&folder, remembered.page.name()), &bytes, Access::Private);
        }
    }

    /// Forgets what the client's account saw, which is about to sign out; blocks.
    pub fn forget(&self, client: &Client) {
        if let Some(folder) = self.folder(client) {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// `None` when nobody is signed in, or it is not known who.
    fn folder(&self, client: &Client) -> Option<PathBuf> {
        let user = client.stored_user().ok()??.id;
        Some(self.directory.join(format!("{}-{user}", files::plain_name(client.server().as_str()))))
    }
}

fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("json")
}
