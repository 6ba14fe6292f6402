//! `veriregime plan`: what a model would cost, before any key is made.

use std::{fmt::Write, path::PathBuf};

use anyhow::Result;
use clap::Args;
use serde_json::json;
use veriregime_circuits::{
    model::IntegerModel,
    tape::{Candidate, Profile, Shape, candidates},
};

use super::{Ending, options::ModelOptions, print};

/// Print the layouts that would carry a model, with predicted costs.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime plan models/btcusdt-1m-60/weights.json --profile speed\n\nGas is that of a transaction that calls the verifier with every input in calldata; time is that of two 2.6 GHz cores.\nA star marks the Pareto front of gas and time, an arrow the layout that the profile chooses."
)]
pub(super) struct Plan {
    /// Integer model file; default: the shipped model.
    #[arg(value_name = "FILE")]
    network: Option<PathBuf>,
    /// What the layout is chosen for: gas, speed, or a layout such as 2xquads.
    #[arg(long, default_value = "gas")]
    profile: Profile,
    #[command(flatten)]
    model: ModelOptions,
}

impl Plan {
    pub(super) fn run(self, json: bool) -> Result<Ending> {
        let network = match &self.network {
            Some(file) => IntegerModel::read(file)?,
            None => self.model.model()?.network,
        };
        let candidates = candidates(&network, None)?;
        let chosen = self.profile.choose(&network, &candidates)?;
        let value = json!({
            "widths": network.widths(),
            "profile": self.profile.as_str(),
            "chosen": chosen,
            "candidates": candidates,
        });
        print(json, &value, || table(&candidates, chosen))?;
        Ok(Ending::Holds)
    }
}

fn table(candidates: &[Candidate], chosen: Shape) -> String {
    let mut text = String::from(
        "     layout                             rows   k  columns  proof     gas   prove\n                                                           bytes              ms\n",
    );
    for candidate in candidates {
        let Candidate { shape, cost, .. } = candidate;
        let _ = writeln!(
            text,
            "{}{} {:<32} {:>6}  {:>2}  {:>7}  {:>5}  {:>6}  {:>6.0}",
            if *shape == chosen { "->" } else { "  " },
            if candidate.pareto { "*" } else { " " },
            shape.to_string(),
            candidate.rows,
            candidate.k,
            cost.columns,
            cost.proof_bytes,
            cost.gas,
            cost.prove_ms,
        );
    }
    text.truncate(text.trim_end().len());
    text
}
