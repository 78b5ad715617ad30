//! A list that is loaded page by page. What is selected is a row, not a place: it stays when the rows around it change.

use std::{collections::HashSet, fmt::Debug, hash::Hash, sync::Arc};

use campuszon_core::Timestamp;

use super::Load;

/// A row of a list.
pub trait Record {
    /// What tells it from all others.
    type Id: Copy + Eq + Hash + Debug;

    /// Which one it is.
    fn id(&self) -> Self::Id;
}

/// Some rows as the server gave them, made safe for the screen.
#[derive(Clone, Debug)]
pub struct Page<R> {
    pub rows: Vec<R>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
    /// How many there are in all, when the server said so.
    pub total: Option<i64>,
}

/// Rows in order, as far as they are loaded.
#[derive(Clone, Debug)]
pub struct List<R: Record> {
    pub rows: Vec<Arc<R>>,
    pub load: Load,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
    /// How many there are in all, when the server said so.
    pub total: Option<i64>,
    /// Whether the rows are the server's answer, not a guess from rows that were here.
    pub answered: bool,
    /// When the server gave the first of these rows.
    pub as_of: Option<Timestamp>,
    /// Whether the first page asked for is of another list than these rows, so that the selection starts at its top.
    pub outdated: bool,
    pub selected: Option<R::Id>,
    /// The first row on the screen.
    pub top: usize,
}

impl<R: Record> Default for List<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            load: Load::Idle,
            next: None,
            total: None,
            answered: false,
            as_of: None,
            outdated: false,
            selected: None,
            top: 0,
        }
    }
}

impl<R: Record> List<R> {
    /// Where the selection is.
    pub fn index(&self) -> Option<usize> {
        let id = self.selected?;
        self.rows.iter().position(|row| row.id() == id)
    }

    /// The selected row.
    pub fn row(&self) -> Option<&Arc<R>> {
        self.rows.get(self.index()?)
    }

    /// The row of an id.
    pub fn find(&self, id: R::Id) -> Option<&Arc<R>> {
        self.rows.iter().find(|row| row.id() == id)
    }

    /// Selects the row nearest to `index`.
    pub fn select(&mut self, index: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.selected = self.rows.get(index.min(last)).map(|row| row.id());
    }

    /// Shows a page of an earlier run, unless there is something newer.
    pub fn recall(&mut self, page: Page<R>, at: Timestamp) {
        if self.answered || !self.rows.is_empty() {
            return;
        }
        self.total = page.total;
        self.append(Page { next: None, ..page });
        self.as_of = Some(at);
        if self.index().is_none() {
            self.select(0);
        }
    }

    /// Takes a first page in place of what was there. The selection follows its row, or goes to the top.
    pub fn replace(&mut self, page: Page<R>, now: Timestamp) {
        let before = self.index();
        self.rows.clear();
        self.total = page.total;
        self.append(page);
        self.answered = true;
        self.as_of = Some(now);
        if std::mem::take(&mut self.outdated) {
            self.select(0);
        } else if self.index().is_none() {
            self.select(before.unwrap_or(0));
        }
    }

    /// Takes a further page. Rows that moved between two pages are not repeated.
    pub fn append(&mut self, page: Page<R>) {
        let known: HashSet<R::Id> = self.rows.iter().map(|row| row.id()).collect();
        let fresh = page.rows.into_iter().filter(|row| !known.contains(&row.id()));
        self.rows.extend(fresh.map(Arc::new));
        self.next = page.next;
    }

    /// Changes a row, if it is here; tells whether it is.
    pub fn change(&mut self, id: R::Id, change: impl FnOnce(&mut R)) -> bool
    where
        R: Clone,
    {
        let found = self.rows.iter_mut().find(|row| row.id() == id);
        found.map(|row| change(Arc::make_mut(row))).is_some()
    }

    /// Puts a row first, in place of the one it replaces.
    pub fn put_first(&mut self, row: R) {
        let id = row.id();
        self.rows.retain(|other| other.id() != id);
        self.rows.insert(0, Arc::new(row));
        if self.selected.is_none() {
            self.select(0);
        }
    }

    /// Takes a row away; the selection goes to its neighbour.
    pub fn remove(&mut self, id: R::Id) {
        let index = self.index();
        self.rows.retain(|row| row.id() != id);
        if let Some(index) = index.filter(|_| self.selected == Some(id)) {
            self.select(index);
        }
    }

    /// Moves the window over the rows as little as it takes to show the selection.
    pub fn keep_in_view(&mut self, height: usize) {
        let index = self.index().unwrap_or(0);
        let last_top = self.rows.len().saturating_sub(height.max(1));
        let lowest = index.saturating_sub(height.saturating_sub(1));
        self.top = self.top.clamp(lowest.min(index), index).min(last_top);
    }

    /// Where the next page begins, once the selection comes near the end of what is loaded.
    pub fn wanted(&self, height: usize) -> Option<String> {
        if self.load != Load::Idle || !self.answered {
            return None;
        }
        let seen = self.index().unwrap_or(0).saturating_add(height.saturating_mul(2));
        if seen < self.rows.len() { None } else { self.next.clone() }
    }
}
