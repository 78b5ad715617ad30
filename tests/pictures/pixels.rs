//! Right pixels: each file comes close to what an independent decoder sees in it.

use campuszon_core::picture::{Limits, Rgba, decode_rgba};
use image::RgbaImage;

use crate::{files, folder};

/// How far pixels may be from the expected ones, of 255.
struct Tolerance {
    mean: f64,
    most: u8,
}

/// Decoders of lossless files agree, but for rounding; those of lossy ones in the main, most of all around edges, and the
/// more so where ours leaves out details, of colours first, that the expected picture was shrunk with.
fn tolerance(name: &str, shrunk: bool) -> Tolerance {
    let lossless = [".png", ".gif", "lossless.webp"].iter().any(|end| name.ends_with(end));
    match (lossless, shrunk) {
        (true, _) => Tolerance { mean: 1.0, most: 4 },
        (false, false) => Tolerance { mean: 1.5, most: 40 },
        (false, true) => Tolerance { mean: 4.0, most: 80 },
    }
}

/// Differences of every channel, colours weighted by opacity, since nobody sees those that show through.
fn differences(ours: &Rgba, theirs: &RgbaImage) -> Vec<u8> {
    let weighted = |pixel: &[u8]| {
        let opacity = u16::from(pixel[3]);
        [0, 1, 2, 3]
            .map(|channel| if channel == 3 { pixel[3] } else { (u16::from(pixel[channel]) * opacity / 255) as u8 })
    };
    let pairs = ours.pixels.chunks_exact(4).zip(theirs.as_raw().chunks_exact(4));
    pairs
        .flat_map(|(ours, theirs)| std::iter::zip(weighted(ours), weighted(theirs)).map(|(a, b)| a.abs_diff(b)))
        .collect()
}

#[test]
fn every_file_shows_what_an_independent_decoder_sees() {
    let (sources, mut faults) = (folder("pictures/files"), Vec::new());
    for (case, expected) in files(&folder("pictures/expected")) {
        let (name, edge) = case.trim_end_matches(".png").rsplit_once('@').unwrap();
        let expected = image::load_from_memory(&expected).unwrap().into_rgba8();
        let file = std::fs::read(sources.join(name)).unwrap();
        let ours = match decode_rgba(&file, &Limits::default(), edge.parse().unwrap()) {
            Ok(ours) => ours,
            Err(error) => {
                faults.push(format!("{case}: {error}"));
                continue;
            }
        };
        if (ours.width, ours.height) != expected.dimensions() {
            faults.push(format!("{case}: {} × {}, not {:?}", ours.width, ours.height, expected.dimensions()));
            continue;
        }
        let differences = differences(&ours, &expected);
        let most = differences.iter().copied().max().unwrap();
        let mean = differences.iter().map(|&one| f64::from(one)).sum::<f64>() / differences.len() as f64;
        let allowed = tolerance(name, edge.parse::<u32>().unwrap() < 96);
        if most > allowed.most || mean > allowed.mean {
            faults.push(format!("{case}: {mean:.2} in the mean, {most} at most"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
