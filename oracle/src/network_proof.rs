//! `proof.json` of a network: a proof with all that is needed to check it against the network.

use std::path::{Path, PathBuf};

use alloy::primitives::{B256, Bytes, U256};
use serde::{Deserialize, Serialize};
use veriregime_circuits::{
    field::Word,
    network::Network,
    sheet::{Layout, SheetKey, SheetProof, Visibilities, Visibility},
    srs::{Srs, SrsKind},
};

const FORMAT: &str = "veriregime-network-proof/1";

/// The file's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkProofFile {
    /// Name and version of the format.
    pub format: String,
    /// Digest of the network.
    pub network: B256,
    /// Digest of the key.
    pub key: B256,
    /// The reference string.
    pub srs: SrsKind,
    /// log2 of the rows.
    pub k: u32,
    /// Value columns.
    pub lanes: usize,
    /// What the statement carries.
    pub statement: Visibilities,
    /// The network's output, window by window.
    pub output: Vec<i64>,
    /// The public inputs, in order.
    pub public_inputs: Vec<U256>,
    /// The proof.
    pub proof: Bytes,
    /// Milliseconds it took to prove.
    pub prove_ms: f64,
    /// Milliseconds it took to verify natively.
    pub verify_ms: f64,
}

/// A network's proof or input that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NetworkProofError {
    /// Unreadable file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Not such a file.
    #[error("{path}: not a {FORMAT} file: {problem}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Made for something else.
    #[error("the proof is for {what} {got}, this is {want}: give the folder that it was made from")]
    Other {
        /// network or key.
        what: &'static str,
        /// In the file.
        got: B256,
        /// Here.
        want: B256,
    },
    /// Output and public inputs differ.
    #[error("the file's output is not that of its public inputs: it was altered")]
    Output,
    /// A file of inputs that does not fit the network.
    #[error("{path}: {problem}")]
    Input {
        /// The file.
        path: PathBuf,
        /// What is wrong and what would be right.
        problem: String,
    },
}

impl NetworkProofFile {
    /// The file of a proof.
    pub fn of(key: &SheetKey, srs: SrsKind, proof: &SheetProof, ms: (f64, f64)) -> Self {
        let layout = key.layout();
        Self {
            format: FORMAT.into(),
            network: layout.network().digest().into(),
            key: key.digest().into(),
            srs,
            k: layout.shape.k,
            lanes: layout.shape.lanes,
            statement: layout.visibilities().clone(),
            output: proof.output.clone(),
            public_inputs: proof
                .words
                .iter()
                .map(|word| U256::from_be_bytes(*word))
                .collect(),
            proof: proof.bytes.clone().into(),
            prove_ms: ms.0,
            verify_ms: ms.1,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, NetworkProofError> {
        let bytes = std::fs::read(path).map_err(|source| NetworkProofError::Io {
            path: path.into(),
            source,
        })?;
        let refuse = |problem: String| NetworkProofError::Format {
            path: path.into(),
            problem,
        };
        let file: Self = serde_json::from_slice(&bytes).map_err(|e| refuse(e.to_string()))?;
        if file.format != FORMAT {
            return Err(refuse(format!("format is {:?}", file.format)));
        }
        Ok(file)
    }

    /// The layout that the proof was made with, for the network at hand.
    ///
    /// # Errors
    /// [`NetworkProofError::Other`] for another network, or what the circuit refuses.
    pub fn layout(&self, network: &Network) -> anyhow::Result<Layout> {
        let network = batched(network, self.statement.windows);
        let want = B256::from(network.digest());
        if self.network != want {
            return Err(NetworkProofError::Other {
                what: "network",
                got: self.network,
                want,
            }
            .into());
        }
        Ok(Layout::with(
            &network,
            &self.statement,
            self.lanes,
            Some(self.k),
        )?)
    }

    /// Checks the file against a key.
    ///
    /// # Errors
    /// [`NetworkProofError`] or the circuit's error, naming what does not hold.
    pub fn verify(&self, key: &SheetKey, srs: &Srs) -> anyhow::Result<()> {
        let want = B256::from(key.digest());
        if self.key != want {
            return Err(NetworkProofError::Other {
                what: "key",
                got: self.key,
                want,
            }
            .into());
        }
        let words: Vec<Word> = self
            .public_inputs
            .iter()
            .map(U256::to_be_bytes::<32>)
            .collect();
        key.verify(srs, &words, &self.proof)?;
        if self.statement.output == Visibility::Public && self.shown(&words) != self.output {
            return Err(NetworkProofError::Output.into());
        }
        Ok(())
    }

    /// The logits among the words.
    fn shown(&self, words: &[Word]) -> Vec<i64> {
        let windows = self.statement.windows.max(1);
        let outputs = self.output.len() / windows;
        let per_window = veriregime_circuits::public::logit_words(outputs) + 1;
        let first = words.len().saturating_sub(windows * per_window);
        words
            .iter()
            .skip(first)
            .collect::<Vec<_>>()
            .chunks(per_window)
            .flat_map(|window| {
                let logits = window.iter().take(per_window - 1).flat_map(|word| {
                    word.rchunks(8).take(3).map(|field| {
                        let bytes: [u8; 8] = field.try_into().unwrap_or_default();
                        (u64::from_be_bytes(bytes) ^ (1 << 63)).cast_signed()
                    })
                });
                logits.take(outputs)
            })
            .collect()
    }
}

/// The network of some windows.
pub fn batched(network: &Network, windows: usize) -> Network {
    match windows {
        0 | 1 => network.clone(),
        windows => network.batch(windows),
    }
}

/// Integers of a network's inputs, from a JSON file: `[[..], ..]` or `{"input_data": [[..], ..]}`, a list of numbers
/// for each window. Numbers are divided by `scale` (1 for integers) and rounded, halves away from zero.
///
/// # Errors
/// [`NetworkProofError::Input`] naming the window and the value.
pub fn inputs(
    path: &Path,
    network: &Network,
    scale: f64,
) -> Result<Vec<Vec<i64>>, NetworkProofError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Data {
        Bare(Vec<Vec<f64>>),
        Named { input_data: Vec<Vec<f64>> },
    }
    let bytes = std::fs::read(path).map_err(|source| NetworkProofError::Io {
        path: path.into(),
        source,
    })?;
    let refuse = |problem: String| NetworkProofError::Input {
        path: path.into(),
        problem,
    };
    let data: Data = serde_json::from_slice(&bytes).map_err(|error| {
        refuse(format!(
            "{error}; want [[..], ..] or {{\"input_data\": [[..], ..]}}"
        ))
    })?;
    let (Data::Bare(rows) | Data::Named { input_data: rows }) = data;
    let (low, high) = (f64::from(network.input.low), f64::from(network.input.high));
    let want = network.input.dims.len();
    let row = |(index, row): (usize, Vec<f64>)| {
        if row.len() != want {
            return Err(refuse(format!(
                "input {index} has {} values, the network takes {want} ({})",
                row.len(),
                network.input.dims
            )));
        }
        Ok(row
            .into_iter()
            .map(|value| (value / scale).round().clamp(low, high) as i64)
            .collect())
    };
    rows.into_iter().enumerate().map(row).collect()
}
