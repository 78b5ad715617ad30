//! A spinner on stderr while something takes its time; nothing where nobody watches.

use std::time::Duration;

use campuszon_core::safe::SafeText;
use indicatif::{ProgressBar, ProgressDrawTarget};

use super::Output;

const TICK: Duration = Duration::from_millis(100);

/// A spinner; it goes away when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Output {
    /// Shows that `what` is under way.
    pub fn progress(&self, what: &str) -> Progress {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if self.terminal.stderr && !self.quiet && !self.is_for_machines() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
        let progress = Progress(bar);
        progress.say(what);
        progress
    }
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
