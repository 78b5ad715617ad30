//! What is being written in a conversation.

use campuszon_core::{MessageId, Timestamp};
use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation;

use super::field;

/// The longest message, in characters.
pub const LONGEST: usize = 4_000;

/// A text of several lines with a cursor in it.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    pub input: Input,
    /// The message that is edited, and the draft to come back to.
    pub editing: Option<(MessageId, String)>,
    /// When the other was told last that somebody writes.
    pub told_typing: Option<Timestamp>,
}

/// A line of a text in a column: the characters before it, and its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub start: usize,
    pub text: String,
}

impl Composer {
    /// What is written.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Puts another text in place of what is written, the cursor at its end.
    pub fn set(&mut self, text: &str) {
        self.input = Input::default();
        self.paste(text);
    }

    /// Writes, deletes or moves; tells whether the text is another now.
    pub fn edit(&mut self, requests: impl IntoIterator<Item = InputRequest>) -> bool {
        let before = self.input.value().to_owned();
        field::edit(&mut self.input, LONGEST, requests);
        self.input.value() != before
    }

    /// Takes a text as it is, line by line.
    pub fn paste(&mut self, text: &str) -> bool {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
        self.edit(text.chars().map(InputRequest::InsertChar))
    }

    /// The lines of the text in a column so many cells wide, broken between characters.
    pub fn lines(&self, width: u16) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut start = 0;
        for paragraph in self.text().split('\n') {
            break_into(paragraph, width, &mut start, &mut lines);
            // The newline itself.
            start += 1;
        }
        lines
    }

    /// The line that the cursor is in, and the cells before it there.
    pub fn cursor(&self, width: u16) -> (usize, u16) {
        let lines = self.lines(width);
        let at = self.input.cursor();
        let number = lines.iter().rposition(|line| line.start <= at).unwrap_or(0);
        let before = lines.get(number).map(|line| line.text.chars().take(at - line.start).collect::<String>());
        (number, cells(&before.unwrap_or_default()))
    }

    /// Moves the cursor to another line; tells whether there is one.
    pub fn go(&mut self, down: bool, width: u16) -> bool {
        let (number, column) = self.cursor(width);
        let wanted = if down { number.checked_add(1) } else { number.checked_sub(1) };
        let lines = self.lines(width);
        let Some(line) = wanted.and_then(|number| lines.get(number)) else { return false };
        let mut used = 0;
        let fits = line.text.graphemes(true).take_while(|grapheme| {
            used += cells(grapheme);
            used <= column
        });
        let along: usize = fits.map(|grapheme| grapheme.chars().count()).sum();
        self.input.handle(InputRequest::SetCursor(line.start + along));
        true
    }
}

fn break_into(paragraph: &str, width: u16, start: &mut usize, lines: &mut Vec<Line>) {
    let mut line = Line { start: *start, text: String::new() };
    let mut used: u16 = 0;
    for grapheme in paragraph.graphemes(true) {
        let length = cells(grapheme);
        if used.saturating_add(length) > width.max(2) {
            let next = *start;
            lines.push(std::mem::replace(&mut line, Line { start: next, text: String::new() }));
            used = 0;
        }
        line.text.push_str(grapheme);
        used = used.saturating_add(length);
        *start += grapheme.chars().count();
    }
    lines.push(line);
}

fn cells(text: &str) -> u16 {
    ratatui::buffer::CellWidth::cell_width(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn composer(text: &str) -> Composer {
        Composer { input: text.into(), ..Composer::default() }
    }

    #[test]
    fn lines_break_at_the_edge_and_at_newlines() {
        let lines: Vec<(usize, String)> =
            composer("abcdef\n\n日本語").lines(4).into_iter().map(|line| (line.start, line.text)).collect();
        let expected = [(0, "abcd"), (4, "ef"), (7, ""), (8, "日本"), (10, "語")];
        assert_eq!(lines, expected.map(|(start, text)| (start, text.to_owned())));
    }

    #[test]
    fn the_cursor_moves_between_lines_and_keeps_its_column() {
        let mut composer = composer("first line\nab\nthird");
        assert_eq!(composer.cursor(20), (2, 5));
        assert!(composer.go(false, 20));
        assert_eq!(composer.cursor(20), (1, 2), "at the end of a shorter line");
        assert!(composer.go(false, 20) && !composer.go(false, 20));
        assert_eq!(composer.cursor(20), (0, 2));
        assert!(composer.go(true, 20) && composer.go(true, 20) && !composer.go(true, 20));
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_inside(text in "[a-z日é👩\n ]{0,40}", at in 0_usize..50, width in 2_u16..12) {
            let mut composer = composer(&text);
            composer.input.handle(InputRequest::SetCursor(at));
            let (line, column) = composer.cursor(width);
            prop_assert!(line < composer.lines(width).len());
            prop_assert!(column <= width, "{column}");
            let joined: String = composer.lines(width).into_iter().map(|line| line.text).collect();
            prop_assert_eq!(joined, text.replace('\n', ""));
        }
    }
}
