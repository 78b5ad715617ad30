//! Numbers at a glance: labelled facts that go on below where the width ends, and bars.

use anstyle::{AnsiColor, Style};
use campuszon_core::safe::SafeText;

use super::{Format, Output, OutputError, Terminal, terminal::painted};

/// A line of a dashboard.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A label and what there is to say of it.
    Facts { label: &'static str, facts: Vec<String>, tone: Tone },
    /// A part of a whole.
    Bar {
        label: String,
        /// From 0 to 1.
        share: f64,
        facts: Vec<String>,
        tone: Tone,
    },
}

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// Somebody should have a look.
    Warning,
    /// Something is wrong.
    Bad,
}

impl Tone {
    fn label(self) -> Style {
        match self {
            Self::Plain => Style::new().bold(),
            Self::Warning => Style::new().bold().fg_color(Some(AnsiColor::Yellow.into())),
            Self::Bad => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
        }
    }

    fn bar(self) -> Style {
        let colour = match self {
            Self::Plain => AnsiColor::Cyan,
            Self::Warning => AnsiColor::Yellow,
            Self::Bad => AnsiColor::Red,
        };
        Style::new().fg_color(Some(colour.into()))
    }
}

const GAP: usize = 3;
const BAR_GAP: usize = 2;
/// Neither needs more, however wide the terminal is.
const WIDEST_BAR: usize = 40;
const NARROWEST_BAR: usize = 10;

/// All lines as they are shown on `terminal`, in ASCII alone where that is all it has.
pub fn draw(lines: &[Line], terminal: &Terminal, ascii: bool) -> String {
    if terminal.accessible {
        return lines.iter().map(read_aloud).collect();
    }
    let pen = Pen { width: terminal.width, colour: terminal.colour, ascii };
    let is_bar = |line: &Line| matches!(line, Line::Bar { .. });
    // Bars that follow each other are aligned.
    let text: String =
        lines.chunk_by(|one, other| is_bar(one) == is_bar(other)).map(|block| pen.block(block)).collect();
    if ascii { text.replace('…', "~") } else { text }
}

/// A line without columns and bars.
fn read_aloud(line: &Line) -> String {
    let (label, facts) = parts(line);
    format!("{label}: {}\n", SafeText::line(&facts.join(", ")))
}

fn parts(line: &Line) -> (SafeText, &[String]) {
    match line {
        Line::Facts { label, facts, .. } => (SafeText::line(label), facts),
        Line::Bar { label, facts, .. } => (SafeText::line(label), facts),
    }
}

struct Pen {
    width: usize,
    colour: bool,
    ascii: bool,
}

impl Pen {
    fn block(&self, block: &[Line]) -> String {
        match block.first() {
            Some(Line::Bar { .. }) => self.bars(block),
            _ => block.iter().map(|line| self.facts(line)).collect(),
        }
    }

    /// A label, and facts that are parted by blank and go on below.
    fn facts(&self, line: &Line) -> String {
        let Line::Facts { label, facts, tone } = line else { return String::new() };
        let indent = LABEL + BAR_GAP;
        let mut text = painted(tone.label(), label, self.colour);
        let mut used = SafeText::line(label).width();
        let mut at = indent;
        for (number, fact) in facts.iter().map(|fact| SafeText::line(fact)).enumerate() {
            let gap = if number == 0 { 0 } else { GAP };
            if number > 0 && at + gap + fact.width() > self.width {
                text.push('\n');
                (used, at) = (0, indent);
            } else {
                at += gap;
            }
            text.push_str(&" ".repeat(at.saturating_sub(used)));
            let fact = fact.truncate(self.width.saturating_sub(at).max(1));
            text.push_str(fact.as_str());
            at += fact.width();
            used = at;
        }
        text + "\n"
    }

    /// Bars of one length, between their labels and their facts.
    fn bars(&self, block: &[Line]) -> String {
        let columns = block.iter().map(|line| parts(line).1.len()).max().unwrap_or(0);
        let width_of = |column: usize| {
            let facts = block.iter().filter_map(|line| parts(line).1.get(column));
            facts.map(|fact| SafeText::line(fact).width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        let facts: usize = widths.iter().map(|width| width + BAR_GAP).sum();
        let widest = block.iter().map(|line| parts(line).0.width()).max().unwrap_or(0);
        let room = self.width.saturating_sub(2 * BAR_GAP + facts);
        let label = widest.min(room.saturating_sub(NARROWEST_BAR));
        let bar = room.saturating_sub(label).min(WIDEST_BAR);
        block.iter().map(|line| self.bar(line, label, bar, &widths)).collect()
    }

    fn bar(&self, line: &Line, label_width: usize, bar_width: usize, widths: &[usize]) -> String {
        let Line::Bar { label, share, facts, tone } = line else { return String::new() };
        let label = SafeText::line(label).truncate(label_width);
        let gap = " ".repeat(BAR_GAP);
        let drawn = self.filled(*share, bar_width);
        let blank = " ".repeat(bar_width.saturating_sub(drawn.chars().count()));
        let after_label = " ".repeat(label_width.saturating_sub(label.width()));
        let mut text = format!("{gap}{label}{after_label}{gap}{}{blank}", painted(tone.bar(), &drawn, self.colour));
        for (fact, width) in facts.iter().map(|fact| SafeText::line(fact)).zip(widths) {
            text.push_str(&" ".repeat(BAR_GAP + width.saturating_sub(fact.width())));
            text.push_str(fact.as_str());
        }
        text + "\n"
    }

    /// So much of `width`, to an eighth of a character where there are such; whatever is there is seen.
    fn filled(&self, share: f64, width: usize) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        let parts = if self.ascii { 1 } else { EIGHTHS.len() };
        let exact = share.clamp(0.0, 1.0) * (width * parts) as f64;
        let filled = (exact.round() as usize).max(usize::from(share > 0.0));
        let rest = if self.ascii { "" } else { EIGHTHS.get(filled % parts).copied().unwrap_or_default() };
        format!("{}{rest}", if self.ascii { "#" } else { "█" }.repeat(filled / parts))
    }
}

/// The room for the labels of facts.
const LABEL: usize = 11;

/// A dashboard on the terminal that is painted again and again.
#[derive(Debug, Default)]
pub struct Painting {
    /// How many lines of it stand on the screen, where it was painted before.
    lines: Option<usize>,
}

impl Output {
    /// Whether what is printed is for people, whole and as they like it.
    pub fn is_for_people(&self) -> bool {
        self.format == Format::Table && self.fields.is_none() && self.jq.is_none()
    }

    /// Prints what [`draw`] made.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn drawn(&self, text: &str) -> Result<(), OutputError> {
        self.write_long(text)
    }

    /// Prints what [`draw`] made in the place of what it made before; below it where nothing can be painted over.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub fn repaint(&self, painting: &mut Painting, text: &str) -> Result<(), OutputError> {
        // Where stdin leads elsewhere the cursor moves all the same.
        let screen = terminal_size::terminal_size().filter(|_| self.terminal.stdout && !self.terminal.accessible);
        let Some((_, rows)) = screen else {
            let gap = if painting.lines.replace(0).is_some() { "\n" } else { "" };
            return self.write(&format!("{gap}{text}"));
        };
        // What has left the screen at its top cannot be painted over.
        let visible: Vec<&str> = text.lines().take(usize::from(rows.0).saturating_sub(1)).collect();
        let back = match painting.lines.replace(visible.len()) {
            Some(lines @ 1..) => format!("\u{1b}[{lines}A"),
            _ => String::new(),
        };
        let lines: String = visible.iter().map(|line| format!("{line}\u{1b}[K\n")).collect();
        self.write(&format!("{back}{lines}\u{1b}[J"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pen(width: usize, ascii: bool) -> Pen {
        Pen { width, colour: false, ascii }
    }

    #[test]
    fn bars_are_as_long_as_their_shares() {
        let filled = |share, ascii| pen(80, ascii).filled(share, 8);
        assert_eq!(
            [0.0, 0.001, 0.5, 0.55, 1.0, 7.0].map(|share| filled(share, false)),
            ["", "▏", "████", "████▍", "████████", "████████"]
        );
        assert_eq!([0.0, 0.001, 0.5, 1.0].map(|share| filled(share, true)), ["", "#", "####", "########"]);
    }

    #[test]
    fn facts_go_on_below() {
        let line = Line::Facts {
            label: "Mails",
            facts: ["one", "two", "three"].map(str::to_owned).to_vec(),
            tone: Tone::Plain,
        };
        assert_eq!(pen(80, false).facts(&line), "Mails        one   two   three\n");
        assert_eq!(pen(24, false).facts(&line), "Mails        one   two\n             three\n");
        assert_eq!(read_aloud(&line), "Mails: one, two, three\n");
    }
}
