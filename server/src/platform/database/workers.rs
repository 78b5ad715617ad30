//! Threads that each own one connection and share one queue of jobs.

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use prometheus::{IntGauge, IntGaugeVec};

use super::{OpenError, StoreError, call::Job};

/// How many jobs may wait before further ones are refused.
const QUEUE: usize = 4096;

/// The threads and their queue. Dropping it lets them finish what waits, and waits for that.
pub(super) struct Workers {
    queue: Option<Sender<Box<dyn Job>>>,
    waiting: IntGauge,
    threads: Vec<JoinHandle<()>>,
}

/// The receiving end of the queue.
#[derive(Clone)]
pub(super) struct Jobs {
    queue: Receiver<Box<dyn Job>>,
    waiting: IntGauge,
}

impl Jobs {
    /// The next job; `None` once nobody can send any more.
    pub(super) fn next(&self) -> Option<Box<dyn Job>> {
        self.queue.recv().ok().inspect(|_| self.waiting.dec())
    }

    /// The next job that is still of use to somebody, for jobs that change nothing.
    pub(super) fn next_of_use(&self) -> Option<Box<dyn Job>> {
        std::iter::from_fn(|| self.next()).find(|job| !job.is_abandoned())
    }

    /// The jobs that wait already.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Box<dyn Job>> {
        self.queue.try_iter().inspect(|_| self.waiting.dec())
    }
}

impl Workers {
    /// One thread for each connection, all running `work`; counts what waits for them.
    pub(super) fn spawn<C: Send + 'static>(
        name: &str,
        waiting: &IntGaugeVec,
        connections: Vec<C>,
        work: impl Fn(C, Jobs) + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let (sender, receiver) = bounded(QUEUE);
        let waiting = waiting.with_label_values(&[name]);
        let jobs = Jobs { queue: receiver, waiting: waiting.clone() };
        let work = Arc::new(work);
        let mut workers = Self { queue: Some(sender), waiting, threads: Vec::new() };
        for (number, connection) in connections.into_iter().enumerate() {
            let (work, jobs) = (Arc::clone(&work), jobs.clone());
            let thread = thread::Builder::new()
                .name(format!("db-{name}-{number}"))
                .spawn(move || work(connection, jobs))
                .map_err(|error| OpenError::Unreachable(format!("no thread: {error}")))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Puts a job into the queue.
    pub(super) fn enqueue(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Stopped)?;
        // Counted first: it may be taken at once.
        self.waiting.inc();
        queue.try_send(job).map_err(|error| {
            self.waiting.dec();
            match error {
                TrySendError::Full(_) => StoreError::Overloaded,
                TrySendError::Disconnected(_) => StoreError::Stopped,
            }
        })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue = None;
        let this = thread::current().id();
        for thread in self.threads.drain(..) {
            // A job may hold the last handle: a thread cannot wait for itself, and ends after that job.
            if thread.thread().id() != this {
                let _ = thread.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::Tx;

    /// Nobody waits for it any more.
    struct Abandoned;

    impl Job for Abandoned {
        fn is_abandoned(&self) -> bool {
            true
        }

        fn run(&mut self, _: &mut Tx<'_>) -> bool {
            true
        }

        fn settle(self: Box<Self>, _: Result<(), StoreError>) {}
    }

    fn abandoned(count: i64) -> Jobs {
        let (sender, receiver) = bounded(QUEUE);
        (0..count).for_each(|_| sender.send(Box::new(Abandoned) as Box<dyn Job>).unwrap());
        let waiting = IntGauge::new("waiting", "Jobs that wait.").unwrap();
        waiting.set(count);
        Jobs { queue: receiver, waiting }
    }

    #[test]
    fn what_nobody_waits_for_is_not_read_but_is_written() {
        let jobs = abandoned(3);
        assert!(jobs.next_of_use().is_none());
        assert_eq!(jobs.waiting.get(), 0);
        let jobs = abandoned(3);
        assert_eq!(std::iter::from_fn(|| jobs.next()).count(), 3);
    }
}
