//! `veriregime once`: one round.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use veriregime_circuits::public::Schema;

use super::{
    Ending,
    options::{
        self, CircuitOptions, KeyOptions, ModelOptions, OracleOptions, RpcOptions, SourceOptions,
    },
    print, prove,
};
use crate::{
    daemon::InstanceLock,
    model::class_name,
    publisher::{PublishError, Publisher},
    store::RoundStore,
    transactions::{SendPolicy, Sender},
    usage::Usage,
};

/// Publish the signal of one window, or with --dry-run only make and print it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  veriregime once --dry-run --data ../shared/data --srs ../shared/srs\n  veriregime once --rpc http://127.0.0.1:8545 --deployment deployments/31337.json --key node.key --password-file node.password \\\n      --attestor http://10.0.0.2:8787 --attestor http://10.0.0.3:8787"
)]
pub(super) struct Once {
    /// Fetch, infer, prove and verify; send nothing and need no chain.
    #[arg(long)]
    dry_run: bool,
    /// Close of the window's last candle, UNIX seconds; default: the latest closed candle.
    #[arg(long)]
    close_time: Option<u64>,
    #[command(flatten)]
    rpc: RpcOptions,
    /// URL of an attestor; repeat for each.
    #[arg(long = "attestor", value_name = "URL")]
    attestors: Vec<String>,
    /// Store of rounds.
    #[arg(long, default_value = "veriregime.sqlite")]
    store: PathBuf,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    circuit: CircuitOptions,
    #[command(flatten)]
    oracle: OracleOptions,
    #[command(flatten)]
    key: KeyOptions,
}

impl Once {
    pub(super) async fn run(self, json: bool) -> Result<Ending> {
        let model = self.model.model()?;
        let source = self.source.source(options::market(&model)?).await?;
        let prover = self.circuit.prover(&model).await?;
        let close_time = options::close_time(self.close_time, &source).await?;
        if self.dry_run {
            let oracle = self.oracle.oracle_or_none()?;
            let file = prove::make(&model, &source, &prover, &oracle, close_time).await?;
            print(json, &file, || {
                format!("{}\ndry run: nothing was sent", prove::describe(&file))
            })?;
            return Ok(Ending::Holds);
        }
        if self.rpc.none() {
            return Err(Usage::new("give --rpc to publish, or --dry-run to only look").into());
        }
        let key = self.key.open()?;
        let chain = self.rpc.connect(&self.oracle, Some(key.clone())).await?;
        chain.require_market(source.market()).await?;
        chain.require_schema(&Schema::of(&model.network)).await?;
        let _locks = (
            InstanceLock::of_store(&self.store)?,
            InstanceLock::of_key(chain.oracle().chain_id, key.address())?,
        );
        let sender = Sender::open(chain.endpoints(), key, SendPolicy::default(), &self.store)?;
        let store = RoundStore::open(&self.store, chain.oracle())?;
        let kind = source.kind();
        let publisher = Publisher::new(
            source,
            model.manifest.scale,
            prover.clone(),
            chain,
            sender,
            store,
            self.attestors,
        );
        let published = match publisher.publish(close_time, &|_| ()).await {
            Err(already @ PublishError::Already { .. }) => {
                print(
                    json,
                    &json!({ "close_time": close_time, "already_published": true }),
                    || already.to_string(),
                )?;
                return Ok(Ending::Holds);
            }
            published => published?,
        };
        // `None`: an earlier run made and sent it, this one found it in a block.
        let work = published.work.as_ref();
        let signal = work.map(|work| class_name(model.question(), work.proven.inference.class));
        let value = json!({
            "round": published.round,
            "close_time": close_time,
            "signal": signal,
            "logits": work.map(|work| &work.proven.inference.logits),
            "source": kind,
            "srs": prover.srs().kind().as_str(),
            "tx": published.tx,
            "gas": published.gas,
            "prove_ms": work.map(|work| work.proven.prove_ms),
            "disagreements": work.map(|work| work.disagreements.iter().map(ToString::to_string).collect::<Vec<_>>()),
        });
        print(json, &value, || {
            format!(
                "round {}: {} at close {close_time}, {} gas, transaction {} (candles: {kind})",
                published.round,
                signal.unwrap_or("sent by an earlier run"),
                published.gas,
                published.tx
            )
        })?;
        Ok(Ending::Holds)
    }
}
