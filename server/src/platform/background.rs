//! Work that may wait: heavy for the processor, on a thread that steps back, so that whoever waits for an answer does not
//! feel it.

use std::{io, thread};

use tokio::sync::oneshot;

/// How far the threads of [`Priority::Low`] step back: from 0 for all others to 19.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// How far work steps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// It has a small share of a busy processor: somebody waits for it.
    Low,
    /// It runs when nothing else wants to, and gives way at once when something does: what merely has a smaller share finishes
    /// its slice of some milliseconds first. On a busy machine it hardly comes forward.
    Idle,
}

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
pub async fn run<T: Send + 'static>(
    priority: Priority,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, BackgroundError> {
    let (done, outcome) = oneshot::channel();
    thread::Builder::new().name("background".to_owned()).spawn(move || {
        step_back(priority);
        // Nobody waits any more when the server stops.
        let _ = done.send(work());
    })?;
    outcome.await.map_err(|_| BackgroundError::Panicked)
}

/// On Linux each thread has a priority of its own; elsewhere this would hold back the whole process.
#[cfg(target_os = "linux")]
fn step_back(priority: Priority) {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, unix};
    let stepped = match priority {
        Priority::Low => rustix::process::setpriority_process(None, NICENESS).map_err(|error| error.to_string()),
        Priority::Idle => {
            let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
            unix::set_thread_priority_and_policy(unix::thread_native_id(), ThreadPriority::Min, policy)
                .map_err(|error| error.to_string())
        }
    };
    if let Err(error) = stepped {
        tracing::debug!(error, "background work keeps the usual priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back(_: Priority) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_and_its_panic_ends_it_alone() {
        assert_eq!(run(Priority::Low, || 6 * 7).await.unwrap(), 42);
        assert!(matches!(run(Priority::Idle, || panic!("planned")).await, Err(BackgroundError::Panicked)));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_working_thread_steps_back() {
        use thread_priority::{NormalThreadSchedulePolicy as Normal, ThreadSchedulePolicy, unix};
        let how = || (rustix::process::getpriority_process(None).unwrap(), unix::thread_schedule_policy().unwrap());
        let (niceness, policy) = how();
        assert_eq!(run(Priority::Low, how).await.unwrap(), (niceness.max(NICENESS), policy));
        assert_eq!(run(Priority::Idle, how).await.unwrap().1, ThreadSchedulePolicy::Normal(Normal::Idle));
        assert_eq!(how(), (niceness, policy));
    }
}
