//! `soak`: a simulated day, figures on standard output and into a file.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use veriregime_testbed::soak::{Soak, run};

/// Run the daemon through a day of one-minute windows while everything around it fails now and then.
#[derive(Debug, Parser)]
struct Options {
    /// Windows.
    #[arg(long, default_value_t = 1_440)]
    windows: u64,
    /// Simulated seconds per real one, as long as the node keeps up.
    #[arg(long, default_value_t = 150.0)]
    speed: f64,
    /// Seed of everything left to chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
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
    let soak = Soak {
        name: "soak",
        windows: options.windows,
        speed: options.speed,
        seed: options.seed,
    };
    let report = run(&soak, |line| eprintln!("{line}")).await?;
    println!("{report}");
    if let Some(path) = options.out {
        let text = serde_json::to_string_pretty(&report)? + "\n";
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(report.holds())
}
