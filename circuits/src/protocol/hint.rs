//! The last word of a proof: the inverse of the product of all denominators.
//!
//! A verifier divides by x - omega^i for every row i with a Lagrange polynomial (public words, first
//! row, reserved rows), by x^n - 1, by u - omega^i x for every rotation i outside the first set and,
//! if a polynomial is opened in several rows, by x. The transcript is replayed to get x and u.

use halo2_axiom::halo2curves::ff::{Field, FromUniformBytes};
use sha3::{Digest, Keccak256};

use super::Protocol;
use crate::{
    Error,
    field::{Fr, Word, to_word},
};

/// Keccak-256 of the last hash and of what came since; a lone hash gets a trailing 1.
struct Replay {
    buffer: Vec<u8>,
}

impl Replay {
    fn squeeze(&mut self, absorbed: &[u8]) -> Fr {
        self.buffer.extend(absorbed);
        if self.buffer.len() == 32 {
            self.buffer.push(1);
        }
        let hash = Keccak256::digest(&self.buffer);
        self.buffer = hash.to_vec();
        let mut wide = [0u8; 64];
        for (byte, hashed) in wide.iter_mut().zip(hash.iter().rev()) {
            *byte = *hashed;
        }
        Fr::from_uniform_bytes(&wide)
    }
}

impl Protocol<'_> {
    /// The hint of a proof without one.
    ///
    /// # Errors
    /// [`Error::Rejected`] for a proof of another length, or when a denominator is zero, as it is
    /// with negligible probability.
    pub fn hint(&self, words: &[Fr], proof: &[u8]) -> Result<Word, Error> {
        let length = self.counts().proof_bytes() - 32;
        if proof.len() != length || words.len() != self.words {
            return Err(Error::Rejected(format!(
                "{} words and {} bytes before the hint, want {} and {length}",
                words.len(),
                proof.len(),
                self.words
            )));
        }
        let (x, u) = self.challenges(words, proof);
        self.hint_at(x, u)
            .ok_or_else(|| Error::Rejected("a challenge makes a denominator zero".into()))
    }

    /// The hint for an evaluation point and SHPLONK's last challenge; `None` if a denominator is
    /// zero.
    pub fn hint_at(&self, x: Fr, u: Fr) -> Option<Word> {
        let inverse: Option<Fr> = self.denominators(x, u).invert().into();
        inverse.map(|inverse| to_word(&inverse))
    }

    /// The evaluation point and SHPLONK's last challenge of a proof without a hint.
    pub fn challenges(&self, words: &[Fr], proof: &[u8]) -> (Fr, Fr) {
        let counts = self.counts();
        let mut head = to_word(&self.key.transcript_repr()).to_vec();
        for row in self.instance(words) {
            head.extend(to_word(&row));
        }
        let first = counts.absorbed_first();
        let lengths = [
            first,
            counts.advice_columns() - first,
            2 * counts.lookups,
            counts.products + counts.lookups + 1,
            counts.pieces,
        ];
        let mut rest = proof;
        let mut take = |length: usize| {
            let (part, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            part
        };
        let [first, second, lookups, products, pieces] = lengths.map(|points| take(64 * points));
        let evaluations = take(32 * counts.evaluations());
        head.extend(first);
        let mut replay = Replay { buffer: head };
        for _ in 0..counts.challenges {
            replay.squeeze(&[]);
        }
        replay.squeeze(second); // theta
        replay.squeeze(lookups); // beta
        replay.squeeze(&[]); // gamma
        replay.squeeze(products); // y
        let x = replay.squeeze(pieces);
        replay.squeeze(evaluations); // SHPLONK's y
        replay.squeeze(&[]); // v
        let u = replay.squeeze(take(64));
        (x, u)
    }

    fn denominators(&self, x: Fr, u: Fr) -> Fr {
        let openings = self.openings();
        let power = |rotation: i64| self.power(rotation);
        let rows = (0..self.words as i64).map(|word| word * self.stride as i64);
        let reserved = (1..=self.reserved_rows() as i64).map(|row| -row);
        let lagrange = rows.chain(reserved).map(|row| x - power(row));
        let opened = openings.divided();
        let opened = opened
            .iter()
            .map(|&rotation| u - power(rotation.into()) * x);
        let x_itself = openings.divides_by_x().then_some(x);
        let vanishing = x.pow_vartime([1u64 << self.k()]) - Fr::ONE;
        lagrange
            .chain(opened)
            .chain(x_itself)
            .fold(vanishing, |product, factor| product * factor)
    }

    /// omega^exponent.
    pub(crate) fn power(&self, exponent: i64) -> Fr {
        let domain = self.key.get_domain();
        let base = if exponent < 0 {
            domain.get_omega_inv()
        } else {
            domain.get_omega()
        };
        base.pow_vartime([exponent.unsigned_abs()])
    }
}
