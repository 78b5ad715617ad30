//! The archive: a tar file whose last entry, `SHA256SUMS`, names every other one with its checksum, in the form that
//! `sha256sum --check` reads.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Component, Path},
};

use campuszon_core::Timestamp;
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tar::{Archive, Builder, EntryType, Header};

use super::{BackupError, DATABASE, FOLDERS, failed};
use crate::platform::directory::{create_private_file, create_private_folder, sync_parent};

const SUMS: &str = "SHA256SUMS";

/// The checksums of so many files are no longer than this.
const LONGEST_SUMS: u64 = 1 << 30;

/// What an archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many files.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

type Sums = BTreeMap<String, String>;

/// Refuses a place where something else than an archive is: a name that was completed wrongly must not cost a database.
pub(super) fn refuse_other(file: &Path) -> Result<(), BackupError> {
    let Ok(there) = fs::metadata(file) else { return Ok(()) };
    if there.is_file() && (there.len() == 0 || begins_as_archive(file)) {
        return Ok(());
    }
    Err(BackupError::Occupied { path: file.to_owned() })
}

fn begins_as_archive(file: &Path) -> bool {
    let Ok(input) = File::open(file) else { return false };
    let mut archive = Archive::new(input);
    let first = archive.entries().ok().and_then(|mut entries| entries.next()).and_then(Result::ok);
    let name = first.and_then(|entry| entry.path().ok().map(|path| path.into_owned()));
    name.is_some_and(|name| [DATABASE].iter().chain(&FOLDERS).any(|known| name.starts_with(known)))
}

/// Writes everything in a folder to an archive, which is there whole or not at all.
pub(super) fn write(file: &Path, folder: &Path, now: Timestamp) -> Result<Summary, BackupError> {
    if let Some(above) = file.parent() {
        create_private_folder(above).map_err(failed("create the folder", above))?;
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let temporary = file.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = write_to(&temporary, folder, now).and_then(|summary| {
        fs::rename(&temporary, file).and_then(|()| sync_parent(file)).map_err(failed("write", file))?;
        Ok(summary)
    });
    if written.is_err() {
        // The write's own error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_to(path: &Path, folder: &Path, now: Timestamp) -> Result<Summary, BackupError> {
    let output = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut archive = Builder::new(BufWriter::new(output.map_err(failed("create", path))?));
    let (mut summary, mut sums) = (Summary::default(), Sums::new());
    for name in files_below(folder, Path::new(""))? {
        let source = folder.join(&name);
        let input = File::open(&source).map_err(failed("read", &source))?;
        let length = input.metadata().map_err(failed("read", &source))?.len();
        let mut input = Hashing::new(input);
        let mut header = header(length, now);
        archive.append_data(&mut header, &name, &mut input).map_err(failed("write", path))?;
        summary = Summary { files: summary.files + 1, bytes: summary.bytes + length };
        sums.insert(name, input.sum());
    }
    let text: String = sums.iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    archive
        .append_data(&mut header(text.len() as u64, now), SUMS, text.as_bytes())
        .and_then(|()| archive.into_inner())
        .and_then(|output| output.into_inner().map_err(io::IntoInnerError::into_error))
        .and_then(|output| output.sync_all())
        .map_err(failed("write", path))?;
    Ok(summary)
}

fn header(length: u64, now: Timestamp) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now.millis() / 1_000).unwrap_or_default());
    header
}

/// The names of all files below a folder, in order.
fn files_below(folder: &Path, name: &Path) -> Result<Vec<String>, BackupError> {
    let path = folder.join(name);
    let mut found = Vec::new();
    for entry in fs::read_dir(&path).map_err(failed("read the folder", &path))? {
        let entry = entry.map_err(failed("read the folder", &path))?;
        let name = name.join(entry.file_name());
        if entry.file_type().map_err(failed("look at", &path))?.is_dir() {
            found.extend(files_below(folder, &name)?);
        } else {
            found.push(name.to_string_lossy().into_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Unpacks an archive into an empty folder and proves every file by its checksum.
pub(super) fn unpack(file: &Path, folder: &Path) -> Result<Summary, BackupError> {
    let damaged = |reason: String| BackupError::Damaged { path: file.to_owned(), reason };
    let mut archive = Archive::new(BufReader::new(File::open(file).map_err(failed("read", file))?));
    let (mut summary, mut found, mut expected) = (Summary::default(), Sums::new(), None);
    for entry in archive.entries().map_err(|error| damaged(error.to_string()))? {
        let mut entry = entry.map_err(|error| damaged(error.to_string()))?;
        let name = entry.path().ok().and_then(|path| plain_name(&path)).filter(|_| is_regular(&entry));
        let name = name.ok_or_else(|| damaged("it holds what is no part of a backup".to_owned()))?;
        if expected.is_some() || found.contains_key(&name) {
            return Err(damaged(format!("{name} is in it twice, or behind its end")));
        }
        if name == SUMS {
            expected = Some(sums(&mut entry).ok_or_else(|| damaged("its checksums cannot be read".to_owned()))?);
            continue;
        }
        let (length, sum) = unpack_file(&mut entry, &folder.join(&name), file)?;
        summary = Summary { files: summary.files + 1, bytes: summary.bytes + length };
        found.insert(name, sum);
    }
    match expected {
        None => Err(damaged("its end is missing".to_owned())),
        Some(expected) => differing(&found, &expected)
            .map_or(Ok(summary), |name| Err(damaged(format!("{name} is not what was backed up")))),
    }
}

fn is_regular(entry: &tar::Entry<'_, impl Read>) -> bool {
    entry.header().entry_type() == EntryType::Regular
}

/// A name that a backup has, and that leads nowhere else.
fn plain_name(path: &Path) -> Option<String> {
    let parts: Vec<&str> = path
        .components()
        .map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
        .collect::<Option<_>>()?;
    let is_known = match parts.as_slice() {
        [name] => [DATABASE, SUMS].contains(name),
        [folder, ..] => FOLDERS.contains(folder),
        [] => false,
    };
    is_known.then(|| parts.join("/"))
}

fn unpack_file(entry: &mut impl Read, target: &Path, archive: &Path) -> Result<(u64, String), BackupError> {
    if let Some(above) = target.parent() {
        create_private_folder(above).map_err(failed("create the folder", above))?;
    }
    let mut output = create_private_file(target).map_err(failed("create", target))?;
    let mut input = Hashing::new(entry);
    let mut chunk = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        let read = input.read(&mut chunk);
        let read =
            read.map_err(|error| BackupError::Damaged { path: archive.to_owned(), reason: error.to_string() })?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        output.write_all(bytes).map_err(failed("write", target))?;
        length += read as u64;
    }
    output.sync_all().map_err(failed("write", target))?;
    Ok((length, input.sum()))
}

fn sums(entry: &mut impl Read) -> Option<Sums> {
    let mut text = String::new();
    entry.take(LONGEST_SUMS).read_to_string(&mut text).ok()?;
    text.lines().map(|line| line.split_once("  ").map(|(sum, name)| (name.to_owned(), sum.to_owned()))).collect()
}

/// The first file that is in one of the two only, or differs.
fn differing<'a>(found: &'a Sums, expected: &'a Sums) -> Option<&'a String> {
    let names = found.keys().chain(expected.keys());
    names.into_iter().find(|name| found.get(*name) != expected.get(*name))
}

/// Reads, and reckons the checksum of what was read.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    fn sum(self) -> String {
        HEXLOWER.encode(&self.hash.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
