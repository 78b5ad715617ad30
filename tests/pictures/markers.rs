//! Nothing of a file but its pixels passes: markers are planted in every block of metadata and behind the end.

use crate::{files, folder, outputs};

/// What is planted, by `make.py` or here; and the names of the blocks that would carry it.
const TRACES: [&[u8]; 9] =
    [b"PLANTED", b"Exif", b"EXIF", b"XMP ", b"xmpmeta", b"ICCP", b"ICC_PROFILE", b"8BIM", b"NETSCAPE"];

#[test]
fn no_metadata_and_no_tail_passes() {
    let planted = files(&folder("pictures/planted"));
    assert!(planted.len() >= 5, "every format has its file");
    for (name, mut file) in planted {
        assert!(file.windows(7).any(|window| window == b"PLANTED"), "{name} has nothing to find");
        file.extend(b"<script>PLANTED behind the end</script>");
        for output in outputs(&file).unwrap() {
            for trace in TRACES {
                let found = output.windows(trace.len()).any(|window| window == trace);
                assert!(!found, "{name} passes on {}", String::from_utf8_lossy(trace));
            }
        }
    }
}
