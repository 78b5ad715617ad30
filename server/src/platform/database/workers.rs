//! Threads that each own one connection and share one queue of jobs.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use prometheus::{IntGauge, IntGaugeVec};

use super::{OpenError, StoreError, call::Job};

/// How many jobs may wait before further ones are refused.
const QUEUE: usize = 4096;

/// The threads and their queue. Dropping it lets them finish what waits, and waits for that.
pub(super) struct Workers {
    queue: Option<mpsc::SyncSender<Box<dyn Job>>>,
    waiting: IntGauge,
    threads: Vec<JoinHandle<()>>,
}

/// The receiving end of the queue.
#[derive(Clone)]
pub(super) struct Jobs {
    queue: Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>,
    waiting: IntGauge,
}

impl Jobs {
    /// The next job; `None` once nobody can send any more.
    pub(super) fn next(&self) -> Option<Box<dyn Job>> {
        // The lock is held while waiting: one idle thread waits for a job, the others for the lock.
        let job = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
        self.waiting.dec();
        Some(job)
    }

    /// The jobs that wait already.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Box<dyn Job>> {
        std::iter::from_fn(|| {
            let job = self.queue.lock().unwrap_or_else(PoisonError::into_inner).try_recv().ok()?;
            self.waiting.dec();
            Some(job)
        })
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
        let (sender, receiver) = mpsc::sync_channel(QUEUE);
        let waiting = waiting.with_label_values(&[name]);
        let jobs = Jobs { queue: Arc::new(Mutex::new(receiver)), waiting: waiting.clone() };
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
        // Before the job can be taken out and counted off.
        self.waiting.inc();
        queue.try_send(job).map_err(|error| {
            self.waiting.dec();
            match error {
                mpsc::TrySendError::Full(_) => StoreError::Overloaded,
                mpsc::TrySendError::Disconnected(_) => StoreError::Stopped,
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
