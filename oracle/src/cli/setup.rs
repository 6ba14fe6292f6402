//! `veriregime setup`: SRS and keys.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{
    Ending,
    options::{CircuitOptions, ModelOptions},
    print,
};

/// Make the proving key and check the SRS.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  veriregime setup --srs ../shared/srs")]
pub(super) struct Setup {
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Setup {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let model = self.model.model()?;
        let prover = self.circuit.prover(&model).await?;
        let (id, k) = (prover.model_id(), prover.key().layout().k);
        let (kind, sha256) = (
            prover.srs().kind().as_str(),
            hex::encode(prover.srs().sha256()),
        );
        let value = json!({
            "model": { "name": model.name(), "id": id, "k": k, "digest": hex::encode(prover.verifying_key().digest()) },
            "srs": { "source": kind, "sha256": sha256 },
        });
        print(json, &value, || {
            format!(
                "model {} is {id} (k = {k}) under the {kind} SRS {sha256}",
                model.name()
            )
        })?;
        Ok(Ending::Holds)
    }
}
