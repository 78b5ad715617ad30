//! One thing done to several ids: a failure does not stop the others.

use campuszon_core::{Fault, Id};
use serde::Serialize;

use super::{CommandError, ids};
use crate::{context::Context, failure::Failure, output::Shape};

/// What came of a batch.
#[derive(Debug)]
pub struct Batch<T> {
    /// What worked, in order.
    pub done: Vec<T>,
    failed: Vec<(String, Failure)>,
    /// One id was named as such: the answer is one thing, not a list.
    single: bool,
}

/// A change that leaves nothing to show.
#[derive(Debug, Serialize)]
pub struct Done {
    /// What was changed.
    pub id: String,
    /// What it is now.
    pub status: &'static str,
}

/// Does something to each id in turn.
///
/// # Errors
/// Only when stdin was to be read and cannot be; what happens to the ids is in the [`Batch`].
pub async fn each<I: Id, T>(
    given: Vec<String>,
    act: impl AsyncFn(I) -> Result<T, Failure>,
) -> Result<Batch<T>, Failure> {
    let single = matches!(given.as_slice(), [one] if one != "-");
    let mut outcomes = Vec::new();
    for text in ids::expand(given)? {
        let outcome = match ids::parse(&text) {
            Ok(id) => act(id).await,
            Err(error) => Err(error.into()),
        };
        outcomes.push((text, outcome));
    }
    Ok(Batch { single, ..Batch::of(outcomes) })
}

impl<T> Batch<T> {
    /// What came of each of several things, by name.
    pub fn of(outcomes: impl IntoIterator<Item = (String, Result<T, Failure>)>) -> Self {
        let mut batch = Self { done: Vec::new(), failed: Vec::new(), single: false };
        for (name, outcome) in outcomes {
            match outcome {
                Ok(thing) => batch.done.push(thing),
                Err(failure) => batch.failed.push((name, failure)),
            }
        }
        batch
    }
}

impl<T: Serialize> Batch<T> {
    /// Prints what worked and ends with what did not.
    ///
    /// # Errors
    /// The failure of a single id; otherwise that some, or all, have failed.
    pub fn show(self, context: &Context, shape: &Shape) -> Result<(), Failure> {
        match self.done.as_slice() {
            [one] if self.single => context.output.one(shape, one)?,
            // Where nothing worked, the error is all there is.
            [] if !self.failed.is_empty() => {}
            many => context.output.list(shape, many)?,
        }
        self.finish(context)
    }

    /// As [`Batch::show`], but at a terminal says `done` of each instead.
    ///
    /// # Errors
    /// As [`Batch::show`].
    pub fn tell(self, context: &Context, shape: &Shape, done: impl Fn(&T) -> String) -> Result<(), Failure> {
        self.done.iter().for_each(|thing| context.output.notice(&done(thing)));
        if context.output.format == crate::output::Format::Table {
            self.finish(context)
        } else {
            self.show(context, shape)
        }
    }

    fn finish(mut self, context: &Context) -> Result<(), Failure> {
        if self.failed.iter().any(|(_, failure)| matches!(failure, Failure::DryRun)) {
            return Err(Failure::DryRun);
        }
        if self.single || (self.done.is_empty() && self.failed.len() == 1) {
            return self.failed.pop().map_or(Ok(()), |(_, failure)| Err(failure));
        }
        if self.failed.is_empty() {
            return Ok(());
        }
        let total = self.done.len() + self.failed.len();
        let failures: Vec<Fault> = self.failed.iter().map(|(id, failure)| fault(id, failure)).collect();
        if self.done.is_empty() {
            // Nothing worked: the first reason decides how it ends.
            return self.failed.into_iter().next().map_or(Ok(()), |(_, failure)| Err(failure.fields(failures)));
        }
        if !context.output.is_for_machines() {
            context.output.notice("what worked stays done");
        }
        Err(CommandError::Partial { total, failures }.into())
    }
}

fn fault(id: &str, failure: &Failure) -> Fault {
    match failure {
        Failure::Told(report) => {
            let message = report.message.strip_prefix(&format!("{id}: ")).unwrap_or(&report.message);
            Fault::new(id, &report.code, message)
        }
        Failure::ClosedPipe | Failure::DryRun | Failure::Signal(_) => Fault::new(id, "not_done", "was not done"),
    }
}
