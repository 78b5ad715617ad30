//! Sixel: bands of six rows, colour by colour, in at most 256 colours.
//!
//! See <https://vt100.net/docs/vt3xx-gp/chapter14.html>.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use campuszon_core::picture::Rgba;
use color_quant::NeuQuant;
use ratatui::layout::Size;

use super::slices;

/// How many colours a terminal surely has.
const COLOURS: usize = 256;

/// How many pixels are enough to find the colours of a picture.
const SAMPLE: usize = 20_000;

/// A padded picture, each row of cells on its own and all with the same colours.
pub(super) fn rows(picture: &Rgba, cell: Size) -> Vec<String> {
    let samples_in = picture.pixels.len() / 4 / SAMPLE;
    let colours = NeuQuant::new(i32::try_from(samples_in).unwrap_or(i32::MAX).clamp(1, 10), COLOURS, &picture.pixels);
    slices(picture, cell).map(|slice| row(&slice, &colours)).collect()
}

/// Where a colour is set in a band: six pixels a column, the topmost in the lowest bit.
type Masks = BTreeMap<usize, Vec<u8>>;

fn row(slice: &Rgba, colours: &NeuQuant) -> String {
    let width = usize::try_from(slice.width).unwrap_or(0).max(1);
    let bands: Vec<Masks> = slice.pixels.chunks(width * 4 * 6).map(|band| masks(band, width, colours)).collect();
    // What no colour sets stays as it is; pixels are square.
    let mut text = format!("\x1bP0;1q\"1;1;{};{}", slice.width, slice.height);
    let used: BTreeSet<usize> = bands.iter().flat_map(|band| band.keys().copied()).collect();
    for colour in used {
        define(&mut text, colour, colours);
    }
    for (number, band) in bands.iter().enumerate() {
        if number > 0 {
            text.push('-');
        }
        for (colour, mask) in band {
            let _ = write!(text, "#{colour}");
            runs(&mut text, mask);
            text.push('$');
        }
    }
    text.push_str("\x1b\\");
    text
}

/// The colours of a band of six rows; pixels that are rather transparent than not have none.
fn masks(band: &[u8], width: usize, colours: &NeuQuant) -> Masks {
    let mut masks = Masks::new();
    let (pixels, _) = band.as_chunks::<4>();
    for (number, line) in pixels.chunks(width).enumerate() {
        for (column, pixel) in line.iter().enumerate().filter(|(_, [.., alpha])| *alpha >= 128) {
            let mask = masks.entry(colours.index_of(pixel)).or_insert_with(|| vec![0; width]);
            mask.iter_mut().skip(column).take(1).for_each(|bits| *bits |= 1 << number);
        }
    }
    masks
}

/// Says what a colour is, in hundredths.
fn define(text: &mut String, colour: usize, colours: &NeuQuant) {
    let Some([red, green, blue, _]) = colours.lookup(colour) else { return };
    let [red, green, blue] = [red, green, blue].map(|value| (u16::from(value) * 100 + 127) / 255);
    let _ = write!(text, "#{colour};2;{red};{green};{blue}");
}

/// Writes the columns of a band, with a count where the same comes more than three times.
fn runs(text: &mut String, mask: &[u8]) {
    for run in mask.chunk_by(|one, other| one == other) {
        let sign = char::from(run.first().copied().unwrap_or(0) + b'?');
        match run.len() {
            1..=3 => text.extend(run.iter().map(|_| sign)),
            many => _ = write!(text, "!{many}{sign}"),
        }
    }
}
