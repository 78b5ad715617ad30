//! Our side of the benchmark of pictures: makes the three sizes of a photograph and says what that cost.
//!
//! Arguments: the file, how many times, how many at a time, the folder for the results.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so and ends")]

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use campuszon_core::picture::{Limits, Size, variants};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let [file, count, lanes, folder] = args.as_slice() else {
        println!("Arguments: FILE COUNT LANES FOLDER; `scripts/bench images` gives them.");
        return;
    };
    let photograph = fs::read(file).expect("a photograph");
    let (count, lanes): (usize, usize) = (count.parse().expect("a count"), lanes.parse().expect("lanes"));
    let idle = peak();
    let (cpu, start, taken) = (processor_time(), Instant::now(), AtomicUsize::new(0));
    let make = || variants(&photograph, &Limits::default()).expect("the sizes of a good photograph");
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                while taken.fetch_add(1, Ordering::Relaxed) < count {
                    std::hint::black_box(make());
                }
            });
        }
    });
    println!("{} {} {} {idle}", processor_time() - cpu, start.elapsed().as_secs_f64() * 1e3, peak());
    let made = make();
    for size in Size::ALL {
        let name = Path::new(folder).join(size.as_str()).with_extension("webp");
        fs::write(name, &made.get(*size).bytes).expect("a file");
    }
}

/// Most memory this process ever held, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Processor time of this process, all threads, ended ones too, in milliseconds.
fn processor_time() -> f64 {
    /// Of which the system counts a hundred a second for everybody.
    const TICK: f64 = 10.0;
    let stat = fs::read_to_string("/proc/self/stat").expect("the statistics of this process");
    let (_, fields) = stat.rsplit_once(')').expect("its name in brackets");
    fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("a number") * TICK).sum()
}
