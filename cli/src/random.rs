//! Randomness for idempotency keys, file names and jitter.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 128 random bits. Where the system has none to give, the time and the process stand in: enough to be unique.
pub fn bits() -> u128 {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_ok() {
        return u128::from_le_bytes(bytes);
    }
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    nanos ^ (u128::from(std::process::id()) << 96)
}

/// A key that has not been used before, of 32 hexadecimal digits.
pub fn key() -> String {
    format!("{:032x}", bits())
}

/// Between half of `duration` and all of it, so that clients who failed together do not return together.
pub fn jitter(duration: Duration) -> Duration {
    let half = duration / 2;
    let span = half.as_micros().max(1);
    half + Duration::from_micros(u64::try_from(bits() % span).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_in_the_upper_half() {
        for _ in 0..100 {
            let pause = jitter(Duration::from_secs(2));
            assert!(pause >= Duration::from_secs(1) && pause <= Duration::from_secs(2), "{pause:?}");
        }
    }
}
