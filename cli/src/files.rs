//! Writing small files so that a reader sees the old or the new content, whole.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{interrupt::Unfinished, random};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner (mode 0600).
    Private,
    /// Whoever the umask allows.
    Usual,
}

/// Replaces the content of `path` in one step, making its directory where needed.
///
/// # Errors
/// What the file system says; the old content is then untouched.
pub fn replace(path: &Path, content: &[u8], access: Access) -> io::Result<()> {
    let directory = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_directory(directory, access)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = directory.join(format!(".{name}.{}", random::key()));
    let _unfinished = Unfinished::new(&temporary);
    let written = write(&temporary, content, access).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: what failed is reported, not the cleaning up.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A path as it was typed, with the user's own directory for `~`.
pub fn expanded(path: &Path) -> PathBuf {
    let home = || directories::BaseDirs::new().map(|places| places.home_dir().to_owned());
    path.strip_prefix("~").ok().zip(home()).map_or_else(|| path.to_owned(), |(rest, home)| home.join(rest))
}

fn write(path: &Path, content: &[u8], access: Access) -> io::Result<()> {
    let mut file = options(access).write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A text as part of a file's name: what is no letter or digit of ASCII becomes `_`, so that it leads nowhere.
pub fn plain_name(text: &str) -> String {
    text.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect()
}

/// Opens `path` for locking, making it where needed.
///
/// # Errors
/// What the file system says.
pub fn open_lock(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        make_directory(directory, Access::Private)?;
    }
    options(Access::Private).write(true).create(true).truncate(false).open(path)
}

/// Makes a directory and those above it; a private one is 0700.
///
/// # Errors
/// What the file system says.
pub fn make_directory(path: &Path, access: Access) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder.create(path)
}

fn options(access: Access) -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options
}

/// The permission bits that others than the owner have on `path`; always none where the system knows no such thing.
///
/// # Errors
/// What the file system says.
pub fn others_bits(path: &Path) -> io::Result<u32> {
    let metadata = fs::metadata(path)?;
    Ok(mode(&metadata) & 0o077)
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deep/credentials.json");
        replace(&path, b"one", Access::Private).expect("written");
        replace(&path, b"two", Access::Private).expect("replaced");
        assert_eq!(fs::read(&path).expect("content"), b"two");
        assert_eq!(fs::read_dir(path.parent().expect("a parent")).expect("entries").count(), 1);
        assert_eq!(others_bits(&path).expect("mode"), 0);
        assert_eq!(others_bits(path.parent().expect("a parent")).expect("mode"), 0);
    }
}
