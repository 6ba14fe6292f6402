//! `distill`: trains a model from candle history, in one command.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use veriregime_distill::data::History;
use veriregime_distill::{Config, pipeline, report};

/// Minutes of made-up candles for `--quick` without data.
const SYNTHETIC_MINUTES: usize = 30_000;

/// Teacher, student, distillation and quantisation-aware training of VeriRegime models.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a model and write weights, manifest, model card and reports.
    Train(Train),
}

#[derive(Args)]
struct Train {
    /// Folder with btcusdt_1m.csv.zst and funding_rate.csv; without it, --quick uses made-up candles.
    #[arg(long, env = "VERIREGIME_DATA")]
    data: Option<PathBuf>,
    /// Folder to write; its last part is the model's name.
    #[arg(long)]
    out: PathBuf,
    /// Seed of every random choice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Every stage in miniature: to see that all works, not to get a model.
    #[arg(long)]
    quick: bool,
    /// Settings as JSON (`config` of a reports/training.json), instead of the built-in ones.
    #[arg(long, conflicts_with_all = ["quick", "seed"])]
    config: Option<PathBuf>,
    /// Continue an interrupted run from its checkpoints.
    #[arg(long)]
    resume: bool,
    /// Where checkpoints are kept.
    #[arg(long, default_value = "target/distill-checkpoints")]
    checkpoints: PathBuf,
}

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Train(arguments) => train(&arguments),
    }
}

fn train(arguments: &Train) -> Result<()> {
    let config = config(arguments)?;
    let history = history(arguments, &config)?;
    let name = name(&arguments.out)?;
    eprintln!(
        "{} candles, {} funding rates",
        history.candles.len(),
        history.funding.len()
    );
    let checkpoints = arguments.checkpoints.join(&name);
    let outcome =
        pipeline::run(&config, &history, &checkpoints, arguments.resume).with_context(|| {
            format!("training of {name} stopped; run again with --resume to continue")
        })?;
    let manifest = report::write(&arguments.out, &name, &outcome, &history)?;
    let scores = &manifest.metrics.test;
    println!(
        "{name}: integer model on the test part: macro-F1 {:.4}, accuracy {:.4}; {} rows (k = {}); {:.0} s; written to {}",
        scores.macro_f1,
        scores.accuracy,
        outcome.rows,
        outcome.k,
        outcome.seconds,
        arguments.out.display()
    );
    for (name, scores) in &manifest.metrics.comparison {
        println!(
            "  {name}: macro-F1 {:.4}, accuracy {:.4}",
            scores.macro_f1, scores.accuracy
        );
    }
    Ok(())
}

fn config(arguments: &Train) -> Result<Config> {
    let Some(path) = &arguments.config else {
        let choose = if arguments.quick {
            Config::quick
        } else {
            Config::full
        };
        return Ok(choose(arguments.seed));
    };
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no settings", path.display()))
}

fn history(arguments: &Train, config: &Config) -> Result<History> {
    match &arguments.data {
        Some(data) => History::read(data, &config.data)
            .with_context(|| format!("cannot read the candle history in {}", data.display())),
        None if arguments.quick => {
            eprintln!("no --data: made-up candles, the model means nothing");
            Ok(History::synthetic(
                arguments.seed,
                SYNTHETIC_MINUTES,
                &config.data,
            ))
        }
        None => anyhow::bail!(
            "no candle history: give --data or set VERIREGIME_DATA to the folder with the candle files"
        ),
    }
}

fn name(out: &Path) -> Result<String> {
    let name = out.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).with_context(|| {
        format!(
            "--out {} has no last part to name the model by",
            out.display()
        )
    })
}
