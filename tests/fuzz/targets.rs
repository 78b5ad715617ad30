//! What is fuzzed, each target as a function of any bytes that panics when something does not hold. The fuzzers look for
//! such bytes; an ordinary test replays the seeds in `corpus` and what was found.

pub mod archives;
pub mod cursors;
pub mod forwarded;
pub mod frames;
pub mod queries;
pub mod safe_text;
pub mod uploads;

/// What a target is held to.
pub type Hold = fn(&[u8]);

/// Every target by its name, which is that of its fuzzer and of the folder of its seeds.
pub const TARGETS: [(&str, Hold); 7] = [
    ("archives", archives::hold),
    ("cursors", cursors::hold),
    ("forwarded", forwarded::hold),
    ("frames", frames::hold),
    ("queries", queries::hold),
    ("safe_text", safe_text::hold),
    ("uploads", uploads::hold),
];
