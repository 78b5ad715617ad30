//! Keys are data: one table says what every key does, where, and in which words. Dispatch, footer and help read it.

mod table;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use self::table::KEYS;
use super::model::Tab;

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
    Filter,
    Sort,
    Favorite,
    CopyLink,
    Retry,
    NextPhoto,
    PreviousPhoto,
    NextItem,
    PreviousItem,
    GoTo(Tab),
    Book,
    Chat,
    Delete,
    Edit,
    Send,
    Newline,
    Editor,
    Photo,
    NextUnread,
    Write,
    Mute,
    Report,
    Accept,
    Counter,
    Decline,
    Complete,
    Palette,
    Mouse,
    Unlock,
    Extend,
    ShowCode,
    Review,
    Answer,
    OpenItem,
    Submit,
    NextField,
    PreviousField,
    New,
    Status,
    AddPhoto,
    Discard,
    Earlier,
    Later,
    Refresh,
    Help,
    Redraw,
    Suspend,
    Quit,
    QuitNow,
    NewAccount,
    Forgotten,
    Resend,
    Servers,
    Theme,
    Log,
    MarkRead,
    MarkAllRead,
    NextValue,
    PreviousValue,
    Clear,
}

/// Where a key works: whatever has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every scope, unless the key is printable and the scope is a text field, and not in dialogs.
    Everywhere,
    /// In the list of every tab.
    Rows,
    Browse,
    Search,
    Detail,
    Chats,
    Messages,
    Composer,
    Bookings,
    Selling,
    Alerts,
    Me,
    Help,
    Picker,
    Dialog,
    Prompt,
    Palette,
    Wizard,
    /// A list of the Me tab.
    Section,
    Log,
    /// In the list of the bookings and in a booking.
    Deal,
    Booking,
    Form,
    Photos,
    Files,
    Filters,
    FilterField,
    Servers,
}

impl Scope {
    /// Everything that can have the focus.
    pub const PLACES: [Self; 25] = [
        Self::Browse,
        Self::Search,
        Self::Detail,
        Self::Chats,
        Self::Messages,
        Self::Composer,
        Self::Bookings,
        Self::Selling,
        Self::Alerts,
        Self::Me,
        Self::Help,
        Self::Picker,
        Self::Dialog,
        Self::Prompt,
        Self::Palette,
        Self::Wizard,
        Self::Section,
        Self::Log,
        Self::Booking,
        Self::Form,
        Self::Photos,
        Self::Files,
        Self::Filters,
        Self::FilterField,
        Self::Servers,
    ];

    /// Whether printable keys write text here instead of acting.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::Search
                | Self::Help
                | Self::Prompt
                | Self::Palette
                | Self::Composer
                | Self::Wizard
                | Self::Form
                | Self::Files
                | Self::FilterField
        )
    }

    /// Whether printable keys that work elsewhere are dead here.
    fn mutes_letters(self) -> bool {
        self.is_text() || self == Self::Dialog
    }

    /// Whether this is the list of a tab.
    fn is_list(self) -> bool {
        matches!(self, Self::Browse | Self::Chats | Self::Bookings | Self::Selling | Self::Alerts)
            || matches!(self, Self::Me | Self::Section | Self::Log | Self::Filters | Self::Servers)
    }

    /// The scopes whose keys work here: its own before those that it shares with others.
    pub fn chain(self) -> impl Iterator<Item = Self> {
        let rows = self.is_list().then_some(Self::Rows);
        let deal = matches!(self, Self::Bookings | Self::Booking).then_some(Self::Deal);
        [Some(self), deal, rows, Some(Self::Everywhere)].into_iter().flatten()
    }

    /// The heading above its keys in the help.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Rows => "in every list",
            Self::Browse => "in Browse",
            Self::Search => "in the search box",
            Self::Detail => "in an item",
            Self::Chats => "in Chats",
            Self::Messages => "among messages",
            Self::Composer => "while writing",
            Self::Bookings => "in Bookings",
            Self::Selling => "in Selling",
            Self::Alerts => "in Alerts",
            Self::Me => "in Me",
            Self::Help => "in this help",
            Self::Picker => "in a choice",
            Self::Dialog => "in a question",
            Self::Prompt => "in a field",
            Self::Palette => "in the palette",
            Self::Wizard => "in the sign-in",
            Self::Section => "in a list of Me",
            Self::Log => "in the log",
            Self::Deal => "with a booking",
            Self::Booking => "in a booking",
            Self::Form => "in a form",
            Self::Photos => "at the photos of a listing",
            Self::Files => "in the file picker",
            Self::Servers => "in the choice of a server",
            Self::Filters => "in the filters",
            Self::FilterField => "in a field of the filters",
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

/// The row that a key press means in `scope`, its own rows before those that it shares.
pub fn lookup(scope: Scope, event: KeyEvent) -> Option<&'static Key> {
    let pressed = chord(event)?;
    if scope.mutes_letters() && is_printable(&pressed) {
        return None;
    }
    scope.chain().find_map(|wanted| rows_of(wanted).find(|key| key.chords.contains(&pressed.as_str())))
}

/// The first chord of an action in a scope of its own.
pub fn chord_of(scope: Scope, action: Action) -> Option<&'static str> {
    rows_of(scope).find(|key| key.action == action)?.chords.first().copied()
}

/// The rows that can act in `scope`: its own, then those that it shares and that have a key that is not text here.
pub fn available(scope: Scope) -> impl Iterator<Item = &'static Key> {
    reachable(scope).filter(move |key| shown_chord(key, scope).is_some())
}

/// The rows that mean something in `scope`, those too whose keys are text here.
pub fn reachable(scope: Scope) -> impl Iterator<Item = &'static Key> {
    scope.chain().flat_map(rows_of)
}

fn rows_of(scope: Scope) -> impl Iterator<Item = &'static Key> {
    all().filter(move |key| key.scope == scope)
}

/// Every row of the table.
pub fn all() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().copied().flatten()
}

/// The first of a row's chords that works in `scope`.
pub fn shown_chord(key: &Key, scope: Scope) -> Option<&'static str> {
    key.chords.iter().copied().find(|chord| !(scope.mutes_letters() && is_printable(chord)))
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
        KeyCode::Backspace => "Backspace",
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
            for key in place.chain().flat_map(rows_of) {
                for chord in key.chords {
                    assert!(seen.insert(*chord), "{chord} clashes in {place:?}");
                }
            }
        }
    }

    #[test]
    fn an_action_has_one_row_in_a_scope() {
        let mut seen = HashSet::new();
        for key in all() {
            assert!(seen.insert((key.scope, key.action)), "{:?} twice in {:?}", key.action, key.scope);
            assert!(!key.chords.is_empty() && !key.label.is_empty());
        }
    }

    #[test]
    fn text_fields_bind_no_printable_key() {
        for key in all().filter(|key| key.scope.is_text()) {
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
