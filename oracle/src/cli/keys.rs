//! `veriregime keys`: encrypted keystores.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

use super::{Ending, options::KeyOptions, print};
use crate::key_file;

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
        };
        print(json, &json!({ "address": address }), || address.to_string())?;
        Ok(Ending::Holds)
    }
}
