//! How much memory a picture may take, measured: in a process of its own for each, whose peak the system counts.

use std::{io::Cursor, path::Path, process::Command};

use campuszon_core::picture::{Limits, PictureError, probe};
use image::{DynamicImage, ExtendedColorType, ImageBuffer, ImageEncoder, ImageFormat, Luma, Rgb, Rgba};

use crate::{files, folder, outputs};

/// The most that one picture may add, in KiB: 300 MB.
pub(crate) const MOST: u64 = 300_000_000 / 1024;

/// Names the file that the process at hand is to open.
const FILE: &str = "CAMPUSZON_TEST_PICTURE";

/// A square of 50 megapixels, the default limit.
const EDGE: u32 = 7_071;

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The largest of each kind, none over a limit that the header tells.
fn largest() -> Vec<(&'static str, Vec<u8>)> {
    let see_through: DynamicImage = ImageBuffer::from_pixel(EDGE, EDGE, Rgba([9_u8, 80, 200, 100])).into();
    let plain: DynamicImage = ImageBuffer::from_pixel(EDGE, EDGE, Rgb([9_u8, 80, 200])).into();
    let deep: DynamicImage = ImageBuffer::from_pixel(EDGE, EDGE, Rgb([9_000_u16, 800, 20_000])).into();
    let deep_grey: DynamicImage = ImageBuffer::from_pixel(EDGE, EDGE, Luma([9_000_u16])).into();
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 90);
    encoder.write_image(plain.as_bytes(), EDGE, EDGE, ExtendedColorType::Rgb8).unwrap();
    vec![
        ("a PNG with opacity", encoded(&see_through, ImageFormat::Png)),
        ("a PNG of 16 bits", encoded(&deep, ImageFormat::Png)),
        ("a grey PNG of 16 bits", encoded(&deep_grey, ImageFormat::Png)),
        ("a lossless WebP", encoded(&plain, ImageFormat::WebP)),
        ("a lossless WebP with opacity", encoded(&see_through, ImageFormat::WebP)),
        ("a JPEG", jpeg),
    ]
}

/// A JPEG whose header claims 50 megapixels, which its data are far too few for.
fn lying(mut jpeg: Vec<u8>) -> Vec<u8> {
    let frame = |pair: &[u8]| pair[0] == 0xFF && (0xC0..=0xC2).contains(&pair[1]);
    let at = jpeg.windows(2).position(frame).unwrap() + 5;
    let edge = u16::try_from(EDGE).unwrap().to_be_bytes();
    jpeg[at..at + 4].copy_from_slice(&[edge, edge].concat());
    jpeg
}

/// Makes what is made of pictures, in a process of its own; how many KiB its peak grew by, and how it ended.
pub(crate) fn cost(file: &[u8]) -> (u64, String) {
    let place = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(place.path(), file).unwrap();
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "memory::open_the_file", "--ignored", "--nocapture"];
    let output = Command::new(program).args(arguments).env(FILE, place.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once("grown by ")).unwrap_or_else(|| panic!("{output:?}"));
    let (grown, end) = line.1.split_once(" KiB: ").unwrap();
    (grown.parse().unwrap(), end.to_owned())
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn open_the_file() {
    let Ok(path) = std::env::var(FILE) else { return };
    let before = peak();
    let file = std::fs::read(Path::new(&path)).unwrap();
    let end = match outputs(&file) {
        Ok(_) => "made".to_owned(),
        Err(error) => error.code().to_owned(),
    };
    println!("grown by {} KiB: {end}", peak() - before);
}

#[test]
#[cfg(target_os = "linux")]
fn the_largest_pictures_stay_within_their_memory() {
    for (kind, file) in largest() {
        assert!(probe(&file, &Limits::default()).is_ok(), "{kind}");
        let (grown, end) = cost(&file);
        println!("{kind}: {grown} KiB, {end}");
        assert!(grown < MOST, "{kind} took {grown} KiB");
        assert!(["made", "payload_too_large"].contains(&end.as_str()), "{kind}: {end}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn lying_headers_take_no_more_memory_than_true_ones() {
    for (name, file) in files(&folder("pictures/files")) {
        let jpeg = name.starts_with("baseline") || name.starts_with("progressive");
        if !jpeg {
            continue;
        }
        let (grown, end) = cost(&lying(file));
        assert!(grown < MOST, "{name} took {grown} KiB");
        assert!(["damaged", "payload_too_large"].contains(&end.as_str()), "{name}: {end}");
    }
}

#[test]
fn scans_that_never_end_are_refused_at_once() {
    let progressive = std::fs::read(folder("pictures/files/progressive-444.jpg")).unwrap();
    let (end, scan) = (progressive.len() - 2, progressive.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap());
    let bomb = [&progressive[..end], &progressive[scan..end].repeat(200), &progressive[end..]].concat();
    assert!(matches!(outputs(&bomb), Err(PictureError::Unsupported { .. })));
}
