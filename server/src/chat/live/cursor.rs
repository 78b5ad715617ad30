//! The order of events on one connection, whatever order announcements come in.

/// How far a connection has delivered its user's inbox. Numbers in an inbox go up by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InboxCursor {
    last: i64,
}

impl InboxCursor {
    /// Everything up to `last` is not this connection's to deliver.
    pub(super) fn new(last: i64) -> Self {
        Self { last }
    }

    /// The number delivered last.
    pub(super) fn last(self) -> i64 {
        self.last
    }

    /// Whether entries before `since` are still to be delivered, and have to be looked up first.
    pub(super) fn is_behind(self, since: i64) -> bool {
        since > self.last.saturating_add(1)
    }

    /// Whether the entry `since` is to be delivered now, and then counts as delivered; `false` for what was.
    pub(super) fn passes(&mut self, since: i64) -> bool {
        let is_new = since > self.last;
        self.last = self.last.max(since);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a connection sends that began at `head` and hears `announced`, with an inbox that holds `1..=newest`.
    fn deliver(head: i64, newest: i64, announced: &[i64]) -> Vec<i64> {
        let mut cursor = InboxCursor::new(head);
        let mut sent = Vec::new();
        for since in announced {
            let due = if cursor.is_behind(*since) { cursor.last() + 1..=newest } else { *since..=*since };
            sent.extend(due.filter(|since| cursor.passes(*since)));
        }
        sent
    }

    #[test]
    fn the_next_one_goes_straight_out_and_old_ones_are_dropped() {
        assert_eq!(deliver(5, 7, &[4, 5, 6, 6, 7, 6]), [6, 7]);
    }

    #[test]
    fn a_gap_is_filled_first() {
        assert_eq!(deliver(5, 9, &[8, 6, 7, 9]), [6, 7, 8, 9]);
    }

    proptest! {
        #[test]
        fn any_order_of_announcements_gives_each_event_once_and_in_order(
            head in 0..20_i64,
            announced in proptest::collection::vec(1..40_i64, 0..60),
        ) {
            let newest = announced.iter().copied().max().unwrap_or(head);
            let sent = deliver(head, newest, &announced);
            prop_assert_eq!(sent, (head + 1..=newest).collect::<Vec<_>>());
        }
    }
}
