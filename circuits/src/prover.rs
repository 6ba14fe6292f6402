//! A prover that lives long enough to be worth preparing.

use std::sync::Arc;

use rand::{CryptoRng, RngCore, rngs::OsRng};

use crate::{
    Error,
    commitment::{FixedBaseOpening, FixedBaseParams, FixedBaseScheme},
    field::Word,
    keys::ProvingKey,
    proof::{Proof, create},
    srs::Srs,
    tape::Witness,
};

/// Memory for tables that makes commitments as fast as they get, in bytes, up to k = 14.
pub const DEFAULT_MEMORY_BUDGET: usize = 32 << 20;

/// Key, reference string and tables of multiples of its points.
///
/// Its proofs are those of [`crate::proof::prove`], made with the same protocol and keys.
#[derive(Debug)]
pub struct Prover {
    key: Arc<ProvingKey>,
    srs: Srs,
    params: FixedBaseParams,
}

impl Prover {
    /// Builds the tables, in at most `memory_budget` bytes; 0 builds none and proves as the
    /// library does.
    ///
    /// # Errors
    /// [`Error::Srs`] for another SRS than the key was made with.
    pub fn new(key: Arc<ProvingKey>, srs: Srs, memory_budget: usize) -> Result<Self, Error> {
        if key.verifying_key().srs_sha256() != srs.sha256() || key.layout().k != srs.k() {
            return Err(Error::Srs {
                place: format!("k = {}", srs.k()),
                problem: "not the SRS that the proving key was made with".into(),
            });
        }
        let params = FixedBaseParams::build(srs.shared_params(), memory_budget);
        Ok(Self { key, srs, params })
    }

    /// Runs the model on `inputs` and proves the result, with the system's randomness.
    ///
    /// # Errors
    /// As [`crate::proof::prove`].
    pub fn prove(&self, inputs: &[i16], binding: Word) -> Result<Proof, Error> {
        let witness = Witness::generate(self.key.layout(), inputs, binding)?;
        self.prove_witness(witness, OsRng)
    }

    /// Proves a filled tape. A tape that breaks a gate yields bytes that no verifier accepts.
    ///
    /// # Errors
    /// As [`crate::proof::prove_witness`].
    pub fn prove_witness(
        &self,
        witness: Witness,
        rng: impl RngCore + CryptoRng,
    ) -> Result<Proof, Error> {
        create::<FixedBaseScheme, FixedBaseOpening<'_>>(&self.params, &self.key, witness, rng)
    }

    /// The keys.
    pub fn key(&self) -> &ProvingKey {
        &self.key
    }

    /// The reference string.
    pub fn srs(&self) -> &Srs {
        &self.srs
    }

    /// Bytes that the tables take.
    pub fn table_bytes(&self) -> usize {
        self.params.table_bytes()
    }
}
