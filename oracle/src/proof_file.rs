//! `proof.json`: one proof with everything needed to check it, and where its inputs came from.

use std::path::{Path, PathBuf};

use alloy::primitives::{Address, B256, Bytes, FixedBytes, U256};
use serde::{Deserialize, Serialize};
use veriregime_circuits::{field::Word, public::PublicInputs};
use veriregime_features::labels::Question;

use crate::{
    exchange::SourceKind,
    market::Market,
    model::class_name,
    prover::{Proven, Prover},
    statement::{OracleId, WindowId, binding},
};

const FORMAT: &str = "veriregime-proof/1";

/// The file's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    /// Name and version of the format.
    pub format: String,
    /// Where the candles came from.
    pub source: SourceKind,
    /// `ceremony` or `development`.
    pub srs: String,
    /// The model.
    pub model_id: FixedBytes<4>,
    /// Chain the proof is made for.
    pub chain_id: u64,
    /// Oracle the proof is made for.
    pub oracle: Address,
    /// Market of the candles.
    pub market: Market,
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
    /// Last close price, eight decimals.
    pub last_close_e8: i64,
    /// Name of the class.
    pub signal: String,
    /// The network's logits.
    pub logits: Vec<i64>,
    /// Keccak-256 of the packed inputs.
    pub inputs_digest: B256,
    /// The public inputs, in order.
    pub public_inputs: Vec<U256>,
    /// The proof.
    pub proof: Bytes,
    /// Milliseconds it took to prove.
    pub prove_ms: f64,
    /// Milliseconds it took to verify natively.
    pub verify_ms: f64,
}

/// A proof file that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum ProofFileError {
    /// Unreadable.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not a proof file.
    #[error("{path}: not a {FORMAT} file: {source}")]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and reason.
        source: serde_json::Error,
    },
    /// One field contradicts another.
    #[error("`{field}` is {got}, the proof's public inputs say {want}")]
    Field {
        /// The field.
        field: &'static str,
        /// In the file.
        got: String,
        /// By the public inputs or the key.
        want: String,
    },
    /// The proof is not accepted.
    #[error(transparent)]
    Rejected(#[from] veriregime_circuits::Error),
}

impl ProofFile {
    /// The file of a fresh proof.
    pub fn of(
        proven: &Proven,
        oracle: &OracleId,
        source: SourceKind,
        prover: &Prover,
        question: Question,
    ) -> Self {
        Self {
            format: FORMAT.into(),
            source,
            srs: prover.srs().kind().as_str().into(),
            model_id: prover.model_id(),
            chain_id: oracle.chain_id,
            oracle: oracle.address,
            market: proven.window.market.clone(),
            close_time: proven.window.close_time,
            last_close_e8: proven.window.last_close,
            signal: class_name(question, proven.inference.class).into(),
            logits: proven.inference.logits.clone(),
            inputs_digest: proven.inputs_digest,
            public_inputs: words(&proven.proof.public_inputs),
            proof: proven.proof.bytes.clone().into(),
            prove_ms: proven.prove_ms,
            verify_ms: proven.verify_ms,
        }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ProofFileError> {
        let text = std::fs::read(path).map_err(|source| ProofFileError::Io {
            path: path.into(),
            source,
        })?;
        serde_json::from_slice(&text).map_err(|source| ProofFileError::Json {
            path: path.into(),
            source,
        })
    }

    /// Writes the file as indented JSON.
    pub fn write(&self, path: &Path) -> Result<(), ProofFileError> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|source| ProofFileError::Json {
            path: path.into(),
            source,
        })?;
        text.push(b'\n');
        std::fs::write(path, text).map_err(|source| ProofFileError::Io {
            path: path.into(),
            source,
        })
    }

    /// Checks every field against the public inputs, the binding, and the proof against the key; `question` is what
    /// the model was asked and names its classes.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, prover: &Prover, question: Question) -> Result<(), ProofFileError> {
        same("format", &self.format, &FORMAT.to_owned())?;
        same("srs", &self.srs, &prover.srs().kind().as_str().to_owned())?;
        same("model_id", &self.model_id, &prover.model_id())?;
        let raw: Vec<Word> = self.public_inputs.iter().map(U256::to_be_bytes).collect();
        let inputs = PublicInputs::from_words(prover.verifying_key().schema(), raw)?;
        let decoded = inputs.decode()?;
        let oracle = OracleId {
            chain_id: self.chain_id,
            address: self.oracle,
        };
        let window = WindowId {
            market: self.market.clone(),
            close_time: self.close_time,
            last_close: self.last_close_e8,
        };
        same(
            "binding",
            &B256::from(binding(&oracle, &window)),
            &B256::from(decoded.binding),
        )?;
        same(
            "inputs_digest",
            &self.inputs_digest,
            &B256::from(inputs.inputs_digest()),
        )?;
        same(
            "signal",
            &self.signal,
            &class_name(question, decoded.class).to_owned(),
        )?;
        if self.logits != decoded.logits {
            let (got, want) = (
                format!("{:?}", self.logits),
                format!("{:?}", decoded.logits),
            );
            return Err(ProofFileError::Field {
                field: "logits",
                got,
                want,
            });
        }
        Ok(prover.verify(&inputs, &self.proof)?)
    }
}

/// The public inputs as the contracts take them.
pub fn words(inputs: &PublicInputs) -> Vec<U256> {
    inputs
        .words()
        .iter()
        .map(|word| U256::from_be_bytes(*word))
        .collect()
}

fn same<T: PartialEq + std::fmt::Display>(
    field: &'static str,
    got: &T,
    want: &T,
) -> Result<(), ProofFileError> {
    if got == want {
        return Ok(());
    }
    Err(ProofFileError::Field {
        field,
        got: got.to_string(),
        want: want.to_string(),
    })
}
