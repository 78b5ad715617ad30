//! What earlier runs of an import have created: a line for each listing, with its fingerprint and id.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use campuszon_core::ItemId;

use crate::{
    client::{Client, ClientError},
    command::CommandError,
    failure::Failure,
    files::{self, Access},
};

/// The listings that were created for one account of one server.
pub(super) struct Journal {
    path: PathBuf,
    known: HashSet<String>,
}

impl Journal {
    /// The journal of whoever is signed in, below `state`; it does not need to exist.
    ///
    /// # Errors
    /// It cannot be read, or nobody is signed in.
    pub(super) fn open(state: &Path, client: &Client) -> Result<Self, Failure> {
        let server = files::plain_name(client.server().as_str());
        // Whose a token of the environment is, only the server could tell: all of them share one.
        let user = match client.stored_user() {
            Ok(user) => user.map_or_else(|| "token".to_owned(), |user| user.id.to_string()),
            Err(error) => return Err(ClientError::into(error)),
        };
        let path = state.join("imports").join(format!("{server}-{user}"));
        let known = match fs::read_to_string(&path) {
            Ok(text) => text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => HashSet::new(),
            Err(source) => return Err(CommandError::File { path, source }.into()),
        };
        Ok(Self { path, known })
    }

    /// Whether a listing was created.
    pub(super) fn has(&self, fingerprint: &str) -> bool {
        self.known.contains(fingerprint)
    }

    /// Notes that it was, before anything else happens.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn add(&mut self, fingerprint: &str, id: ItemId) -> Result<(), CommandError> {
        let line = format!("{fingerprint} {id}\n");
        append(&self.path, &line).map_err(|source| CommandError::File { path: self.path.clone(), source })?;
        self.known.insert(fingerprint.to_owned());
        Ok(())
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        files::make_directory(folder, Access::Private)?;
    }
    let mut file = File::options().create(true).append(true).open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}
