//! Photos off the screen: the files fetched lately, and drawing one for the box it belongs to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use campuszon_core::picture::{self, Limits, Rgba};

use super::{
    graphics::Encoder,
    model::{Drawing, PhotoKey, Pixels, long_edge},
};

/// Memory for fetched files, in bytes; thumbnails are about ten kilobytes.
const KEPT_BYTES: usize = 2 << 20;

/// Far above any thumbnail: what is larger is not worth the memory.
const LIMITS: Limits = Limits { max_bytes: 4 << 20, max_pixels: 4_000_000 };

type Kept = VecDeque<(String, Arc<[u8]>)>;

/// The files fetched lately, so that another size of a photo needs no network.
#[derive(Clone, Debug, Default)]
pub struct Files(Arc<Mutex<Kept>>);

impl Files {
    /// The file at an address, if it is here.
    pub fn get(&self, url: &str) -> Option<Arc<[u8]>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(address, _)| address == url).map(|(_, file)| file.clone())
    }

    /// Keeps a file, and forgets the oldest beyond the bound.
    pub fn keep(&self, url: &str, bytes: &[u8]) -> Arc<[u8]> {
        let file: Arc<[u8]> = bytes.into();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((url.to_owned(), file.clone()));
        while kept.iter().map(|(_, file)| file.len()).sum::<usize>() > KEPT_BYTES {
            kept.pop_front();
        }
        file
    }
}

/// A photo as large as fits its box, as the terminal takes it; `None` for what is no picture.
pub fn draw(file: &[u8], key: &PhotoKey, encoder: &Encoder) -> Option<Drawing> {
    let probe = picture::probe(file, &LIMITS).ok()?;
    let edge = long_edge((probe.width, probe.height), key.pixels);
    let scaled = picture::decode_rgba(file, &LIMITS, edge).ok()?;
    if encoder.is_plain() {
        return blocks(&scaled).map(Drawing::Blocks);
    }
    encoder.encode(&scaled, key.cell()).map(Drawing::Graphic)
}

fn blocks(scaled: &Rgba) -> Option<Pixels> {
    let (width, height) = (u16::try_from(scaled.width).ok()?, u16::try_from(scaled.height).ok()?);
    Some(Pixels { width, height, rgb: opaque(scaled) })
}

/// The colours on a black ground.
fn opaque(picture: &Rgba) -> Vec<[u8; 3]> {
    let shade = |value: u8, alpha: u8| u8::try_from(u16::from(value) * u16::from(alpha) / 255).unwrap_or(u8::MAX);
    let (pixels, _) = picture.pixels.as_chunks::<4>();
    pixels.iter().map(|[red, green, blue, alpha]| [red, green, blue].map(|value| shade(*value, *alpha))).collect()
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Size;

    use super::*;
    use crate::tui::graphics::{Graphic, Images, Protocol};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut file = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 10, 10]));
        picture.write_to(&mut file, image::ImageFormat::Png).expect("a picture");
        file.into_inner()
    }

    fn drawn(file: &[u8], cells: Size, protocol: Protocol) -> Option<Drawing> {
        let key = PhotoKey::new("a", cells, Images { protocol, ..Images::default() });
        draw(file, &key, &Encoder::new(protocol, false))
    }

    #[test]
    fn photos_fit_their_box() {
        for (width, height) in [(300, 225), (225, 300), (300, 10), (7, 5)] {
            for cells in [Size::new(40, 10), Size::new(1, 1), Size::new(76, 30)] {
                let file = png(width, height);
                let Some(Drawing::Blocks(pixels)) = drawn(&file, cells, Protocol::Halfblocks) else {
                    panic!("{cells}")
                };
                assert!(pixels.width <= cells.width && pixels.height <= cells.height * 2, "{width} {height} {cells}");
                assert_eq!(pixels.rgb.len(), usize::from(pixels.width) * usize::from(pixels.height));
                let Some(Drawing::Graphic(Graphic::Strips(strips))) = drawn(&file, cells, Protocol::Sixel) else {
                    panic!("{cells}")
                };
                assert!(strips.width <= cells.width && strips.rows.len() <= usize::from(cells.height), "{cells}");
            }
        }
        assert_eq!(drawn(b"no picture", Size::new(9, 9), Protocol::Kitty), None);
    }

    #[test]
    fn files_are_kept_within_the_bound() {
        let files = Files::default();
        for number in 0..10 {
            files.keep(&number.to_string(), &vec![0; KEPT_BYTES / 4]);
        }
        assert!(files.get("0").is_none() && files.get("9").is_some());
    }
}
