//! Codes of vouchers: twelve letters and digits in three groups, fit to be read aloud and typed.

use std::{fmt, str::FromStr};

/// Crockford's alphabet: without the letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters and digits of a code: 60 bits, too many to guess.
const LENGTH: usize = 12;

/// Letters and digits between two dashes.
const GROUP: usize = 4;

/// A code as it is stored and shown, such as `7K2M-QX9D-3FTB`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherCode(String);

/// The text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no voucher's code: it has twelve letters and digits, as in 7K2M-QX9D-3FTB")]
pub struct NoCode;

impl VoucherCode {
    /// The code that the low 60 of `bits` make.
    pub fn from_bits(bits: u128) -> Self {
        let digit = |position: usize| {
            let five = usize::try_from((bits >> (5 * position)) & 31).unwrap_or(0);
            ALPHABET.get(five).map(|byte| char::from(*byte))
        };
        Self::grouped((0..LENGTH).filter_map(digit))
    }

    fn grouped(digits: impl Iterator<Item = char>) -> Self {
        let mut code = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (position, digit) in digits.enumerate() {
            if position > 0 && position % GROUP == 0 {
                code.push('-');
            }
            code.push(digit);
        }
        Self(code)
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VoucherCode {
    type Err = NoCode;

    /// Takes what people type: in either case, with or without dashes and blanks, and letters for the digits they look
    /// like.
    fn from_str(text: &str) -> Result<Self, NoCode> {
        let mut digits = Vec::with_capacity(LENGTH);
        for char in text.chars().filter(|char| !matches!(char, '-' | ' ')) {
            let digit = match char.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if digits.len() == LENGTH || !ALPHABET.iter().any(|byte| char::from(*byte) == digit) {
                return Err(NoCode);
            }
            digits.push(digit);
        }
        if digits.len() == LENGTH { Ok(Self::grouped(digits.into_iter())) } else { Err(NoCode) }
    }
}

impl fmt::Display for VoucherCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_typed() {
        let code = VoucherCode::from_bits(u128::MAX);
        assert_eq!(code.as_str(), "ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(VoucherCode::from_bits(1).as_str(), "1000-0000-0000");
        for typed in ["7K2M-QX9D-3F10", "7k2mqx9d3f10", " 7k2m qx9d 3flo ", "7K2M-QX9D-3FIO"] {
            assert_eq!(typed.parse::<VoucherCode>().map(|code| code.to_string()).as_deref(), Ok("7K2M-QX9D-3F10"));
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for bad in ["", "7K2M-QX9D-3F1", "7K2M-QX9D-3F100", "7K2M-QX9D-3FU0", "7K2M_QX9D_3F10", "７K2M-QX9D-3F10"] {
            assert_eq!(bad.parse::<VoucherCode>(), Err(NoCode), "{bad}");
        }
    }
}
