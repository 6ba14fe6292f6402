//! Commands that look at shipped files: nothing is trained.

mod deployment;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use veriregime_distill::agreement::Agreement;
use veriregime_distill::data::History;
use veriregime_distill::evaluate::evaluate as score;
use veriregime_distill::report::Evidence;
use veriregime_distill::{Shipped, ShippedTeacher};
use veriregime_features::{evaluation, utc};

pub use deployment::{Deployment, deployment};

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

/// Arguments of `evaluate`.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  distill evaluate --data DIR --model models/btcusdt-1m-60\n  distill evaluate --data eth --model models/btcusdt-1m-60 --from 2024-01-01 --to 2024-06-30T23:55:00Z --json\n\nThe same windows, labels and fields as `veriregime evaluate` has for the integer model: docs/evaluating.md."
)]
pub struct Evaluate {
    /// Folder with one candle file and, if the market has one, funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA", value_name = "FOLDER")]
    data: PathBuf,
    /// Folder of the model, with the teacher that `train` stores in it.
    #[arg(long, value_name = "FOLDER")]
    model: PathBuf,
    /// Market of the candle file, such as ETH/USDT, where the folder holds several; its file is then ethusdt_1m.csv(.zst).
    #[arg(long, value_name = "SYMBOL")]
    symbol: Option<String>,
    /// First close time of a window: UNIX seconds or RFC 3339; default: that of the model's test part.
    #[arg(long, value_name = "TIME", value_parser = utc::parse)]
    from: Option<u64>,
    /// Last close time of a window: UNIX seconds or RFC 3339 (a date alone is its first minute); default: as above.
    #[arg(long, value_name = "TIME", value_parser = utc::parse)]
    to: Option<u64>,
    /// Minutes between two windows; default: as in training.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=1_440))]
    stride: Option<u32>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Scores a model's teacher on any market's history.
pub fn evaluate(arguments: &Evaluate) -> Result<()> {
    let manifest = shipped(&arguments.model)?.manifest;
    let teacher = ShippedTeacher::read(&arguments.model, &manifest)?;
    let history = match &arguments.symbol {
        Some(symbol) => evaluation::History::read_symbol(&arguments.data, symbol),
        None => evaluation::History::read(&arguments.data),
    }?;
    let test = &manifest.training.splits.test;
    let range = arguments.from.unwrap_or(test.from)..=arguments.to.unwrap_or(test.to);
    let stride = arguments.stride.unwrap_or(manifest.training.stride_minutes);
    let evaluation = score(&teacher, &manifest, &history, range, stride)?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&evaluation)?
    } else {
        evaluation.table()
    };
    println!("{text}");
    Ok(())
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
