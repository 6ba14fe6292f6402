//! How a circuit checks that a value is small.

use serde::{Deserialize, Serialize};

/// The checks on offer; a value is cut into pieces that one check covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RangeCheck {
    /// Binary digits, A (A - 1) = 0: degree 3 with its selector, the cheapest on chain.
    Bits,
    /// Base-4 digits, A (A - 1)(A - 2)(A - 3) = 0: degree 5, half as many digits.
    Quads,
    /// Pieces of up to 8 bits by one lookup argument, one piece per row.
    Bytes,
}

/// A run of bits of a value, counted from the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Piece {
    /// Position of its lowest bit.
    pub offset: u32,
    /// Number of bits.
    pub width: u32,
}

impl RangeCheck {
    /// Widest piece.
    pub fn width(self) -> u32 {
        match self {
            Self::Bits => 1,
            Self::Quads => 2,
            Self::Bytes => 8,
        }
    }

    /// Bits that the pieces of a value of `bits` bits can express: quads come whole.
    pub fn capacity(self, bits: u32) -> u32 {
        match self {
            Self::Quads => bits.next_multiple_of(2),
            Self::Bits | Self::Bytes => bits,
        }
    }

    /// Pieces of a value of `bits` bits, lowest first.
    pub fn pieces(self, bits: u32) -> impl Iterator<Item = Piece> {
        let (width, capacity) = (self.width(), self.capacity(bits));
        (0..capacity.div_ceil(width)).map(move |index| Piece {
            offset: index * width,
            width: width.min(capacity - index * width),
        })
    }

    /// Name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bits => "bits",
            Self::Quads => "quads",
            Self::Bytes => "bytes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_capacity_once() {
        for check in [RangeCheck::Bits, RangeCheck::Quads, RangeCheck::Bytes] {
            for bits in 0..40 {
                let mut next = 0;
                for piece in check.pieces(bits) {
                    assert_eq!(piece.offset, next);
                    assert!((1..=check.width()).contains(&piece.width));
                    next += piece.width;
                }
                assert_eq!(next, check.capacity(bits));
                assert!((bits..bits + 2).contains(&next));
            }
        }
    }
}
