//! A photo in its box: in half-blocks, two pixels above each other in each cell, or as the terminal shows pictures.

use std::sync::Arc;

use ratatui::{layout::Rect, style::Color};

use super::pen::{Pen, row};
use crate::tui::{
    graphics::{self, Graphic, Kept},
    model::{Drawing, Pixels},
    theme::Depth,
};

const UPPER_HALF: &str = "▀";

/// Draws a photo into the upper left corner of its box.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, drawing: &Arc<Drawing>) {
    for number in 0..area.height {
        draw_row(pen, row(area, number), drawing, number);
    }
}

/// Draws one row of cells of a photo.
pub(super) fn draw_row(pen: &mut Pen<'_>, area: Rect, drawing: &Arc<Drawing>, number: u16) {
    match drawing.as_ref() {
        Drawing::Blocks(pixels) => blocks(pen, area, pixels, number),
        Drawing::Graphic(Graphic::Kept(kept)) => names(pen, area, kept, number),
        Drawing::Graphic(Graphic::Strips(_)) => pen.strip(area, drawing, number),
    }
}

/// Names the row of a picture that the terminal keeps.
fn names(pen: &mut Pen<'_>, area: Rect, kept: &Kept, number: u16) {
    if number >= kept.cells.height {
        return;
    }
    for x in 0..area.width.min(kept.cells.width) {
        let Some(cell) = pen.buffer().cell_mut((area.x.saturating_add(x), area.y)) else { continue };
        let Some((symbol, color)) = graphics::cell(kept, number, x) else { continue };
        cell.set_symbol(&symbol).set_fg(color);
    }
}

fn blocks(pen: &mut Pen<'_>, area: Rect, pixels: &Pixels, number: u16) {
    let theme = pen.theme;
    for x in 0..area.width.min(pixels.width) {
        let Some(upper) = pixels.at(x, number * 2) else { continue };
        let lower = pixels.at(x, number * 2 + 1);
        let Some(cell) = pen.buffer().cell_mut((area.x.saturating_add(x), area.y)) else { continue };
        if theme.ascii {
            cell.set_symbol(" ").set_bg(color(lower.map_or(upper, |lower| mean(upper, lower)), theme.depth));
            continue;
        }
        cell.set_symbol(UPPER_HALF).set_fg(color(upper, theme.depth));
        if let Some(lower) = lower {
            cell.set_bg(color(lower, theme.depth));
        }
    }
}

fn mean(one: [u8; 3], other: [u8; 3]) -> [u8; 3] {
    let [a, b, c] = one;
    let [x, y, z] = other;
    [a.midpoint(x), b.midpoint(y), c.midpoint(z)]
}

fn color([red, green, blue]: [u8; 3], depth: Depth) -> Color {
    match depth {
        Depth::None => Color::Reset,
        Depth::True => Color::Rgb(red, green, blue),
        Depth::Indexed => Color::Indexed(nearest([red, green, blue])),
    }
}

/// The levels of xterm's colour cube.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's 240 fixed colours: a cube of six levels each, and a ramp of greys.
fn nearest(rgb: [u8; 3]) -> u8 {
    let steps = rgb.map(|value| match value {
        0..48 => 0_u8,
        48..115 => 1,
        _ => (value - 35) / 40,
    });
    let [red, green, blue] = steps;
    let cube = steps.map(|step| LEVELS.get(usize::from(step)).copied().unwrap_or(u8::MAX));
    let average = rgb.iter().map(|value| u16::from(*value)).sum::<u16>() / 3;
    let ramp = u8::try_from((average.saturating_sub(3) / 10).min(23)).unwrap_or(23);
    let grey = [8 + ramp * 10; 3];
    if distance(rgb, grey) < distance(rgb, cube) { 232 + ramp } else { 16 + 36 * red + 6 * green + blue }
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexed_colours_are_near() {
        assert_eq!(nearest([0, 0, 0]), 16);
        assert_eq!(nearest([255, 255, 255]), 231);
        assert_eq!(nearest([255, 0, 0]), 196);
        assert_eq!(nearest([128, 128, 128]), 244);
    }
}
