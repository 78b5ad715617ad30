//! The order of durable frames: numbers in the reader's inbox go up by one, so that what is missing or repeated shows.

use std::collections::BTreeMap;

use campuszon_core::wire::live::{ClientFrame, ServerFrame};
use serde::Deserialize;

/// Whether a connection continues the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    /// There was none.
    First,
    /// It does: what was missed can be asked for.
    Continued,
    /// The server's numbers mean something else now.
    OtherEpoch,
}

/// How far the reader is.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Which numbering.
    epoch: Option<String>,
    /// Everything up to here was delivered.
    since: i64,
    /// The newest number heard of.
    newest: i64,
    /// Frames that came before an earlier one.
    early: BTreeMap<i64, ServerFrame>,
    /// Whether what is missing was asked for and is on its way.
    resuming: bool,
}

/// The number that a durable frame carries.
pub(super) fn number(text: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Numbered {
        since: Option<i64>,
    }
    serde_json::from_str::<Numbered>(text).ok()?.since
}

impl Inbox {
    /// A new connection, on which the inbox stands at `since`.
    pub(super) fn ready(&mut self, epoch: String, since: i64) -> Greeting {
        self.resuming = false;
        if self.epoch.as_ref() == Some(&epoch) {
            self.saw(since);
            return Greeting::Continued;
        }
        let first = self.epoch.replace(epoch).is_none();
        self.early.clear();
        (self.since, self.newest) = (since, since);
        if first { Greeting::First } else { Greeting::OtherEpoch }
    }

    /// Heard that the inbox stands at `number`.
    pub(super) fn saw(&mut self, number: i64) {
        self.newest = self.newest.max(number);
    }

    /// Takes a frame; answers those that are now due, in order. Repeated ones are dropped.
    pub(super) fn accept(&mut self, number: i64, frame: ServerFrame) -> Vec<ServerFrame> {
        self.saw(number);
        if number > self.since {
            self.early.insert(number, frame);
        }
        self.due()
    }

    /// The server has sent all that was asked for, up to `since`.
    pub(super) fn resumed(&mut self, since: i64) -> Vec<ServerFrame> {
        self.resuming = false;
        let later = self.early.split_off(&(since + 1));
        let mut due: Vec<ServerFrame> = std::mem::replace(&mut self.early, later).into_values().collect();
        self.since = self.since.max(since);
        self.saw(since);
        due.extend(self.due());
        due
    }

    /// The server cannot send what was asked for; it will be fetched otherwise.
    pub(super) fn reset(&mut self) -> Vec<ServerFrame> {
        self.resumed(self.newest)
    }

    /// What to ask the server for, when something is missing and not yet asked for.
    pub(super) fn request(&mut self) -> Option<ClientFrame> {
        if self.resuming || self.newest <= self.since {
            return None;
        }
        let epoch = self.epoch.clone()?;
        self.resuming = true;
        Some(ClientFrame::Resume { since: self.since, epoch })
    }

    fn due(&mut self) -> Vec<ServerFrame> {
        let mut due = Vec::new();
        while let Some(frame) = self.early.remove(&(self.since + 1)) {
            self.since += 1;
            due.push(frame);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any frame that can be told apart by its number.
    fn frame(number: i64) -> ServerFrame {
        ServerFrame::Drain { retry_ms: number.unsigned_abs() }
    }

    fn frames(numbers: impl IntoIterator<Item = i64>) -> Vec<ServerFrame> {
        numbers.into_iter().map(frame).collect()
    }

    fn inbox_at(since: i64) -> Inbox {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.ready("a".into(), since), Greeting::First);
        inbox
    }

    #[test]
    fn delivers_in_order_and_once() {
        let mut inbox = inbox_at(5);
        assert_eq!(inbox.accept(5, frame(5)), []);
        assert_eq!(inbox.accept(6, frame(6)), frames([6]));
        assert_eq!(inbox.accept(6, frame(6)), []);
        assert_eq!(inbox.request(), None);
    }

    #[test]
    fn a_gap_is_asked_for_once_and_filled_in_order() {
        let mut inbox = inbox_at(5);
        assert_eq!(inbox.accept(8, frame(8)), []);
        assert_eq!(inbox.request(), Some(ClientFrame::Resume { since: 5, epoch: "a".into() }));
        assert_eq!(inbox.accept(9, frame(9)), []);
        assert_eq!(inbox.request(), None);
        assert_eq!(inbox.accept(6, frame(6)), frames([6]));
        assert_eq!(inbox.accept(7, frame(7)), frames([7, 8, 9]));
        assert_eq!(inbox.resumed(8), []);
        assert_eq!(inbox.request(), None);
    }

    #[test]
    fn a_heartbeat_reveals_what_was_lost() {
        let mut inbox = inbox_at(5);
        inbox.saw(6);
        assert!(inbox.request().is_some());
        // The number was of something that is not sent any more.
        assert_eq!(inbox.resumed(6), []);
        assert_eq!(inbox.request(), None);
    }

    #[test]
    fn a_new_connection_resumes_and_a_new_epoch_starts_over() {
        let mut inbox = inbox_at(5);
        assert_eq!(inbox.ready("a".into(), 7), Greeting::Continued);
        assert!(inbox.request().is_some());
        assert_eq!(inbox.ready("b".into(), 2), Greeting::OtherEpoch);
        assert_eq!(inbox.request(), None);
        assert_eq!(inbox.accept(3, frame(3)), frames([3]));
    }

    #[test]
    fn a_gap_too_long_is_given_up() {
        let mut inbox = inbox_at(5);
        assert_eq!(inbox.accept(400, frame(400)), []);
        assert!(inbox.request().is_some());
        assert_eq!(inbox.reset(), frames([400]));
        assert_eq!(inbox.accept(401, frame(401)), frames([401]));
    }

    #[test]
    fn finds_the_number_of_a_frame() {
        assert_eq!(number(r#"{"type":"whatever","since":7}"#), Some(7));
        assert_eq!(number(r#"{"type":"sent"}"#), None);
    }
}
