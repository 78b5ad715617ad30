//! Pictures on their way: made ready and sent few at a time, beside everything else, until they are there or called off.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use campuszon_core::{ImageId, safe::SafeText};
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    task::AbortHandle,
};

use crate::{
    client::Client,
    files,
    pictures::{self, Tell},
    tui::{
        message::{Message, Ticket},
        model::{FileEntry, is_picture},
    },
};

/// How many are worked on at a time: each takes some tens of megabytes while it is made ready.
const AT_A_TIME: usize = 2;

/// The work on pictures.
#[derive(Debug)]
pub struct Uploads {
    running: HashMap<Ticket, AbortHandle>,
    places: Arc<Semaphore>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { running: HashMap::new(), places: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl Uploads {
    /// Begins to make a picture ready and to send it.
    pub fn start(
        &mut self,
        client: Client,
        messages: &UnboundedSender<Message>,
        number: Ticket,
        (path, key): (PathBuf, String),
    ) {
        let (places, messages) = (self.places.clone(), messages.clone());
        let task = tokio::spawn(async move {
            // It is never closed.
            let _place = places.acquire().await;
            let told = messages.clone();
            let tell: Tell = Arc::new(move |_, step| _ = told.send(Message::UploadStep { number, step }));
            let result = send(&client, files::expanded(&path), &key, &tell).await;
            let _ = messages.send(Message::Uploaded { number, result });
        });
        self.running.retain(|_, task| !task.is_finished());
        self.running.insert(number, task.abort_handle());
    }

    /// Calls one off.
    pub fn cancel(&mut self, number: Ticket) {
        if let Some(task) = self.running.remove(&number) {
            task.abort();
        }
    }
}

async fn send(client: &Client, path: PathBuf, key: &str, tell: &Tell) -> Result<ImageId, SafeText> {
    let said = |error: &dyn std::fmt::Display| SafeText::line(&error.to_string());
    let ready = match pictures::prepare_all(&[path], tell).await.pop() {
        Some(Ok(ready)) => ready,
        Some(Err(error)) => return Err(said(&error)),
        None => return Err(SafeText::fixed("it was not made ready")),
    };
    match pictures::send_all(client, vec![ready], key, tell).await.pop() {
        Some(Ok(image)) => Ok(image),
        Some(Err(error)) => Err(said(&error)),
        None => Err(SafeText::fixed("it was not sent")),
    }
}

/// The directories and pictures in a directory, by name, directories first.
pub fn list(directory: &str) -> Result<Vec<FileEntry>, SafeText> {
    let wanted = if directory.is_empty() { Path::new(".") } else { Path::new(directory) };
    let failed = |error: std::io::Error| SafeText::line(&format!("{directory}: {error}"));
    let mut entries: Vec<FileEntry> =
        fs::read_dir(files::expanded(wanted)).map_err(failed)?.filter_map(|entry| file_entry(&entry.ok()?)).collect();
    entries.sort_by_cached_key(|entry| (!entry.is_directory, entry.name.to_lowercase()));
    Ok(entries)
}

/// What cannot be looked at, or has a name that cannot be written, is left out.
fn file_entry(entry: &fs::DirEntry) -> Option<FileEntry> {
    let name = entry.file_name().into_string().ok()?;
    let metadata = fs::metadata(entry.path()).ok()?;
    let entry = FileEntry { is_directory: metadata.is_dir(), bytes: metadata.len(), name };
    (entry.is_directory || (metadata.is_file() && is_picture(&entry.name))).then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_come_first_and_only_pictures_after_them() {
        let folder = tempfile::tempdir().expect("a directory");
        for name in ["b.jpg", "A.PNG", "notes.txt"] {
            fs::write(folder.path().join(name), b"123").expect("a file");
        }
        fs::create_dir(folder.path().join("old")).expect("a directory");
        let names =
            |directory: &str| list(directory).map(|entries| entries.into_iter().map(|entry| entry.name).collect());
        let path = folder.path().display().to_string();
        assert_eq!(names(&path), Ok(["old", "A.PNG", "b.jpg"].map(str::to_owned).to_vec()));
        let missing: Result<Vec<String>, SafeText> = names(&format!("{path}/none"));
        assert!(missing.is_err_and(|why| why.as_str().contains("none")));
    }
}
