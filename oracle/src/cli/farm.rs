//! `veriregime farm`: many windows of one network, proven by many workers.

use std::{path::PathBuf, sync::Arc};

use alloy::primitives::B256;
use anyhow::{Context, Result};
use clap::Args;
use tokio_util::sync::CancellationToken;
use veriregime_circuits::network::Network;

use super::{
    Ending, print,
    proving::{self, BackendOptions, QueueOptions},
    slices::{self, Cuts},
};
use crate::{
    backend::{BackendName, Points},
    farm::{Executor, Files, LocalQueue, Place, Plan, Queue, Run, Summary, Threads, Worker},
    working::Working,
};

/// Prove many windows of a network, whole or in slices, and check every proof.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime farm --network network.json --inputs windows.json --workers 2 --out proofs\n  veriregime farm --network network.json --inputs windows.json --slices auto --k 13 --nats nats://queue.example:4222 --out proofs\n\nWithout --nats the workers are threads of this process. A job whose result is in the folder or on the server already is not proven\nagain. Exit code 3: the slices of a window do not belong together. report.json says which job was proven by whom, when and how."
)]
pub(super) struct Farm {
    /// Integer network (veriregime-network/1), or an ONNX file with --backend ezkl.
    #[arg(long, value_name = "FILE")]
    network: PathBuf,
    /// Windows: a JSON array of inputs, each an array of numbers.
    #[arg(long, value_name = "FILE")]
    inputs: PathBuf,
    /// Folder for proofs and report.json.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// By whom.
    #[arg(long, value_enum, default_value_t = BackendName::Sheet)]
    backend: BackendName,
    /// Slices: `auto`, or the nodes before which to cut, by name or index.
    #[arg(long, value_name = "auto|NODE,...")]
    slices: Option<Cuts>,
    /// log2 of the number of rows; default: as few as fit. Needed for --slices auto.
    #[arg(long, value_parser = clap::value_parser!(u32).range(7..=16))]
    k: Option<u32>,
    /// Word below 2^248 that ties the proofs to their use.
    #[arg(long, default_value_t = B256::ZERO, value_name = "WORD")]
    binding: B256,
    /// Workers in this process, where no server is named.
    #[arg(long, default_value_t = 1, conflicts_with = "nats", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    #[command(flatten)]
    queue: QueueOptions,
    #[command(flatten)]
    backends: BackendOptions,
}

impl Farm {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let windows = proving::windows(&self.inputs)?;
        let plan = Arc::new(self.plan().await?);
        let places = {
            let (plan, binding) = (plan.clone(), self.binding);
            tokio::task::spawn_blocking(move || plan.places(&windows, binding, None)).await??
        };
        let summary = match self.queue.connect().await? {
            Some(queue) => prove(&queue, &plan, &places, &self.out, self.queue.attempts()).await?,
            None => {
                let local = Local {
                    workers: self.workers.into(),
                    queue: &self.queue,
                };
                let executor = Threads(self.backends.backends());
                local.prove(executor, &plan, &places, &self.out).await?
            }
        };
        // With --json there is one document: the result, or the error.
        if json {
            summary.check()?;
        }
        print(json, &summary, || describe(&summary))?;
        summary.check()?;
        Ok(match summary.links_hold() {
            true => Ending::Holds,
            false => Ending::Disagrees,
        })
    }

    async fn plan(&self) -> Result<Plan> {
        let points = self.backends.points();
        if self.backend == BackendName::Ezkl {
            let onnx = std::fs::read(&self.network)
                .with_context(|| format!("reading {}", self.network.display()))?;
            return Ok(Plan::ezkl(onnx, self.k));
        }
        let network = Network::read(&self.network)?;
        let (cuts, k) = (self.slices.clone(), self.k);
        let _working = Working::spinner("preparing keys");
        let plan = move || -> Result<Plan> { make_plan(&network, cuts.as_ref(), k, &points) };
        tokio::task::spawn_blocking(plan).await?
    }
}

fn make_plan(
    network: &Network,
    cuts: Option<&Cuts>,
    k: Option<u32>,
    points: &Points,
) -> Result<Plan> {
    Ok(match cuts {
        None => Plan::whole(network, k, points)?,
        Some(cuts) => {
            let (slices, k) = slices::cut(network, cuts, k)?;
            Plan::slices(slices, k, points)?
        }
    })
}

/// A queue and workers of this process.
pub(super) struct Local<'options> {
    pub(super) workers: usize,
    pub(super) queue: &'options QueueOptions,
}

impl Local<'_> {
    /// Proves with so many workers, each with a place at the executor.
    pub(super) async fn prove(
        &self,
        executor: impl Executor,
        plan: &Plan,
        places: &[Place],
        out: &std::path::Path,
    ) -> Result<Summary> {
        let queue = LocalQueue::new(self.queue.patience());
        let attempts = self.queue.attempts();
        let worker = Arc::new(Worker::new(
            Arc::new(queue.clone()),
            executor,
            Files::new(proving::files()),
            proving::worker_name(),
            attempts,
        ));
        let stop = CancellationToken::new();
        let serving = tokio::spawn(worker.serve(self.workers, stop.clone()));
        let summary = prove(&queue, plan, places, out, attempts).await;
        stop.cancel();
        serving.abort();
        summary
    }
}

/// Proves on a queue and writes the report.
pub(super) async fn prove(
    queue: &impl Queue,
    plan: &Plan,
    places: &[Place],
    out: &std::path::Path,
    attempts: u32,
) -> Result<Summary> {
    let run = Run::new(queue, plan, out.to_path_buf(), attempts);
    let summary = run.prove(places).await?;
    summary.write(out)?;
    Ok(summary)
}

/// A run in words.
pub(super) fn describe(summary: &Summary) -> String {
    let mut text = format!(
        "{} jobs in {:.1} s: {} proven, {} known before, {} failed; {} retries, {} duplicates dropped",
        summary.asked,
        summary.wall_ms / 1e3,
        summary.proven,
        summary.cached,
        summary.failed,
        summary.retries,
        summary.duplicates
    );
    for (worker, jobs) in &summary.workers {
        text += &format!("\n  {worker}: {jobs}");
    }
    for link in summary.links.iter().filter(|link| link.problem.is_some()) {
        let problem = link.problem.as_deref().unwrap_or_default();
        text += &format!("\n  window {}: {problem}", link.window);
    }
    if !summary.links.is_empty() && summary.links_hold() {
        text += &format!(
            "\n  the slices of {} windows belong together",
            summary.links.len()
        );
    }
    text
}
