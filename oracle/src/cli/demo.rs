//! `veriregime demo`: the whole path on one machine.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::{
    Ending, audit,
    options::{self, CircuitOptions, ModelOptions, SourceOptions},
    print,
};
use crate::{
    demo::{self, Outcome, Setting, caveat},
    replay::Span,
};

/// Show the whole path on a local chain.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime demo --data ../shared/data --srs ../shared/srs\n\nNeeds anvil and forge (npm ci in the checkout, or VERIREGIME_FOUNDRY=<folder>). Starts a local chain and three attestors, all ended with it.\nWrites report.json and report.html."
)]
pub(super) struct Demo {
    /// Folder of the report; must lie below target/ or deployments/ of the checkout. Default: target/demo.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
}

impl Demo {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let project = self.model.project()?;
        let model = self.model.model()?;
        let source = self.source.source(options::market(&model)?).await?;
        let prover = self.circuit.prover(&model).await?;
        let span = Span::choose(
            &source,
            &model.directory,
            &model.manifest.scale,
            &model.network,
        )
        .await?;
        let (kind, srs) = (source.kind(), prover.srs().kind().as_str());
        let tell = |line: &str| {
            if json {
                eprintln!("{line}");
            } else {
                println!("{line}");
            }
        };
        tell(&format!(
            "candles: {kind}   srs: {srs}   model: {} ({})",
            model.name(),
            prover.model_id()
        ));
        if let Some(caveat) = caveat(kind, srs) {
            tell(&format!("note: {caveat}"));
        }
        let folder = |path: PathBuf| {
            std::fs::create_dir_all(&path)
                .and_then(|()| path.canonicalize())
                .with_context(|| format!("creating {}", path.display()))
        };
        let output = folder(
            self.out
                .unwrap_or_else(|| project.root().join("target/demo")),
        )?;
        let setting = Setting {
            candles: self.source.arguments(&source),
            project,
            model,
            prover,
            source,
            span,
            output,
        };
        let outcome = demo::run(setting, tell).await?;
        print(json, &outcome.report, || describe(&outcome))?;
        Ok(if outcome.report.audit.ok {
            Ending::Holds
        } else {
            Ending::Disagrees
        })
    }
}

fn describe(outcome: &Outcome) -> String {
    let (report, totals) = (&outcome.report, &outcome.report.totals);
    format!(
        "{}\n{} rounds: {} SELL, {} HOLD, {} BUY; {} rebalances; proving {:.2} s, verifying {:.1} ms (medians); verifier {} gas, submission {} gas (largest)\ncandles: {}   srs: {}\nreport: {}\n        {}",
        audit::describe(&outcome.verdict, report.srs.source),
        totals.rounds,
        totals.sell,
        totals.hold,
        totals.buy,
        totals.rebalances,
        totals.prove_ms_median / 1e3,
        totals.verify_ms_median,
        totals.gas_verify_max,
        totals.gas_submit_max,
        report.candles.source,
        report.srs.source,
        outcome.html.display(),
        outcome.json.display()
    )
}
