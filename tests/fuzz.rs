//! The seeds of the fuzzers, and what they found, replayed: what held once holds still, without a fuzzer.

mod targets;

use std::{fs, path::Path};

#[test]
fn every_seed_holds() {
    for (name, hold) in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus").join(name);
        let seeds: Vec<_> = fs::read_dir(&folder).expect("seeds").map(|entry| entry.expect("a seed").path()).collect();
        assert!(seeds.len() >= 5, "{name} has seeds");
        for seed in seeds {
            println!("{}", seed.display());
            hold(&fs::read(&seed).expect("bytes"));
        }
    }
}

#[test]
fn every_target_has_its_fuzzer() {
    let manifest = include_str!("fuzz/Cargo.toml");
    for (name, _) in targets::TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"bins/{name}.rs\"")), "{name}");
    }
}
