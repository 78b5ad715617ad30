//! The palette: everything that can be done or opened from here, found by a few letters of it.

use std::cell::RefCell;

use campuszon_core::{ChatId, ItemId, safe::SafeText};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};
use tui_input::Input;

use super::Model;
use crate::tui::keys::{self, Key, Scope};

/// How many items and how many conversations are offered, at most.
const OFFERED: usize = 1_000;

/// The palette while it is open.
#[derive(Clone, Debug)]
pub struct Palette {
    /// Where it was opened, which decides what can be done.
    pub over: Scope,
    pub input: Input,
    pub selected: usize,
}

/// What a row of the palette leads to.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    Key(&'static Key),
    Item(ItemId),
    Chat(ChatId),
}

/// A row of the palette.
#[derive(Clone, Debug)]
pub struct Choice {
    pub target: Target,
    pub label: SafeText,
    /// What kind of thing it is, or the key that does the same.
    pub remark: SafeText,
}

thread_local! {
    /// Its tables are large, and made once.
    static MATCHER: RefCell<Matcher> = RefCell::new(Matcher::new(Config::DEFAULT));
}

impl Palette {
    /// The rows that match what is written, the best first; without words, what can be done here.
    pub fn rows(&self, model: &Model) -> Vec<Choice> {
        let words = self.input.value().trim();
        if words.is_empty() {
            return self.actions().collect();
        }
        let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
        let choices = self.actions().chain(conversations(model)).chain(items(model));
        let mut scored: Vec<(u32, Choice)> = MATCHER.with_borrow_mut(|matcher| {
            let mut letters = Vec::new();
            let score = |choice: Choice| {
                let text = Utf32Str::new(choice.label.as_str(), &mut letters);
                pattern.score(text, matcher).map(|score| (score, choice))
            };
            choices.filter_map(score).collect()
        });
        // Equal ones stay in order: actions, conversations, items.
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        scored.into_iter().map(|(_, choice)| choice).collect()
    }

    fn actions(&self) -> impl Iterator<Item = Choice> {
        let over = self.over;
        keys::reachable(over).map(move |key| Choice {
            target: Target::Key(key),
            label: SafeText::fixed(key.label),
            remark: SafeText::fixed(keys::shown_chord(key, over).unwrap_or_default()),
        })
    }
}

fn conversations(model: &Model) -> impl Iterator<Item = Choice> {
    model.chats.list.rows.iter().take(OFFERED).map(|row| Choice {
        target: Target::Chat(row.id),
        label: SafeText::line(&format!("{}: {}", row.peer, row.title)),
        remark: SafeText::fixed("chat"),
    })
}

fn items(model: &Model) -> impl Iterator<Item = Choice> {
    model.browse.list.rows.iter().take(OFFERED).map(|row| Choice {
        target: Target::Item(row.id),
        label: row.title.clone(),
        remark: SafeText::fixed("item"),
    })
}
