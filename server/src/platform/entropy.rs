//! Where randomness and the time come from. Both are passed in, so that a test decides what they are.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use campuszon_core::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Overwrites `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);

    /// 128 random bits, as new ids take them.
    fn u128(&self) -> u128 {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        u128::from_be_bytes(bytes)
    }

    /// A secret of `bytes` random bytes, written in URL-safe base 64 without padding.
    fn token(&self, bytes: usize) -> String {
        let mut secret = vec![0; bytes];
        self.fill(&mut secret);
        BASE64URL_NOPAD.encode(&secret)
    }

    /// Six decimal digits, each of the million codes equally likely.
    fn digits6(&self) -> String {
        /// The largest multiple of a million within 32 bits: numbers from here on would favour the low codes.
        const FAIR: u32 = 4_294_000_000;
        loop {
            let mut bytes = [0; 4];
            self.fill(&mut bytes);
            let number = u32::from_be_bytes(bytes);
            if number < FAIR {
                return format!("{:06}", number % 1_000_000);
            }
        }
    }
}

/// The operating system has no random numbers to give.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random numbers ({0}); without them no secret can be made")]
pub struct NoEntropy(getrandom::Error);

/// The operating system's generator.
#[derive(Debug)]
pub struct SystemEntropy(());

impl SystemEntropy {
    /// Asks the generator once, so that a system without one shows at the start.
    ///
    /// # Errors
    /// The system has no random numbers to give.
    pub fn new() -> Result<Self, NoEntropy> {
        getrandom::fill(&mut [0; 16]).map_err(NoEntropy)?;
        Ok(Self(()))
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // A guessable secret is worse than no server. Not seen in practice: the generator has answered before.
            tracing::error!(%error, "the system's random numbers failed; stopping");
            std::process::abort();
        }
    }
}

/// The same bytes in the same order for the same seed. For tests: anybody can guess them.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    block: Mutex<u64>,
}

impl SeededEntropy {
    /// A source that begins anew from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, block: Mutex::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            let digest =
                Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(block.to_be_bytes()).finalize();
            for (byte, random) in chunk.iter_mut().zip(digest) {
                *byte = random;
            }
            *block += 1;
        }
    }
}

/// What time it is.
pub trait Clock: Send + Sync {
    /// The time, in milliseconds; it may jump either way when somebody sets the machine's clock.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(0) + since_1970
    }
}

/// A clock that stands still until it is set. For tests.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    /// Sets it, forwards or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.millis(), Ordering::Relaxed);
    }

    /// Moves it forwards.
    pub fn advance(&self, by: std::time::Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Hands out these words of 32 bits in turn.
    struct Script(Mutex<Vec<u32>>);

    impl Entropy for Script {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0.lock().unwrap().remove(0).to_be_bytes());
        }
    }

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let (first, again, other) = (SeededEntropy::new(1), SeededEntropy::new(1), SeededEntropy::new(2));
        let drawn = first.u128();
        assert_eq!(drawn, again.u128());
        assert_ne!(drawn, other.u128());
        assert_ne!(drawn, first.u128());
    }

    #[test]
    fn long_fills_do_not_repeat_their_blocks() {
        let mut bytes = [0; 80];
        SeededEntropy::new(1).fill(&mut bytes);
        assert_ne!(bytes[..32], bytes[32..64]);
        assert_ne!(bytes[64..], [0; 16]);
    }

    #[test]
    fn codes_keep_leading_zeros_and_skip_numbers_that_are_unfair() {
        let script = Script(Mutex::new(vec![u32::MAX, 4_294_000_000, 7, 4_293_999_999]));
        assert_eq!(script.digits6(), "000007");
        assert_eq!(script.digits6(), "999999");
    }

    #[test]
    fn tokens_are_url_safe() {
        let token = SystemEntropy::new().unwrap().token(32);
        assert_eq!(token.len(), 43);
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
    }

    #[test]
    fn a_manual_clock_goes_both_ways() {
        let clock = ManualClock::new(Timestamp::from_millis(5_000));
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.now(), Timestamp::from_millis(7_000));
        clock.set(Timestamp::from_millis(1));
        assert_eq!(clock.now(), Timestamp::from_millis(1));
        assert!(SystemClock.now() > clock.now());
    }
}
