//! What is told on stderr while something takes its time: spinners, or lines for those who have the terminal read to
//! them; nothing where nobody watches.

use std::{sync::Mutex, time::Duration};

use campuszon_core::safe::SafeText;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::Output;
use crate::pictures::{Step, size};

const TICK: Duration = Duration::from_millis(100);

/// What is under way.
#[derive(Debug)]
pub enum Progress {
    /// A spinner; it goes away when dropped.
    Spinner(ProgressBar),
    /// A line whenever something else is said.
    Lines(Mutex<String>),
}

impl Output {
    /// Shows that `what` is under way.
    pub fn progress(&self, what: &str) -> Progress {
        let progress = self.under_way(&self.spinners());
        progress.say(what);
        progress
    }

    fn under_way(&self, spinners: &MultiProgress) -> Progress {
        if self.terminal.accessible && self.shows_progress() {
            return Progress::Lines(Mutex::default());
        }
        let spinner = spinners.add(ProgressBar::new_spinner());
        spinner.enable_steady_tick(TICK);
        Progress::Spinner(spinner)
    }

    /// A line for each of these files and one for all of them.
    pub fn progress_of_files(&self, names: Vec<String>) -> FileProgress {
        let spinners = self.spinners();
        let files = names.into_iter().map(|name| {
            let line = self.under_way(&spinners);
            if let Progress::Spinner(_) = line {
                line.say(&name);
            }
            (line, File { name, size: None, sent: 0 })
        });
        FileProgress { files: Mutex::new(files.collect()), total: self.under_way(&spinners) }
    }

    fn spinners(&self) -> MultiProgress {
        let is_painted = self.shows_progress() && !self.terminal.accessible;
        let target = if is_painted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        MultiProgress::with_draw_target(target)
    }

    fn shows_progress(&self) -> bool {
        self.terminal.stderr && !self.quiet && !self.is_for_machines()
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
        let was_sending = file.sent > 0;
        let told = file.after(step);
        match (&*line, step) {
            // Read aloud, every further byte would be too much.
            (Progress::Lines(_), Step::Sending(_)) if was_sending => return,
            _ => line.say(&told),
        }
        // Read aloud, what adds up would only repeat what was just said.
        if let Progress::Spinner(_) = self.total {
            self.total.say(&total(files.iter().map(|(_, file)| file)));
        }
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
        let told = match self {
            Self::Spinner(spinner) => return spinner.set_message(SafeText::line(what).to_string()),
            Self::Lines(told) => told,
        };
        let what = SafeText::line(&what.replacen("  ", ": ", 1).replace("  ", ", "));
        if let Ok(mut told) = told.lock()
            && *told != what.as_str()
        {
            super::say(what.as_str());
            *told = what.to_string();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Spinner(spinner) = self {
            spinner.finish_and_clear();
        }
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
