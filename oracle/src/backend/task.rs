//! What is to be proven.

use std::{fmt, sync::Arc};

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};
use veriregime_circuits::sheet::Visibilities;

use super::Input;
use crate::farm::Digest;

/// Which prover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum BackendName {
    /// Our circuit.
    Sheet,
    /// EZKL's Python package.
    Ezkl,
}

impl fmt::Display for BackendName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sheet => "sheet",
            Self::Ezkl => "ezkl",
        })
    }
}

/// What a proof says beside the network: what keys depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// How input and output enter it.
    pub visibilities: Visibilities,
    /// log2 of the number of rows; none for the backend's own choice.
    pub k: Option<u32>,
}

/// One proof to make.
#[derive(Debug, Clone)]
pub struct Task {
    /// By whom.
    pub backend: BackendName,
    /// Digest of the file.
    pub network: Digest,
    /// The network's file: ours in JSON, or ONNX for an external prover.
    pub file: Arc<[u8]>,
    /// What is said of it.
    pub statement: Statement,
    /// What it is run on.
    pub input: Input,
    /// The word that ties the proof to its use.
    pub binding: B256,
}
