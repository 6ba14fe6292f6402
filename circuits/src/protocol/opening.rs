//! Which polynomials are opened where, grouped as SHPLONK does.

use super::{Counts, Protocol};

/// A commitment that the verifier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Polynomial {
    /// A point of the proof, counted from its beginning.
    Proof(usize),
    /// A fixed column of the key.
    Fixed(usize),
    /// A permutation column of the key.
    Permutation(usize),
    /// The quotient, put together from its pieces.
    Quotient,
}

/// A value that the verifier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evaluation {
    /// An evaluation of the proof, counted from its first.
    Proof(usize),
    /// The quotient's value, computed from all others.
    Quotient,
}

/// Where the parts of a proof stand: indices of points and of evaluations.
impl Counts {
    /// Commitments to the permuted input of a lookup; the permuted table is the next point.
    pub(crate) fn lookup_input(&self, lookup: usize) -> usize {
        self.advice_columns() + 2 * lookup
    }

    pub(crate) fn product(&self, set: usize) -> usize {
        self.advice_columns() + 2 * self.lookups + set
    }

    pub(crate) fn lookup_product(&self, lookup: usize) -> usize {
        self.advice_columns() + 2 * self.lookups + self.products + lookup
    }

    /// Commitment to the random polynomial; the quotient's pieces follow.
    pub(crate) fn random(&self) -> usize {
        self.advice_columns() + 3 * self.lookups + self.products
    }

    pub(crate) fn fixed_eval(&self, query: usize) -> usize {
        self.advice_queries + query
    }

    pub(crate) fn random_eval(&self) -> usize {
        self.advice_queries + self.fixed_queries
    }

    pub(crate) fn permutation_eval(&self, column: usize) -> usize {
        self.random_eval() + 1 + column
    }

    /// Permutation product here; the next two are in the next row and, for all but the last
    /// product, in the last row.
    pub(crate) fn product_eval(&self, set: usize) -> usize {
        self.permutation_eval(self.permuted) + 3 * set
    }

    /// Of a lookup: product here and next, permuted input here and before, permuted table.
    pub(crate) fn lookup_eval(&self, lookup: usize) -> usize {
        let products = (3 * self.products).saturating_sub(1);
        self.permutation_eval(self.permuted) + products + 5 * lookup
    }
}

/// Polynomials that are opened in the same rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RotationSet {
    /// The rows, counted from the current one; in the order of the first member's queries.
    pub rotations: Vec<i32>,
    /// Polynomials in order of appearance, with one value per rotation.
    pub members: Vec<(Polynomial, Vec<Evaluation>)>,
}

/// All openings of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Openings {
    /// Sets in order of appearance.
    pub sets: Vec<RotationSet>,
}

impl Openings {
    /// Every rotation that occurs, in order of appearance.
    pub fn rotations(&self) -> Vec<i32> {
        let mut all = Vec::new();
        for rotation in self.sets.iter().flat_map(|set| &set.rotations) {
            if !all.contains(rotation) {
                all.push(*rotation);
            }
        }
        all
    }

    /// Rotations of the first set: the combination is scaled so that it keeps coefficient one.
    pub fn first(&self) -> &[i32] {
        self.sets.first().map_or(&[], |set| &set.rotations)
    }

    /// Rotations outside the first set: their distances from u are divided by.
    pub fn divided(&self) -> Vec<i32> {
        let mut all = self.rotations();
        all.retain(|rotation| !self.first().contains(rotation));
        all
    }

    /// Whether a set has more than one rotation, so that interpolation divides by x.
    pub fn divides_by_x(&self) -> bool {
        self.sets.iter().any(|set| set.rotations.len() > 1)
    }
}

impl Protocol<'_> {
    /// The openings in the order of halo2's verifier.
    pub(crate) fn openings(&self) -> Openings {
        let mut polynomials: Vec<(Polynomial, Vec<(i32, Evaluation)>)> = Vec::new();
        for (polynomial, rotation, value) in self.queries() {
            match polynomials.iter_mut().find(|(p, _)| *p == polynomial) {
                Some((_, at)) => at.push((rotation, value)),
                None => polynomials.push((polynomial, vec![(rotation, value)])),
            }
        }
        let mut sets: Vec<RotationSet> = Vec::new();
        for (polynomial, at) in polynomials {
            let same = |set: &&mut RotationSet| {
                set.rotations.len() == at.len()
                    && at
                        .iter()
                        .all(|(rotation, _)| set.rotations.contains(rotation))
            };
            match sets.iter_mut().find(same) {
                Some(set) => {
                    let value =
                        |wanted: &i32| at.iter().find(|(r, _)| r == wanted).map(|(_, v)| *v);
                    let values = set.rotations.iter().filter_map(value).collect();
                    set.members.push((polynomial, values));
                }
                None => {
                    let (rotations, values) = at.into_iter().unzip();
                    let members = vec![(polynomial, values)];
                    sets.push(RotationSet { rotations, members });
                }
            }
        }
        Openings { sets }
    }

    fn queries(&self) -> Vec<(Polynomial, i32, Evaluation)> {
        let (cs, counts) = (self.cs(), self.counts());
        let value = Evaluation::Proof;
        let mut queries = Vec::new();
        for (index, (column, rotation)) in cs.advice_queries().iter().enumerate() {
            queries.push((Polynomial::Proof(column.index()), rotation.0, value(index)));
        }
        let product = |set| {
            (
                Polynomial::Proof(counts.product(set)),
                counts.product_eval(set),
            )
        };
        for (point, eval) in (0..counts.products).map(product) {
            queries.extend([(point, 0, value(eval)), (point, 1, value(eval + 1))]);
        }
        let last = -(cs.blinding_factors() as i32 + 1);
        for (point, eval) in (0..counts.products).rev().skip(1).map(product) {
            queries.push((point, last, value(eval + 2)));
        }
        for lookup in 0..counts.lookups {
            let eval = counts.lookup_eval(lookup);
            let product = Polynomial::Proof(counts.lookup_product(lookup));
            let input = Polynomial::Proof(counts.lookup_input(lookup));
            let table = Polynomial::Proof(counts.lookup_input(lookup) + 1);
            queries.extend([
                (product, 0, value(eval)),
                (input, 0, value(eval + 2)),
                (table, 0, value(eval + 4)),
                (input, -1, value(eval + 3)),
                (product, 1, value(eval + 1)),
            ]);
        }
        for (index, (column, rotation)) in cs.fixed_queries().iter().enumerate() {
            let eval = value(counts.fixed_eval(index));
            queries.push((Polynomial::Fixed(column.index()), rotation.0, eval));
        }
        for column in 0..counts.permuted {
            let eval = value(counts.permutation_eval(column));
            queries.push((Polynomial::Permutation(column), 0, eval));
        }
        let random = Polynomial::Proof(counts.random());
        queries.push((Polynomial::Quotient, 0, Evaluation::Quotient));
        queries.push((random, 0, value(counts.random_eval())));
        queries
    }
}
