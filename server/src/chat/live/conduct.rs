//! How a client behaves: how many of the frames it sends make no sense.

use campuszon_core::wire::live::close;

use super::socket::End;

/// So many frames in a row that are no frames at all end a connection.
const MAX_MALFORMED: u32 = 5;

/// What a client has done so far.
#[derive(Debug, Default)]
pub(super) struct Conduct {
    malformed: u32,
}

impl Conduct {
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
    use super::*;

    #[test]
    fn the_fifth_malformed_frame_in_a_row_is_the_last() {
        let mut conduct = Conduct::default();
        let mut judge = |is_malformed| conduct.judge(is_malformed).is_ok();
        assert!([true, true, true, true, false, true, true, true, true].into_iter().all(&mut judge));
        assert!(!judge(true));
    }
}
