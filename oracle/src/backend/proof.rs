//! A proof as backends hand it over.

use alloy::primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};
use veriregime_circuits::sheet::SheetProof;

use super::BackendName;

/// A proof with its public words and the network's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Who made it.
    pub backend: BackendName,
    /// The proof as its verifier takes it.
    pub bytes: Bytes,
    /// Public words; none for an external prover, whose proof carries its own.
    pub words: Vec<B256>,
    /// The network's output; none from an external prover.
    pub output: Vec<i64>,
}

impl Proof {
    /// One of our circuit.
    pub fn of_sheet(proof: SheetProof) -> Self {
        Self {
            backend: BackendName::Sheet,
            bytes: proof.bytes.into(),
            words: proof.words.into_iter().map(B256::from).collect(),
            output: proof.output,
        }
    }

    /// As our circuit's verifier takes it.
    pub fn to_sheet(&self) -> SheetProof {
        SheetProof {
            bytes: self.bytes.to_vec(),
            words: self.words.iter().map(|word| word.0).collect(),
            output: self.output.clone(),
        }
    }
}
