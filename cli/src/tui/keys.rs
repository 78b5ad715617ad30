//! Keys are data: one table says what every key does, where, and in which words. Dispatch, footer and help read it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a user can ask for with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Open,
    Back,
    SwitchPane,
    Search,
    Category,
    Sort,
    Favorite,
    CopyLink,
    Retry,
    NextPhoto,
    PreviousPhoto,
    NextItem,
    PreviousItem,
    BrowseTab,
    Refresh,
    Help,
    Redraw,
    Suspend,
    Quit,
    QuitNow,
}

/// Where a key works: whatever has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every scope, unless the key is printable and the scope is a text field.
    Everywhere,
    List,
    Search,
    Detail,
    Help,
    Picker,
}

impl Scope {
    /// All scopes but [`Scope::Everywhere`].
    pub const PLACES: [Self; 5] = [Self::List, Self::Search, Self::Detail, Self::Help, Self::Picker];

    /// Whether printable keys write text here instead of acting.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Search | Self::Help)
    }

    /// The heading above its keys in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::List => "in the list",
            Self::Search => "in the search box",
            Self::Detail => "in an item",
            Self::Help => "in this help",
            Self::Picker => "in a choice",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub action: Action,
    /// Spelled as [`chord`] spells them; the first is the one shown in the footer.
    pub chords: &'static [&'static str],
    /// What it does, as an imperative.
    pub label: &'static str,
    pub scope: Scope,
    /// Worth one of the few places in the footer; the last such row keeps its place however narrow it gets.
    pub hint: bool,
    /// Asks for a second press.
    pub danger: bool,
}

const fn key(scope: Scope, action: Action, chords: &'static [&'static str], label: &'static str) -> Key {
    Key { action, chords, label, scope, hint: false, danger: false }
}

impl Key {
    const fn hint(self) -> Self {
        Self { hint: true, ..self }
    }

    const fn danger(self) -> Self {
        Self { danger: true, ..self }
    }
}

/// The table, in the order in which footer and help show it.
pub const KEYS: &[Key] = &[
    key(Scope::List, Action::Open, &["Enter", "l", "Right"], "open").hint(),
    key(Scope::List, Action::Search, &["/"], "search").hint(),
    key(Scope::List, Action::Category, &["f"], "category").hint(),
    key(Scope::List, Action::Sort, &["s"], "sort").hint(),
    key(Scope::List, Action::Favorite, &["*"], "favourite").hint(),
    key(Scope::List, Action::CopyLink, &["y"], "copy the link"),
    key(Scope::List, Action::Down, &["j", "Down"], "next"),
    key(Scope::List, Action::Up, &["k", "Up"], "previous"),
    key(Scope::List, Action::PageDown, &["Ctrl+D", "PgDn"], "page down"),
    key(Scope::List, Action::PageUp, &["Ctrl+U", "PgUp"], "page up"),
    key(Scope::List, Action::Top, &["g", "Home"], "first"),
    key(Scope::List, Action::Bottom, &["G", "End"], "last"),
    key(Scope::List, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the item"),
    key(Scope::List, Action::Back, &["Esc"], "clear search and category"),
    key(Scope::List, Action::Retry, &["r"], "try again"),
    key(Scope::Search, Action::Open, &["Enter", "Down"], "go to the results").hint(),
    key(Scope::Search, Action::Back, &["Esc"], "restore the list").hint(),
    key(Scope::Search, Action::SwitchPane, &["Tab", "Shift+Tab"], "leave the box"),
    key(Scope::Detail, Action::Back, &["Esc"], "back").hint(),
    key(Scope::Detail, Action::NextPhoto, &["l", "Right"], "next photo").hint(),
    key(Scope::Detail, Action::PreviousPhoto, &["h", "Left"], "previous photo"),
    key(Scope::Detail, Action::NextItem, &["]"], "next item").hint(),
    key(Scope::Detail, Action::PreviousItem, &["["], "previous item"),
    key(Scope::Detail, Action::Favorite, &["*"], "favourite").hint(),
    key(Scope::Detail, Action::CopyLink, &["y"], "copy the link").hint(),
    key(Scope::Detail, Action::Down, &["j", "Down"], "scroll down"),
    key(Scope::Detail, Action::Up, &["k", "Up"], "scroll up"),
    key(Scope::Detail, Action::PageDown, &["Ctrl+D", "PgDn"], "page down"),
    key(Scope::Detail, Action::PageUp, &["Ctrl+U", "PgUp"], "page up"),
    key(Scope::Detail, Action::Top, &["g", "Home"], "to the start"),
    key(Scope::Detail, Action::Bottom, &["G", "End"], "to the end"),
    key(Scope::Detail, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the list"),
    key(Scope::Detail, Action::Search, &["/"], "search"),
    key(Scope::Detail, Action::Retry, &["r"], "try again"),
    key(Scope::Help, Action::Open, &["Enter"], "run it").hint(),
    key(Scope::Help, Action::Back, &["Esc"], "close").hint(),
    key(Scope::Help, Action::Down, &["Down"], "next"),
    key(Scope::Help, Action::Up, &["Up"], "previous"),
    key(Scope::Help, Action::PageDown, &["PgDn"], "page down"),
    key(Scope::Help, Action::PageUp, &["PgUp"], "page up"),
    key(Scope::Picker, Action::Open, &["Enter", "l", "Right"], "choose").hint(),
    key(Scope::Picker, Action::Back, &["Esc", "h", "Left"], "close").hint(),
    key(Scope::Picker, Action::Down, &["j", "Down"], "next"),
    key(Scope::Picker, Action::Up, &["k", "Up"], "previous"),
    key(Scope::Picker, Action::Top, &["g", "Home"], "first"),
    key(Scope::Picker, Action::Bottom, &["G", "End"], "last"),
    key(Scope::Everywhere, Action::BrowseTab, &["1"], "browse"),
    key(Scope::Everywhere, Action::Refresh, &["R"], "refresh"),
    key(Scope::Everywhere, Action::Redraw, &["Ctrl+L"], "redraw the screen"),
    key(Scope::Everywhere, Action::Suspend, &["Ctrl+Z"], "suspend"),
    key(Scope::Everywhere, Action::QuitNow, &["Ctrl+C"], "quit now").danger(),
    key(Scope::Everywhere, Action::Quit, &["q"], "quit").hint(),
    key(Scope::Everywhere, Action::Help, &["?", "F1"], "help").hint(),
];

/// The row that a key press means in `scope`, its own rows before those that work everywhere.
pub fn lookup(scope: Scope, event: KeyEvent) -> Option<&'static Key> {
    let pressed = chord(event)?;
    if scope.is_text() && is_printable(&pressed) {
        return None;
    }
    let find = |wanted: Scope| KEYS.iter().find(|key| key.scope == wanted && key.chords.contains(&pressed.as_str()));
    find(scope).or_else(|| find(Scope::Everywhere))
}

/// The rows that can act in `scope`: its own, then those that work everywhere and have a key that is not text here.
pub fn available(scope: Scope) -> impl Iterator<Item = &'static Key> {
    let own = KEYS.iter().filter(move |key| key.scope == scope);
    let shared = KEYS.iter().filter(|key| key.scope == Scope::Everywhere);
    own.chain(shared.filter(move |key| shown_chord(key, scope).is_some()))
}

/// The first of a row's chords that works in `scope`.
pub fn shown_chord(key: &Key, scope: Scope) -> Option<&'static str> {
    key.chords.iter().copied().find(|chord| !(scope.is_text() && is_printable(chord)))
}

/// Whether the chord is a character that a text field would take.
pub fn is_printable(chord: &str) -> bool {
    chord.chars().count() == 1 || chord == "Space"
}

/// A key press spelled as in the table: `j`, `G`, `Ctrl+D`, `PgDn`; `None` for keys that nothing is bound to.
pub fn chord(event: KeyEvent) -> Option<String> {
    let base = match event.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(letter) if event.modifiers.contains(KeyModifiers::CONTROL) => letter.to_uppercase().to_string(),
        KeyCode::Char(letter) => letter.to_string(),
        KeyCode::F(number) => format!("F{number}"),
        KeyCode::BackTab => return Some("Shift+Tab".to_owned()),
        other => named(other)?.to_owned(),
    };
    let control = if event.modifiers.contains(KeyModifiers::CONTROL) { "Ctrl+" } else { "" };
    let alt = if event.modifiers.contains(KeyModifiers::ALT) { "Alt+" } else { "" };
    Some(format!("{control}{alt}{base}"))
}

fn named(code: KeyCode) -> Option<&'static str> {
    Some(match code {
        KeyCode::Enter => "Enter",
        KeyCode::Esc => "Esc",
        KeyCode::Tab => "Tab",
        KeyCode::Up => "Up",
        KeyCode::Down => "Down",
        KeyCode::Left => "Left",
        KeyCode::Right => "Right",
        KeyCode::Home => "Home",
        KeyCode::End => "End",
        KeyCode::PageUp => "PgUp",
        KeyCode::PageDown => "PgDn",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_chord_means_two_things_in_a_scope() {
        for place in Scope::PLACES {
            let mut seen = HashSet::new();
            for key in KEYS.iter().filter(|key| key.scope == place || key.scope == Scope::Everywhere) {
                for chord in key.chords {
                    assert!(seen.insert(*chord), "{chord} clashes in {place:?}");
                }
            }
        }
    }

    #[test]
    fn an_action_has_one_row_in_a_scope() {
        let mut seen = HashSet::new();
        for key in KEYS {
            assert!(seen.insert((key.scope, key.action)), "{:?} twice in {:?}", key.action, key.scope);
            assert!(!key.chords.is_empty() && !key.label.is_empty());
        }
    }

    #[test]
    fn text_fields_bind_no_printable_key() {
        for key in KEYS.iter().filter(|key| key.scope.is_text()) {
            assert!(key.chords.iter().all(|chord| !is_printable(chord)), "{:?}", key.action);
        }
    }

    #[test]
    fn presses_are_spelled_as_in_the_table() {
        let press = |code, modifiers| chord(KeyEvent::new(code, modifiers));
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT).as_deref(), Some("G"));
        assert_eq!(press(KeyCode::Char('d'), KeyModifiers::CONTROL).as_deref(), Some("Ctrl+D"));
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT).as_deref(), Some("Shift+Tab"));
        assert_eq!(press(KeyCode::F(1), KeyModifiers::NONE).as_deref(), Some("F1"));
    }
}
