//! Rate limits: how many requests a key (a user, an address) may make in a span of time, and the headers that say so.
//!
//! A window is fixed and begins with a key's first hit. That is what one counter with an expiry can do, so the same
//! limits hold when several nodes share their counters in a store that knows no more (`INCR` and `EXPIRE`).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use campuszon_core::Timestamp;
use prometheus::IntCounterVec;

use crate::settings::Rate;

/// A named budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The name, as the headers show it: letters, digits and `_` only.
    pub name: &'static str,
    /// How much it allows; `None` for everything.
    pub rate: Option<Rate>,
}

/// How a key stands with its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether this request is within the budget.
    pub allowed: bool,
    /// How many requests a window allows; `u32::MAX` where the budget is off.
    pub limit: u32,
    /// How many more it allows after this one.
    pub remaining: u32,
    /// How long until the window ends; zero where none has begun.
    pub reset_after: Duration,
    /// The budget.
    pub policy: Policy,
}

impl Policy {
    /// The value of the `RateLimit-Policy` header, such as `"auth";q=10;w=900`; `None` where the budget is off.
    pub fn header(&self) -> Option<String> {
        self.rate.map(|rate| format!("\"{}\";q={};w={}", self.name, rate.count, whole_seconds(rate.per)))
    }
}

impl Verdict {
    /// The value of the `RateLimit` header, such as `"auth";r=9;t=870`; `None` where the budget is off.
    pub fn header(&self) -> Option<String> {
        self.policy.rate?;
        Some(format!("\"{}\";r={};t={}", self.policy.name, self.remaining, whole_seconds(self.reset_after)))
    }

    /// The value of the `Retry-After` header: seconds, at least 1.
    pub fn retry_after(&self) -> u64 {
        whole_seconds(self.reset_after).max(1)
    }

    fn unlimited(policy: Policy) -> Self {
        Self { allowed: true, limit: u32::MAX, remaining: u32::MAX, reset_after: Duration::ZERO, policy }
    }
}

/// Rounds up: a client that waits this long finds the window over.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Counts requests by policy and key.
pub trait Limiter: Send + Sync {
    /// Counts one request and says whether it is within the budget.
    fn check(&self, policy: Policy, key: &str, now: Timestamp) -> Verdict;

    /// Says whether one more request would be within the budget, and counts nothing.
    fn peek(&self, policy: Policy, key: &str, now: Timestamp) -> Verdict;

    /// Counts one request that was let through by [`peek`](Self::peek), for budgets that only failures use up.
    fn count(&self, policy: Policy, key: &str, now: Timestamp) {
        self.check(policy, key, now);
    }
}

/// The keys kept at most; about 15 MB.
const MAX_WINDOWS: usize = 100_000;

/// Expired windows are looked for no earlier than at this many keys.
const MIN_SWEEP: usize = 1_024;

/// Counters in this process, for a server that is one node.
#[derive(Debug)]
pub struct MemoryLimiter {
    windows: Mutex<Windows>,
}

#[derive(Debug)]
struct Windows {
    by_key: HashMap<(&'static str, String), Window>,
    /// The number of keys at which to sweep next: twice what the last sweep left, so that sweeping stays cheap.
    sweep_at: usize,
    max: usize,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Timestamp,
    per: Duration,
    hits: u32,
}

impl MemoryLimiter {
    /// No key has made a request yet.
    pub fn new() -> Self {
        Self::with_capacity(MAX_WINDOWS)
    }

    fn with_capacity(max: usize) -> Self {
        Self { windows: Mutex::new(Windows { by_key: HashMap::new(), sweep_at: MIN_SWEEP.min(max), max }) }
    }

    fn windows(&self) -> std::sync::MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A limiter that counts what it refuses, by budget.
#[derive(Debug)]
pub struct Counting<L> {
    inner: L,
    refused: IntCounterVec,
}

impl<L> Counting<L> {
    /// Counts into `refused`, whose one label is the budget.
    pub fn new(inner: L, refused: IntCounterVec) -> Self {
        Self { inner, refused }
    }

    fn counted(&self, verdict: Verdict) -> Verdict {
        if !verdict.allowed {
            self.refused.with_label_values(&[verdict.policy.name]).inc();
        }
        verdict
    }
}

impl<L: Limiter> Limiter for Counting<L> {
    fn check(&self, policy: Policy, key: &str, now: Timestamp) -> Verdict {
        self.counted(self.inner.check(policy, key, now))
    }

    fn peek(&self, policy: Policy, key: &str, now: Timestamp) -> Verdict {
        self.counted(self.inner.peek(policy, key, now))
    }

    fn count(&self, policy: Policy, key: &str, now: Timestamp) {
        self.inner.count(policy, key, now);
    }
}

impl Default for MemoryLimiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter for MemoryLimiter {
    fn check(&self, policy: Policy, key: &str, now: Timestamp) -> Verdict {
        let Some(rate) = policy.rate else { return Verdict::unlimited(policy) };
        let mut windows = self.windows();
        windows.make_room(now);
        let fresh = Window { began: now, per: rate.per, hits: 0 };
        let window = windows.by_key.entry((policy.name, key.to_owned())).or_insert(fresh);
        if !window.is_open(now) {
            *window = fresh;
        }
        window.hits = window.hits.saturating_add(1);
        window.verdict(policy, rate, now, window.hits)
    }

    fn peek(&self, policy: Policy, key: &str, now: Timestamp) -> Verdict {
        let Some(rate) = policy.rate else { return Verdict::unlimited(policy) };
        let known = self.windows().by_key.get(&(policy.name, key.to_owned())).copied();
        match known.filter(|window| window.is_open(now)) {
            Some(window) => window.verdict(policy, rate, now, window.hits.saturating_add(1)),
            None => Verdict {
                allowed: true,
                limit: rate.count,
                remaining: rate.count.saturating_sub(1),
                reset_after: Duration::ZERO,
                policy,
            },
        }
    }
}

impl Window {
    /// A window from the future is over too: the clock was set back, and nobody should wait for it to catch up.
    fn is_open(&self, now: Timestamp) -> bool {
        now >= self.began && now.since(self.began) < self.per
    }

    /// What the request numbered `hit` gets.
    fn verdict(&self, policy: Policy, rate: Rate, now: Timestamp, hit: u32) -> Verdict {
        Verdict {
            allowed: hit <= rate.count,
            limit: rate.count,
            remaining: rate.count.saturating_sub(hit),
            reset_after: (self.began + self.per).since(now),
            policy,
        }
    }
}

impl Windows {
    /// Forgets expired windows from time to time, and the older half of all when there are too many: then some budgets
    /// begin anew, which is better than memory without bound or a stranger locking everybody out.
    fn make_room(&mut self, now: Timestamp) {
        if self.by_key.len() < self.sweep_at {
            return;
        }
        self.by_key.retain(|_, window| window.is_open(now));
        if self.by_key.len() >= self.max {
            self.drop_older_half();
        }
        self.sweep_at = (self.by_key.len() * 2).clamp(MIN_SWEEP.min(self.max), self.max);
    }

    fn drop_older_half(&mut self) {
        let mut began: Vec<Timestamp> = self.by_key.values().map(|window| window.began).collect();
        let middle = began.len() / 2;
        let (_, median, _) = began.select_nth_unstable(middle);
        let median = *median;
        self.by_key.retain(|_, window| window.began > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTH: Policy = Policy { name: "auth", rate: Some(Rate { count: 3, per: Duration::from_secs(900) }) };
    const OFF: Policy = Policy { name: "auth", rate: None };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + seconds * 1_000)
    }

    #[test]
    fn a_window_begins_with_the_first_hit_and_ends_after_its_span() {
        let limiter = MemoryLimiter::new();
        let remaining: Vec<u32> = (0..3).map(|second| limiter.check(AUTH, "ada", at(second)).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);

        let refused = limiter.check(AUTH, "ada", at(30));
        assert!(!refused.allowed);
        assert_eq!((refused.limit, refused.reset_after), (3, Duration::from_secs(870)));
        assert!(!limiter.check(AUTH, "ada", at(899)).allowed);
        assert!(limiter.check(AUTH, "ada", at(900)).allowed);
    }

    #[test]
    fn keys_and_policies_are_counted_apart() {
        let limiter = MemoryLimiter::new();
        let chat = Policy { name: "chat", ..AUTH };
        for _ in 0..4 {
            limiter.check(AUTH, "ada", at(0));
        }
        assert!(!limiter.check(AUTH, "ada", at(0)).allowed);
        assert!(limiter.check(AUTH, "bob", at(0)).allowed);
        assert!(limiter.check(chat, "ada", at(0)).allowed);
    }

    #[test]
    fn peeking_counts_nothing() {
        let limiter = MemoryLimiter::new();
        for _ in 0..9 {
            assert!(limiter.peek(AUTH, "ada", at(0)).allowed);
        }
        for _ in 0..3 {
            limiter.count(AUTH, "ada", at(0));
        }
        assert!(!limiter.peek(AUTH, "ada", at(1)).allowed);
        assert!(limiter.peek(AUTH, "ada", at(900)).allowed);
    }

    #[test]
    fn off_allows_everything_and_shows_no_header() {
        let limiter = MemoryLimiter::new();
        let verdict = (0..1_000).map(|_| limiter.check(OFF, "ada", at(0))).last().unwrap();
        assert!(verdict.allowed);
        assert_eq!((verdict.header(), OFF.header()), (None, None));
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = MemoryLimiter::new();
        for _ in 0..4 {
            limiter.check(AUTH, "ada", at(3_600));
        }
        assert!(limiter.check(AUTH, "ada", at(0)).allowed);
    }

    #[test]
    fn expired_windows_are_forgotten() {
        let limiter = MemoryLimiter::new();
        for key in 0..MIN_SWEEP {
            limiter.check(AUTH, &key.to_string(), at(0));
        }
        limiter.check(AUTH, "late", at(900));
        assert_eq!(limiter.windows().by_key.len(), 1);
    }

    #[test]
    fn memory_is_bounded_and_the_newest_windows_survive() {
        let limiter = MemoryLimiter::with_capacity(8);
        for key in 0..100 {
            limiter.check(AUTH, &key.to_string(), at(key));
            assert!(limiter.windows().by_key.len() <= 8);
        }
        assert_eq!(limiter.check(AUTH, "99", at(100)).remaining, 1);
    }

    #[test]
    fn headers_are_those_of_the_draft() {
        let limiter = MemoryLimiter::new();
        limiter.check(AUTH, "ada", at(0));
        let verdict = limiter.check(AUTH, "ada", at(0) + Duration::from_millis(29_500));
        assert_eq!(AUTH.header().unwrap(), "\"auth\";q=3;w=900");
        assert_eq!(verdict.header().unwrap(), "\"auth\";r=1;t=871");
        assert_eq!(verdict.retry_after(), 871);
        assert_eq!(limiter.peek(AUTH, "bob", at(0)).retry_after(), 1);
    }
}
