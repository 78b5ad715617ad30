//! Text for terminals: whatever comes in, a terminal takes what comes out for nothing but writing.

use campuszon_core::{safe::SafeText, text};
use vte::{Params, Parser, Perform};

/// A terminal that only counts what it was told besides writing.
#[derive(Default)]
struct Terminal {
    printed: usize,
    newlines: usize,
    commands: usize,
}

impl Perform for Terminal {
    fn print(&mut self, _: char) {
        self.printed += 1;
    }
    fn execute(&mut self, byte: u8) {
        *(if byte == b'\n' { &mut self.newlines } else { &mut self.commands }) += 1;
    }
    fn hook(&mut self, _: &Params, _: &[u8], _: bool, _: char) {
        self.commands += 1;
    }
    fn osc_dispatch(&mut self, _: &[&[u8]], _: bool) {
        self.commands += 1;
    }
    fn csi_dispatch(&mut self, _: &Params, _: &[u8], _: bool, _: char) {
        self.commands += 1;
    }
    fn esc_dispatch(&mut self, _: &[u8], _: bool, _: u8) {
        self.commands += 1;
    }
}

/// The first byte is a width, what follows the text.
pub fn hold(bytes: &[u8]) {
    let cells = bytes.first().copied().unwrap_or_default().into();
    let text = String::from_utf8_lossy(bytes.get(1..).unwrap_or_default());
    let (line, block) = (SafeText::line(&text), SafeText::block(&text));
    assert_eq!(harmless(&line), 0, "a line has no newline");
    assert_eq!(harmless(&block), text.matches('\n').count());
    for safe in [&line, &block] {
        assert!(safe.as_str().len() <= 6 * text.len(), "{} bytes became {}", text.len(), safe.as_str().len());
        let short = safe.truncate(cells);
        harmless(&short);
        assert!(short.width() <= cells, "{short} is wider than {cells}");
        let kept = short.as_str().trim_end_matches('…');
        assert!(safe.as_str().starts_with(kept), "{short} is no beginning of {safe}");
    }
    assert_eq!(SafeText::line(line.as_str()), line, "what is safe stays");
    assert_eq!(SafeText::block(block.as_str()), block, "what is safe stays");
    if let Ok(stored) = text::line("text", &text, 0..=usize::MAX) {
        assert_eq!(SafeText::line(&stored).as_str(), stored, "what may be stored is shown as it is");
        assert_eq!(text::line("text", &stored, 0..=usize::MAX).as_ref(), Ok(&stored), "what is stored may be stored");
    }
    if let Ok(stored) = text::block("text", &text, 0..=usize::MAX) {
        assert_eq!(SafeText::block(&stored).as_str(), stored, "what may be stored is shown as it is");
        assert_eq!(text::block("text", &stored, 0..=usize::MAX).as_ref(), Ok(&stored), "what is stored may be stored");
    }
}

/// The newlines of a text that a terminal only writes.
fn harmless(safe: &SafeText) -> usize {
    let mut terminal = Terminal::default();
    Parser::new().advance(&mut terminal, safe.as_str().as_bytes());
    assert_eq!(terminal.commands, 0, "{:?} steers a terminal", safe.as_str());
    assert_eq!(terminal.printed + terminal.newlines, safe.as_str().chars().count());
    assert!(!safe.as_str().chars().any(hides), "{:?} hides or turns round", safe.as_str());
    terminal.newlines
}

/// Bidirectional controls and what takes no room, of which letters of some scripts and emoji need only the two joiners.
fn hides(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(char, '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}
