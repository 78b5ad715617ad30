//! What is done every so often, by the server's clock.

use std::time::Duration;

use campuszon_core::Timestamp;
use tokio::{sync::watch, time::sleep};

use super::entropy::Clock;

/// The clock may be set: look at it again after this at the latest.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How long until what failed is tried again, unless it is due before.
const RETRY: Duration = Duration::from_secs(15 * 60);

/// How often something is done, and when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    every: Duration,
    due: Timestamp,
}

impl Rhythm {
    /// Due so long after it was done `last`; at once when it never was.
    pub fn new(every: Duration, last: Option<Timestamp>, now: Timestamp) -> Self {
        Self { every, due: last.map_or(now, |last| last + every) }
    }

    /// Does `work` whenever it is due, until `stop` turns true; it answers whether it succeeded. What is under way then is
    /// given up.
    pub async fn keep<F: Future<Output = bool>>(
        self,
        clock: &dyn Clock,
        mut stop: watch::Receiver<bool>,
        work: impl FnMut() -> F,
    ) {
        tokio::select! {
            () = self.go_on(clock, work) => {}
            // An error means that the sender is gone, and with it the server.
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn go_on<F: Future<Output = bool>>(mut self, clock: &dyn Clock, mut work: impl FnMut() -> F) {
        loop {
            let rest = self.rest(clock.now());
            if rest.is_zero() {
                let succeeded = work().await;
                self.ended(succeeded, clock.now());
            } else {
                sleep(rest.min(LONGEST_REST)).await;
            }
        }
    }

    /// How long until it is due; never longer than from one time to the next, even after the clock was set back.
    fn rest(&mut self, now: Timestamp) -> Duration {
        self.due = self.due.min(now + self.every);
        self.due.since(now)
    }

    fn ended(&mut self, succeeded: bool, now: Timestamp) {
        self.due = now + if succeeded { self.every } else { self.every.min(RETRY) };
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        sync::atomic::{AtomicU32, Ordering},
    };

    use super::{super::entropy::ManualClock, *};

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    #[test]
    fn it_is_due_by_the_last_time_and_after_a_failure_soon() {
        assert_eq!(Rhythm::new(DAY, None, START).rest(START), Duration::ZERO);
        assert_eq!(Rhythm::new(DAY, Some(START - DAY / 4), START).rest(START), DAY * 3 / 4);
        let mut rhythm = Rhythm::new(DAY, Some(START - DAY * 2), START);
        assert_eq!(rhythm.rest(START), Duration::ZERO);
        rhythm.ended(false, START);
        assert_eq!(rhythm.rest(START), RETRY);
        rhythm.ended(true, START + RETRY);
        assert_eq!(rhythm.rest(START + RETRY), DAY);
        let mut often = Rhythm::new(Duration::from_secs(1), None, START);
        often.ended(false, START);
        assert_eq!(often.rest(START), Duration::from_secs(1));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_for_years() {
        let mut rhythm = Rhythm::new(DAY, Some(START + DAY * 1_000), START);
        assert_eq!(rhythm.rest(START), DAY);
        assert_eq!(rhythm.rest(START + DAY), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_stop_ends_the_wait_and_the_work() {
        let (clock, (stop, stopping)) = (ManualClock::new(START), watch::channel(false));
        let waiting = Rhythm::new(DAY, Some(START), START);
        let keep = waiting.keep(&clock, stopping.clone(), || async { unreachable!("it is not due") });
        tokio::join!(keep, async { stop.send(true).unwrap() });

        stop.send(false).unwrap();
        let times = Cell::new(0);
        let work = async || {
            times.set(times.get() + 1);
            if times.get() < 3 {
                return times.get() == 1;
            }
            stop.send(true).unwrap();
            std::future::pending().await
        };
        Rhythm::new(DAY, None, START).keep(&Hurried(AtomicU32::new(0)), stopping, work).await;
        assert_eq!(times.get(), 3);
    }

    /// A day later with every look.
    struct Hurried(AtomicU32);

    impl Clock for Hurried {
        fn now(&self) -> Timestamp {
            START + DAY * self.0.fetch_add(1, Ordering::Relaxed)
        }
    }
}
