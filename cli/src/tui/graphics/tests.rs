//! What the encoders write, read back as a terminal would.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use image::{GenericImageView, Pixel};
use vte::{Params, Parser, Perform};

use super::*;

const CELL: Size = Size { width: 10, height: 20 };

/// Red on the left, blue on the right, and a transparent corner above.
fn picture(width: u32, height: u32) -> Rgba {
    let pixel = |x: u32, y: u32| match (x < width / 2, x < 3 && y < 3) {
        (_, true) => [0, 0, 0, 0],
        (true, false) => [250, 0, 0, 255],
        (false, false) => [0, 0, 250, 255],
    };
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Rgba { width, height, pixels }
}

fn strips_of(protocol: Protocol, picture: &Rgba) -> Strips {
    match Encoder::new(protocol, false).encode(picture, CELL) {
        Some(Graphic::Strips(strips)) => strips,
        other => panic!("{other:?}"),
    }
}

fn kept(picture: &Rgba, in_tmux: bool) -> Arc<Kept> {
    match Encoder::new(Protocol::Kitty, in_tmux).encode(picture, CELL) {
        Some(Graphic::Kept(kept)) => kept,
        other => panic!("{other:?}"),
    }
}

/// The kitty commands of some output, as keys and payload; panics at anything else.
fn commands(output: &str) -> Vec<(BTreeMap<String, String>, String)> {
    let split = |command: &str| {
        let (control, payload) = command.split_once(';').unwrap_or((command, ""));
        let keys = control.split(',').map(|pair| pair.split_once('=').expect("key=value"));
        (keys.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(), payload.to_owned())
    };
    let commands = output.split_terminator("\x1b\\");
    commands.map(|command| split(command.strip_prefix("\x1b_G").expect("a command"))).collect()
}

#[test]
fn kitty_gets_a_whole_file_in_pieces() {
    let noise = Rgba {
        pixels: (0..200 * 100 * 4_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect(),
        width: 200,
        height: 100,
    };
    let kept = kept(&noise, false);
    let commands = commands(&kept.transmission);
    let (first, last) = (&commands.first().expect("one").0, commands.len() - 1);
    let number = kept.number.to_string();
    let expected = [("a", "T"), ("U", "1"), ("f", "100"), ("q", "2"), ("c", "20"), ("r", "5"), ("i", &number)];
    for (key, value) in expected {
        assert_eq!(first[key], value, "{key}");
    }
    assert!(last > 1, "several pieces");
    for (place, (keys, payload)) in commands.iter().enumerate() {
        assert!(payload.len() <= 4096 && (place == last || payload.len() % 4 == 0));
        assert_eq!(keys["m"], if place == last { "0" } else { "1" });
    }
    let file: String = commands.iter().map(|(_, payload)| payload.as_str()).collect();
    let read = image::load_from_memory(&BASE64.decode(file.as_bytes()).expect("base64")).expect("a PNG file");
    assert_eq!(read.to_rgba8().into_raw(), noise.pixels);
    let deletion = &super::tests::commands(&kept.deletion)[0].0;
    assert_eq!((deletion["a"].as_str(), deletion["d"].as_str(), &deletion["i"]), ("d", "I", &number));
}

#[test]
fn kitty_behind_tmux_gets_the_same() {
    let kept = kept(&picture(40, 40), true);
    let inner =
        kept.transmission.strip_prefix("\x1bPtmux;").and_then(|text| text.strip_suffix("\x1b\\")).expect("wrapped");
    assert_eq!(commands(&inner.replace("\x1b\x1b", "\x1b")).len(), 1);
}

#[test]
fn cells_name_their_place_in_the_picture() {
    let kept = kept(&picture(40, 40), false);
    assert_eq!(kept.cells, Size::new(4, 2));
    let (symbol, color) = cell(&kept, 1, 2).expect("a cell");
    assert_eq!(symbol, "\u{10eeee}\u{30d}\u{30e}");
    let [_, red, green, blue] = kept.number.to_be_bytes();
    assert_eq!(color, ratatui::style::Color::Rgb(red, green, blue));
    assert_eq!(cell(&kept, 297, 0), None);
}

/// What a terminal makes of a row of a picture.
#[derive(Default)]
struct Row {
    erased: u16,
    files: Vec<Vec<u8>>,
    sixel: Option<String>,
    cursor: Vec<String>,
    faults: Vec<String>,
}

impl Row {
    fn of(row: &str) -> Self {
        let mut read = Self::default();
        Parser::new().advance(&mut read, row.as_bytes());
        assert_eq!(read.faults, [""; 0]);
        assert_eq!(read.cursor, ["7", "8", "C"], "the cursor is where a letter would have left it");
        read
    }
}

impl Perform for Row {
    fn print(&mut self, char: char) {
        self.faults.push(format!("{char:?} is shown"));
    }

    fn execute(&mut self, byte: u8) {
        self.faults.push(format!("control {byte}"));
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        // The end of a string is none of the cursor's.
        if byte != b'\\' {
            self.cursor.push(char::from(byte).to_string());
        }
    }

    fn csi_dispatch(&mut self, params: &Params, _: &[u8], _: bool, action: char) {
        match action {
            'X' => self.erased = params.iter().next().map_or(1, |param| param[0]),
            other => self.cursor.push(other.to_string()),
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let text: Vec<String> = params.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        let text = text.join(";");
        let (head, file) = text.split_once(':').expect("a file");
        assert!(head.starts_with("1337;File=inline=1;size="), "{head}");
        assert!(head.ends_with("width=4;height=1;preserveAspectRatio=0;doNotMoveCursor=1"), "{head}");
        let file = BASE64.decode(file.as_bytes()).expect("base64");
        assert!(head.contains(&format!("size={};", file.len())), "{head}");
        self.files.push(file);
    }

    fn hook(&mut self, params: &Params, _: &[u8], _: bool, action: char) {
        let params: Vec<u16> = params.iter().map(|param| param[0]).collect();
        assert_eq!((params.as_slice(), action), ([0, 1].as_slice(), 'q'), "what is not set stays as it is");
        self.sixel = Some(String::new());
    }

    fn put(&mut self, byte: u8) {
        self.sixel.as_mut().expect("a sixel picture").push(char::from(byte));
    }
}

#[test]
fn iterm2_gets_a_file_for_each_row() {
    let strips = strips_of(Protocol::Iterm2, &picture(36, 50));
    assert_eq!((strips.width, strips.rows.len()), (4, 3), "rounded up to whole cells");
    for row in &strips.rows {
        let row = Row::of(row);
        assert_eq!(row.erased, 4);
        let read = image::load_from_memory(&row.files[0]).expect("a PNG file");
        assert_eq!(read.dimensions(), (40, 20));
        assert_eq!(read.get_pixel(5, 5).0, [250, 0, 0, 255]);
        assert_eq!(read.get_pixel(38, 5).to_rgba().0[3], 0, "nothing beyond the picture");
    }
}

/// The pixels of a sixel picture, as hundredths of red, green and blue.
fn sixel_pixels(text: &str) -> BTreeMap<(u32, u32), [u32; 3]> {
    let (mut colours, mut pixels) = (BTreeMap::new(), BTreeMap::new());
    let (mut colour, mut x, mut y, mut rest) = (0, 0, 0, text);
    let numbers = |rest: &str| {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != ';').unwrap_or(rest.len());
        let numbers: Vec<u32> = rest[..end].split(';').map(|number| number.parse().expect("a number")).collect();
        (numbers, end)
    };
    while let Some(char) = rest.chars().next() {
        rest = &rest[1..];
        let mut count = 1;
        let mut sign = char;
        match char {
            '"' => rest = &rest[numbers(rest).1..],
            '#' => {
                let (found, end) = numbers(rest);
                rest = &rest[end..];
                colour = found[0];
                if let [_, 2, red, green, blue] = found[..] {
                    colours.insert(colour, [red, green, blue]);
                }
            }
            '$' => x = 0,
            '-' => (x, y) = (0, y + 6),
            '!' => {
                let (found, end) = numbers(rest);
                (count, sign) = (found[0], rest[end..].chars().next().expect("a sign"));
                rest = &rest[end + 1..];
            }
            _ => {}
        }
        if !('?'..='~').contains(&sign) {
            continue;
        }
        let bits = u32::from(sign) - 63;
        for column in x..x + count {
            let set = (0..6).filter(|row| bits >> row & 1 == 1);
            pixels.extend(set.map(|row| ((column, y + row), colours[&colour])));
        }
        x += count;
    }
    pixels
}

#[test]
fn sixel_gets_rows_of_a_few_colours() {
    let strips = strips_of(Protocol::Sixel, &picture(40, 40));
    assert_eq!((strips.width, strips.rows.len()), (4, 2));
    for (number, row) in strips.rows.iter().enumerate() {
        let text = Row::of(row).sixel.expect("a sixel picture");
        assert!(text.starts_with("\"1;1;40;20"), "{text}");
        let pixels = sixel_pixels(&text);
        assert!(pixels.keys().all(|(x, y)| *x < 40 && *y < 20), "nothing outside its cells");
        assert_eq!(pixels.len(), if number == 0 { 791 } else { 800 }, "all but the transparent corner");
        let (left, right) = (pixels[&(5, 9)], pixels[&(35, 9)]);
        assert!(left[0] > 90 && left[2] < 10 && right[0] < 10 && right[2] > 90, "{left:?} {right:?}");
    }
}

#[test]
fn every_shape_can_be_encoded() {
    for protocol in [Protocol::Kitty, Protocol::Iterm2, Protocol::Sixel] {
        for (width, height) in [(1, 1), (1, 200), (200, 1), (11, 21)] {
            for cell in [Size::new(1, 1), CELL, Size::new(7, 13)] {
                assert!(Encoder::new(protocol, false).encode(&picture(width, height), cell).is_some());
            }
        }
        let none = Rgba { width: 0, height: 0, pixels: Vec::new() };
        assert_eq!(Encoder::new(protocol, false).encode(&none, CELL), None);
    }
}

#[test]
fn the_gallery_deletes_what_nobody_needs() {
    let (one, other) = (kept(&picture(10, 20), false), kept(&picture(20, 20), false));
    let mut gallery = Gallery::default();
    assert_eq!(gallery.add(&one), one.transmission);
    gallery.add(&other);
    assert_eq!(gallery.sweep(), "");
    let deletion = one.deletion.clone();
    drop(one);
    assert_eq!(gallery.sweep(), deletion);
    assert_eq!((gallery.again(), gallery.deletion()), (other.transmission.clone(), other.deletion.clone()));
}

/// What is asked for, the environment, and what comes of it.
type Case = (&'static str, &'static [(&'static str, &'static str)], Protocol);

#[test]
fn terminals_are_known_by_their_environment() {
    let table: [Case; 20] = [
        ("auto", &[], Protocol::Halfblocks),
        ("auto", &[("TERM", "xterm-256color")], Protocol::Halfblocks),
        ("auto", &[("TERM", "xterm-kitty")], Protocol::Kitty),
        ("auto", &[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], Protocol::Kitty),
        ("auto", &[("TERM", "xterm-ghostty")], Protocol::Kitty),
        ("auto", &[("TERM_PROGRAM", "ghostty")], Protocol::Kitty),
        ("auto", &[("TERM_PROGRAM", "iTerm.app")], Protocol::Iterm2),
        ("auto", &[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Protocol::Iterm2),
        ("auto", &[("TERM_PROGRAM", "WezTerm")], Protocol::Iterm2),
        ("auto", &[("WEZTERM_EXECUTABLE", "/usr/bin/wezterm-gui")], Protocol::Iterm2),
        ("auto", &[("TERM_PROGRAM", "mintty")], Protocol::Iterm2),
        ("auto", &[("TERM", "foot-extra")], Protocol::Sixel),
        ("auto", &[("KONSOLE_VERSION", "230804")], Protocol::Sixel),
        ("auto", &[("TERM_PROGRAM", "vscode"), ("KITTY_WINDOW_ID", "1")], Protocol::Halfblocks),
        ("auto", &[("TMUX", "/tmp/tmux"), ("TERM_PROGRAM", "iTerm.app")], Protocol::Halfblocks),
        ("auto", &[("TERM", "screen.xterm-kitty"), ("KITTY_WINDOW_ID", "1")], Protocol::Halfblocks),
        ("auto", &[("ZELLIJ", "0"), ("TERM", "xterm-kitty")], Protocol::Halfblocks),
        ("kitty", &[("TMUX", "/tmp/tmux")], Protocol::Kitty),
        ("sixel", &[("TERM", "xterm-kitty")], Protocol::Sixel),
        ("off", &[("TERM", "xterm-kitty")], Protocol::Off),
    ];
    for (wanted, variables, expected) in table {
        let environment = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(detect(wanted, &environment), expected, "{wanted} {variables:?}");
    }
}

/// `--images` and its setting take these and no others.
#[test]
fn every_word_is_understood() {
    let table = crate::settings::key::IMAGE_WORDS.map(|word| detect(word, &|_| None));
    let halfblocks = Protocol::Halfblocks;
    assert_eq!(table, [halfblocks, Protocol::Kitty, Protocol::Iterm2, Protocol::Sixel, halfblocks, Protocol::Off]);
}
