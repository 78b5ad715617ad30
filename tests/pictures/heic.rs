//! HEIC in builds that read it: what it may cost, and what is refused. `heic.py` writes the files.

use campuszon_core::picture::{Format, Limits, PictureError, probe};

use crate::{
    files, folder,
    memory::{MOST, cost},
    outputs,
};

#[test]
fn the_header_tells_the_size_as_displayed() {
    for (name, size) in [("orientation-6.heic", (96, 64)), ("tiled.heic", (96, 64)), ("cropped.heic", (30, 60))] {
        let file = std::fs::read(folder("pictures/files").join(name)).unwrap();
        let probe = probe(&file, &Limits::default()).unwrap();
        assert_eq!((probe.format, probe.width, probe.height, probe.orientation), (Format::Heic, size.0, size.1, 1));
        let few = Limits { max_pixels: 1_000, ..Limits::default() };
        assert!(matches!(outputs_within(&file, &few), Err(PictureError::TooManyPixels { max: 1_000, .. })), "{name}");
    }
}

fn outputs_within(file: &[u8], limits: &Limits) -> Result<(), PictureError> {
    campuszon_core::picture::variants(file, limits).map(drop)
}

#[test]
#[cfg(target_os = "linux")]
fn the_largest_stay_within_their_memory() {
    for (name, file) in files(&folder("pictures/heavy")) {
        assert!(probe(&file, &Limits::default()).is_ok(), "{name}");
        let (grown, end) = cost(&file);
        println!("{name}: {grown} KiB, {end}");
        assert!(grown < MOST, "{name} took {grown} KiB");
        let expected = if ["plain.heic", "tiled.heic"].contains(&name.as_str()) { "made" } else { "payload_too_large" };
        assert_eq!(end, expected, "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn files_that_lie_about_their_cost_are_refused() {
    let files = files(&folder("pictures/lying"));
    assert!(files.len() > 9);
    for (name, file) in files {
        let (grown, end) = cost(&file);
        println!("{name}: {grown} KiB, {end}, {:?}", outputs(&file));
        assert!(grown < MOST, "{name} took {grown} KiB");
        assert!(["damaged", "payload_too_large", "unsupported_media_type"].contains(&end.as_str()), "{name}: {end}");
    }
}
