//! A scalar as two half-length ones, and those as signed digits.
//!
//! BN254 has an endomorphism phi(x, y) = (zeta x, y) = lambda (x, y), so
//! s P = u P + v phi(P) with u and v of 127 bits (Gallant, Lambert, Vanstone: Faster point
//! multiplication on elliptic curves with efficient endomorphisms, CRYPTO 2001). Half the length
//! means half the tables.

use halo2_axiom::halo2curves::{bn256::Fr, ff::PrimeField};

/// Bits of the longest half: the largest possible value is below 1.1 A1 + 2^64 < 2^127.
pub const HALF_BITS: u32 = 127;

/// r, least significant limb first.
const MODULUS: [u64; 4] = [
    0x43e1_f593_f000_0001,
    0x2833_e848_79b9_7091,
    0xb850_45b6_8181_585d,
    0x3064_4e72_e131_a029,
];
/// (r - 1) / 2.
const MIDDLE: [u64; 4] = [
    0xa1f0_fac9_f800_0000,
    0x9419_f424_3cdc_b848,
    0xdc28_22db_40c0_ac2e,
    0x1832_2739_7098_d014,
];

// A short basis of the lattice {(a, b): a + b lambda = 0 mod r}: (A1, -B1) and (A2, B2), and
// round(2^256 b / r) for both. The values of halo2curves (`ENDO_PARAMS_BN`), from gnark-crypto.
const A1: u128 = 0x6f4d_8248_eeb8_59fc_8211_bbeb_7d4f_1128;
const A2: u64 = 0x89d3_2568_94d2_13e3;
const B1: u64 = 0x89d3_2568_94d2_13e3;
const B2: u128 = 0x6f4d_8248_eeb8_59fd_0be4_e154_1221_250b;
const GAMMA_FOR_B1: [u64; 3] = [0x5398_fd03_00ff_6565, 0x4cce_f014_a773_d2d2, 2];
const GAMMA_FOR_B2: [u64; 2] = [0xd91d_232e_c7e0_b3d7, 2];

/// s = (u + v lambda), negated if `negative`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Halves {
    /// u and v, below 2^[`HALF_BITS`].
    pub parts: [u128; 2],
    /// Whether both count negatively.
    pub negative: bool,
}

impl Halves {
    /// Splits a scalar. Those below 2^127 in absolute value have v = 0.
    pub fn of(scalar: &Fr) -> Self {
        let mut s = limbs(scalar);
        let negative = is_above(&s, &MIDDLE);
        if negative {
            s = subtract(&MODULUS, &s);
        }
        let low = u128::from(s[0]) | u128::from(s[1]) << 64;
        if s[2] == 0 && s[3] == 0 && low >> HALF_BITS == 0 {
            return Self {
                parts: [low, 0],
                negative,
            };
        }
        // Coefficients of the nearby lattice point, rounded down: u and v are not negative.
        let c1 = above_256(&GAMMA_FOR_B1, &s);
        let c2 = above_256(&GAMMA_FOR_B2, &s);
        // Exact results fit 127 bits, so arithmetic modulo 2^128 is enough.
        let u = low
            .wrapping_sub(c1.wrapping_mul(A1))
            .wrapping_sub(c2.wrapping_mul(u128::from(A2)));
        let v = c1
            .wrapping_mul(u128::from(B1))
            .wrapping_sub(c2.wrapping_mul(B2));
        Self {
            parts: [u, v],
            negative,
        }
    }
}

/// Number of signed digits of `width` bits that any half needs.
pub fn digits(width: u32) -> u32 {
    // One bit more than the half for the carry of the digit below.
    HALF_BITS / width + 1
}

/// Calls `visit(index, digit)` for every non-zero signed digit: half = sum of digit 2^(width
/// index), digits in -2^(width-1) ..= 2^(width-1).
pub fn for_each_digit(mut half: u128, width: u32, mut visit: impl FnMut(u32, i32)) {
    let mask = (1u128 << width) - 1;
    let middle = 1i32 << (width - 1);
    let mut carry = 0;
    let mut index = 0;
    while half != 0 || carry != 0 {
        let mut digit = (half & mask) as i32 + carry;
        carry = i32::from(digit > middle);
        digit -= carry << width;
        if digit != 0 {
            visit(index, digit);
        }
        half >>= width;
        index += 1;
    }
}

fn limbs(scalar: &Fr) -> [u64; 4] {
    let repr = scalar.to_repr();
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(repr.chunks_exact(8)) {
        *limb = bytes
            .iter()
            .rev()
            .fold(0, |limb, byte| limb << 8 | u64::from(*byte));
    }
    limbs
}

fn is_above(a: &[u64; 4], b: &[u64; 4]) -> bool {
    a.iter().rev().gt(b.iter().rev())
}

/// a - b for a >= b.
fn subtract(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let mut difference = [0; 4];
    let mut borrow = false;
    for ((out, a), b) in difference.iter_mut().zip(a).zip(b) {
        let (d, under) = a.overflowing_sub(*b);
        let (d, again) = d.overflowing_sub(u64::from(borrow));
        (*out, borrow) = (d, under | again);
    }
    difference
}

/// floor(a b / 2^256), which the sizes of a and b keep below 2^128.
fn above_256(a: &[u64], b: &[u64; 4]) -> u128 {
    let mut product = [0u64; 8];
    for (i, a) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, b) in b.iter().enumerate() {
            let sum = u128::from(*a) * u128::from(*b) + u128::from(product[i + j]) + carry;
            product[i + j] = sum as u64;
            carry = sum >> 64;
        }
        product[i + 4] = carry as u64;
    }
    u128::from(product[4]) | u128::from(product[5]) << 64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::from_int;
    use halo2_axiom::halo2curves::{
        CurveExt,
        bn256::G1,
        ff::{Field, WithSmallOrderMulGroup},
    };
    use proptest::prelude::*;

    fn edges() -> Vec<Fr> {
        let mut edges = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::ZETA, -Fr::ZETA];
        for bit in 0..254 {
            let power = Fr::from(2).pow_vartime([bit]);
            edges.extend([power, power - Fr::ONE, -power, Fr::ONE - power]);
        }
        let half = Fr::TWO_INV;
        edges.extend([half, half - Fr::ONE, half + Fr::ONE]);
        edges
    }

    fn check(scalar: Fr) {
        let halves = Halves::of(&scalar);
        let [u, v] = halves.parts.map(|part| {
            assert_eq!(part >> HALF_BITS, 0, "{scalar:?}");
            Fr::from_u128(part)
        });
        let value = u + v * Fr::ZETA;
        assert_eq!(if halves.negative { -value } else { value }, scalar);
        for width in 2..=16 {
            for part in halves.parts {
                let mut sum = Fr::ZERO;
                for_each_digit(part, width, |index, digit| {
                    assert!(index < digits(width));
                    assert!(digit.abs() <= 1 << (width - 1));
                    sum += Fr::from(2).pow_vartime([u64::from(index * width)])
                        * from_int(digit.into());
                });
                assert_eq!(sum, Fr::from_u128(part), "width {width}");
            }
        }
    }

    #[test]
    fn halves_edges_recompose_and_digits_fit() {
        edges().into_iter().for_each(check);
    }

    #[test]
    fn halves_of_small_scalars_have_no_second_part() {
        for value in [0, 1, 3, 255, -1, -128, i128::MAX, -i128::MAX] {
            let halves = Halves::of(&from_int(value));
            assert_eq!(halves.parts, [value.unsigned_abs(), 0]);
            assert_eq!(halves.negative, value < 0);
        }
    }

    #[test]
    fn endomorphism_multiplies_by_zeta() {
        let point = G1::generator() * Fr::from(7);
        assert_eq!(point.endo(), point * Fr::ZETA);
    }

    proptest! {
        #[test]
        fn halves_random_scalars_recompose(bytes in any::<[u8; 64]>()) {
            use halo2_axiom::halo2curves::ff::FromUniformBytes;
            check(Fr::from_uniform_bytes(&bytes));
        }
    }
}
