//! The command line: one file per command, shared options in [`options`], one report at the edge.
//!
//! Results go to standard output (with `--json` as one JSON document), logs and progress to standard error.

mod attest;
mod audit;
mod bench;
mod compile;
mod data;
mod demo;
mod doctor;
mod evaluate;
mod farm;
mod fidelity;
mod fixtures;
mod init;
mod keys;
mod logging;
mod manual;
mod network;
mod once;
mod options;
mod plan;
mod progress;
mod prove;
mod proving;
mod run;
mod setup;
mod slice;
mod slices;
mod status;
mod verify;
mod worker;

use std::{future::Future, process::ExitCode};

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use serde_json::json;

pub(crate) use status::NoNode;

use crate::{code, hardening, redact};

/// Exit code of a negative verdict: the proof or the round does not hold, or the node lacks something.
const DISAGREES: u8 = 3;

const EXIT_CODES: &str = "Exit codes:
  0  done, or the verdict is positive
  1  failed: the message says what and what to do
  2  wrong usage
  3  the proof, or the audited round, does not hold; the node lacks something
130  interrupted

An error is printed as error[CODE]; docs/errors/CODE.md says what it means and what to do. With --json it is also printed as
{\"error\":{\"code\",\"message\"}} on standard output.";

/// Market signals that a smart contract can verify: candles to features, a small network, a KZG proof, a round on chain.
#[derive(Debug, Parser)]
#[command(name = "veriregime", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole path on a local chain: replay, prove, attest, submit, rebalance, audit.
    Demo(demo::Demo),
    /// Make the proving key and check the SRS, so that later commands start at once.
    Setup(setup::Setup),
    /// Turn an ONNX file into a network over the integers.
    Compile(compile::Compile),
    /// Print the layouts that would carry a model, with predicted costs.
    Plan(plan::Plan),
    /// Prove the signal of one window and write a proof file.
    Prove(prove::Prove),
    /// Check a proof file.
    Verify(verify::Verify),
    /// Lay out, prove and verify networks in general, as compile makes them.
    #[command(subcommand)]
    Network(network::NetworkCommand),
    /// Write a configuration file to begin with.
    Init(init::Init),
    /// Look at everything that the node of a configuration file needs.
    Doctor(doctor::Doctor),
    /// Run the node: publish every window's signal for the oracles of a configuration file.
    Run(run::Run),
    /// Show what a running node is doing.
    Status(status::Status),
    /// Publish the signal of one window, or with --dry-run only make and print it.
    Once(once::Once),
    /// Run an attestor node.
    Attest(attest::Attest),
    /// Recompute a round from chain data and one's own candles.
    Audit(audit::AuditRound),
    /// Score an integer model on a candle history.
    Evaluate(evaluate::Evaluate),
    /// Measure key generation, proving, verification, memory and gas.
    Bench(bench::Bench),
    /// Generate the committed verifier and the proofs that forge tests use, or check them.
    Fixtures(fixtures::MakeFixtures),
    /// Cut a network into linked slices, and prove them.
    Slice(slice::Slice),
    /// Prove many windows of a network by many workers.
    Farm(farm::Farm),
    /// Prove the jobs of a farm.
    Worker(worker::WorkerCommand),
    /// Download the exchange's history into the files that --data reads.
    Data(data::Data),
    /// Make and show keys.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print the completions of a shell.
    Completions(manual::Completions),
    /// Print the manual page, or write one for every command.
    Man(manual::Man),
}

impl Command {
    /// Whether it reads a key into memory.
    fn holds_a_key(&self) -> bool {
        matches!(
            self,
            Self::Run(_) | Self::Once(_) | Self::Attest(_) | Self::Doctor(_) | Self::Keys(_)
        )
    }
}

/// How a command ended.
enum Ending {
    /// Exit code 0.
    Holds,
    /// Exit code 3.
    Disagrees,
}

/// Runs the program.
pub async fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    logging::start();
    if cli.command.holds_a_key()
        && let Err(error) = hardening::keep_memory_private()
    {
        tracing::warn!(code = "node.dumpable", %error, "the system does not forbid core dumps of this process");
    }
    // Services stop in order; everything else at once: dropping a command's future ends every child process of it.
    let ending = match cli.command {
        Command::Run(command) => command.run().await,
        Command::Worker(command) => command.run().await,
        _ => tokio::select! {
            ending = run(cli) => ending,
            signal = interrupted() => {
                eprintln!("interrupted ({signal})");
                return ExitCode::from(130);
            }
        },
    };
    match ending {
        Ok(Ending::Holds) => ExitCode::SUCCESS,
        Ok(Ending::Disagrees) => ExitCode::from(DISAGREES),
        Err(error) => {
            tell(&error, json);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<Ending> {
    let json = cli.json;
    match cli.command {
        Command::Demo(command) => command.run(json).await,
        Command::Setup(command) => command.run(json).await,
        Command::Compile(command) => command.run(json),
        Command::Plan(command) => command.run(json),
        Command::Prove(command) => command.run(json).await,
        Command::Verify(command) => command.run(json).await,
        Command::Network(command) => command.run(json).await,
        Command::Run(command) => command.run().await,
        Command::Worker(command) => command.run().await,
        Command::Slice(command) => command.run(json).await,
        Command::Farm(command) => command.run(json).await,
        Command::Status(command) => command.run(json).await,
        Command::Once(command) => command.run(json).await,
        Command::Attest(command) => command.run().await,
        Command::Audit(command) => command.run(json).await,
        Command::Evaluate(command) => command.run(json).await,
        Command::Bench(command) => command.run(json).await,
        Command::Fixtures(command) => command.run().await,
        Command::Data(command) => command.run(json).await,
        Command::Keys(command) => command.run(json),
        Command::Init(command) => command.run(json),
        Command::Doctor(command) => command.run(json).await,
        Command::Completions(command) => command.run(Cli::command()),
        Command::Man(command) => command.run(Cli::command()),
    }
}

/// Says what went wrong: with its code on standard error, with --json also on standard output.
fn tell(error: &anyhow::Error, json: bool) {
    let code = code::of(error);
    let words = report(error);
    let message = redact::urls(&words);
    if json {
        println!(
            "{}",
            json!({ "error": { "code": code, "message": message } })
        );
    }
    eprintln!("error[{code}]: {message}");
}

/// The whole chain of causes in one text; a cause that its parent already quotes is not said twice.
fn report(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| {
        let words = cause.to_string();
        match said.as_str() {
            "" => words,
            quoted if quoted.contains(&words) => said,
            _ => format!("{said}: {words}"),
        }
    })
}

/// Ctrl-C, or SIGTERM where there is one.
async fn interrupted() -> &'static str {
    let terminated: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => Box::pin(async move {
                signal.recv().await;
            }),
            Err(_) => Box::pin(std::future::pending()),
        };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => "SIGINT",
        () = terminated => "SIGTERM",
    }
}

/// Prints a result: `human` text, or `value` as JSON.
fn print(json: bool, value: &impl serde::Serialize, human: impl FnOnce() -> String) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        println!("{}", human());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_says_each_cause_once() {
        let inner = std::io::Error::other("disk full");
        let middle = anyhow::Error::new(inner).context("writing x: disk full");
        assert_eq!(
            report(&middle.context("saving")),
            "saving: writing x: disk full"
        );
    }

    #[test]
    fn every_command_has_an_example() {
        let command = Cli::command();
        command.clone().debug_assert();
        let keys = command.find_subcommand("keys").unwrap();
        for sub in command
            .get_subcommands()
            .chain(keys.get_subcommands())
            .filter(|sub| sub.get_name() != "keys")
        {
            let help = sub.clone().render_help().to_string();
            assert!(
                help.contains("Example"),
                "{} --help shows no example",
                sub.get_name()
            );
        }
    }
}
