//! Digests of the ceremony's points, one per circuit size.

use halo2_axiom::halo2curves::{
    bn256::{Fq, G1Affine, G2Affine},
    ff::PrimeField,
};
use sha2::{Digest, Sha256};

/// SHA-256 over the label, the number of G1 points, every point as x then y (32-byte big-endian
/// each; (0, 0) for infinity), then tau G2 as x.c1, x.c0, y.c1, y.c0.
pub(super) fn digest_of(g1: &[G1Affine], s_g2: &G2Affine) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"veriregime-srs/1");
    hash.update((g1.len() as u64).to_be_bytes());
    let mut absorb = |value: &Fq| {
        let mut bytes = value.to_repr();
        bytes.reverse();
        hash.update(bytes);
    };
    for point in g1 {
        absorb(&point.x);
        absorb(&point.y);
    }
    for coordinate in [&s_g2.x, &s_g2.y] {
        absorb(&coordinate.c1);
        absorb(&coordinate.c0);
    }
    hash.finalize().into()
}

/// The ceremony's digest for 2^k points.
pub(super) fn digest(k: u32) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (_, text) = CEREMONY.iter().find(|(size, _)| *size == k)?;
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// Perpetual Powers of Tau for BN254, contribution 0085.
const CEREMONY: &[(u32, &str)] = &[
];
