//! Proofs as the chain takes them.

use serde::{Deserialize, Serialize};

use super::ProvenWindow;
use super::circuit::Made;

/// A proof of a window with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Submission {
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
    /// Its price, eight decimals, as decimal digits.
    pub last_close_e8: String,
    /// Public words, hexadecimal.
    pub public_inputs: Vec<String>,
    /// The proof, hexadecimal.
    pub proof: String,
    /// The class that the reference gives.
    pub class: usize,
}

impl Submission {
    /// Of a proof.
    #[must_use]
    pub fn of(window: &ProvenWindow, made: &Made, class: usize) -> Self {
        let hexadecimal = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
        Self {
            close_time: window.close_time,
            last_close_e8: window.last_close.to_string(),
            public_inputs: made.words.iter().map(|word| hexadecimal(word)).collect(),
            proof: hexadecimal(&made.proof),
            class,
        }
    }
}

/// What the chain said: `chain.json`, which `scripts/exp4.mjs` writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chain {
    /// Its id.
    pub chain_id: u64,
    /// The oracle.
    pub oracle: String,
    /// Size of the verifier's code.
    pub verifier_code_bytes: u64,
    /// Gas of the verifier's deployment, as a whole transaction.
    pub deploy_gas: u64,
    /// Submissions that became rounds with the class of the reference.
    pub rounds: usize,
    /// Gas of each submission: verification, quorum of two, storage; as whole transactions.
    pub submit_gas: Vec<u64>,
    /// Gas of a transaction to the verifier alone, of each proof.
    pub verify_gas: Vec<u64>,
    /// A proof with one byte changed was refused by the oracle.
    pub tampered_refused: bool,
}
