//! How many do something at the same time, and how long the next ones wait for their turn.

use std::time::Duration;

use prometheus::IntGauge;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// How long anybody waits for a turn, in the order of asking. Whoever asked will not wait much longer, and serving everybody
/// too late would serve nobody; who is refused sooner asks again sooner.
const PATIENCE: Duration = Duration::from_millis(600);

/// Places for so many.
#[derive(Debug)]
pub struct Turns {
    free: Semaphore,
    waiting: IntGauge,
    patience: Duration,
}

/// Ends when dropped.
pub type Turn<'a> = SemaphorePermit<'a>;

impl Turns {
    /// `count` at the same time; `waiting` counts who waits.
    pub fn new(count: usize, waiting: IntGauge) -> Self {
        Self { free: Semaphore::new(count), waiting, patience: PATIENCE }
    }

    /// Waits for a turn; `None` when that took too long.
    pub async fn take(&self) -> Option<Turn<'_>> {
        if let Ok(turn) = self.free.try_acquire() {
            return Some(turn);
        }
        let _counted = Counted::new(&self.waiting);
        timeout(self.patience, self.free.acquire()).await.ok()?.ok()
    }
}

/// One that waits, until this is dropped: whoever asked may give up.
struct Counted<'a>(&'a IntGauge);

impl<'a> Counted<'a> {
    fn new(waiting: &'a IntGauge) -> Self {
        waiting.inc();
        Self(waiting)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::{FutureExt, future::join_all};

    use super::*;

    fn turns(count: usize, patience: Duration) -> Turns {
        Turns { patience, ..Turns::new(count, IntGauge::new("waiting", "Who waits.").unwrap()) }
    }

    #[tokio::test]
    async fn turns_are_taken_in_the_order_of_asking() {
        let turns = turns(1, Duration::MAX);
        let held = turns.take().await.unwrap();
        let (mut first, mut second) = (pin!(turns.take()), pin!(turns.take()));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        assert_eq!(turns.waiting.get(), 2);
        drop(held);
        assert!(second.as_mut().now_or_never().is_none());
        drop(first.await.unwrap());
        drop(second.await.unwrap());
        assert_eq!(turns.waiting.get(), 0);
    }

    #[tokio::test]
    async fn who_waits_too_long_is_refused_and_holds_nothing() {
        let turns = turns(2, Duration::from_millis(1));
        let held = [turns.take().await.unwrap(), turns.take().await.unwrap()];
        let refused = join_all((0..5).map(|_| turns.take())).await;
        assert!(refused.iter().all(Option::is_none));
        assert_eq!(turns.waiting.get(), 0);
        drop(held);
        assert_eq!(turns.free.available_permits(), 2);
    }

    #[tokio::test]
    async fn who_gives_up_is_not_counted() {
        let turns = turns(1, Duration::MAX);
        let _held = turns.take().await.unwrap();
        assert!(turns.take().now_or_never().is_none());
        assert_eq!(turns.waiting.get(), 0);
    }
}
