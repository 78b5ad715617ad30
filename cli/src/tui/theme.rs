//! How things look, by the part they play. Colours are the terminal's own sixteen, so every user's palette fits; without
//! colours only modifiers are left.

use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};

/// The part that a piece of text plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Plain text.
    Text,
    /// Text of lesser weight.
    Muted,
    /// The name of the program, the title of an item.
    Title,
    /// The tab, pane or field one is in.
    Active,
    /// The selected row of the pane that has the focus.
    Selected,
    /// The selected row of another pane.
    Marked,
    /// Money.
    Price,
    /// A starred item.
    Star,
    /// All is well.
    Good,
    /// Something to know.
    Warning,
    /// Something failed, or will hurt.
    Danger,
    /// A key that can be pressed.
    Key,
    /// The frame of a pane.
    Border,
}

/// How many colours a photo may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// None at all: photos are named, not drawn.
    #[default]
    None,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

/// The looks of one terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// What photos may use; [`Depth::None`] takes the colours from everything else too.
    pub depth: Depth,
    /// Only ASCII is drawn, for bare terminals.
    pub ascii: bool,
}

impl Theme {
    /// The style of a part.
    pub fn style(self, role: Role) -> Style {
        let (color, modifier) = match role {
            Role::Text => (Color::Reset, Modifier::empty()),
            Role::Muted | Role::Border => (Color::DarkGray, Modifier::DIM),
            Role::Title => (Color::Reset, Modifier::BOLD),
            Role::Active | Role::Key => (Color::Cyan, Modifier::BOLD),
            Role::Selected => (Color::Reset, Modifier::REVERSED),
            Role::Marked => (Color::Reset, Modifier::BOLD),
            Role::Price | Role::Good => (Color::Green, Modifier::empty()),
            Role::Star | Role::Warning => (Color::Yellow, Modifier::empty()),
            Role::Danger => (Color::Red, Modifier::BOLD),
        };
        let plain = Style::new().remove_modifier(Modifier::all());
        if self.depth == Depth::None {
            return plain.add_modifier(modifier);
        }
        // Dark grey is dim already; both together vanish on many terminals.
        plain.fg(color).add_modifier(modifier.difference(Modifier::DIM))
    }

    /// The signs to draw with.
    pub fn glyphs(self) -> &'static Glyphs {
        if self.ascii { &ASCII } else { &UNICODE }
    }
}

/// The signs that have a plain counterpart on bare terminals.
#[derive(Debug)]
pub struct Glyphs {
    pub marker: &'static str,
    pub star: &'static str,
    pub dot: &'static str,
    /// What is not read yet, with a blank.
    pub unread: &'static str,
    pub ring: &'static str,
    pub separator: &'static str,
    pub ellipsis: &'static str,
    pub times: &'static str,
    /// A message that the server has, and one that the other has read.
    pub sent: &'static str,
    pub read: &'static str,
    /// The left edge of a card, with a blank.
    pub bar: &'static str,
    /// Chords whose name has a sign: `Up`, `Down`, `Left`, `Right`.
    pub arrows: [&'static str; 4],
    pub border: border::Set<'static>,
}

static UNICODE: Glyphs = Glyphs {
    marker: "▸ ",
    star: "★",
    dot: "●",
    unread: "● ",
    ring: "○",
    separator: " · ",
    ellipsis: "…",
    times: "×",
    sent: "✓",
    read: "✓✓",
    bar: "│ ",
    arrows: ["↑", "↓", "←", "→"],
    border: border::PLAIN,
};

static ASCII: Glyphs = Glyphs {
    marker: "> ",
    star: "*",
    dot: "+",
    unread: "+ ",
    ring: "-",
    separator: " | ",
    ellipsis: "...",
    times: "x",
    sent: "+",
    read: "++",
    bar: "| ",
    arrows: ["Up", "Down", "Left", "Right"],
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

impl Glyphs {
    /// A chord as people read it: arrows as signs, everything else as in the key table.
    pub fn chord(&self, chord: &'static str) -> &'static str {
        let [up, down, left, right] = self.arrows;
        match chord {
            "Up" => up,
            "Down" => down,
            "Left" => left,
            "Right" => right,
            other => other,
        }
    }
}
