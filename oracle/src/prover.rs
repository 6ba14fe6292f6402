//! The prover with its keys and reference string in memory.

use std::{path::Path, sync::Arc, time::Instant};

use alloy::primitives::{B256, FixedBytes};
use sha2::{Digest, Sha256};
use veriregime_circuits::{
    Error,
    field::Word,
    keys::{ProvingKey, VerifyingKey},
    model::{Inference, IntegerModel},
    proof::{self, Proof},
    prover,
    public::PublicInputs,
    srs::Srs,
    tape::Layout,
};
use veriregime_features::Window;

use crate::{
    filler_file::{FillerError, FillerFile},
    statement::{OracleId, WindowId, binding},
    working::Working,
};

/// Model, SRS and keys, ready to prove.
#[derive(Debug)]
pub struct Prover {
    /// Key, SRS and tables.
    circuit: prover::Prover,
    /// Secret and counter of a private model.
    filler: Option<FillerFile>,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProverError {
    /// No inference, no proof, or the own proof does not verify.
    #[error(transparent)]
    Circuit(#[from] Error),
    /// A private model's count forbids it.
    #[error(transparent)]
    Filler(#[from] FillerError),
}

/// A proof with what was measured on the way.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The window as the chain knows it.
    pub window: WindowId,
    /// What the network answered.
    pub inference: Inference,
    /// Proof and public inputs.
    pub proof: Proof,
    /// Digest of the packed inputs.
    pub inputs_digest: B256,
    /// Wall time of proving, milliseconds.
    pub prove_ms: f64,
    /// Wall time of the native verification, milliseconds.
    pub verify_ms: f64,
    /// Proofs that a private model's filler still covers; `None` for a public model.
    pub proofs_left: Option<u32>,
}

impl Prover {
    /// Reads the keys from `directory` if they are there and fit, else makes and stores them; then builds
    /// tables of at most `table_memory` bytes that make proving faster.
    ///
    /// # Errors
    /// For a model or SRS that does not fit, or a directory that cannot be written.
    pub fn open(
        layout: Layout,
        srs: Srs,
        directory: &Path,
        table_memory: usize,
    ) -> Result<Self, Error> {
        let mut hash = Sha256::new();
        hash.update(layout.model().digest());
        hash.update(layout.describe());
        let digest = hex::encode(hash.finalize());
        let name = format!(
            "{}-{}.key",
            digest.get(..16).unwrap_or(&digest),
            srs.kind().as_str()
        );
        let _working = Working::spinner("preparing the proving key");
        let key = ProvingKey::read_or_generate(&directory.join(name), layout, &srs)?;
        Self::with(key, srs, table_memory)
    }

    /// Makes fresh keys and keeps them in memory only.
    pub fn generate(layout: Layout, srs: Srs, table_memory: usize) -> Result<Self, Error> {
        let key = ProvingKey::generate(layout, &srs)?;
        Self::with(key, srs, table_memory)
    }

    fn with(key: ProvingKey, srs: Srs, table_memory: usize) -> Result<Self, Error> {
        Ok(Self {
            circuit: prover::Prover::new(Arc::new(key), srs, table_memory)?,
            filler: None,
        })
    }

    /// Counts every proof from now on: for a layout with this file's filler.
    #[must_use]
    pub fn counting(mut self, filler: Option<FillerFile>) -> Self {
        self.filler = filler;
        self
    }

    /// The integer network.
    pub fn network(&self) -> &IntegerModel {
        self.key().layout().model()
    }

    /// The reference string.
    pub fn srs(&self) -> &Srs {
        self.circuit.srs()
    }

    /// The proving key.
    pub fn key(&self) -> &ProvingKey {
        self.circuit.key()
    }

    /// The verifying key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.key().verifying_key()
    }

    /// The model id: first four bytes of the verifying key's digest.
    pub fn model_id(&self) -> FixedBytes<4> {
        FixedBytes(self.verifying_key().model_id())
    }

    /// Runs the network on a window without proving anything.
    pub fn infer(&self, window: &Window) -> Result<Inference, Error> {
        self.network().infer(&window.values)
    }

    /// Proves the network's answer on a window for one oracle and checks the proof natively. A private
    /// model's proof is counted first, on disk.
    ///
    /// Blocks for as long as proving takes and uses every core: call it off the async threads.
    pub fn prove(
        &self,
        oracle: &OracleId,
        id: &WindowId,
        window: &Window,
    ) -> Result<Proven, ProverError> {
        let proofs_left = self.filler.as_ref().map(FillerFile::count).transpose()?;
        let started = Instant::now();
        let proof = self.prove_inputs(&window.values, binding(oracle, id))?;
        let prove_ms = millis(started);
        let started = Instant::now();
        self.verify(&proof.public_inputs, &proof.bytes)?;
        let verify_ms = millis(started);
        let decoded = proof.public_inputs.decode()?;
        Ok(Proven {
            window: id.clone(),
            inference: Inference {
                logits: decoded.logits,
                class: decoded.class,
            },
            inputs_digest: B256::from(proof.public_inputs.inputs_digest()),
            proof,
            prove_ms,
            verify_ms,
            proofs_left,
        })
    }

    /// Proves the network's answer on bare inputs; does not count.
    pub(crate) fn prove_inputs(&self, inputs: &[i16], binding: Word) -> Result<Proof, Error> {
        self.circuit.prove(inputs, binding)
    }

    /// Checks a proof natively.
    pub fn verify(&self, public_inputs: &PublicInputs, proof: &[u8]) -> Result<(), Error> {
        proof::verify(self.verifying_key(), self.srs(), public_inputs, proof)
    }
}

/// Milliseconds since `started`, to the microsecond.
pub(crate) fn millis(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 1e6).round() / 1e3
}
