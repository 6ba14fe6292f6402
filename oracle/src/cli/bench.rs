//! `veriregime bench`: the product's own figures.

use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use veriregime_circuits::model::IntegerModel;

use super::{
    Ending,
    options::{CircuitOptions, ModelOptions},
    print,
};
use crate::bench::{self, Figures, activations};

/// Seed of the dense networks.
const SEED: u64 = 1;

/// Measure key generation, proving, verification, memory and gas.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime bench --json --srs ../shared/srs\n\nTimes are wall times on this machine; peak_rss_mb is the largest resident set of this process; gas_verify is the gasUsed of a transaction\nthat calls the verifier on a local chain (null, with the reason in gas_note, where anvil is missing)."
)]
pub(super) struct Bench {
    /// Integer model file to measure instead of the shipped model.
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    network: Option<PathBuf>,
    /// Measure one dense network of the product's shape for every activation instead; no gas.
    #[arg(long, conflicts_with_all = ["model", "network"])]
    activations: bool,
    /// Number of proofs.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    repeat: u32,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Bench {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        if self.activations {
            return self.activations(json).await;
        }
        let network = match &self.network {
            Some(file) => IntegerModel::read(file)?,
            None => self.model.model()?.network,
        };
        let layout = self.circuit.layout(&network)?;
        let srs = self.circuit.srs(&layout).await?;
        let profile = self.circuit.profile().as_str();
        let memory = self.circuit.table_memory();
        let project = self.model.project().ok();
        let figures = bench::run(profile, layout, srs, memory, self.repeat, project).await?;
        print(json, &figures, || describe(&figures))?;
        Ok(Ending::Holds)
    }
}

impl Bench {
    /// The table of activations: predicted gas, everything else measured.
    async fn activations(&self, json: bool) -> Result<Ending> {
        let mut rows = vec![];
        for (name, activation) in activations::all() {
            let network = activations::dense(SEED, &activation)?;
            let layout = self.circuit.layout(&network)?;
            let srs = self.circuit.srs(&layout).await?;
            let profile = self.circuit.profile().as_str();
            let memory = self.circuit.table_memory();
            let figures = bench::run(profile, layout, srs, memory, self.repeat, None).await?;
            tracing::info!(
                activation = name,
                prove_ms = figures.prove_ms.median,
                "measured"
            );
            rows.push(activations::Row {
                activation: name,
                figures,
            });
        }
        print(json, &rows, || {
            let lines = rows
                .iter()
                .map(|row| format!("# {}\n{}", row.activation, describe(&row.figures)));
            lines.collect::<Vec<_>>().join("\n\n")
        })?;
        Ok(Ending::Holds)
    }
}

fn describe(figures: &Figures) -> String {
    let gas = match (figures.gas_verify, &figures.gas_note) {
        (Some(gas), _) => gas.to_string(),
        (None, note) => format!("not measured: {}", note.as_deref().unwrap_or("unknown")),
    };
    format!(
        "profile      {} ({} SRS)\ncircuit      k = {}, {} rows, {} lane(s)\nkeys         {:.0} ms, {} bytes\nprove        median {:.0} ms (min {:.0}, max {:.0}, n = {})\nverify       {:.1} ms\nproof        {} bytes\npeak memory  {:.0} MB\nverifier     {gas} gas",
        figures.profile,
        figures.srs,
        figures.k,
        figures.rows,
        figures.lanes,
        figures.keygen_ms,
        figures.pk_bytes,
        figures.prove_ms.median,
        figures.prove_ms.min,
        figures.prove_ms.max,
        figures.prove_ms.n,
        figures.verify_ms,
        figures.proof_bytes,
        figures.peak_rss_mb
    )
}
