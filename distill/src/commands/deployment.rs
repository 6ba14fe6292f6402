//! `distill deployment`: experiment 4, step by step.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use veriregime_distill::deployment::measure::{in_process, measure};
use veriregime_distill::deployment::subject::Extent;
use veriregime_distill::deployment::{Configuration, Figures, Report, Subject, Work};

/// Experiment 4: teachers and students as circuits, proven on test windows.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  distill deployment prepare --data DIR --model models/btcusdt-1m-60 --model models/btcusdt-1m-240-regime\n  distill deployment prove --srs DIR\n  node scripts/exp4.mjs target/exp4\n  distill deployment report --out models/reports/exp4\n\n`make exp4` does all four."
)]
pub struct Deployment {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Make the teachers' integers, score them on the test part, choose the windows to prove.
    Prepare(Prepare),
    /// Prove the windows in every configuration, each in a process of its own.
    Prove(Prove),
    /// Write the report from what the other steps left.
    Report(WriteReport),
}

/// The folder that the steps share.
#[derive(Args)]
struct Shared {
    /// Folder in which the steps leave files for each other.
    #[arg(long, default_value = "target/exp4")]
    work: PathBuf,
}

#[derive(Args)]
struct Prepare {
    /// Folder with btcusdt_1m.csv.zst and funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA")]
    data: PathBuf,
    /// Folder of a model, with its teacher. Repeat it for each.
    #[arg(long, required = true)]
    model: Vec<PathBuf>,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Args)]
struct Prove {
    /// Ceremony file, or folder that holds it; a development reference string without it, whose proofs mean nothing.
    #[arg(long, env = "VERIREGIME_SRS")]
    srs: Option<PathBuf>,
    /// This configuration alone, in this process.
    #[arg(long, value_parser = configuration)]
    only: Option<Configuration>,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Args)]
struct WriteReport {
    /// Folder to write exp4.json, exp4.md, exp4.svg and exp4-gas.svg into.
    #[arg(long, default_value = "models/reports/exp4")]
    out: PathBuf,
    #[command(flatten)]
    shared: Shared,
}

fn configuration(text: &str) -> Result<Configuration, String> {
    Configuration::named(text).ok_or_else(|| {
        let names: Vec<String> = Configuration::all()
            .into_iter()
            .map(Configuration::name)
            .collect();
        format!("want one of {}", names.join(", "))
    })
}

/// Carries out a step.
pub fn deployment(arguments: &Deployment) -> Result<()> {
    match &arguments.step {
        Step::Prepare(step) => step.model.iter().try_for_each(|model| prepare(step, model)),
        Step::Prove(step) => prove(step),
        Step::Report(step) => {
            let report = Report::read(&Work::new(&step.shared.work))?;
            report.write(&step.out)?;
            println!("{}\nwritten to {}", report.verdict, step.out.display());
            Ok(())
        }
    }
}

fn prepare(step: &Prepare, model: &Path) -> Result<()> {
    let subject = Subject::read(model).with_context(|| {
        format!(
            "{} holds no shipped model with its teacher",
            model.display()
        )
    })?;
    let history = super::history(&step.data, &subject.shipped)?;
    let parts = subject.parts(&history)?;
    let work = Work::new(&step.shared.work);
    let fidelity = subject.prepare(&history, &parts, Extent::WHOLE, &work)?;
    for choice in &fidelity.tried {
        println!(
            "  {} {} bits, weights {}, tables 2^{}: {:.2} % of validation windows with the float class, k {:?}, lanes {:?}{}",
            if choice.joined { "joined" } else { "parted" },
            choice.bits,
            choice.weight_bits,
            choice.table_bits,
            choice.agreement * 100.0,
            choice.k,
            choice.lanes,
            if choice.taken { ": taken" } else { "" }
        );
    }
    println!(
        "{}: teacher macro-F1 {:.4} and accuracy {:.4}, its integers {:.4} and {:.4}, the same class on {:.2} % of {} test windows",
        subject.shipped.manifest.name,
        fidelity.float.macro_f1,
        fidelity.float.accuracy,
        fidelity.integers.macro_f1,
        fidelity.integers.accuracy,
        fidelity.agreement * 100.0,
        fidelity.test_windows
    );
    anyhow::ensure!(
        fidelity.is_of(&subject.shipped, &subject.teacher),
        "the float teacher does not score what its manifest says: the history is another one"
    );
    Ok(())
}

fn prove(step: &Prove) -> Result<()> {
    let folder = &step.shared.work;
    let srs = step.srs.as_deref();
    if let Some(only) = step.only {
        tell(&measure(only, &Work::new(folder), srs)?);
        return Ok(());
    }
    let program = std::env::current_exe().context("this program's own file")?;
    for configuration in Configuration::all() {
        in_process(&program, configuration, folder, srs)?;
    }
    Ok(())
}

fn tell(figures: &Figures) {
    println!(
        "{}: k {}, {} lanes, {} rows; {} proofs of {} bytes: mean {:.2} s, median {:.2} s, p95 {:.2} s, {:.0} MB; load {:.1}",
        figures.configuration.name(),
        figures.k,
        figures.lanes,
        figures.rows,
        figures.proofs,
        figures.proof_bytes,
        figures.prove.mean,
        figures.prove.median,
        figures.prove.p95,
        figures.peak_mb,
        figures.load[0]
    );
}
