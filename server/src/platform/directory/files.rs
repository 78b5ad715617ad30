//! Files that are whole or absent and folders that are there, after a power cut too; and that what an administrator makes as
//! root is of use to the server, which is another user.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use rustix::fs::OFlags;

/// Writes a file that is either there whole, after a power cut too, or not there at all; replaces an older one.
/// It is readable by its owner alone, and folders above it are made; see [`create_private_file`].
///
/// # Errors
/// What the system answered; nothing was replaced then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = parent(path);
    create_private_folder(folder)?;
    let temporary = temporary_path(path);
    let written = write_and_sync(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The write's own error is the one to tell; a file left over is overwritten or swept later.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(folder)
}

/// Makes sure that a file's name survives a power cut.
///
/// # Errors
/// What the system answered.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    sync_folder(parent(path))
}

/// Makes a file that is readable by its owner alone. Where root makes it, that is the owner of the folder.
///
/// # Errors
/// There is one already, or what the system answered.
pub fn create_private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    give_to_owner_of(parent(path), &file)?;
    Ok(file)
}

/// Makes a folder and those above it, readable by their owner alone, and makes sure that they survive a power cut. Where
/// root makes them, that is the owner of the folder they lie in.
///
/// # Errors
/// What the system answered.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    create_private_folder(above)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !folder.is_dir() => return Err(error),
        Err(_) => {}
        Ok(()) => give_to_owner_of(above, &open_folder(folder)?)?,
    }
    sync_folder(above)
}

/// Opens a folder that was just made, and nothing that its place was given to meanwhile.
fn open_folder(folder: &Path) -> io::Result<File> {
    let only = OFlags::DIRECTORY | OFlags::NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(only.bits().cast_signed()).open(folder)
}

/// Has what root made belong to whom the folder around it belongs to.
fn give_to_owner_of(folder: &Path, made: &File) -> io::Result<()> {
    const ROOT: u32 = 0;
    let (folder, own) = (fs::metadata(folder)?, made.metadata()?);
    if own.uid() != ROOT || folder.uid() == ROOT {
        return Ok(());
    }
    fchown(made, Some(folder.uid()), Some(folder.gid()))
}

/// The folder a path lies in; `.` for a bare name.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => path,
    }
}

fn temporary_path(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{number}.tmp", std::process::id()))
}

/// Whether a path ends with a name that [`write_atomically`] gives to what is not whole yet.
pub fn is_temporary(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp"))
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a process of the same number left over.
    let _ = fs::remove_file(path);
    let mut file = create_private_file(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn atomic_writes_replace_and_leave_nothing_else_behind() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a/b/file");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn the_folder_of_a_bare_name_is_there() {
        create_private_folder(Path::new("campus.tar").parent().unwrap()).unwrap();
    }

    /// An administrator is root, the server is not.
    #[test]
    fn what_root_makes_belongs_to_the_owner_of_the_folder() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("server");
        fs::create_dir(&folder).unwrap();
        let owner = fs::metadata(&folder).unwrap();
        let (user, group) = if owner.uid() == 0 { (65_534, 65_533) } else { (owner.uid(), owner.gid()) };
        fchown(File::open(&folder).unwrap(), Some(user), Some(group)).unwrap();
        write_atomically(&folder.join("keys/signing.json"), b"a key").unwrap();
        write_atomically(&folder.join("keys/signing.json"), b"another key").unwrap();
        for path in ["keys", "keys/signing.json"] {
            let made = fs::metadata(folder.join(path)).unwrap();
            assert_eq!((made.uid(), made.gid()), (user, group), "{path}");
        }
    }

    #[test]
    fn a_failed_write_leaves_the_target_as_it_was() {
        let temp = tempfile::tempdir().unwrap();
        let taken = temp.path().join("taken");
        fs::create_dir(&taken).unwrap();
        fs::write(taken.join("inside"), "kept").unwrap();
        assert!(write_atomically(&taken, b"file").is_err());
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
        assert_eq!(fs::read(taken.join("inside")).unwrap(), b"kept");
    }
}
