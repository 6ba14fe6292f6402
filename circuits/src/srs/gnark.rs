//! gnark's compressed points: 32-byte big-endian x, the top two bits choose y.

use std::{fs, path::Path};

use halo2_axiom::halo2curves::{
    CurveAffine,
    bn256::{Fq, Fq2, G1Affine, G2Affine},
    ff::{Field, PrimeField},
};
use rayon::prelude::*;

use super::Points;
use crate::Error;

const G1_FILE: &str = "g1_64k.gnark";
const G2_FILE: &str = "g2_powers.gnark";
/// Top two bits of a compressed point.
const FLAGS: u8 = 0b1100_0000;
const SMALLER: u8 = 0b1000_0000;
const LARGER: u8 = 0b1100_0000;

pub(super) fn read(directory: &Path, k: u32) -> Result<Points, Error> {
    let g1_path = directory.join(G1_FILE);
    let bytes = read_file(&g1_path)?;
    let count = 1usize << k;
    if bytes.len() < count * 32 || !bytes.len().is_multiple_of(32) {
        return Err(Error::Srs {
            place: g1_path.display().to_string(),
            problem: format!(
                "{} bytes, want at least {count} points of 32 bytes",
                bytes.len()
            ),
        });
    }
    let (encoded, _) = bytes.as_chunks::<32>();
    let g1 = encoded[..count]
        .par_iter()
        .enumerate()
        .map(|(index, encoded)| {
            g1_point(encoded).ok_or_else(|| Error::Srs {
                place: format!("{} point {index}", g1_path.display()),
                problem: "not a compressed G1 point".into(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let g2_path = directory.join(G2_FILE);
    let bytes = read_file(&g2_path)?;
    let s_g2 = bytes
        .first_chunk::<64>()
        .and_then(g2_point)
        .ok_or_else(|| Error::Srs {
            place: format!("{} point 0", g2_path.display()),
            problem: "not a compressed G2 point".into(),
        })?;
    Ok(Points {
        g1,
        s_g2,
        place: directory.to_path_buf(),
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io {
        action: "cannot read SRS",
        path: path.to_path_buf(),
        source,
    })
}

/// Splits off the flag: the coordinate and whether y is the larger root.
fn unflag(encoded: &[u8; 32]) -> Option<(Fq, bool)> {
    let flag = encoded[0] & FLAGS;
    let mut repr = *encoded;
    repr[0] &= !FLAGS;
    repr.reverse();
    let x = Option::from(Fq::from_repr(repr))?;
    match flag {
        SMALLER => Some((x, false)),
        LARGER => Some((x, true)),
        _ => None,
    }
}

fn is_larger(y: &Fq) -> bool {
    let bytes = |value: &Fq| value.to_repr().into_iter().rev().collect::<Vec<u8>>();
    bytes(y) > bytes(&-y)
}

fn g1_point(encoded: &[u8; 32]) -> Option<G1Affine> {
    let (x, larger) = unflag(encoded)?;
    let root: Fq = Option::from((x.square() * x + G1Affine::b()).sqrt())?;
    let y = if is_larger(&root) == larger {
        root
    } else {
        -root
    };
    Option::from(G1Affine::from_xy(x, y))
}

/// x.A1 then x.A0; y is ordered by A1, then by A0.
fn g2_point(encoded: &[u8; 64]) -> Option<G2Affine> {
    let (c1, larger) = unflag(encoded.first_chunk()?)?;
    let mut repr = *encoded.last_chunk::<32>()?;
    repr.reverse();
    let c0 = Option::from(Fq::from_repr(repr))?;
    let x = Fq2 { c0, c1 };
    let root: Fq2 = Option::from((x.square() * x + G2Affine::b()).sqrt())?;
    let decisive = if root.c1.is_zero().into() {
        root.c0
    } else {
        root.c1
    };
    let y = if is_larger(&decisive) == larger {
        root
    } else {
        -root
    };
    Option::from(G2Affine::from_xy(x, y))
}
