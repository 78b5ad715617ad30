//! Work that may wait: heavy for the processor, on a thread that the system runs when nothing else wants to, so that
//! whoever waits for an answer does not feel it.

use std::{io, thread};

use tokio::sync::oneshot;

/// How far the threads step back: from 0 for all others to 19.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Why work was not done.
#[derive(Debug, thiserror::Error)]
pub enum BackgroundError {
    /// There is no thread for it.
    #[error("the system gives no thread for background work: {0}")]
    NoThread(#[from] io::Error),
    /// It panicked; the panic itself is in the log.
    #[error("background work panicked")]
    Panicked,
}

/// Does `work` on a thread of its own; how many there are at once is up to the caller.
///
/// # Errors
/// There is no thread, or the work panicked.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BackgroundError> {
    let (done, outcome) = oneshot::channel();
    thread::Builder::new().name("background".to_owned()).spawn(move || {
        step_back();
        // Nobody waits any more when the server stops.
        let _ = done.send(work());
    })?;
    outcome.await.map_err(|_| BackgroundError::Panicked)
}

/// On Linux each thread has a priority of its own; elsewhere this would hold back the whole process.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "background work keeps the usual priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_and_its_panic_ends_it_alone() {
        assert_eq!(run(|| 6 * 7).await.unwrap(), 42);
        assert!(matches!(run(|| panic!("planned")).await, Err(BackgroundError::Panicked)));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_working_thread_steps_back() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let before = niceness();
        assert_eq!(run(niceness).await.unwrap(), before.max(NICENESS));
        assert_eq!(niceness(), before);
    }
}
