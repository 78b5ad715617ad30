//! Backup archives: one is taken whole or refused, what is taken is what its checksums name, and nothing is ever written
//! outside of the folder it is unpacked into.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use campuszon_server::backup::{Summary, stage};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

/// After `#`, the bytes are an archive, whose headers are given right checksums: no search would find those. Else each line
/// is an entry: a letter for its kind, its name, and after a blank its content; `s` stands for the right checksums.
pub fn hold(bytes: &[u8]) {
    let (archive, expected) = match bytes.strip_prefix(b"#") {
        Some(raw) => (with_right_headers(raw), None),
        None => described(&String::from_utf8_lossy(bytes)),
    };
    // Nothing here has to outlive a power cut.
    let memory = Path::new("/dev/shm");
    let around = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder");
    let (file, folder) = (around.path().join("backup.tar"), around.path().join("below").join("data"));
    fs::create_dir(around.path().join("below")).expect("a folder");
    fs::write(&file, archive).expect("an archive");
    let staged = stage(&file, &folder);
    let found = files_below(around.path());
    let inside = found.keys().filter(|path| path.starts_with(&folder)).count();
    assert_eq!(found.len(), inside + 1, "something lies outside of the folder: {found:?}");
    match staged {
        Ok(summary) => {
            let bytes = found.iter().filter(|(path, _)| path.starts_with(&folder)).map(|(_, content)| content.len());
            assert_eq!(summary, Summary { files: inside as u64, bytes: bytes.sum::<usize>() as u64 });
        }
        Err(_) => assert!(!folder.exists(), "a refused archive leaves nothing"),
    }
    if let Some(expected) = expected {
        let unpacked = expected.iter().map(|(name, content)| (folder.join(name), content.clone().into_bytes()));
        let unpacked: BTreeMap<PathBuf, Vec<u8>> = unpacked.chain([(file.clone(), found[&file].clone())]).collect();
        assert!(staged.is_ok(), "a good archive is refused: {staged:?}");
        assert_eq!(found, unpacked);
    }
}

/// The archive that the lines describe, and, where it is a good one, its files.
fn described(text: &str) -> (Vec<u8>, Option<BTreeMap<String, String>>) {
    let (mut archive, mut files) = (Vec::new(), BTreeMap::<String, String>::new());
    let (mut is_good, mut is_closed) = (true, false);
    for line in text.lines() {
        let (kind, rest) = line.split_at_checked(1).unwrap_or_default();
        let (name, content) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        is_good &= !is_closed;
        if kind == "s" {
            let sums: String = files.iter().map(|(name, content)| format!("{}  {name}\n", sum(content))).collect();
            entry(&mut archive, EntryType::Regular, "SHA256SUMS", &sums);
            is_closed = true;
            continue;
        }
        let kind = entry_type(kind);
        is_good &= kind == EntryType::Regular && is_plain(name);
        is_good &= files.insert(name.to_owned(), content.to_owned()).is_none();
        entry(&mut archive, kind, name, content);
    }
    archive.extend([0; 1024]);
    is_good &= is_closed && files.contains_key("campuszon.db");
    (archive, is_good.then_some(files))
}

fn entry_type(kind: &str) -> EntryType {
    match kind {
        "l" => EntryType::Symlink,
        "h" => EntryType::Link,
        "d" => EntryType::Directory,
        "x" => EntryType::XHeader,
        "n" => EntryType::GNULongName,
        "p" => EntryType::Fifo,
        _ => EntryType::Regular,
    }
}

/// A name that no archive may be refused for.
fn is_plain(name: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let file = name.strip_prefix("blobs/").or_else(|| name.strip_prefix("keys/"));
    name == "campuszon.db" || (name.len() < 100 && file.is_some_and(is_word))
}

fn sum(content: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}

/// Adds an entry; what is a link leads to its content. The name is written as it is, wherever it leads.
fn entry(archive: &mut Vec<u8>, kind: EntryType, name: &str, content: &str) {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    let gnu = header.as_old_mut();
    let (name, link) = (name.as_bytes(), content.as_bytes());
    gnu.name.iter_mut().zip(name).for_each(|(into, from)| *into = *from);
    gnu.linkname.iter_mut().zip(link).for_each(|(into, from)| *into = *from);
    header.set_cksum();
    archive.extend(header.as_bytes());
    archive.extend(content.as_bytes());
    archive.resize(archive.len().next_multiple_of(512), 0);
}

/// The bytes with a right checksum in every block that says of itself that it is a header.
fn with_right_headers(raw: &[u8]) -> Vec<u8> {
    let mut archive = raw.to_vec();
    for block in archive.chunks_exact_mut(512).filter(|block| block.get(257..262) == Some(b"ustar")) {
        let mut header = Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        header.set_cksum();
        block.copy_from_slice(header.as_bytes());
    }
    archive
}

/// Every file and link below a folder, with its content.
fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        if entry.file_type().expect("a kind").is_dir() {
            found.extend(files_below(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap_or_default());
        }
    }
    found
}
