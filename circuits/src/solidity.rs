//! On-chain verifiers, generated from the verifying key.
//!
//! [`source`] is ours: straight-line but for many public words, calldata-reading, strict. [`reference`] is snark-verifier's
//! code for the same proofs, independent of ours, to compare with. [`write`] puts the verifier and
//! the parameters that made it into a folder. [`contract`] and [`reference_contract`] are the same
//! for any circuit that the [`crate::protocol`] supports.

mod combination;
mod constraints;
mod contract;
mod decision;
mod expression;
mod inversion;
mod lagrange;
mod lookup;
mod memory;
mod opening;
mod params;
mod permutation;
mod reference;
mod rounds;
mod transcript;
mod value;
mod yul;

pub use contract::{contract, source};
pub use params::Params;
pub use reference::{reference, reference_contract};

use std::{fs, path::Path};

use crate::{Error, keys::VerifyingKey, srs::Srs};

/// Name of the generated contract's file.
pub const VERIFIER_FILE: &str = "Verifier.sol";
/// Name of the file with the parameters.
pub const PARAMS_FILE: &str = "params.json";

/// Writes `Verifier.sol` and `params.json`.
///
/// # Errors
/// [`Error::Io`] when the folder cannot be written.
pub fn write(key: &VerifyingKey, srs: &Srs, folder: &Path) -> Result<(), Error> {
    let io = |source| Error::Io {
        action: "cannot write verifier",
        path: folder.into(),
        source,
    };
    fs::create_dir_all(folder).map_err(io)?;
    fs::write(folder.join(VERIFIER_FILE), source(key, srs)?).map_err(io)?;
    let mut json =
        serde_json::to_string_pretty(&Params::of(key)).map_err(|error| io(error.into()))?;
    json.push('\n');
    fs::write(folder.join(PARAMS_FILE), json).map_err(io)
}
