//! What is due on a connection, and when.

use std::time::Duration;

use tokio::time::Instant;

/// How long a client may take to answer a heartbeat.
const PONG_WITHIN: Duration = Duration::from_secs(8);

/// How long events wait at the beginning for the client's first frame. A client that comes back asks for what it
/// missed with that frame; newer events that overtook the answer would reach it out of order.
const SETTLE_WITHIN: Duration = Duration::from_millis(300);

/// How long before its end a client hears that its credential ends; sooner when it holds for a shorter time anyway.
const WARNING: Duration = Duration::from_secs(60);

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Events may flow.
    Settled,
    /// A heartbeat.
    Ping,
    /// The answer to one.
    Pong,
    /// The warning that the credential ends.
    Warning,
    /// The end of the credential.
    Expiry,
}

/// A connection's times.
#[derive(Debug)]
pub(super) struct Timers {
    heartbeat: Duration,
    settle: Option<Instant>,
    ping: Instant,
    pong: Option<Instant>,
    warning: Option<Instant>,
    expiry: Instant,
}

impl Timers {
    /// The times of a connection that begins now.
    pub(super) fn new(heartbeat: Duration, expiry: Instant, now: Instant) -> Self {
        let settle = Some(now + SETTLE_WITHIN);
        let mut timers = Self { heartbeat, settle, ping: now + heartbeat, pong: None, warning: None, expiry };
        timers.expire_at(expiry, now);
        timers
    }

    /// What is due next, and when.
    pub(super) fn next(&self) -> (Instant, Due) {
        let settle = self.settle.map(|at| (at, Due::Settled));
        let pong = self.pong.map(|at| (at, Due::Pong));
        let sooner = |next: (Instant, Due), other: (Instant, Due)| if other.0 < next.0 { other } else { next };
        let warning = self.warning.map(|at| (at, Due::Warning));
        [settle, pong, warning, Some((self.expiry, Due::Expiry))]
            .into_iter()
            .flatten()
            .fold((self.ping, Due::Ping), sooner)
    }

    /// Whether events may flow.
    pub(super) fn is_settled(&self) -> bool {
        self.settle.is_none()
    }

    /// Lets events flow.
    pub(super) fn settle(&mut self) {
        self.settle = None;
    }

    /// Notes that a heartbeat went out. While one is unanswered, later ones give no more time.
    pub(super) fn pinged(&mut self, now: Instant) {
        self.ping = now + self.heartbeat;
        self.pong.get_or_insert(now + PONG_WITHIN);
    }

    /// Notes that the client answered.
    pub(super) fn ponged(&mut self) {
        self.pong = None;
    }

    /// Sets the end of the credential, and the time to warn of it.
    pub(super) fn expire_at(&mut self, expiry: Instant, now: Instant) {
        let lifetime = expiry.saturating_duration_since(now);
        self.expiry = expiry;
        self.warning = Some(expiry - WARNING.min(lifetime / 4));
    }

    /// Notes that the client was warned; how long the credential still holds.
    pub(super) fn warned(&mut self, now: Instant) -> Duration {
        self.warning = None;
        self.expiry.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_is_next() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut timers = Timers::new(Duration::from_secs(5), at(60), start);
        assert_eq!(timers.next().1, Due::Settled);
        timers.settle();
        assert_eq!(timers.next(), (at(5), Due::Ping));
        timers.pinged(at(5));
        assert_eq!(timers.next(), (at(10), Due::Ping));
        timers.pinged(at(10));
        assert_eq!(timers.next(), (at(13), Due::Pong));
        timers.ponged();
        assert_eq!(timers.next(), (at(15), Due::Ping));
        timers.expire_at(at(12), at(8));
        assert_eq!(timers.next(), (at(11), Due::Warning));
        assert_eq!(timers.warned(at(11)), Duration::from_secs(1));
        assert_eq!(timers.next(), (at(12), Due::Expiry));
    }
}
