//! Breaking text into lines at blanks, and words that are too long at the edges of characters.

use campuszon_core::safe::SafeText;
use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// The lines of a text in a column so many cells wide.
pub(super) fn wrap(text: &SafeText, width: u16) -> Vec<SafeText> {
    if width == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for paragraph in text.as_str().trim_end().split('\n') {
        wrap_paragraph(paragraph, width, &mut lines);
    }
    lines
}

fn wrap_paragraph(paragraph: &str, width: u16, lines: &mut Vec<SafeText>) {
    let mut line = String::new();
    let mut used: u16 = 0;
    for word in paragraph.split(' ') {
        let blank = u16::from(!line.is_empty());
        let length = cells(word);
        if used.saturating_add(blank).saturating_add(length) <= width {
            line.push_str(if blank == 1 { " " } else { "" });
            line.push_str(word);
            used += blank + length;
            continue;
        }
        if !line.is_empty() {
            lines.push(SafeText::line(&line));
        }
        line = break_word(word, width, lines);
        used = cells(&line);
    }
    lines.push(SafeText::line(&line));
}

/// Puts all of a long word but its last piece into lines; answers the last piece.
fn break_word(word: &str, width: u16, lines: &mut Vec<SafeText>) -> String {
    let mut piece = String::new();
    let mut used: u16 = 0;
    for grapheme in word.graphemes(true) {
        let length = cells(grapheme);
        if used.saturating_add(length) > width && !piece.is_empty() {
            lines.push(SafeText::line(&piece));
            piece.clear();
            used = 0;
        }
        piece.push_str(grapheme);
        used = used.saturating_add(length);
    }
    piece
}

fn cells(text: &str) -> u16 {
    text.cell_width()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, width: u16) -> Vec<String> {
        wrap(&SafeText::block(text), width).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn breaks_at_blanks_then_at_characters() {
        assert_eq!(lines("a fine lamp", 6), ["a fine", "lamp"]);
        assert_eq!(lines("one\n\ntwo", 10), ["one", "", "two"]);
        assert_eq!(lines("日本語です", 4), ["日本", "語で", "す"]);
        assert_eq!(lines("x abcdefgh", 3), ["x", "abc", "def", "gh"]);
        assert_eq!(lines("anything", 0), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn lines_fit_and_lose_nothing(text in "[a-z日é👩 \n]{0,80}", width in 2_u16..20) {
            let lines = lines(&text, width);
            prop_assert!(lines.iter().all(|line| cells(line) <= width), "{lines:?}");
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
