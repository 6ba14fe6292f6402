//! The parameters that made a verifier, committed beside it.

use serde::{Deserialize, Serialize};

use crate::{field::to_word, keys::VerifyingKey, srs::SrsKind};

/// Contents of `params.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Params {
    /// First four bytes of the key's digest, 0x-prefixed.
    pub model_id: String,
    /// Digest of the verifying key, 0x-prefixed.
    pub verifying_key_digest: String,
    /// halo2's own key digest, the first word of the transcript.
    pub transcript_repr: String,
    /// log2 of the number of rows.
    pub k: u32,
    /// Number of network inputs.
    pub inputs: usize,
    /// Number of classes.
    pub classes: usize,
    /// Number of public input words.
    pub public_inputs: usize,
    /// Length of a proof.
    pub proof_length: usize,
    /// The reference string.
    pub srs: SrsParams,
}

/// Which reference string a verifier trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SrsParams {
    /// `ceremony` or `development`.
    pub kind: SrsKind,
    /// SHA-256 over its points.
    pub sha256: String,
}

impl Params {
    /// The parameters of a key.
    pub fn of(key: &VerifyingKey) -> Self {
        let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
        Self {
            model_id: hex(&key.model_id()),
            verifying_key_digest: hex(&key.digest()),
            transcript_repr: hex(&to_word(&key.plonk().transcript_repr())),
            k: key.k(),
            inputs: key.schema().inputs,
            classes: key.schema().classes,
            public_inputs: key.schema().words(),
            proof_length: key.proof_bytes(),
            srs: SrsParams {
                kind: key.srs_kind(),
                sha256: hex(&key.srs_sha256()),
            },
        }
    }
}
