//! `veriregime bench`: the product's own figures.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{
    Ending,
    options::{ModelOptions, SrsOptions},
    print,
};
use crate::bench::{self, Figures};

/// Measure key generation, proving, verification, memory and gas.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime bench --json --srs ../shared/srs\n\nTimes are wall times on this machine; peak_rss_mb is the largest resident set of this process; gas_verify is the gasUsed of a transaction\nthat calls the verifier on a local chain (null, with the reason in gas_note, where anvil is missing)."
)]
pub(super) struct Bench {
    /// Circuit profile.
    #[arg(long, value_enum, default_value_t = Profile::Gas)]
    profile: Profile,
    /// Number of proofs.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    repeat: u32,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    srs: SrsOptions,
}

/// Circuit profiles.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    /// One lane, cheapest to verify on chain.
    Gas,
}

impl Bench {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let Profile::Gas = self.profile;
        let model = self.model.model()?;
        let srs = self.srs.srs(&model).await?;
        let figures = bench::run(&model, srs, self.repeat, self.model.project().ok()).await?;
        print(json, &figures, || describe(&figures))?;
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
