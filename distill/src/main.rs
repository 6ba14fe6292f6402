//! `distill`: trains a model from candle history, in one command.

mod commands;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use veriregime_circuits::model::IntegerModel;
use veriregime_distill::data::History;
use veriregime_distill::experiment::{Experiment, Lab};
use veriregime_distill::onnx::{self, Quantisation};
use veriregime_distill::{Config, pipeline, report, thresholds};
use veriregime_features::labels::Question;

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
    /// Carry out the method's experiments and write their reports.
    Experiment(Experiments),
    /// Write an integer model as an ONNX file.
    ExportOnnx(ExportOnnx),
    /// Read an ONNX file as an integer model: exactly the exported one, or quantised if another program wrote it.
    ImportOnnx(ImportOnnx),
    /// Check that a model's circuit says what its integers say, on windows of its test part.
    Agree(commands::Agree),
    /// Score a model's teacher on a candle history, over the windows that `veriregime evaluate` asks the integer model about.
    Evaluate(commands::Evaluate),
    /// Write a model's calibration and backtest anew from its shipped files, without training.
    Backtest(commands::Backtest),
    /// Experiment 4: teachers and students as circuits, proven on test windows.
    Deployment(commands::Deployment),
    /// Count the labels of every part under thresholds from 0.05 % to 2 %.
    Labels(Labels),
}

#[derive(Args)]
struct Labels {
    /// Folder with btcusdt_1m.csv.zst and funding_rate.csv.
    #[arg(long, env = "VERIREGIME_DATA")]
    data: PathBuf,
    /// Folder to write labels.json, labels.md and labels.svg into.
    #[arg(long, default_value = "models/reports/labels")]
    out: PathBuf,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  distill export-onnx --model models/btcusdt-1m-60/weights.json --out target/model.onnx"
)]
struct ExportOnnx {
    /// Integer model to read.
    #[arg(long)]
    model: PathBuf,
    /// File to write.
    #[arg(long)]
    out: PathBuf,
    /// In double precision with the rounding written down: any runtime gives the integers themselves. Cannot be imported.
    #[arg(long)]
    exact: bool,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  distill import-onnx network.onnx --bits 8 --out target/weights.json"
)]
struct ImportOnnx {
    /// ONNX file to read.
    file: PathBuf,
    /// Bits per weight, sign included; fewer are taken where the worst case would not fit the circuit.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=16))]
    bits: u32,
    /// Bits before each activation, sign included; fewer as above.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=16))]
    hidden_bits: u32,
    /// log2 of integer steps per unit of the file's input: 7 for inputs between -1 and 1.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(i32).range(-20..=20), allow_negative_numbers = true)]
    input_scale: i32,
    /// Integer model to write.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  distill experiment distillation pareto --data DIR --out models/reports/signal"
)]
struct Experiments {
    /// Which: teachers, distillation, activations, quantisation, pareto; all of them if none is named.
    #[arg(value_parser = experiment)]
    names: Vec<Experiment>,
    /// Folder with the candle history; without it, --quick uses made-up candles.
    #[arg(long, env = "VERIREGIME_DATA")]
    data: Option<PathBuf>,
    /// What the models answer: signal or regime.
    #[arg(long, default_value = "signal", value_parser = question)]
    question: Question,
    /// Folder to write.
    #[arg(long)]
    out: PathBuf,
    /// The same code in miniature: to see that all works, not to get results.
    #[arg(long)]
    quick: bool,
    /// Where checkpoints are kept; what is there already is not trained again.
    #[arg(long, default_value = "target/distill-checkpoints/experiments")]
    checkpoints: PathBuf,
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
    /// What the model answers: signal (SELL, HOLD, BUY in an hour) or regime (LOW, HIGH volatility in four hours).
    #[arg(long, default_value = "signal", value_parser = question)]
    question: Question,
    /// Folder of a model of regimes, for the backtest of a signal model: HIGH caps what it holds.
    #[arg(long)]
    regime_model: Option<PathBuf>,
    /// Every stage in miniature: to see that all works, not to get a model.
    #[arg(long)]
    quick: bool,
    /// Settings as JSON (`config` of a reports/training.json), instead of the built-in ones.
    #[arg(long, conflicts_with_all = ["quick", "seed", "question"])]
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
        Command::Experiment(arguments) => experiments(&arguments),
        Command::ExportOnnx(arguments) => export_onnx(&arguments),
        Command::ImportOnnx(arguments) => import_onnx(&arguments),
        Command::Agree(arguments) => commands::agree(&arguments),
        Command::Evaluate(arguments) => commands::evaluate(&arguments),
        Command::Backtest(arguments) => commands::backtest(&arguments),
        Command::Deployment(arguments) => commands::deployment(&arguments),
        Command::Labels(arguments) => labels(&arguments),
    }
}

fn experiment(text: &str) -> Result<Experiment, String> {
    Experiment::named(text).ok_or_else(|| {
        let names = Experiment::ALL.map(Experiment::name);
        format!("want one of {}", names.join(", "))
    })
}

fn experiments(arguments: &Experiments) -> Result<()> {
    let config = Config::of(arguments.question, 0);
    let history = history(arguments.data.as_deref(), arguments.quick, &config)?;
    let lab = Lab::new(
        arguments.question,
        arguments.quick,
        &history,
        &arguments.checkpoints,
    )?;
    let named = &arguments.names;
    for experiment in Experiment::ALL {
        if named.is_empty() || named.contains(&experiment) {
            let begun = Instant::now();
            experiment.run(&lab, &arguments.out).with_context(|| {
                format!(
                    "experiment {} stopped; run it again to go on from its checkpoints",
                    experiment.name()
                )
            })?;
            println!(
                "{}: {:.0} s; written to {}",
                experiment.name(),
                begun.elapsed().as_secs_f64(),
                arguments.out.display()
            );
        }
    }
    Ok(())
}

fn question(text: &str) -> Result<Question, String> {
    match text {
        "signal" => Ok(Question::Signal),
        "regime" => Ok(Question::Regime),
        _ => Err("want signal or regime".to_owned()),
    }
}

fn labels(arguments: &Labels) -> Result<()> {
    // The split and the horizon are those of every full run, whatever its seed.
    let config = Config::signal(0).data;
    let history = History::read(&arguments.data, &config).with_context(|| {
        format!(
            "cannot read the candle history in {}",
            arguments.data.display()
        )
    })?;
    let study = thresholds::Study::of(&history, &config)?;
    study.exhibit()?.write(&arguments.out)?;
    println!(
        "{} windows, {} skipped; written to {}",
        study.windows,
        study.skipped_windows,
        arguments.out.display()
    );
    Ok(())
}

fn export_onnx(arguments: &ExportOnnx) -> Result<()> {
    let model = IntegerModel::read(&arguments.model)?;
    let file = if arguments.exact {
        onnx::export_exact(&model)?
    } else {
        onnx::export(&model)?
    };
    fs::write(&arguments.out, file)
        .with_context(|| format!("cannot write {}", arguments.out.display()))?;
    println!("{}: {}", arguments.out.display(), describe(&model));
    Ok(())
}

fn import_onnx(arguments: &ImportOnnx) -> Result<()> {
    let quantisation = Quantisation {
        weight_bits: arguments.bits,
        hidden_bits: arguments.hidden_bits,
        input: arguments.input_scale,
    };
    let file = fs::read(&arguments.file)
        .with_context(|| format!("cannot read {}", arguments.file.display()))?;
    let model = onnx::import(&file, quantisation)
        .with_context(|| format!("{} cannot be imported", arguments.file.display()))?;
    model.write(&arguments.out)?;
    println!("{}: {}", arguments.out.display(), describe(&model));
    Ok(())
}

fn describe(model: &IntegerModel) -> String {
    let widths: Vec<String> = model.widths().iter().map(usize::to_string).collect();
    format!(
        "{}, digest {}",
        widths.join("-"),
        hex::encode(model.digest())
    )
}

fn train(arguments: &Train) -> Result<()> {
    let config = config(arguments)?;
    let history = history(arguments.data.as_deref(), arguments.quick, &config)?;
    let name = name(&arguments.out)?;
    let regime = arguments.regime_model.as_deref().map(commands::shipped);
    let regime = regime.transpose()?;
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
    let manifest = report::write(&arguments.out, &name, &outcome, &history, regime.as_ref())?;
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
        let config = Config::of(arguments.question, arguments.seed);
        return Ok(if arguments.quick {
            config.quick()
        } else {
            config
        });
    };
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no settings", path.display()))
}

fn history(data: Option<&Path>, quick: bool, config: &Config) -> Result<History> {
    match data {
        Some(data) => History::read(data, &config.data)
            .with_context(|| format!("cannot read the candle history in {}", data.display())),
        None if quick => {
            eprintln!("no --data: made-up candles, what comes of them means nothing");
            Ok(History::synthetic(
                config.seed,
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
