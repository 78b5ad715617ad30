//! Spinners on stderr while something takes its time; nothing where nobody watches.

use std::{sync::Mutex, time::Duration};

use campuszon_core::safe::SafeText;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::Output;
use crate::pictures::{Step, size};

const TICK: Duration = Duration::from_millis(100);

/// A spinner; it goes away when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Output {
    /// Shows that `what` is under way.
    pub fn progress(&self, what: &str) -> Progress {
        let progress = Progress(self.spinners().add(ProgressBar::new_spinner()));
        progress.0.enable_steady_tick(TICK);
        progress.say(what);
        progress
    }

    /// A line for each of these files and one for all of them.
    pub fn progress_of_files(&self, names: Vec<String>) -> FileProgress {
        let lines = self.spinners();
        let line = |what: &str| {
            let line = lines.add(ProgressBar::new_spinner());
            line.enable_steady_tick(TICK);
            let progress = Progress(line);
            progress.say(what);
            progress
        };
        let files = names.into_iter().map(|name| (line(&name), File { name, size: None, sent: 0 })).collect();
        FileProgress { files: Mutex::new(files), total: line("") }
    }

    fn spinners(&self) -> MultiProgress {
        let is_seen = self.terminal.stderr && !self.quiet && !self.is_for_machines();
        let target = if is_seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        MultiProgress::with_draw_target(target)
    }
}

/// How far pictures are on their way; goes away when dropped.
#[derive(Debug)]
pub struct FileProgress {
    files: Mutex<Vec<(Progress, File)>>,
    total: Progress,
}

/// What is known of a file.
#[derive(Debug)]
struct File {
    name: String,
    /// What it had in bytes and has, once it is ready.
    size: Option<(u64, u64)>,
    sent: u64,
}

impl FileProgress {
    /// Shows a step of the file of this number.
    pub fn show(&self, number: usize, step: Step) {
        let Ok(mut files) = self.files.lock() else { return };
        let Some((line, file)) = files.get_mut(number) else { return };
        line.say(&file.after(step));
        self.total.say(&total(files.iter().map(|(_, file)| file)));
    }
}

impl File {
    /// Takes note of a step; the line that tells of it.
    fn after(&mut self, step: Step) -> String {
        match step {
            Step::Ready { from, to } => self.size = Some((from, to)),
            Step::Sending(bytes) => self.sent = bytes,
            _ => {}
        }
        let Self { name, size: known, .. } = self;
        let gain = known.map(|(from, to)| format!("  {} → {}", size(from), size(to))).unwrap_or_default();
        match step {
            Step::Preparing(stage) => format!("{name}  {stage}"),
            Step::Ready { .. } => format!("{name}{gain}"),
            Step::Sending(bytes) => format!("{name}{gain}  sending {}", size(bytes)),
            Step::Sent => format!("{name}{gain}  sent"),
            Step::Failed => format!("{name}  failed"),
        }
    }
}

/// The line for all files: how many are ready, and how much of them is sent.
fn total<'a>(files: impl Iterator<Item = &'a File> + Clone) -> String {
    let ready = files.clone().filter(|file| file.size.is_some()).count();
    let all: u64 = files.clone().filter_map(|file| file.size).map(|(_, to)| to).sum();
    let sent: u64 = files.clone().map(|file| file.sent).sum();
    let told = format!("{ready} of {} ready", files.count());
    if sent == 0 { told } else { format!("{told}, {} of {} sent", size(sent), size(all)) }
}

impl Progress {
    /// Says what is under way now.
    pub fn say(&self, what: &str) {
        self.0.set_message(SafeText::line(what).to_string());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use campuszon_core::picture::Stage;

    use super::*;

    #[test]
    fn a_file_is_told_of_from_beginning_to_end() {
        let mut file = File { name: "lamp.jpg".to_owned(), size: None, sent: 0 };
        let steps = [
            (Step::Preparing(Stage::Decoding), "lamp.jpg  decoding", "0 of 1 ready"),
            (Step::Ready { from: 4_900_000, to: 310_000 }, "lamp.jpg  4.9 MB → 310 KB", "1 of 1 ready"),
            (Step::Sending(64_000), "lamp.jpg  4.9 MB → 310 KB  sending 64 KB", "1 of 1 ready, 64 KB of 310 KB sent"),
            (Step::Sent, "lamp.jpg  4.9 MB → 310 KB  sent", "1 of 1 ready, 64 KB of 310 KB sent"),
        ];
        for (step, line, all) in steps {
            assert_eq!(file.after(step), line);
            assert_eq!(total([&file].into_iter()), all);
        }
    }
}
