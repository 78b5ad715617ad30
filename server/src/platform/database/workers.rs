//! Threads that each own one connection and share one queue of jobs.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use prometheus::{IntGauge, IntGaugeVec};

use super::{OpenError, StoreError, call::Job};

/// How many jobs may wait before further ones are refused.
const QUEUE: usize = 4096;

/// A read that has waited for so long, while so many others wait behind it, is refused: whoever asked will not wait much
/// longer, and serving everybody too late would serve nobody.
const LATE: Duration = Duration::from_millis(400);
const MANY: usize = 32;

/// A job, and when it came.
type Waiting = (Box<dyn Job>, Instant);

/// The threads and their queue. Dropping it lets them finish what waits, and waits for that.
pub(super) struct Workers {
    queue: Option<mpsc::SyncSender<Waiting>>,
    waiting: IntGauge,
    threads: Vec<JoinHandle<()>>,
}

/// The receiving end of the queue.
#[derive(Clone)]
pub(super) struct Jobs {
    queue: Arc<Mutex<mpsc::Receiver<Waiting>>>,
    waiting: IntGauge,
}

impl Jobs {
    /// The next job; `None` once nobody can send any more.
    pub(super) fn next(&self) -> Option<Box<dyn Job>> {
        self.take().map(|(job, _)| job)
    }

    /// The next job that is still of use to somebody, for jobs that change nothing.
    pub(super) fn next_of_use(&self) -> Option<Box<dyn Job>> {
        loop {
            let (job, since) = self.take()?;
            if job.is_abandoned() {
                continue;
            }
            if since.elapsed() < LATE || usize::try_from(self.waiting.get()).unwrap_or_default() < MANY {
                return Some(job);
            }
            job.settle(Err(StoreError::Overloaded));
        }
    }

    fn take(&self) -> Option<Waiting> {
        // The lock is held while waiting: one idle thread waits for a job, the others for the lock.
        let taken = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
        self.waiting.dec();
        Some(taken)
    }

    /// The jobs that wait already.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Box<dyn Job>> {
        std::iter::from_fn(|| {
            let (job, _) = self.queue.lock().unwrap_or_else(PoisonError::into_inner).try_recv().ok()?;
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
        // Counted first: it may be taken at once.
        self.waiting.inc();
        queue.try_send((job, Instant::now())).map_err(|error| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::database::Tx;

    /// Tells what became of it.
    struct Told {
        abandoned: bool,
        settled: mpsc::Sender<Result<(), StoreError>>,
    }

    impl Job for Told {
        fn is_abandoned(&self) -> bool {
            self.abandoned
        }

        fn run(&mut self, _: &mut Tx<'_>) -> bool {
            true
        }

        fn settle(self: Box<Self>, committed: Result<(), StoreError>) {
            let _ = self.settled.send(committed);
        }
    }

    /// A queue in which so many jobs wait since then, and what becomes of them.
    fn queue(count: usize, abandoned: bool, since: Instant) -> (Jobs, mpsc::Receiver<Result<(), StoreError>>) {
        let ((sender, receiver), (settled, outcomes)) = (mpsc::channel(), mpsc::channel());
        for _ in 0..count {
            let job = Told { abandoned, settled: settled.clone() };
            sender.send((Box::new(job) as Box<dyn Job>, since)).unwrap();
        }
        let waiting = IntGauge::new("waiting", "Jobs that wait.").unwrap();
        waiting.set(i64::try_from(count).unwrap());
        (Jobs { queue: Arc::new(Mutex::new(receiver)), waiting }, outcomes)
    }

    #[test]
    fn late_reads_are_refused_while_many_wait_and_no_longer() {
        let (jobs, outcomes) = queue(MANY + 5, false, Instant::now() - LATE);
        let taken = std::iter::from_fn(|| jobs.next_of_use()).count();
        assert_eq!(taken, MANY, "those that few wait behind are served, however late");
        let refused: Vec<_> = outcomes.try_iter().collect();
        assert_eq!(refused, vec![Err(StoreError::Overloaded); 5]);
    }

    #[test]
    fn many_are_served_while_none_is_late() {
        let (jobs, outcomes) = queue(MANY * 2, false, Instant::now() + LATE);
        assert_eq!(std::iter::from_fn(|| jobs.next_of_use()).count(), MANY * 2);
        assert_eq!(outcomes.try_iter().count(), 0);
    }

    #[test]
    fn what_nobody_waits_for_is_not_read_but_is_written() {
        assert!(queue(3, true, Instant::now()).0.next_of_use().is_none());
        assert_eq!(
            std::iter::from_fn({
                let jobs = queue(3, true, Instant::now()).0;
                move || jobs.next()
            })
            .count(),
            3
        );
    }
}
