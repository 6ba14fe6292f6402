//! `veriregime verify`: a proof file against the model's keys.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{
    Ending,
    options::{CircuitOptions, ModelOptions},
    print,
    prove::describe,
};
use crate::proof_file::ProofFile;

/// Check a proof file: every field against the public inputs, and the proof against the key.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime verify proof.json --srs ../shared/srs\n\nIt says that this model gives this signal on these inputs. Whether the inputs are the market's is what `audit` checks."
)]
pub(super) struct Verify {
    /// The proof file.
    proof: PathBuf,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Verify {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let file = ProofFile::read(&self.proof)?;
        let model = self.model.model()?;
        let prover = self.circuit.prover(&model).await?;
        match file.verify(&prover, model.question()) {
            Ok(()) => {
                print(json, &json!({ "ok": true, "signal": file.signal }), || {
                    format!("VALID: {}", describe(&file))
                })?;
                Ok(Ending::Holds)
            }
            Err(error) => {
                let reason = error.to_string();
                print(json, &json!({ "ok": false, "reason": reason }), || {
                    format!("INVALID: {reason}")
                })?;
                Ok(Ending::Disagrees)
            }
        }
    }
}
