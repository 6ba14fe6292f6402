//! `veriregime audit`: a round, recomputed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::{
    Ending,
    options::{self, CircuitOptions, ModelOptions, OracleOptions, RpcOptions, SourceOptions},
    print,
};
use crate::{
    audit::{Auditor, Verdict},
    chain::Evidence,
    demo::caveat,
    usage::Usage,
};

/// Recompute a round from its event and calldata: inputs, features, inference, proof, quorum.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime audit 3 --rpc http://127.0.0.1:8545 --deployment deployments/31337.json --data DATA --srs SRS\n  veriregime audit 3 --rpc http://127.0.0.1:8545 --deployment deployments/31337.json --write-bundle round-3.json\n  veriregime audit round-3.json --data DATA --source file --srs SRS --json\n\nOne line per step; exit code 0 only if every step agrees, 3 if one does not, 1 if there is nothing to judge."
)]
pub(super) struct AuditRound {
    /// The round's id, or a bundle: a file with the chain's side, for an audit without an RPC.
    #[arg(
        value_name = "ROUND|BUNDLE",
        required_unless_present = "bundle",
        conflicts_with = "bundle"
    )]
    subject: Option<String>,
    /// The bundle, spelled out.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Write the chain's side and the digest of the candles to a bundle for later audits without an RPC.
    #[arg(long, value_name = "FILE")]
    write_bundle: Option<PathBuf>,
    #[command(flatten)]
    rpc: RpcOptions,
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
        let subject = self.subject.as_deref().unwrap_or_default();
        let round = match (&self.bundle, subject.parse::<u128>()) {
            (Some(path), _) => return bundle(path),
            (None, Ok(round)) => round,
            (None, Err(_)) => return bundle(Path::new(subject)),
        };
        if self.rpc.none() {
            let words =
                format!("round {round}: give --rpc, or name a bundle for an audit without a chain");
            return Err(Usage(words).into());
        }
        Ok(self
            .rpc
            .connect(&self.oracle, None)
            .await?
            .evidence(round)
            .await?)
    }
}

fn bundle(path: &Path) -> Result<Evidence> {
    let text = std::fs::read(path).with_context(|| {
        format!(
            "{} is neither a round's id nor a bundle that can be read",
            path.display()
        )
    })?;
    serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} is not an audit bundle (`veriregime audit ROUND --write-bundle FILE` writes one)",
            path.display()
        )
    })
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
