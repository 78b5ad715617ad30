//! Whether anybody still reads stdout: for commands that print now and then, and would notice only with the next line.

use crate::failure::Failure;

/// Does `work`, but no longer than somebody reads.
///
/// # Errors
/// Those of the work, or that nobody reads any more.
pub async fn while_read(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::select! {
        outcome = work => outcome,
        () = gone() => Err(Failure::ClosedPipe),
    }
}

/// Ends when the other end of stdout is closed; never where stdout is a file.
#[cfg(unix)]
async fn gone() {
    use rustix::event::{PollFd, PollFlags, poll};
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own, which nobody waits for: it may stay in its call until the process ends.
    std::thread::spawn(move || {
        let stdout = std::io::stdout();
        // Nothing is asked for: an error, which a pipe without a reader is, is always told.
        if poll(&mut [PollFd::new(&stdout, PollFlags::empty())], None).is_ok() {
            let _ = tell.send(());
        }
    });
    if told.await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(not(unix))]
async fn gone() {
    std::future::pending::<()>().await;
}
