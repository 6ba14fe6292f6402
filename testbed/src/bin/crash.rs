//! `crash`: the whole matrix, table on standard output, figures into a file.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use veriregime_testbed::crash::{ARROWS, Matrix, run};

/// Kill the daemon at every arrow of a round, start it again, and compare what is left with what had to happen.
#[derive(Debug, Parser)]
struct Options {
    /// Kills at each arrow.
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// Seed of delays and downtimes.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Only arrows whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Write the figures here as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match judged().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every rule was kept.
async fn judged() -> Result<bool> {
    let options = Options::parse();
    let arrows = ARROWS
        .into_iter()
        .filter(|arrow| arrow.name.contains(&options.only));
    let matrix = Matrix {
        name: "crash",
        arrows: arrows.collect(),
        times: options.times,
        seed: options.seed,
    };
    let report = run(&matrix, |line| eprintln!("{line}")).await?;
    println!("{report}");
    if let Some(path) = options.out {
        let text = serde_json::to_string_pretty(&report)? + "\n";
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(report.holds())
}
