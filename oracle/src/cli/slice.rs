//! `veriregime slice`: a network in linked slices.

use std::path::PathBuf;

use alloy::primitives::B256;
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};
use veriregime_circuits::{network::Network, sheet::Layout, slices::Slice as Part};

use super::{
    Ending,
    farm::{Local, describe, prove},
    fidelity, print,
    proving::{self, BackendOptions, QueueOptions},
    slices::{self, Cuts},
};
use crate::{
    backend::Estimate,
    farm::{Plan, Processes, Summary},
    usage::Usage,
    working::Working,
};

/// Cut a network into linked slices; prove all of them, or some, in processes of their own.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime slice network.json --out slices --k 13\n  veriregime slice network.json --out slices --at conv2,dense1 --prove input.json --workers 2\n  veriregime slice network.json --out slices --k 13 --prove input.json --only 0,2\n\nslices.json in the folder lists the slices with rows and predicted memory, report.json the proofs. Slices that share a tensor commit to\nit; proofs of different inferences are told apart: exit code 3."
)]
pub(super) struct Slice {
    /// Integer network (veriregime-network/1).
    #[arg(value_name = "NETWORK")]
    network: PathBuf,
    /// Folder for slices.json, the slices' networks, proofs and report.json.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Cut before these nodes, by name or index, instead of as few slices as fit.
    #[arg(long, value_name = "NODE,...", value_delimiter = ',', conflicts_with_all = ["rows_budget", "memory_budget"])]
    at: Vec<String>,
    /// Rows that a slice may have.
    #[arg(long, value_name = "ROWS", conflicts_with_all = ["k", "memory_budget"], value_parser = clap::value_parser!(u32).range(256..))]
    rows_budget: Option<u32>,
    /// Memory that the proof of a slice may take, as predicted, in MiB.
    #[arg(long, value_name = "MIB", conflicts_with = "k")]
    memory_budget: Option<u64>,
    /// log2 of the rows that a slice may have; with --at, that every slice has.
    #[arg(long, value_parser = clap::value_parser!(u32).range(8..=16))]
    k: Option<u32>,
    /// Prove the slices for these inputs: a JSON array of numbers, or of such arrays.
    #[arg(long, value_name = "FILE")]
    prove: Option<PathBuf>,
    /// Prove these slices only, by index.
    #[arg(
        long,
        value_name = "INDEX,...",
        value_delimiter = ',',
        requires = "prove"
    )]
    only: Vec<usize>,
    /// Compare the slices' outputs with those of the whole network, and with --float with a float network's, for the inputs of --prove.
    #[arg(long, requires = "prove")]
    fidelity: bool,
    /// Outputs of the float network for the same inputs: a JSON array of arrays.
    #[arg(long, value_name = "FILE", requires = "fidelity")]
    float: Option<PathBuf>,
    /// Word below 2^248 that ties the proofs to their use.
    #[arg(long, default_value_t = B256::ZERO, value_name = "WORD")]
    binding: B256,
    /// Processes that prove, where no server is named.
    #[arg(long, default_value_t = 2, conflicts_with = "nats", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    #[command(flatten)]
    queue: QueueOptions,
    #[command(flatten)]
    backends: BackendOptions,
}

impl Slice {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let network = Network::read(&self.network)?;
        let (slices, k) = self.cut(&network)?;
        let table = self.table(&slices, k)?;
        let Some(inputs) = &self.prove else {
            let value = json!({ "k": k, "slices": table });
            print(json, &value, || words(&table))?;
            return Ok(Ending::Holds);
        };
        let windows = proving::windows(inputs)?;
        let fidelity = match self.fidelity {
            true => Some(fidelity::compare(
                &network,
                &slices,
                &windows,
                self.float.as_deref(),
            )?),
            false => None,
        };
        let summary = self.prove(slices, k, windows).await?;
        let value = json!({ "k": k, "slices": table, "fidelity": fidelity, "report": summary });
        if json {
            summary.check()?;
        }
        print(json, &value, || {
            let fidelity = fidelity.as_ref().map(|found| format!("{found}\n"));
            format!(
                "{}\n{}{}",
                words(&table),
                fidelity.unwrap_or_default(),
                describe(&summary)
            )
        })?;
        summary.check()?;
        Ok(match summary.links_hold() {
            true => Ending::Holds,
            false => Ending::Disagrees,
        })
    }

    fn cut(&self, network: &Network) -> Result<(Vec<Part>, u32)> {
        if !self.at.is_empty() {
            return slices::cut(network, &Cuts::Before(self.at.clone()), self.k);
        }
        if let Some(budget) = self.memory_budget {
            return slices::within(network, budget << 20);
        }
        let k = self
            .k
            .or(self.rows_budget.map(|rows| rows.ilog2().min(slices::MAX_K)));
        if k.is_none() {
            let ask = "where to cut? give --at, --k, --rows-budget or --memory-budget";
            return Err(Usage::new(ask).into());
        }
        slices::cut(network, &Cuts::Auto, k)
    }

    /// Writes the slices' networks and `slices.json`.
    fn table(&self, slices: &[Part], k: u32) -> Result<Vec<Value>> {
        std::fs::create_dir_all(&self.out)
            .with_context(|| format!("creating {}", self.out.display()))?;
        let row = |(index, slice): (usize, &Part)| -> Result<Value> {
            let layout = Layout::plan(&slice.network, &slice.visibilities, Some(k))?;
            let file = format!("slice-{index}.json");
            slice.network.write(&self.out.join(&file))?;
            Ok(json!({
                "index": index,
                "name": slice.name,
                "nodes": [slice.nodes.start, slice.nodes.end],
                "channels": slice.channels.as_ref().map(|range| [range.start, range.end]),
                "sources": slice.sources,
                "visibilities": slice.visibilities,
                "file": file,
                "estimate": Estimate::of(&layout),
            }))
        };
        let table: Vec<Value> = slices.iter().enumerate().map(row).collect::<Result<_>>()?;
        let path = self.out.join("slices.json");
        let text = serde_json::to_vec_pretty(&json!({ "k": k, "slices": table }))?;
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        Ok(table)
    }

    async fn prove(
        &self,
        slices: Vec<Part>,
        k: u32,
        windows: Vec<crate::backend::Input>,
    ) -> Result<Summary> {
        let points = self.backends.points();
        let (binding, only) = (self.binding, self.only.clone());
        let working = Working::spinner("preparing keys");
        let prepare = move || -> Result<_> {
            let plan = Plan::slices(slices, k, &points)?;
            let only = (!only.is_empty()).then_some(only.as_slice());
            let places = plan.places(&windows, binding, only)?;
            Ok((plan, places))
        };
        let (plan, places) = tokio::task::spawn_blocking(prepare).await??;
        drop(working);
        if let Some(queue) = self.queue.connect().await? {
            return prove(&queue, &plan, &places, &self.out, self.queue.attempts()).await;
        }
        let program = std::env::current_exe().context("finding this program")?;
        let mut arguments = vec!["worker".into(), "--stdio".into()];
        arguments.extend(self.backends.arguments());
        let processes = Processes::new(program, arguments, proving::files());
        let local = Local {
            workers: self.workers.into(),
            queue: &self.queue,
        };
        local.prove(processes, &plan, &places, &self.out).await
    }
}

/// The slices in words.
fn words(table: &[Value]) -> String {
    let mut text = String::from("slice   rows  columns  memory  nodes");
    for row in table {
        let estimate = &row["estimate"];
        let memory = estimate["memory_bytes"].as_u64().unwrap_or_default() >> 20;
        text += &format!(
            "\n{:>5}  {:>5}  {:>7}  {memory:>3} MB  {}",
            row["index"],
            estimate["rows"],
            estimate["columns"],
            row["name"].as_str().unwrap_or_default()
        );
    }
    text
}
