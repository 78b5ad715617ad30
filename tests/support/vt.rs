//! How a terminal reads what a command wrote: what it shows, and every sequence that is none of ours.

use vte::{Params, Parser, Perform};

/// What a terminal makes of some bytes.
#[derive(Debug, Default)]
pub struct Reading {
    /// What is shown.
    pub text: String,
    /// What no command may write.
    pub faults: Vec<String>,
}

impl Reading {
    /// Reads as a terminal would.
    pub fn of(bytes: &[u8]) -> Self {
        let mut reading = Self::default();
        Parser::new().advance(&mut reading, bytes);
        reading
    }

    fn fault(&mut self, what: String) {
        self.faults.push(what);
    }
}

/// Whether a character turns text around or hides in it. Joiners are needed by emoji and joining scripts.
fn deceives(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Ours are colours and hyperlinks.
impl Perform for Reading {
    fn print(&mut self, char: char) {
        if char.is_control() || deceives(char) {
            self.fault(format!("{char:?}"));
        }
        self.text.push(char);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\t' => self.text.push(char::from(byte)),
            other => self.fault(format!("control {other:#x}")),
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        if action != 'm' || !intermediates.is_empty() {
            self.fault(format!("CSI {params:?} {intermediates:?} {action}"));
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let is_link =
            params.first() == Some(&&b"8"[..]) && params.iter().all(|part| part.iter().all(u8::is_ascii_graphic));
        if !is_link {
            self.fault(format!("OSC {params:?}"));
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        // The end of a hyperlink.
        if byte != b'\\' || !intermediates.is_empty() {
            self.fault(format!("ESC {intermediates:?} {byte:#x}"));
        }
    }

    fn hook(&mut self, params: &Params, _: &[u8], _: bool, action: char) {
        self.fault(format!("DCS {params:?} {action}"));
    }
}
