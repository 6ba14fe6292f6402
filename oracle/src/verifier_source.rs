//! The Solidity verifier that belongs to a verifying key: the committed one, else one generated on the fly.

use std::path::PathBuf;

use serde::Deserialize;
use veriregime_circuits::{Error, solidity};

use crate::{project::Project, prover::Prover};

/// The parts of `params.json` that say whose verifier it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    verifying_key_digest: String,
}

/// The folder with `Verifier.sol` and `params.json` for the prover's key.
///
/// A committed verifier (`contracts/verifiers/<model id>/`) is used if its digest is the key's; otherwise the verifier
/// is generated into `contracts/verifiers/development/<model id>/`, which git ignores.
pub fn prepare(prover: &Prover, project: &Project) -> Result<PathBuf, Error> {
    let key = prover.verifying_key();
    let id = prover.model_id().to_string();
    let committed = project.verifiers().join(&id);
    let same = std::fs::read(committed.join("params.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<Parameters>(&text).ok())
        .is_some_and(|found| {
            found.verifying_key_digest.trim_start_matches("0x") == hex::encode(key.digest())
        });
    if same {
        return Ok(committed);
    }
    let folder = project.verifiers().join("development").join(&id);
    solidity::write(key, prover.srs(), &folder)?;
    Ok(folder)
}
