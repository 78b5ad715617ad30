//! Which characters are harmless, where they stand: the one decision behind what may be stored and what may be printed.

use unicode_properties::{EmojiStatus, GeneralCategory, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// So many combining marks may follow each other.
pub const MAX_MARKS: usize = 8;

/// What a character is in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Shows as what it is.
    Plain,
    /// A line feed.
    Newline,
    /// A control, or invisible, or without an agreed meaning.
    Forbidden,
    /// A combining mark on top of [`MAX_MARKS`] others.
    Stacked,
}

/// The characters of `text`, each with its class.
pub fn classify(text: &str) -> impl Iterator<Item = (char, Class)> {
    let mut chars = text.chars().peekable();
    let mut context = Context::default();
    std::iter::from_fn(move || {
        let char = chars.next()?;
        Some((char, context.take(char, chars.peek().copied())))
    })
}

/// Whether `char` may stand anywhere.
pub fn is_harmless(char: char) -> bool {
    match char.general_category() {
        // Format characters that have a shape of their own: the number signs of Arabic, Syriac and Kaithi.
        GeneralCategory::Format => {
            matches!(u32::from(char), 0x600..=0x605 | 0x6DD | 0x70F | 0x890 | 0x891 | 0x8E2 | 0x110BD | 0x110CD)
        }
        GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => false,
        // A private font may draw these as anything, the marks of our own interface included.
        GeneralCategory::PrivateUse => false,
        _ => !is_blank_filler(char) && !is_noncharacter(char),
    }
}

/// Characters that show nothing though their category says letter, mark or unassigned (Unicode's
/// `Default_Ignorable_Code_Point`, without the variation selectors).
fn is_blank_filler(char: char) -> bool {
    matches!(
        u32::from(char),
        0x34F | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x2065 | 0x3164 | 0xFFA0 | 0xFFF0..=0xFFF8
            | 0xE0000..=0xE00FF | 0xE01F0..=0xE0FFF
    )
}

fn is_noncharacter(char: char) -> bool {
    matches!(u32::from(char), 0xFDD0..=0xFDEF) || u32::from(char) & 0xFFFE == 0xFFFE
}

/// What stands before a character, as far as it decides.
#[derive(Default)]
struct Context {
    /// The character just before.
    last: Option<char>,
    /// Whether an emoji has begun that a joiner may continue.
    in_emoji: bool,
    /// How many marks stand just before; joiners between them do not start the count again.
    marks: usize,
}

impl Context {
    fn take(&mut self, char: char, next: Option<char>) -> Class {
        if matches!(char, ZWJ | ZWNJ) {
            let joins = self.joins(char, next);
            (self.last, self.in_emoji) = (Some(char), false);
            return if joins { Class::Plain } else { Class::Forbidden };
        }
        self.marks = if is_mark(char) { self.marks + 1 } else { 0 };
        if self.marks > MAX_MARKS {
            return Class::Stacked;
        }
        self.in_emoji = is_pictograph(char) || (self.in_emoji && continues_emoji(char));
        self.last = Some(char);
        match char {
            '\n' => Class::Newline,
            _ if is_harmless(char) => Class::Plain,
            _ => Class::Forbidden,
        }
    }

    fn joins(&self, joiner: char, next: Option<char>) -> bool {
        let within_word = self.last.is_some_and(is_joining) && next.is_some_and(is_joining);
        within_word || (joiner == ZWJ && self.in_emoji && next.is_some_and(is_pictograph))
    }
}

const ZWNJ: char = '\u{200C}';
const ZWJ: char = '\u{200D}';

/// A combining mark, or a letter that takes no cell of its own and so piles up like one (the inner parts of Hangul).
fn is_mark(char: char) -> bool {
    char.general_category_group() == GeneralCategoryGroup::Mark || (char.width() == Some(0) && is_harmless(char))
}

/// An emoji that can be joined to another; digits and skin tones, parts of emoji only, are not.
fn is_pictograph(char: char) -> bool {
    matches!(
        char.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiModifierBase
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiOther
    )
}

/// The emoji variation selector and the skin tones.
fn continues_emoji(char: char) -> bool {
    matches!(char, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

/// A letter, or a mark that belongs to a letter, of a script whose letters change shape beside each other.
fn is_joining(char: char) -> bool {
    let code = u32::from(char);
    let in_script = JOINING_BLOCKS.iter().any(|(first, last)| (*first..=*last).contains(&code));
    in_script && matches!(char.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark)
}

/// Blocks of the scripts that use joiners (Unicode's `Blocks.txt`): the cursive ones and the family of Brahmi.
const JOINING_BLOCKS: [(u32, u32); 25] = [
    (0x0600, 0x06FF),   // Arabic
    (0x0700, 0x077F),   // Syriac, Arabic Supplement
    (0x07C0, 0x07FF),   // NKo
    (0x0840, 0x08FF),   // Mandaic, Syriac Supplement, Arabic Extended
    (0x0900, 0x0DFF),   // Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam, Sinhala
    (0x1000, 0x109F),   // Myanmar
    (0x1700, 0x17FF),   // Philippine scripts, Khmer
    (0x1800, 0x18AF),   // Mongolian
    (0x1A20, 0x1AAF),   // Tai Tham
    (0x1B00, 0x1BFF),   // Balinese, Sundanese, Batak
    (0x1CD0, 0x1CFF),   // Vedic Extensions
    (0xA800, 0xA87F),   // Syloti Nagri, Phags-pa
    (0xA880, 0xA8FF),   // Saurashtra, Devanagari Extended
    (0xA980, 0xA9FF),   // Javanese, Myanmar Extended-B
    (0xAA00, 0xAA7F),   // Cham, Myanmar Extended-A
    (0xAAE0, 0xAAFF),   // Meetei Mayek Extensions
    (0xABC0, 0xABFF),   // Meetei Mayek
    (0xFB50, 0xFDFF),   // Arabic Presentation Forms-A
    (0xFE70, 0xFEFE),   // Arabic Presentation Forms-B
    (0x10AC0, 0x10AFF), // Manichaean
    (0x10B80, 0x10BAF), // Psalter Pahlavi
    (0x10D00, 0x10D3F), // Hanifi Rohingya
    (0x10F30, 0x10FDF), // Sogdian, Old Uyghur, Chorasmian
    (0x11000, 0x11FFF), // Brahmi and its later family
    (0x1E900, 0x1E95F), // Adlam
];

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(text: &str) -> Option<(char, Class)> {
        classify(text).find(|(_, class)| matches!(class, Class::Forbidden | Class::Stacked))
    }

    #[test]
    fn controls_and_invisible_characters_are_forbidden() {
        let ranges = [
            0x00..=0x09,
            0x0B..=0x1F,
            0x7F..=0x9F,
            0xAD..=0xAD,
            0x34F..=0x34F,
            0x61C..=0x61C,
            0x180E..=0x180E,
            0x200B..=0x200F,
            0x2028..=0x202E,
            0x2060..=0x206F,
            0x3164..=0x3164,
            0xE000..=0xE000,
            0xFDD0..=0xFDD0,
            0xFEFF..=0xFEFF,
            0xFFF9..=0xFFFB,
            0xFFFF..=0xFFFF,
            0x1D173..=0x1D17A,
            0xE0000..=0xE007F,
            0x10FFFF..=0x10FFFF,
        ];
        for char in ranges.into_iter().flatten().filter_map(char::from_u32) {
            assert_eq!(worst(&format!("a{char}b")), Some((char, Class::Forbidden)), "{:x}", u32::from(char));
        }
    }

    #[test]
    fn ordinary_writing_is_plain() {
        for text in ["Café №5 – “new” …", "日本語 한국어", "مرحبا ١٢٣", "הספר", "🇩🇪 1️⃣ 👍🏽", "∑ ½ ™ �"]
        {
            assert_eq!(worst(text), None, "{text}");
        }
    }

    #[test]
    fn joiners_stay_where_they_shape_something() {
        let family = "👩\u{200d}👧 👩🏽\u{200d}🔬 🏳\u{fe0f}\u{200d}🌈 ❤\u{fe0f}\u{200d}🔥 🧔\u{200d}♂\u{fe0f}";
        for text in [family, "क\u{94d}\u{200d}ष", "र\u{200d}\u{9cd}য", "می\u{200c}خواهم", "ක\u{dca}\u{200d}ර"]
        {
            assert_eq!(worst(text), None, "{text}");
        }
        let stray = [
            "a\u{200d}b",
            "a\u{200c}b",
            "👩\u{200d}",
            "\u{200d}👩",
            "👩\u{200d}\u{200d}👩",
            "1\u{200d}2",
            "👩\u{200c}👩",
        ];
        for text in stray {
            assert!(matches!(worst(text), Some((ZWJ | ZWNJ, Class::Forbidden))), "{text}");
        }
    }

    #[test]
    fn eight_marks_may_pile_up_and_no_more() {
        assert_eq!(worst(&format!("e{}x", "\u{301}".repeat(8))), None);
        assert_eq!(worst(&format!("e{}", "\u{301}".repeat(9))), Some(('\u{301}', Class::Stacked)));
        let joined = "\u{94d}\u{200d}".repeat(9);
        assert_eq!(worst(&format!("क{joined}क")), Some(('\u{94d}', Class::Stacked)));
        assert!(worst(&format!("\u{1100}{}", "\u{1161}".repeat(9))).is_some());
    }
}
