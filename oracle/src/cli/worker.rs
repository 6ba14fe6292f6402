//! `veriregime worker`: prove what a queue holds.

use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{
    Ending, interrupted,
    proving::{self, BackendOptions, QueueOptions},
};
use crate::{
    farm::{self, Files, Threads, Worker},
    usage::Usage,
};

/// Prove the jobs of a farm until stopped.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veriregime worker --nats nats://queue.example:4222\n\nMany workers may share a queue (docs/farm.md). SIGINT or SIGTERM: what is being proven is finished, then the worker ends; a second\nsignal, like a crash, gives the job to another worker once its lease has run out."
)]
pub(super) struct WorkerCommand {
    /// Jobs at a time; each proof uses every core already.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,
    /// Prove what standard input orders, line by line: for other commands of this program.
    #[arg(long, conflicts_with_all = ["nats", "parallel"])]
    stdio: bool,
    #[command(flatten)]
    queue: QueueOptions,
    #[command(flatten)]
    backends: BackendOptions,
}

impl WorkerCommand {
    pub(super) async fn run(self) -> Result<Ending> {
        let backends = self.backends.backends();
        if self.stdio {
            tokio::task::spawn_blocking(move || farm::serve_standard_input(&backends)).await??;
            return Ok(Ending::Holds);
        }
        let Some(queue) = self.queue.connect().await? else {
            return Err(Usage::new("which queue? give --nats nats://host:4222").into());
        };
        let name = proving::worker_name();
        let worker = Arc::new(Worker::new(
            Arc::new(queue),
            Threads(backends),
            Files::new(proving::files()),
            name.clone(),
            self.queue.attempts(),
        ));
        tracing::info!(
            code = "farm.worker",
            worker = name,
            parallel = self.parallel,
            "waiting for jobs"
        );
        let stop = CancellationToken::new();
        let serving = worker.serve(self.parallel.into(), stop.clone());
        tokio::pin!(serving);
        tokio::select! {
            () = &mut serving => return Ok(Ending::Holds),
            signal = interrupted() => {
                tracing::info!(code = "farm.stopping", signal, "finishing what is in progress");
                stop.cancel();
            }
        }
        tokio::select! {
            () = serving => {}
            signal = interrupted() => {
                tracing::warn!(code = "farm.abandoned", signal, "left unfinished: another worker takes it once the lease has run out");
            }
        }
        Ok(Ending::Holds)
    }
}
