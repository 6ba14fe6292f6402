//! A configuration's verifier on chain: `Verifier.sol` and `params.json`, as `scripts/Deploy.s.sol` reads them.

use std::path::Path;

use serde_json::json;
use veriregime_circuits::field::to_word;
use veriregime_circuits::solidity;

use super::circuit::Circuit;
use super::work::{write, write_json};
use crate::Error;

/// Writes both files.
///
/// # Errors
/// [`Error::Model`] when the verifier cannot be generated, [`Error::Io`] naming a file.
pub fn write_to(circuit: &Circuit, proof_bytes: usize, folder: &Path) -> Result<(), Error> {
    let prover = match circuit {
        Circuit::Tape { prover, .. } => {
            return Ok(solidity::write(
                prover.key().verifying_key(),
                prover.srs(),
                folder,
            )?);
        }
        Circuit::Sheet(prover) => prover,
    };
    let (key, srs) = (prover.key(), prover.srs());
    let hexadecimal = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
    let (digest, schema) = (key.digest(), circuit.schema());
    let id = digest.get(..4).unwrap_or_default();
    let network = key.layout().network();
    let header = format!(
        "//   model id       {}\n//   key digest     {}\n//   network        {}\n//   SRS            {}\n//   public inputs  {} words\n",
        hexadecimal(id),
        hexadecimal(&digest),
        hexadecimal(&network.digest()),
        srs.kind().as_str(),
        schema.words(),
    );
    let source = solidity::contract(&key.protocol()?, srs.params(), &header)?;
    write(&folder.join(solidity::VERIFIER_FILE), source.as_bytes())?;
    let params = json!({
        "modelId": hexadecimal(id),
        "verifyingKeyDigest": hexadecimal(&digest),
        "transcriptRepr": hexadecimal(&to_word(&key.plonk().get_vk().transcript_repr())),
        "k": srs.k(),
        "inputs": schema.inputs,
        "classes": schema.classes,
        "publicInputs": schema.words(),
        "proofLength": proof_bytes,
        "srs": { "kind": srs.kind(), "sha256": hexadecimal(&srs.sha256()) },
    });
    write_json(&folder.join(solidity::PARAMS_FILE), &params)
}
