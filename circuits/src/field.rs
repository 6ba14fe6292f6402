//! The scalar field of BN254 and its exact conversions to and from integers and words.

pub use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::halo2curves::ff::{Field, PrimeField};

/// A 256-bit big-endian word, as the EVM sees a field element.
pub type Word = [u8; 32];

/// The scalar modulus r as a big-endian word.
pub const MODULUS: Word = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d,
    0x28, 0x33, 0xe8, 0x48, 0x79, 0xb9, 0x70, 0x91, 0x43, 0xe1, 0xf5, 0x93, 0xf0, 0x00, 0x00, 0x01,
];

/// Bits of the largest power of two below r: packed limbs must stay within it.
pub const CAPACITY: u32 = 253;

/// An integer as a field element (negative ones wrap below r).
pub fn from_int(value: i128) -> Fr {
    let magnitude = Fr::from_u128(value.unsigned_abs());
    if value < 0 { -magnitude } else { magnitude }
}

/// 2^exponent as a field element.
pub fn power_of_two(exponent: u32) -> Fr {
    Fr::from(2).pow_vartime([u64::from(exponent)])
}

/// A field element as a big-endian word.
pub fn to_word(value: &Fr) -> Word {
    let mut word = value.to_repr();
    word.reverse();
    word
}

/// A big-endian word as a field element, `None` unless it is below r.
pub fn from_word(word: &Word) -> Option<Fr> {
    let mut repr = *word;
    repr.reverse();
    Option::from(Fr::from_repr(repr))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_word_modulus_refused_and_modulus_minus_one_is_minus_one() {
        assert!(from_word(&MODULUS).is_none());
        let mut word = MODULUS;
        word[31] = 0;
        assert_eq!(from_word(&word), Some(-Fr::ONE));
        assert_eq!(to_word(&from_int(-1)), word);
    }

    #[test]
    fn power_of_two_matches_integers() {
        assert_eq!(power_of_two(100), from_int(1 << 100));
    }
}
