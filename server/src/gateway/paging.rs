//! Lists that are read page by page: `limit` and `cursor` in, `next_cursor` out.

use campuszon_core::form::Form;
use serde::{Serialize, de::DeserializeOwned};

use crate::{App, Error, Principal};

/// What a query says of the page it wants.
pub struct Asked {
    limit: i64,
    cursor: Option<String>,
    scope: String,
}

impl Asked {
    /// Takes `limit` and `cursor` from a query. The filters it still holds, the name of the list and its reader are what
    /// a cursor belongs to.
    pub fn read(form: &mut Form, list: &str, who: &Principal) -> Self {
        let limit = form.integer("limit", 1..=100).unwrap_or(20);
        let cursor = form.text("cursor");
        Self { limit, cursor, scope: format!("{list} {} {} {}", who.campus, who.user, form.canonical()) }
    }

    /// The page, once the rest of the query is known to be well.
    ///
    /// # Errors
    /// A cursor of another list.
    pub fn open<P: DeserializeOwned>(self, app: &App) -> Result<Page<P>, Error> {
        let after = self.cursor.map(|cursor| app.cursors.open(&self.scope, &cursor)).transpose()?;
        Ok(Page { after, limit: self.limit, scope: self.scope })
    }
}

/// A page of a list whose rows have positions of the type `P`.
pub struct Page<P> {
    /// The position of the last row before this page.
    pub after: Option<P>,
    limit: i64,
    scope: String,
}

impl<P: Serialize> Page<P> {
    /// How many rows to fetch: one more than is shown tells whether there is another page.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The rows to show, and the cursor of the next page.
    ///
    /// # Errors
    /// The position does not serialize.
    pub fn cut<R>(
        &self,
        app: &App,
        mut rows: Vec<R>,
        position: impl Fn(&R) -> P,
    ) -> Result<(Vec<R>, Option<String>), Error> {
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > shown;
        rows.truncate(shown);
        let last = rows.last().filter(|_| has_more);
        let next = last.map(|row| app.cursors.seal(&self.scope, &position(row))).transpose()?;
        Ok((rows, next))
    }
}
