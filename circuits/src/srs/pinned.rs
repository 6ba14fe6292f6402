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
    (
        4,
        "61d0043f962c7f8b61b66c9442bc80b3253c82323f4c003b1b3437103466d27f",
    ),
    (
        5,
        "377766ae14e9a0e9b2f7b8ca84c9dcbbe8310fd0f9e3759c215227ffea0b1735",
    ),
    (
        6,
        "588d00965f74621de0d4749e5164d98525d2b908706c0e94cf7963dac4c8bfa5",
    ),
    (
        7,
        "d93b0b49c1eb55415aff73dc15446fb13681e6cce35e93a0c59d8f9de845757a",
    ),
    (
        8,
        "a5573d07c81e44aa9a8f48d032762096c9e12c892090ec3cb3b96862e9e9819d",
    ),
    (
        9,
        "a39c03f5718bcc6edd4b33910b1792e3536497269bbaf9687ff2425a4955adee",
    ),
    (
        10,
        "d492bbbf6b3b25e9d3a3dce4cd68c677950bd816e546adcd5ffc476ceb7a86a1",
    ),
    (
        11,
        "0f457b33f5cb331ebbc0741d0e4fc2fb55a084c5a54aca6cb53095051909ba94",
    ),
    (
        12,
        "1ab15b01624379d46d92bf6d9c81832c5937e34068038909b4fa469125777d0d",
    ),
    (
        13,
        "f847fdc43cb0e9a866b6d23ec54df1a6ce235ebbb02ffa4ab4f4a5fe8f80957e",
    ),
    (
        14,
        "aed0791bbecb321c23738d05ae8db5224dbc4318c4c42d33c0119596792e761d",
    ),
    (
        15,
        "679ae5258ba5a2bfd6ee992812b4ce25c0438003fa271c9fb09a3738645a6823",
    ),
    (
        16,
        "58f4cda55b2d3d9a58c3c8036c9683d2c3714ad4dbeb77ea63a9e0d2c7c68e3e",
    ),
];
