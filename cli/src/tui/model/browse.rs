//! The Browse tab: a list, the search box above it, and the list to come back to.

use std::sync::Arc;

use campuszon_core::query;
use tui_input::Input;

use super::{Filters, List, Row};

/// What has the keys in this tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    List,
    Search,
    Detail,
}

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
    /// The orders that differ from each other.
    fn all(searching: bool) -> &'static [Self] {
        if searching {
            &[Self::Natural, Self::Newest, Self::Cheapest, Self::Dearest, Self::Oldest]
        } else {
            &[Self::Natural, Self::Cheapest, Self::Dearest, Self::Oldest]
        }
    }

    /// The order after this one.
    #[must_use]
    pub fn next(self, searching: bool) -> Self {
        let all = Self::all(searching);
        let index = all.iter().position(|order| *order == self).unwrap_or(0);
        all.get(index + 1).copied().unwrap_or_default()
    }

    /// The order before this one.
    #[must_use]
    pub fn previous(self, searching: bool) -> Self {
        let all = Self::all(searching);
        let before = all.iter().take_while(|order| **order != self).last();
        before.or(all.last()).copied().unwrap_or_default()
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
    pub filters: Filters,
    pub order: Order,
}

impl Query {
    /// Whether it is for everything.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl List<Row> {
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
}

/// The Browse tab.
#[derive(Clone, Debug, Default)]
pub struct Browse {
    pub focus: Focus,
    pub input: Input,
    pub filters: Filters,
    pub order: Order,
    pub list: List<Row>,
    /// The words that the server searched for instead.
    pub corrected: Option<String>,
    /// The list without words, to come back to when the search ends.
    pub home: Option<Box<List<Row>>>,
}

impl Browse {
    /// What the server is to be asked for.
    pub fn query(&self) -> Query {
        Query { words: self.words().to_owned(), filters: self.filters.clone(), order: self.order }
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
