//! Text made safe for a terminal, a log or a header. [`SafeText`] is the only way there for what a peer wrote: whatever
//! could steer the terminal, reorder the line or hide in it is shown as a visible escape such as `\u{202e}`.
//!
//! What is stored was checked when it was written; this trusts nothing and checks again.

use std::{borrow::Cow, fmt};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::text::class::{Class, classify};

/// Text without controls, bidirectional controls, invisible characters and heaps of marks. Only [`SafeText::block`]
/// lets newlines in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText(Cow<'static, str>);

impl SafeText {
    /// A single line: newlines and tabs are shown as `\n` and `\t`.
    pub fn line(text: &str) -> Self {
        Self::escaped(text, false)
    }

    /// Several lines: newlines stay, all else as in [`SafeText::line`].
    pub fn block(text: &str) -> Self {
        Self::escaped(text, true)
    }

    /// Text of the program itself.
    pub const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    fn escaped(text: &str, newlines: bool) -> Self {
        let mut safe = String::with_capacity(text.len());
        for (char, class) in classify(text) {
            match class {
                Class::Plain => safe.push(char),
                Class::Newline if newlines => safe.push(char),
                Class::Newline | Class::Forbidden => safe.extend(char.escape_default()),
                Class::Stacked => {}
            }
        }
        Self(Cow::Owned(safe))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Terminal cells that it takes; of several lines, the widest's.
    pub fn width(&self) -> usize {
        self.0.split('\n').map(UnicodeWidthStr::width).max().unwrap_or(0)
    }

    /// Its first line in at most `cells` cells. Where something is left out, `…` ends it, and no visible character is
    /// cut in two.
    #[must_use]
    pub fn truncate(&self, cells: usize) -> Self {
        let (line, is_whole) = self.0.split_once('\n').map_or((self.as_str(), true), |(first, _)| (first, false));
        if is_whole && line.width() <= cells {
            return self.clone();
        }
        let Some(room) = cells.checked_sub(ELLIPSIS.width()) else { return Self::default() };
        let mut used = 0;
        let kept = line.graphemes(true).take_while(|grapheme| {
            used += grapheme.width();
            used <= room
        });
        Self(Cow::Owned(kept.chain([ELLIPSIS]).collect()))
    }
}

const ELLIPSIS: &str = "…";

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for SafeText {
    fn from(text: &'static str) -> Self {
        Self::fixed(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_steers_a_terminal_becomes_visible() {
        let pairs = [
            ("\u{1b}]52;c;aGk=\u{7}", r"\u{1b}]52;c;aGk=\u{7}"),
            ("a\nb\tc\r", r"a\nb\tc\r"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("exe.\u{202e}gpj\u{2066}", r"exe.\u{202e}gpj\u{2066}"),
            ("in\u{200b}vi\u{e0041}sible\u{200f}", r"in\u{200b}vi\u{e0041}sible\u{200f}"),
            ("Grüße 👩\u{200d}🔬 می\u{200c}خواهم", "Grüße 👩\u{200d}🔬 می\u{200c}خواهم"),
        ];
        for (text, shown) in pairs {
            assert_eq!(SafeText::line(text).as_str(), shown);
        }
        assert_eq!(SafeText::block("a\nb\u{1b}").as_str(), "a\nb\\u{1b}");
    }

    #[test]
    fn heaps_of_marks_are_cut() {
        let text = format!("e{}", "\u{336}".repeat(500));
        assert_eq!(SafeText::line(&text).as_str().chars().count(), 9);
    }

    #[test]
    fn cut_between_visible_characters() {
        let text = SafeText::line("日本語 👩\u{200d}🔬 lab");
        assert_eq!(text.width(), 13);
        assert_eq!(text.truncate(13), text);
        assert_eq!(text.truncate(10).as_str(), "日本語 👩\u{200d}🔬…");
        assert_eq!(text.truncate(9).as_str(), "日本語 …");
        assert_eq!(text.truncate(1).as_str(), "…");
        assert_eq!(text.truncate(0).as_str(), "");
        assert_eq!(SafeText::block("ab\nlonger").truncate(4).as_str(), "ab…");
    }

    fn is_hostile(char: char) -> bool {
        char.is_control()
            || matches!(char, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    }

    proptest! {
        #[test]
        fn nothing_hostile_comes_through(
            text in any::<String>(),
            seeds in "[\u{0}-\u{a0}\u{200b}-\u{206f}e\u{301}क👩]{0,40}",
        ) {
            let text = text + &seeds;
            prop_assert!(!SafeText::line(&text).as_str().chars().any(is_hostile));
            prop_assert!(!SafeText::block(&text).as_str().chars().any(|char| is_hostile(char) && char != '\n'));
        }

        #[test]
        fn truncated_text_fits(text in any::<String>(), cells in 0_usize..30) {
            prop_assert!(SafeText::block(&text).truncate(cells).width() <= cells);
        }
    }
}
