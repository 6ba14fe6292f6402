//! `veriregime keys`: encrypted keystores.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use super::{Ending, options::KeyOptions, print};
use crate::{filler_file::FillerFile, key_file};

/// Make and show keys.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a random key and write it as an encrypted keystore with mode 600.
    #[command(
        after_help = "Example:\n  veriregime keys new --out attestor.key --password-file attestor.password"
    )]
    New {
        /// Keystore file to write; never overwritten.
        #[arg(long)]
        out: PathBuf,
        /// File with the password (mode 600).
        #[arg(long)]
        password_file: PathBuf,
    },
    /// Make the secret that hides a private model's weights, and count its proofs (docs/privacy.md).
    #[command(
        after_help = "Example:\n  veriregime keys filler --out btc.filler --proofs 4000\n  veriregime setup --filler btc.filler"
    )]
    Filler {
        /// File to write, mode 600; never overwritten.
        #[arg(long)]
        out: PathBuf,
        /// Proofs that the key shall be good for; each takes one row of the circuit.
        #[arg(long, default_value_t = 4_000, value_parser = clap::value_parser!(u32).range(1..=60_000))]
        proofs: u32,
    },
    /// Show the address of a keystore.
    #[command(
        after_help = "Example:\n  veriregime keys address --key attestor.key --password-file attestor.password"
    )]
    Address {
        #[command(flatten)]
        key: KeyOptions,
    },
}

impl Keys {
    pub(super) fn run(self, json: bool) -> Result<Ending> {
        let address = match self {
            Self::New { out, password_file } => key_file::create(&out, &password_file)?,
            Self::Address { key } => key.open()?.address(),
            Self::Filler { out, proofs } => {
                let file = FillerFile::create(&out, proofs)?;
                let text = file.filler().to_string();
                print(json, &json!({ "filler": text }), || text.clone())?;
                return Ok(Ending::Holds);
            }
        };
        print(json, &json!({ "address": address }), || address.to_string())?;
        Ok(Ending::Holds)
    }
}
