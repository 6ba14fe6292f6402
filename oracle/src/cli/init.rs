//! `veriregime init`: a configuration file to begin with.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::{Ending, print};
use crate::config;

/// Write a configuration file with every key, its default and what it means.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime init --out veriregime.toml\n\nA file that exists is never overwritten. The file holds no secrets and is made readable for everybody (mode 644)."
)]
pub(super) struct Init {
    /// File to write.
    #[arg(long, default_value = "veriregime.toml", value_name = "FILE")]
    out: PathBuf,
}

impl Init {
    pub(super) fn run(self, json: bool) -> Result<Ending> {
        config::write_example(&self.out)?;
        print(json, &json!({ "written": self.out }), || {
            let file = self.out.display();
            format!(
                "wrote {file}: edit it, then `veriregime doctor --config {file}` says what is missing"
            )
        })?;
        Ok(Ending::Holds)
    }
}
