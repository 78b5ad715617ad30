//! The Browse tab: a list, the search box above it, and the list to come back to.

use std::{collections::HashSet, sync::Arc};

use campuszon_core::{ItemId, query, wire::item::Items};
use tui_input::Input;

use super::{Load, Row};

/// In which order the list is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As the server thinks best: by relevance with words, else the newest first.
    #[default]
    Natural,
    Newest,
    Cheapest,
    Dearest,
    Oldest,
}

impl Order {
    /// The order after this one.
    pub fn next(self, searching: bool) -> Self {
        match self {
            Self::Natural if searching => Self::Newest,
            Self::Natural | Self::Newest => Self::Cheapest,
            Self::Cheapest => Self::Dearest,
            Self::Dearest => Self::Oldest,
            Self::Oldest => Self::Natural,
        }
    }

    /// Its name for people.
    pub fn label(self, searching: bool) -> &'static str {
        match self {
            Self::Natural if searching => "best match",
            Self::Natural | Self::Newest => "newest",
            Self::Cheapest => "cheapest",
            Self::Dearest => "dearest",
            Self::Oldest => "oldest",
        }
    }
}

/// What the server is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub words: String,
    pub category: Option<String>,
    pub order: Order,
}

/// Items in order, as far as they are loaded.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub rows: Vec<Arc<Row>>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
    /// How many there are in all, when the server said so.
    pub total: Option<i64>,
    /// The words that the server searched for instead.
    pub corrected: Option<String>,
    /// Whether the rows are the server's answer, not a guess from rows that were here.
    pub answered: bool,
    /// Whether the first page asked for is of another list than these rows, so that the selection starts at its top.
    pub outdated: bool,
    pub selected: Option<ItemId>,
    /// The first row on the screen.
    pub top: usize,
}

impl List {
    /// Where the selection is.
    pub fn index(&self) -> Option<usize> {
        let id = self.selected?;
        self.rows.iter().position(|row| row.id == id)
    }

    /// The selected row.
    pub fn row(&self) -> Option<&Arc<Row>> {
        self.rows.get(self.index()?)
    }

    /// The row of an item.
    pub fn find(&self, id: ItemId) -> Option<&Arc<Row>> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// Selects the row nearest to `index`.
    pub fn select(&mut self, index: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.selected = self.rows.get(index.min(last)).map(|row| row.id);
    }

    /// Takes a first page in place of what was there. The selection follows its item, or goes to the top.
    pub fn replace(&mut self, page: &Items) {
        self.rows.clear();
        self.append(page);
        self.total = page.total;
        self.corrected = page.corrected_query.clone();
        self.answered = true;
        if std::mem::take(&mut self.outdated) || self.index().is_none() {
            self.select(0);
        }
    }

    /// Takes a further page. Items that moved between two pages are not repeated.
    pub fn append(&mut self, page: &Items) {
        let known: HashSet<ItemId> = self.rows.iter().map(|row| row.id).collect();
        let fresh = page.items.iter().filter(|item| !known.contains(&item.id));
        self.rows.extend(fresh.map(|item| Arc::new(Row::new(item))));
        self.next = page.next_cursor.clone();
    }

    /// The rows of this list that match the words, as a guess until the server answers.
    pub fn filtered(&self, words: &str) -> Self {
        let terms = query::parse(words).words;
        let rows: Vec<Arc<Row>> = self.rows.iter().filter(|row| row.matches(&terms)).cloned().collect();
        let mut list = Self { rows, selected: self.selected, ..Self::default() };
        if list.index().is_none() {
            list.select(0);
        }
        list
    }

    /// Moves the window over the rows as little as it takes to show the selection.
    pub fn keep_in_view(&mut self, height: usize) {
        let index = self.index().unwrap_or(0);
        let last_top = self.rows.len().saturating_sub(height.max(1));
        let lowest = index.saturating_sub(height.saturating_sub(1));
        self.top = self.top.clamp(lowest.min(index), index).min(last_top);
    }

    /// Changes the star of an item, if it is here.
    pub fn set_favorite(&mut self, id: ItemId, on: bool) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            Arc::make_mut(row).favorite = on;
        }
    }
}

/// The Browse tab.
#[derive(Clone, Debug, Default)]
pub struct Browse {
    pub input: Input,
    pub category: Option<String>,
    pub order: Order,
    pub list: List,
    pub load: Load,
    /// The list without words, to come back to when the search ends.
    pub home: Option<Box<List>>,
}

impl Browse {
    /// What the server is to be asked for.
    pub fn query(&self) -> Query {
        Query { words: self.words().to_owned(), category: self.category.clone(), order: self.order }
    }

    /// The words in the search box.
    pub fn words(&self) -> &str {
        self.input.value().trim()
    }

    /// Whether the box holds words.
    pub fn is_searching(&self) -> bool {
        !self.words().is_empty()
    }
}
