//! Work that may wait: heavy for the processor, on a thread that the system runs when nothing else wants to, so that
//! whoever waits for an answer does not feel it.

use std::{io, thread};

use tokio::sync::oneshot;

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

/// On Linux the thread runs when no other wants to, and gives way at once when one does: one that is merely nicer finishes its
/// slice of some milliseconds first.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy, unix};
        let policy = ThreadSchedulePolicy::Normal(Idle);
        let outcome = unix::set_thread_priority_and_policy(unix::thread_native_id(), ThreadPriority::Min, policy);
        if let Err(error) = outcome {
            tracing::debug!(?error, "background work keeps the usual priority");
        }
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
        use thread_priority::{NormalThreadSchedulePolicy as Normal, ThreadSchedulePolicy, unix};
        let policy = || unix::thread_schedule_policy().unwrap();
        assert_eq!(run(policy).await.unwrap(), ThreadSchedulePolicy::Normal(Normal::Idle));
        assert_eq!(policy(), ThreadSchedulePolicy::Normal(Normal::Other));
    }
}
