//! Multiples of the points of a basis, computed once and used by every commitment.

use halo2_axiom::halo2curves::bn256::G1Affine;
use rayon::prelude::*;

use super::{
    addition::{double_all, is_infinity},
    plan::Plan,
};

/// Points that share an inversion while the table is built.
const CHUNK: usize = 256;

/// A point in a cache line of its own.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub struct Aligned(pub G1Affine);

/// 2^(width stride j) P for every point P of a basis and every level j.
#[derive(Debug)]
pub struct Table {
    plan: Plan,
    points: usize,
    multiples: Vec<Aligned>,
}

impl Table {
    /// Doubles every point of the basis up to the plan's highest level. `None` if the basis holds
    /// the point at infinity, which no honest reference string does.
    pub fn build(basis: &[G1Affine], plan: Plan) -> Option<Self> {
        if basis.is_empty() || basis.iter().any(is_infinity) {
            return None;
        }
        let mut multiples = vec![Aligned::default(); basis.len() * plan.levels as usize];
        let mut levels = multiples.chunks_exact_mut(basis.len());
        let mut last = levels.next()?;
        for (multiple, point) in last.iter_mut().zip(basis) {
            multiple.0 = *point;
        }
        for level in levels {
            level
                .par_chunks_mut(CHUNK)
                .zip(last.par_chunks(CHUNK))
                .for_each(|(next, last)| {
                    next.copy_from_slice(last);
                    double_all(next, plan.width * plan.stride);
                });
            last = level;
        }
        Some(Self {
            plan,
            points: basis.len(),
            multiples,
        })
    }

    /// Digit width and levels.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// Length of the basis.
    pub fn points(&self) -> usize {
        self.points
    }

    /// All multiples, level by level.
    pub fn multiples(&self) -> &[Aligned] {
        &self.multiples
    }
}
