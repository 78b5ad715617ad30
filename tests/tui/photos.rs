//! Photos in the terminal's own graphics: where they are drawn, what hides them, and that nothing of them stays behind.

use std::{collections::BTreeMap, sync::Arc};

use campuszon::tui::{
    effect::Effect,
    graphics::{Encoder, Graphic, Images, Protocol},
    message::Message,
    model::{Drawing, PhotoKey, Tab},
    view::view,
};
use campuszon_core::{
    picture::Rgba,
    wire::{item::ItemSummary, live::ServerFrame},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, CellDiffOption, CellWidth},
    layout::{Position, Size},
    style::Color,
};

use super::{
    desk::Desk,
    stock::{page, picture, said, stock, whole},
};

const PLACEHOLDER: char = '\u{10eeee}';

/// A desk on a terminal with graphics.
fn with(protocol: Protocol, size: (u16, u16)) -> Desk {
    let mut desk = Desk::new(size);
    let rest = stock().into_iter().skip(1);
    desk.answer(Ok(page(std::iter::once(first()).chain(rest).collect(), None)));
    desk.model.settings.images = Images { protocol, cell: Size::new(8, 16) };
    desk
}

/// The first item, with a photo in the list.
fn first() -> ItemSummary {
    ItemSummary { thumbnail: Some("http://localhost/images/a/thumbnail.webp".to_owned()), ..stock().remove(0) }
}

/// One that shows an item with its photo.
fn showing(protocol: Protocol, size: (u16, u16)) -> Desk {
    let mut desk = with(protocol, size);
    desk.key("Enter");
    desk.answer_item(Ok(whole(first())));
    give_photos(&mut desk);
    desk
}

/// A picture as large as fits its box.
fn photo(key: &PhotoKey, protocol: Protocol) -> Drawing {
    let (width, height) = (u32::from(key.pixels.width), u32::from(key.pixels.height));
    let pixels = [90, 60, 30, 255].repeat(width as usize * height as usize);
    let encoded = Encoder::new(protocol, false).encode(&Rgba { width, height, pixels }, key.cell());
    Drawing::Graphic(encoded.expect("a picture"))
}

/// Brings every photo that was asked for.
fn give_photos(desk: &mut Desk) {
    let protocol = desk.model.settings.images.protocol;
    for key in wanted(desk) {
        let drawing = Some(Arc::new(photo(&key, protocol)));
        desk.send(Message::Photo { key, drawing });
    }
}

fn wanted(desk: &Desk) -> Vec<PhotoKey> {
    let keys = desk.asked.iter().filter_map(|effect| match effect {
        Effect::LoadPhoto(key) => Some(key.clone()),
        _ => None,
    });
    keys.collect()
}

/// A frame with all that it says of its cells, which a screen does not keep.
fn frame(desk: &Desk) -> Buffer {
    let size = desk.model.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).expect("a screen");
    terminal.draw(|frame| view(frame, &desk.model)).expect("a frame").buffer.clone()
}

/// The rows of pictures in a frame: where each begins, how wide it is, and what shows it.
fn strips(buffer: &Buffer) -> BTreeMap<Position, (u16, String)> {
    let is_start = |cell: &ratatui::buffer::Cell| matches!(cell.diff_option, CellDiffOption::ForcedWidth(_));
    let starts = buffer.area.positions().filter(|position| is_start(&buffer[*position]));
    let strip = |position: Position| {
        let rest = (position.x + 1..buffer.area.right()).map(|x| buffer[(x, position.y)].diff_option);
        let covered = rest.take_while(|option| *option == CellDiffOption::Skip).count();
        (position, (1 + u16::try_from(covered).expect("a width"), buffer[position].symbol().to_owned()))
    };
    starts.map(strip).collect()
}

/// Nothing of a picture is left behind: whatever is no longer covered is written, whatever is newly covered is drawn.
fn assert_no_ghost(before: &Buffer, after: &Buffer) {
    let written: Vec<Position> = before.diff_iter(after).map(|(x, y, _)| Position::new(x, y)).collect();
    let (older, newer) = (strips(before), strips(after));
    for (start, (width, text)) in &older {
        if newer.get(start) == Some(&(*width, text.clone())) {
            continue;
        }
        for x in start.x..start.x + width {
            let covers = |(other, (width, _)): (&Position, &(u16, String))| {
                other.y == start.y && (other.x..other.x + width).contains(&x)
            };
            let anew = newer.iter().find(|strip| covers(*strip)).map_or(Position::new(x, start.y), |(other, _)| *other);
            // The second half of a wide letter is written with the first.
            let half = Position::new(x.saturating_sub(1), start.y);
            let is_half = after[half].symbol().cell_width() > 1 && written.contains(&half);
            assert!(is_half || written.contains(&anew), "what was at {x},{} stays", start.y);
        }
    }
    for (start, strip) in &newer {
        assert!(older.get(start) == Some(strip) || written.contains(start), "a picture at {start} is not drawn");
    }
}

#[test]
fn a_photo_is_drawn_row_by_row_in_its_box() {
    for protocol in [Protocol::Iterm2, Protocol::Sixel] {
        let desk = showing(protocol, (80, 24));
        let parts = desk.model.detail_parts().expect("a pane");
        let strips = strips(&frame(&desk));
        let rows: Vec<u16> = strips.keys().map(|position| position.y).collect();
        assert_eq!(rows, (parts.photo.y..parts.photo.bottom()).collect::<Vec<_>>());
        assert!(strips.iter().all(|(start, (width, _))| start.x == parts.photo.x && *width == parts.photo.width));
        assert!(desk.screen().contains("Photo 1 of 2"), "always with a caption");
    }
}

#[test]
fn what_lies_over_a_picture_hides_its_rows_and_they_come_back() {
    let mut desk = showing(Protocol::Sixel, (120, 30));
    let bare = frame(&desk);
    desk.key("?");
    let covered = frame(&desk);
    assert!(strips(&covered).len() < strips(&bare).len());
    assert_no_ghost(&bare, &covered);
    desk.key("Esc");
    let again = frame(&desk);
    assert_eq!(strips(&again), strips(&bare));
    assert_no_ghost(&covered, &again);
}

#[test]
fn no_picture_stays_behind_whatever_is_done() {
    for protocol in [Protocol::Iterm2, Protocol::Kitty] {
        let mut desk = showing(protocol, (120, 30));
        let mut before = frame(&desk);
        let mut seen = 0;
        for key in "? Esc l h Ctrl+K Esc 2 1 ] [ Esc / Esc s Esc 6 1 G g".split(' ') {
            desk.key(key);
            give_photos(&mut desk);
            let after = frame(&desk);
            assert_no_ghost(&before, &after);
            seen += usize::from(strips(&after) != strips(&before));
            before = after;
        }
        assert!(seen > 5 || protocol == Protocol::Kitty, "pictures come and go");
    }
}

#[test]
fn pictures_of_a_conversation_scroll_with_it() {
    for protocol in [Protocol::Iterm2, Protocol::Kitty] {
        let mut desk = Desk::talking((80, 24));
        desk.model.settings.images = Images { protocol, cell: Size::new(8, 16) };
        let messages = (5..30).map(|seq| if seq % 4 == 0 { picture(1, seq) } else { said(1, seq, 7, "Look") });
        for message in messages {
            desk.frame(ServerFrame::Message { message, since: 1 });
        }
        desk.key("Esc");
        let mut before = frame(&desk);
        let mut pictures = 0;
        for key in ["k", "k", "k", "PgUp", "PgUp", "j", "G", "g", "G"] {
            desk.key(key);
            give_photos(&mut desk);
            let after = frame(&desk);
            assert_no_ghost(&before, &after);
            pictures += strips(&after).len() + names(&after).len();
            before = after;
        }
        assert!(pictures > 8, "{pictures}");
    }
}

/// The cells that name a picture, with its number.
fn names(buffer: &Buffer) -> BTreeMap<Position, u32> {
    let number = |position: Position| match (&buffer[position], buffer[position].fg) {
        (cell, Color::Rgb(red, green, blue)) if cell.symbol().starts_with(PLACEHOLDER) => {
            Some((position, u32::from_be_bytes([0, red, green, blue])))
        }
        _ => None,
    };
    buffer.area.positions().filter_map(number).collect()
}

#[test]
fn kitty_keeps_pictures_and_cells_name_them() {
    let mut desk = showing(Protocol::Kitty, (80, 24));
    let shown: Vec<u32> = desk
        .asked
        .iter()
        .filter_map(|effect| match effect {
            Effect::Show(kept) => Some(kept.number),
            _ => None,
        })
        .collect();
    let parts = desk.model.detail_parts().expect("a pane");
    let cells = names(&frame(&desk));
    assert_eq!(cells.len(), usize::from(parts.photo.width) * usize::from(parts.photo.height));
    assert!(cells.values().all(|number| shown.contains(number)), "what is named was brought");
    desk.key("?");
    let covered = names(&frame(&desk));
    assert!(covered.len() < cells.len(), "the help lies over it");
    desk.key("Esc");
    desk.key("2");
    assert!(names(&frame(&desk)).is_empty(), "not in another tab");
}

#[test]
fn a_larger_box_gets_a_larger_variant_and_the_smaller_one_until_then() {
    let mut desk = with(Protocol::Kitty, (160, 50));
    desk.key("Enter");
    give_photos(&mut desk);
    let mut item = whole(first());
    let variants = item.images[0].variants.as_mut().expect("variants");
    variants.medium.url = "http://localhost/images/a/medium.webp".to_owned();
    desk.answer_item(Ok(item));
    let key = wanted(&desk).into_iter().find(|key| key.url.ends_with("medium.webp")).expect("the larger one");
    assert!(desk.screen().contains("loading"));
    let until = names(&frame(&desk));
    let drawing = photo(&key, Protocol::Kitty);
    let Drawing::Graphic(Graphic::Kept(kept)) = &drawing else { panic!("{drawing:?}") };
    let number = kept.number;
    desk.send(Message::Photo { key, drawing: Some(Arc::new(drawing)) });
    let then = names(&frame(&desk));
    assert!(!until.is_empty() && until.keys().eq(then.keys()) && then.values().all(|found| *found == number));
}

#[test]
fn without_images_there_are_captions_only() {
    let mut desk = with(Protocol::Off, (80, 24));
    desk.key("Enter");
    desk.answer_item(Ok(whole(first())));
    assert_eq!(wanted(&desk), []);
    assert!(desk.model.detail_parts().expect("a pane").photo.is_empty());
    assert!(desk.screen().contains("Photo 1 of 2"));
    let mut desk = Desk::on(Tab::Chats, (80, 24));
    desk.model.settings.images.protocol = Protocol::Off;
    desk.key("Enter");
    desk.answer_messages(Ok(vec![picture(1, 1)]));
    assert_eq!(wanted(&desk), []);
    assert!(desk.screen().contains("Photo · 1600×1200"));
}
