//! One closure on its way to a database thread, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{StoreError, Tx};
use crate::{Error, platform::traces::Transaction};

/// Work for a database thread.
pub(super) trait Job: Send {
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure in `tx`; whether it succeeded and wants to be committed. May be called again.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Sends the answer, now that the transaction is settled; `Err` when a commit that was wanted failed.
    fn settle(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(super) struct Call<F, T> {
    work: F,
    outcome: Option<Result<T, Error>>,
    answer: oneshot::Sender<Result<T, Error>>,
    trace: Transaction,
}

impl<F, T> Call<F, T>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    T: Send + 'static,
{
    /// `operation` says what it does, to those who look at traces.
    pub(super) fn new(operation: &'static str, work: F) -> (Self, oneshot::Receiver<Result<T, Error>>) {
        let (answer, receiver) = oneshot::channel();
        (Self { work, outcome: None, answer, trace: Transaction::queued(operation) }, receiver)
    }
}

impl<F, T> Job for Call<F, T>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, Error> + Send,
    T: Send,
{
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        // A panic ends this request alone; its transaction is rolled back like any failure.
        let Self { work, trace, .. } = self;
        let outcome = catch_unwind(AssertUnwindSafe(|| trace.run(|| work(tx))))
            .unwrap_or_else(|_| Err(Error::Internal("a transaction panicked".to_owned())))
            .and_then(|value| tx.failure().map_or(Ok(value), |failure| Err(failure.clone().into())));
        let succeeded = outcome.is_ok();
        self.outcome = Some(outcome);
        succeeded
    }

    fn settle(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (committed, self.outcome) {
            (Err(error), None | Some(Ok(_))) => Err(error.into()),
            (_, Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Stopped.into()),
        };
        self.trace.end(matches!(outcome, Err(Error::Unavailable(_) | Error::Internal(_))));
        // A receiver that is gone means that the client hung up; the change stands all the same.
        let _ = self.answer.send(outcome);
    }
}
