//! How a client behaves: how many frames it sends, and how many of them make no sense.

use campuszon_core::wire::live::close;
use tokio::time::Instant;

use super::socket::End;
use crate::settings::Rate;

/// So many frames in a row that are no frames at all end a connection.
const MAX_MALFORMED: u32 = 5;

/// What a client has done so far.
#[derive(Debug)]
pub(super) struct Conduct {
    rate: Option<Rate>,
    window_began: Instant,
    frames: u32,
    malformed: u32,
}

impl Conduct {
    /// Nothing yet. `rate` is what a client may send; `None` for everything.
    pub(super) fn new(rate: Option<Rate>, now: Instant) -> Self {
        Self { rate, window_began: now, frames: 0, malformed: 0 }
    }

    /// Counts a frame.
    ///
    /// # Errors
    /// It is one too many.
    pub(super) fn frame(&mut self, now: Instant) -> Result<(), End> {
        let Some(rate) = self.rate else { return Ok(()) };
        if now.duration_since(self.window_began) >= rate.per {
            (self.window_began, self.frames) = (now, 0);
        }
        self.frames += 1;
        if self.frames > rate.count {
            return Err(End::Close { code: close::TOO_MANY_FRAMES, reason: "too many frames" });
        }
        Ok(())
    }

    /// Notes whether the frame was one at all.
    ///
    /// # Errors
    /// It was not, and neither were those before.
    pub(super) fn judge(&mut self, is_malformed: bool) -> Result<(), End> {
        self.malformed = if is_malformed { self.malformed + 1 } else { 0 };
        if self.malformed >= MAX_MALFORMED {
            return Err(End::Close { code: close::BAD_FRAMES, reason: "five bad frames in a row" });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn frames_are_counted_by_window() {
        let rate = Rate { count: 2, per: Duration::from_secs(10) };
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut conduct = Conduct::new(Some(rate), start);
        let allowed: Vec<bool> = [0, 9, 10, 11].map(|seconds| conduct.frame(at(seconds)).is_ok()).into();
        assert_eq!(allowed, [true; 4]);
        assert!(conduct.frame(at(12)).is_err());
        assert!((0..9_999).all(|_| Conduct::new(None, start).frame(start).is_ok()));
    }

    #[test]
    fn the_fifth_malformed_frame_in_a_row_is_the_last() {
        let mut conduct = Conduct::new(None, Instant::now());
        let mut judge = |is_malformed| conduct.judge(is_malformed).is_ok();
        assert!([true, true, true, true, false, true, true, true, true].into_iter().all(&mut judge));
        assert!(!judge(true));
    }
}
