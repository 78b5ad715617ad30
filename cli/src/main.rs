//! The binary; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    campuszon::run(&std::env::args_os().collect::<Vec<_>>())
}
