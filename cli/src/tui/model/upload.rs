//! Pictures on their way to the server: each with its stage, and what was gained.

use std::path::PathBuf;

use campuszon_core::{ImageId, picture::Stage, safe::SafeText};

use crate::{
    pictures::{Step, size},
    tui::message::Ticket,
};

/// How far a picture is.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    Waiting,
    Preparing(Stage),
    /// So many of its bytes are on their way.
    Sending(u64),
    /// The server has it.
    Done(ImageId),
    Failed(SafeText),
}

/// A picture of a listing, or of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    pub number: Ticket,
    pub name: SafeText,
    /// Where it is on this machine; the server's own without.
    pub path: Option<PathBuf>,
    /// The key under which the server takes it once, however often it is sent.
    pub key: String,
    pub progress: Progress,
    /// How many bytes it had, and has.
    pub gain: Option<(u64, u64)>,
}

impl Upload {
    /// A file that is to be sent.
    pub fn of_file(number: Ticket, path: PathBuf, key: String) -> Self {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
        let name = SafeText::line(&name);
        Self { number, name, path: Some(path), key, progress: Progress::Waiting, gain: None }
    }

    /// One that the server has already.
    pub fn of_server(number: Ticket, image: ImageId, place: usize) -> Self {
        let name = SafeText::line(&format!("photo {place}"));
        Self { number, name, path: None, key: String::new(), progress: Progress::Done(image), gain: None }
    }

    /// Whether it is still on its way.
    pub fn is_running(&self) -> bool {
        !matches!(self.progress, Progress::Done(_) | Progress::Failed(_))
    }

    /// Its id, once the server has it.
    pub fn image(&self) -> Option<ImageId> {
        match self.progress {
            Progress::Done(image) => Some(image),
            _ => None,
        }
    }

    /// Takes a step on its way; tells whether that is to be seen.
    pub fn take(&mut self, step: Step) -> bool {
        let before = self.said();
        match step {
            Step::Preparing(stage) => self.progress = Progress::Preparing(stage),
            Step::Ready { from, to } => {
                self.gain = Some((from, to));
                self.progress = Progress::Sending(0);
            }
            Step::Sending(bytes) => self.progress = Progress::Sending(bytes),
            // What came of it follows with the reason, or with its id.
            Step::Sent | Step::Failed => {}
        }
        self.said() != before
    }

    /// How far it is, and what was gained: `resizing 2/4`, `sending 4/4 40% · 4.1 MB → 310 KB`.
    pub fn said(&self) -> String {
        let stage = match &self.progress {
            Progress::Waiting => "waiting".to_owned(),
            Progress::Preparing(Stage::Decoding) => "decoding 1/4".to_owned(),
            Progress::Preparing(Stage::Resizing) => "resizing 2/4".to_owned(),
            Progress::Preparing(Stage::Encoding) => "encoding 3/4".to_owned(),
            Progress::Sending(bytes) => format!("sending 4/4 {}%", self.percent(*bytes)),
            Progress::Done(_) => "sent".to_owned(),
            Progress::Failed(why) => why.to_string(),
        };
        match self.gain {
            Some((from, to)) => format!("{stage} · {} → {}", size(from), size(to)),
            None => stage,
        }
    }

    /// In steps of ten: a finer count would draw the screen for nothing.
    fn percent(&self, bytes: u64) -> u64 {
        let all = self.gain.map_or(0, |(_, to)| to).max(1);
        (bytes.min(all) * 10 / all) * 10
    }
}
