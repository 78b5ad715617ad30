//! What can be typed where one writes: messages, and `/offer 25` and the like.

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

/// Reads a typed line.
pub fn read(line: &str) -> Line<'_> {
    let line = line.trim();
    let Some(command) = line.strip_prefix('/') else {
        return if line.is_empty() { Line::Back } else { Line::Message(line) };
    };
    if command.starts_with('/') {
        return Line::Message(command);
    }
    let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    match (word, rest) {
        ("book", "") => Line::Book,
        ("offer" | "book", price) if !price.is_empty() => Line::Offer(price),
        ("accept", "") => Line::Accept,
        ("decline" | "cancel", "") => Line::Decline,
        ("done", code) => Line::Done(code),
        ("report", reason) => Line::Report(reason),
        ("image", path) if !path.is_empty() => Line::Image(path),
        ("mute", "") => Line::Mute,
        _ => Line::Unknown,
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
            assert_eq!(read(line), meaning, "{line:?}");
        }
    }
}
