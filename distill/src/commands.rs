//! Commands that look at shipped files: nothing is trained.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use veriregime_distill::Shipped;
use veriregime_distill::agreement::Agreement;
use veriregime_distill::data::History;
use veriregime_distill::report::Evidence;

/// Arguments of `backtest`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  distill backtest --data DIR --model models/btcusdt-1m-60 --regime-model models/btcusdt-1m-240-regime"
)]
pub struct Backtest {
    /// Folder with btcusdt_1m.csv.zst and funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA")]
    data: PathBuf,
    /// Folder of the model; its reports/calibration.* and reports/backtest.* are written anew.
    #[arg(long)]
    model: PathBuf,
    /// Folder of a model of regimes: the backtest of a signal model then has a rule with a cap.
    #[arg(long)]
    regime_model: Option<PathBuf>,
}

/// Arguments of `agree`.
#[derive(Args)]
#[command(after_help = "Example:\n  distill agree --data DIR --model models/btcusdt-1m-60")]
pub struct Agree {
    /// Folder with btcusdt_1m.csv.zst and funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA")]
    data: PathBuf,
    /// Folder of the model.
    #[arg(long)]
    model: PathBuf,
    /// Windows to check, evenly spread over the test part.
    #[arg(long, default_value_t = 10_000)]
    windows: usize,
    /// File to write; the model's reports/agreement.json without it.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Checks a model's circuit against its integers; fails when they do not agree.
pub fn agree(arguments: &Agree) -> Result<()> {
    let shipped = shipped(&arguments.model)?;
    let history = history(&arguments.data, &shipped)?;
    let agreement = Agreement::of(&shipped, &history, arguments.windows)?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| arguments.model.join("reports/agreement.json"));
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(&agreement)? + "\n";
    fs::write(&out, text).with_context(|| format!("cannot write {}", out.display()))?;
    println!(
        "{}: {} windows, {} violations, {} disagreements, {} of {} forgeries unnoticed; {:.0} s; written to {}",
        agreement.model,
        agreement.windows,
        agreement.violations,
        agreement.disagreements,
        agreement.unnoticed,
        agreement.forgeries,
        agreement.seconds,
        out.display()
    );
    ensure!(
        agreement.is_complete(),
        "circuit and reference do not agree: see {}",
        out.display()
    );
    Ok(())
}

/// Writes a model's calibration and backtest from its shipped files.
pub fn backtest(arguments: &Backtest) -> Result<()> {
    let shipped = shipped(&arguments.model)?;
    let regime = arguments.regime_model.as_deref().map(self::shipped);
    let history = history(&arguments.data, &shipped)?;
    let evidence = Evidence::of(&shipped, &history, regime.transpose()?.as_ref())?;
    let reports = arguments.model.join("reports");
    evidence.write(&reports)?;
    let calibration = &evidence.calibration;
    println!(
        "{}: {:.1} % right on the test part, expected hit rates {:.1} points off; written to {}",
        calibration.model,
        calibration.measured.hit_rate * 100.0,
        calibration.gap * 100.0,
        reports.display()
    );
    for strategy in evidence
        .backtest
        .iter()
        .flat_map(|walk| &walk.report.strategies)
    {
        println!(
            "  {}: {:+.2} % after costs of {:.0} USD, {} trades",
            strategy.rule.name(),
            strategy.total_return * 100.0,
            strategy.costs(),
            strategy.trades
        );
    }
    Ok(())
}

/// Reads a model's folder.
pub fn shipped(folder: &Path) -> Result<Shipped> {
    Shipped::read(folder).with_context(|| format!("{} holds no shipped model", folder.display()))
}

fn history(data: &Path, shipped: &Shipped) -> Result<History> {
    History::read(data, &shipped.data())
        .with_context(|| format!("cannot read the candle history in {}", data.display()))
}
