//! How things look, by the part they play. Colours are the terminal's own sixteen unless the user chooses others; without
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

/// Which colours play the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// The terminal's own sixteen, so that every user's choice fits.
    #[default]
    Terminal,
    Light,
    Dark,
    /// The strongest there are.
    Contrast,
    /// None: only modifiers.
    Mono,
}

impl Colours {
    /// All of them, in the order in which they follow each other.
    pub const ALL: [Self; 5] = [Self::Terminal, Self::Light, Self::Dark, Self::Contrast, Self::Mono];

    /// Its name, as the configuration has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
            Self::Mono => "mono",
        }
    }

    /// The one of that name; the terminal's own where there is none.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|colours| colours.name() == name).unwrap_or_default()
    }

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Terminal => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Contrast,
            Self::Contrast => Self::Mono,
            Self::Mono => Self::Terminal,
        }
    }

    /// What everything else is drawn on; `None` leaves the terminal as it is.
    fn ground(self) -> Option<Color> {
        match self {
            Self::Light => Some(Color::Indexed(231)),
            Self::Dark => Some(Color::Indexed(234)),
            Self::Contrast => Some(Color::Indexed(16)),
            Self::Terminal | Self::Mono => None,
        }
    }

    /// The colour of a part. Beyond the terminal's own they are among xterm's 256, so that they are the same everywhere.
    fn color(self, role: Role) -> Color {
        let [text, muted, border, active, good, warning, danger] = match self {
            Self::Terminal => return own(role),
            Self::Mono => return Color::Reset,
            Self::Light => [235, 241, 250, 24, 22, 94, 124],
            Self::Dark => [252, 246, 240, 80, 114, 221, 210],
            Self::Contrast => [231, 231, 231, 226, 46, 226, 213],
        };
        Color::Indexed(match role {
            Role::Text | Role::Title | Role::Selected | Role::Marked => text,
            Role::Muted => muted,
            Role::Border => border,
            Role::Active | Role::Key => active,
            Role::Price | Role::Good => good,
            Role::Star | Role::Warning => warning,
            Role::Danger => danger,
        })
    }
}

/// A part in the terminal's own colours.
fn own(role: Role) -> Color {
    match role {
        Role::Text | Role::Title | Role::Selected | Role::Marked => Color::Reset,
        Role::Muted | Role::Border => Color::DarkGray,
        Role::Active | Role::Key => Color::Cyan,
        Role::Price | Role::Good => Color::Green,
        Role::Star | Role::Warning => Color::Yellow,
        Role::Danger => Color::Red,
    }
}

/// The looks of one terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// What photos may use; [`Depth::None`] takes the colours from everything else too.
    pub depth: Depth,
    /// Only ASCII is drawn, for bare terminals.
    pub ascii: bool,
    pub colours: Colours,
}

impl Theme {
    /// The style of a part.
    pub fn style(self, role: Role) -> Style {
        let modifier = match role {
            Role::Muted | Role::Border => Modifier::DIM,
            Role::Title | Role::Active | Role::Key | Role::Marked | Role::Danger => Modifier::BOLD,
            Role::Selected => Modifier::REVERSED,
            Role::Text | Role::Price | Role::Good | Role::Star | Role::Warning => Modifier::empty(),
        };
        let plain = Style::new().remove_modifier(Modifier::all());
        if self.is_colourless() {
            return plain.add_modifier(modifier);
        }
        // Dark grey is dim already; both together vanish on many terminals.
        plain.fg(self.colours.color(role)).add_modifier(modifier.difference(Modifier::DIM))
    }

    /// The style of a cell before anything is drawn on it.
    pub fn ground(self) -> Style {
        match self.colours.ground().filter(|_| !self.is_colourless()) {
            Some(ground) => Style::new().bg(ground).fg(self.colours.color(Role::Text)),
            None => Style::new(),
        }
    }

    /// Whether only modifiers tell the parts apart.
    fn is_colourless(self) -> bool {
        self.depth == Depth::None || self.colours == Colours::Mono
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts that are read; frames are not.
    const READ: [Role; 10] = [
        Role::Text,
        Role::Muted,
        Role::Title,
        Role::Active,
        Role::Selected,
        Role::Price,
        Role::Star,
        Role::Warning,
        Role::Danger,
        Role::Key,
    ];

    /// The luminance of one of xterm's 256 colours, as WCAG counts it.
    fn luminance(color: Option<Color>) -> f64 {
        let Some(Color::Indexed(index @ 16..)) = color else { panic!("{color:?} is not the same on every terminal") };
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        let rgb = match index {
            232.. => [8 + 10 * (index - 232); 3],
            _ => [level((index - 16) / 36), level((index - 16) / 6 % 6), level((index - 16) % 6)],
        };
        let [red, green, blue] = rgb.map(|value| {
            let share = f64::from(value) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn what_is_read_stands_out_from_its_ground() {
        for (colours, least) in [(Colours::Light, 4.5), (Colours::Dark, 4.5), (Colours::Contrast, 7.0)] {
            let theme = Theme { depth: Depth::Indexed, ascii: false, colours };
            let ground = luminance(theme.ground().bg);
            for role in READ {
                let text = luminance(theme.style(role).fg);
                let ratio = (text.max(ground) + 0.05) / (text.min(ground) + 0.05);
                assert!(ratio >= least, "{colours:?} {role:?}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn without_colours_only_modifiers_are_left() {
        for colours in Colours::ALL {
            let theme = Theme { depth: Depth::None, ascii: false, colours };
            assert_eq!(theme.ground(), Style::new());
            assert!(READ.iter().all(|role| theme.style(*role).fg.is_none()));
        }
        let mono = Theme { depth: Depth::True, ascii: false, colours: Colours::Mono };
        assert!(READ.iter().all(|role| mono.style(*role).fg.is_none()));
    }

    #[test]
    fn each_choice_of_colours_follows_another_and_has_its_name() {
        let mut colours = Colours::default();
        for expected in Colours::ALL {
            assert_eq!((colours, Colours::named(colours.name())), (expected, expected));
            colours = colours.next();
        }
        assert_eq!(colours, Colours::default());
    }
}
