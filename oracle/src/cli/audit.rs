//! `veriregime audit`: a round, recomputed.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::{
    Ending,
    options::{self, CircuitOptions, ModelOptions, OracleOptions, SourceOptions},
    print,
};
use crate::{
    audit::{Auditor, Verdict},
    chain::Evidence,
    demo::caveat,
};

/// Recompute a round from its event and calldata: inputs, features, inference, proof, quorum.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime audit 3 --rpc http://127.0.0.1:8545 --deployment deployments/31337.json --data ../shared/data --srs ../shared/srs\n  veriregime audit --bundle round-3.json --data ../shared/data --srs ../shared/srs\n\nOne line per step; exit code 0 only if every step agrees, 3 otherwise."
)]
pub(super) struct AuditRound {
    /// The round id.
    #[arg(required_unless_present = "bundle", conflicts_with = "bundle")]
    round: Option<u128>,
    /// Read the chain's side from a bundle instead of an RPC.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Write the chain's side and the digest of the candles to a bundle for later audits without an RPC.
    #[arg(long, value_name = "FILE")]
    write_bundle: Option<PathBuf>,
    /// RPC URL of the oracle's chain.
    #[arg(long, env = "VERIREGIME_RPC")]
    rpc: Option<String>,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
    #[command(flatten)]
    oracle: OracleOptions,
}

impl AuditRound {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let mut evidence = self.evidence().await?;
        let model = self.model.model()?;
        let market = options::market(&model)?;
        let source = self.source.source(market.clone()).await?;
        let window = source
            .sourced_window(evidence.close_time, &model.manifest.scale)
            .await;
        if let Some(path) = &self.write_bundle {
            if evidence.candles.is_none() {
                let own = window.as_ref().map_err(ToString::to_string);
                let own = own.map_err(|reason| {
                    anyhow!("{}: no digest for the bundle: {reason}", path.display())
                })?;
                evidence.candles = Some(own.candles);
            }
            options::write(path, &serde_json::to_vec_pretty(&evidence)?)?;
        }
        let prover = self.circuit.prover(&model).await?;
        let auditor = Auditor {
            market: &market,
            source: source.kind(),
            window: window.as_ref().map_err(ToString::to_string),
            prover: &prover,
            question: model.question(),
        };
        let verdict = auditor.judge(&evidence);
        print(json, &verdict, || {
            describe(&verdict, prover.srs().kind().as_str())
        })?;
        Ok(if verdict.ok {
            Ending::Holds
        } else {
            Ending::Disagrees
        })
    }

    async fn evidence(&self) -> Result<Evidence> {
        if let Some(path) = &self.bundle {
            let text =
                std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            return serde_json::from_slice(&text)
                .with_context(|| {
                    format!(
                        "{} is not an audit bundle (`veriregime audit ROUND --write-bundle FILE` writes one)",
                        path.display()
                    )
                });
        }
        let (Some(round), Some(rpc)) = (self.round, &self.rpc) else {
            bail!("give --rpc, or --bundle for an audit without a chain");
        };
        Ok(self
            .oracle
            .connect(rpc, None)
            .await?
            .evidence(round)
            .await?)
    }
}

/// The verdict, one line per step.
pub(super) fn describe(verdict: &Verdict, srs: &str) -> String {
    let mut words = format!(
        "audit of round {} with candles from {}:\n",
        verdict.round, verdict.source
    );
    for step in &verdict.steps {
        let mark = if step.ok { "ok  " } else { "FAIL" };
        words += &format!("  {mark}  {:<34} {}\n", step.name, step.detail);
    }
    words += if verdict.ok {
        "every step agrees"
    } else {
        "the round does NOT hold"
    };
    if let Some(caveat) = caveat(verdict.source, srs) {
        words = format!("{words}\nnote: {caveat}");
    }
    words
}
