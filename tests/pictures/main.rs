//! What the pictures of `campuszon-core` promise, on files that others wrote: `make.py` writes them with Pillow, and keeps
//! beside them what Pillow sees in them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod corpus;
#[cfg(feature = "heic")]
mod heic;
mod markers;
mod memory;
mod pixels;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use campuszon_core::picture::{Limits, PictureError, Prepared, Size, prepare, variants};

/// A folder beside this file.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(name)
}

/// Name and bytes of every file in a folder that this build reads, in order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    };
    let readable = |(name, _): &(String, Vec<u8>)| cfg!(feature = "heic") || !name.contains(".heic");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(read).filter(readable).collect();
    files.sort();
    files
}

fn prepared(file: &[u8]) -> Result<Prepared, PictureError> {
    prepare(file, &Limits::default(), &mut |_| ControlFlow::Continue(()))
}

/// Every file that is made of one: the upload, and each size.
fn outputs(file: &[u8]) -> Result<Vec<Vec<u8>>, PictureError> {
    let made = variants(file, &Limits::default())?;
    let sizes = Size::ALL.iter().map(|size| made.get(*size).bytes.clone());
    Ok(std::iter::once(prepared(file)?.bytes).chain(sizes).collect())
}
