//! The proof of a constraint system, seen from its verifiers: its parts, its openings and the hint.
//!
//! ```text
//! points       advice, first phase then second | input, table of each lookup | permutation products | lookup products
//!              | random | quotient pieces
//! evaluations  advice | fixed | random | permutation columns | permutation products | lookups
//! points       W_1 | W_2
//! hint         inverse of the product of all denominators
//! ```
//! The circuit's own challenges are squeezed between the two phases of advice; columns of the second
//! phase may depend on them.
//!
//! Everything is derived from the verifying key of the proving system, in the order of halo2's
//! verifier (`plonk/verifier.rs`); W_1 and W_2 are SHPLONK's opening points. Points take 64 bytes,
//! evaluations and the hint 32, all big-endian. The proving system knows nothing of the hint: it
//! spares the contract a modular exponentiation, and there is exactly one right value.

mod hint;
mod opening;
mod prove;
mod verify;

pub(crate) use opening::{Evaluation, Openings, Polynomial, RotationSet};

use halo2_axiom::{
    halo2curves::bn256::G1Affine,
    plonk::{self, Any, ConstraintSystem},
};

use crate::{Error, field::Fr, keys::VerifyingKey, tape::PUBLIC_STRIDE};

/// A verifying key of the proving system and where its public words stand.
#[derive(Debug, Clone, Copy)]
pub struct Protocol<'a> {
    key: &'a plonk::VerifyingKey<G1Affine>,
    words: usize,
    stride: usize,
}

/// How many points and evaluations a proof has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Advice columns of the first and of the second phase.
    pub advice: [usize; 2],
    /// Challenges of the circuit, squeezed between the phases.
    pub challenges: usize,
    /// Lookup arguments.
    pub lookups: usize,
    /// Products of the permutation argument.
    pub products: usize,
    /// Pieces of the quotient.
    pub pieces: usize,
    /// Queries of advice columns.
    pub advice_queries: usize,
    /// Queries of fixed columns.
    pub fixed_queries: usize,
    /// Columns under copy constraints.
    pub permuted: usize,
}

impl Counts {
    /// The counts of a constraint system.
    pub fn of(cs: &ConstraintSystem<Fr>) -> Self {
        let permuted = cs.permutation().get_columns().len();
        let phases = cs.advice_column_phase();
        let first = phases.iter().filter(|&&phase| phase == 0).count();
        Self {
            advice: [first, phases.len() - first],
            challenges: cs.num_challenges(),
            lookups: cs.lookups().len(),
            products: permuted.div_ceil(cs.degree() - 2),
            pieces: cs.degree() - 1,
            advice_queries: cs.advice_queries().len(),
            fixed_queries: cs.fixed_queries().len(),
            permuted,
        }
    }

    /// Advice columns of both phases.
    pub fn advice_columns(&self) -> usize {
        self.advice.iter().sum()
    }

    /// Advice columns before the first squeeze: those of the first phase, or all without challenges.
    pub(crate) fn absorbed_first(&self) -> usize {
        match self.challenges {
            0 => self.advice_columns(),
            _ => self.advice[0],
        }
    }

    /// Points before the evaluations: all but W_1 and W_2.
    pub fn commitments(&self) -> usize {
        self.advice_columns() + 3 * self.lookups + self.products + 1 + self.pieces
    }

    /// Evaluations: three per permutation product (two for the last one), five per lookup.
    pub fn evaluations(&self) -> usize {
        self.advice_queries
            + self.fixed_queries
            + 1
            + self.permuted
            + (3 * self.products).saturating_sub(1)
            + 5 * self.lookups
    }

    /// Length of a proof in bytes: commitments, evaluations, W_1, W_2, hint.
    pub fn proof_bytes(&self) -> usize {
        64 * (self.commitments() + 2) + 32 * self.evaluations() + 32
    }
}

impl<'a> Protocol<'a> {
    /// The protocol of a key whose public word i stands in row `i * stride` of the instance column.
    ///
    /// # Errors
    /// [`Error::Prover`] naming what of the constraint system is not supported.
    pub fn new(
        key: &'a plonk::VerifyingKey<G1Affine>,
        words: usize,
        stride: usize,
    ) -> Result<Self, Error> {
        let protocol = Self { key, words, stride };
        protocol.check().map_err(|problem| {
            Error::Prover(format!("constraint system not supported: {problem}"))
        })?;
        Ok(protocol)
    }

    fn check(&self) -> Result<(), String> {
        let cs = self.cs();
        let phases = cs.advice_column_phase();
        if phases.iter().any(|&phase| phase > 1) {
            return Err("more than two phases".into());
        }
        // The proof holds the commitments phase by phase, the constraint system column by column.
        if !phases.is_sorted() {
            return Err("an advice column of the second phase before one of the first".into());
        }
        if cs.challenge_phase().iter().any(|&phase| phase > 0) {
            return Err("challenges usable after the second phase".into());
        }
        if cs.num_instance_columns() != 1 || cs.instance_queries().iter().any(|(_, r)| r.0 != 0) {
            return Err("instance columns other than one, queried at the current row".into());
        }
        let columns = cs.permutation().get_columns();
        if columns.iter().any(|c| *c.column_type() == Any::Instance) {
            return Err("copy constraints on the instance column".into());
        }
        // Only an opened commitment passes through the precompiles, which check that it is a point.
        let opened = |column| cs.advice_queries().iter().any(|(c, _)| c.index() == column);
        if let Some(column) = (0..cs.num_advice_columns()).find(|&column| !opened(column)) {
            return Err(format!("advice column {column} is never queried"));
        }
        let half = 1i64 << (self.k() - 1);
        let rotations = self.openings().rotations();
        if let Some(far) = rotations.iter().find(|r| i64::from(**r).abs() >= half) {
            return Err(format!("rotation {far} exceeds half the rows"));
        }
        if self.words == 0 || self.stride == 0 {
            return Err("no public words, or all in one row".into());
        }
        let usable = (1usize << self.k()) - self.reserved_rows();
        if self.instance_rows() > usable {
            return Err(format!(
                "public words need {} rows, {usable} are usable",
                self.instance_rows()
            ));
        }
        Ok(())
    }

    pub(crate) fn key(&self) -> &'a plonk::VerifyingKey<G1Affine> {
        self.key
    }

    pub(crate) fn cs(&self) -> &'a ConstraintSystem<Fr> {
        self.key.cs()
    }

    /// log2 of the number of rows.
    pub fn k(&self) -> u32 {
        self.key.get_domain().k()
    }

    /// Number of public words.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Rows from one public word to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Rows of the instance column up to the last public word.
    pub fn instance_rows(&self) -> usize {
        (self.words - 1) * self.stride + 1
    }

    /// Rows at the end that the proving system keeps: the last one of the arguments, then blinding.
    pub fn reserved_rows(&self) -> usize {
        self.cs().blinding_factors() + 1
    }

    /// Points and evaluations of a proof.
    pub fn counts(&self) -> Counts {
        Counts::of(self.cs())
    }

    /// The instance column that the proving system takes: zeros between the words.
    pub fn instance(&self, words: &[Fr]) -> Vec<Fr> {
        let mut rows = vec![Fr::zero(); self.instance_rows()];
        for (row, word) in rows.iter_mut().step_by(self.stride).zip(words) {
            *row = *word;
        }
        rows
    }
}

impl VerifyingKey {
    /// The protocol of the key.
    ///
    /// # Errors
    /// [`Error::Prover`] for a constraint system that is not supported.
    pub fn protocol(&self) -> Result<Protocol<'_>, Error> {
        Protocol::new(self.plonk(), self.schema().words(), PUBLIC_STRIDE)
    }

    /// Length of every proof in bytes.
    pub fn proof_bytes(&self) -> usize {
        Counts::of(self.plonk().cs()).proof_bytes()
    }
}
