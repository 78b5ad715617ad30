//! What the fuzz targets start from, and every input that ever broke something: all are survived.

use std::sync::LazyLock;

use campuszon_core::picture::{Limits, PictureError, decode_rgba, probe};
use proptest::prelude::*;

use crate::{files, folder, outputs};

const LIMITS: Limits = Limits { max_bytes: 1 << 20, max_pixels: 1 << 22 };

/// A decoder that panics is contained, but is a fault all the same.
fn panicked<T>(result: Result<T, PictureError>) -> bool {
    matches!(result, Err(PictureError::Damaged { reason }) if reason == "its decoder failed")
}

static CORPUS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let folders = ["pictures/files", "pictures/planted", "pictures/lying", "fuzz/regressions"];
    folders.iter().flat_map(|name| files(&folder(name))).collect()
});

#[test]
fn the_corpus_is_survived() {
    for (name, file) in CORPUS.iter() {
        assert!(!panicked(probe(file, &LIMITS)), "{name}: its header");
        for edge in [1, 8, 16, 40, 100] {
            assert!(!panicked(decode_rgba(file, &LIMITS, edge)), "{name}: {edge} pixels");
        }
        assert!(!panicked(outputs(file)), "{name}: what is made of it");
    }
}

#[test]
fn halves_of_files_are_refused_with_a_reason() {
    for (name, file) in files(&folder("pictures/files")) {
        let half = &file[..file.len() / 2];
        match outputs(half) {
            Ok(_) => panic!("half of {name} is taken for a picture"),
            Err(error) => assert_eq!(error.code(), "damaged", "{name}: {error}"),
        }
    }
}

#[test]
fn a_file_of_two_formats_is_the_one_its_first_bytes_tell() {
    let (jpeg, png) = (folder("pictures/files/grey.jpg"), folder("pictures/files/grey.png"));
    let (jpeg, png) = (std::fs::read(jpeg).unwrap(), std::fs::read(png).unwrap());
    let archive = b"PK\x03\x04PLANTED archive<html><script>PLANTED</script>";
    for file in [[&jpeg[..], &png, archive].concat(), [&png[..], &jpeg, archive].concat()] {
        for output in outputs(&file).unwrap() {
            assert!(!output.windows(7).any(|window| window == b"PLANTED"));
        }
    }
    for start in [&b"%PDF-1.7\n"[..], b"PK\x03\x04", b"<svg xmlns=", b"GIF", b"\x7fELF"] {
        let error = probe(&[start, &jpeg].concat(), &LIMITS).unwrap_err();
        assert_eq!(error, PictureError::UnknownFormat);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200_000))]

    /// Luck instead of a fuzzer's guidance: `cargo test -p campuszon-core --test pictures -- --ignored mutations`.
    #[test]
    #[ignore = "takes half an hour"]
    fn mutations_of_the_corpus_are_survived(
        which in any::<prop::sample::Index>(),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..16),
        length in any::<prop::sample::Index>(),
        cut in proptest::bool::weighted(0.1),
        edge in 1..100_u32,
    ) {
        let mut file = which.get(CORPUS.as_slice()).1.clone();
        for (place, byte) in hits {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if cut {
            file.truncate(length.index(file.len()));
        }
        prop_assert!(!panicked(probe(&file, &LIMITS)));
        prop_assert!(!panicked(decode_rgba(&file, &LIMITS, edge)));
    }
}
