//! What can be typed where one writes, on the full screen and in the guide: messages, and `/offer 25` and the like.

/// What a typed line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// Nothing, which goes back.
    Back,
    /// A message.
    Message(&'a str),
    Offer(&'a str),
    Book,
    Accept,
    Decline,
    Done(&'a str),
    Report(&'a str),
    Mute,
    /// A picture, by its path.
    Image(&'a str),
    /// None of these.
    Unknown,
}

/// The commands, as they are explained.
pub const KNOWN: &str = "There are /offer 25, /book, /accept, /decline, /done CODE, /report REASON, /mute and /image \
                         PATH; // sends a text that begins with /.";

impl<'a> Line<'a> {
    /// Reads a typed line.
    pub fn read(line: &'a str) -> Self {
        let line = line.trim();
        let Some(command) = line.strip_prefix('/') else {
            return if line.is_empty() { Self::Back } else { Self::Message(line) };
        };
        if command.starts_with('/') {
            return Self::Message(command);
        }
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let rest = rest.trim();
        match (word, rest) {
            ("book", "") => Self::Book,
            ("offer" | "book", price) if !price.is_empty() => Self::Offer(price),
            ("accept", "") => Self::Accept,
            ("decline" | "cancel", "") => Self::Decline,
            ("done", code) => Self::Done(code),
            ("report", reason) => Self::Report(reason),
            ("image", path) if !path.is_empty() => Self::Image(path),
            ("mute", "") => Self::Mute,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_messages_or_commands() {
        for (line, meaning) in [
            ("", Line::Back),
            (" \t", Line::Back),
            ("Is it there? ", Line::Message("Is it there?")),
            ("0", Line::Message("0")),
            ("//offer", Line::Message("/offer")),
            ("/offer 22.50", Line::Offer("22.50")),
            ("/book 20", Line::Offer("20")),
            ("/book", Line::Book),
            ("/offer", Line::Unknown),
            ("/accept", Line::Accept),
            ("/accept it", Line::Unknown),
            ("/cancel", Line::Decline),
            ("/done", Line::Done("")),
            ("/done 271828", Line::Done("271828")),
            ("/report it is fraud", Line::Report("it is fraud")),
            ("/mute", Line::Mute),
            ("/image ~/my lamp.jpg", Line::Image("~/my lamp.jpg")),
            ("/image", Line::Unknown),
            ("/help", Line::Unknown),
            ("/", Line::Unknown),
        ] {
            assert_eq!(Line::read(line), meaning, "{line:?}");
        }
    }
}
