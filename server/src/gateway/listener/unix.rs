//! Unix sockets: made for owner and group alone, where nobody else listens, and removed again.

use std::{
    fs::{self, Metadata, Permissions},
    io,
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, fchmod};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

use super::socket::ListenError;

/// Whoever may write to a socket may connect: its owner, and its group, for a proxy in front.
const MODE: u32 = 0o660;

/// How many connections may wait to be taken in, as for TCP.
const BACKLOG: u32 = 1_024;

/// The file of a socket that this process made; removed when dropped, unless another one is there by then.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    made: (u64, u64),
}

/// Listens at `path`, from where a socket is removed that nobody listens at any more.
///
/// # Errors
/// Somebody listens there, another kind of file is there, or the system refuses.
pub(super) async fn bind(path: &str) -> Result<(UnixListener, SocketFile), ListenError> {
    let refused = |source| ListenError::Refused { address: format!("unix:{path}"), source };
    make_room(path).await?;
    open(Path::new(path)).map_err(refused)
}

async fn make_room(path: &str) -> Result<(), ListenError> {
    let refused = |source| ListenError::Refused { address: format!("unix:{path}"), source };
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.file_type().is_socket() => {}
        Ok(_) => return Err(ListenError::NoSocket(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(refused(error)),
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(refused),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(refused(error)),
        _ => Err(ListenError::InUse(path.to_owned())),
    }
}

fn open(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let socket = UnixSocket::new_stream()?;
    // On Linux the file gets the permissions of its socket, so that nobody else slips in before they are set; elsewhere
    // this is refused, and does no harm.
    let _ = fchmod(&socket, Mode::from_raw_mode(MODE));
    socket.bind(path)?;
    let file = SocketFile { path: path.to_owned(), made: identity(&fs::symlink_metadata(path)?) };
    fs::set_permissions(path, Permissions::from_mode(MODE))?;
    Ok((socket.listen(BACKLOG)?, file))
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| identity(&metadata) == self.made) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
