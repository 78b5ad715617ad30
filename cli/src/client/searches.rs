//! Saved searches.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    SearchId,
    wire::{
        item::Items,
        notification::{CreateSearch, EditSearch, Search, Searches},
    },
};

use super::{Client, ClientError, PageRequest, call::Call};

impl Client {
    /// A page of one's saved searches, newest first.
    pub async fn searches(&self, page: PageRequest) -> Result<Searches, ClientError> {
        self.ask(&Call::get("/api/searches").query(page.pairs())).await
    }

    /// Saves a search. `key` makes a repetition answer the first result; a new one when `None`.
    pub async fn save_search(&self, search: &CreateSearch, key: Option<&str>) -> Result<Search, ClientError> {
        self.ask(&Call::post("/api/searches").json(search)?.keyed(key)).await
    }

    /// Changes a saved search.
    pub async fn edit_search(&self, id: SearchId, patch: &EditSearch) -> Result<Search, ClientError> {
        self.ask(&Call::patch(path(id)).json(patch)?).await
    }

    /// Deletes a saved search, with what it found.
    pub async fn delete_search(&self, id: SearchId) -> Result<(), ClientError> {
        self.tell(&Call::delete(path(id))).await
    }

    /// A page of what a saved search has found, the newest match first.
    pub async fn search_matches(&self, id: SearchId, page: PageRequest) -> Result<Items, ClientError> {
        self.ask(&Call::get(format!("{}/matches", path(id))).query(page.pairs())).await
    }
}

fn path(id: SearchId) -> String {
    format!("/api/searches/{id}")
}
